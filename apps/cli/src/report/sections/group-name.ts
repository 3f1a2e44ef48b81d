/** A group of patients by the levels that make it. */

import { text } from "@dure/kernel";
import type { Edition } from "../edition.ts";

interface Grouped {
  readonly group: { readonly [variable: string]: boolean | string | number };
}

/** `Stage: II, treated: yes`; everybody where the study has no groups. */
export function groupName(edition: Edition, { group }: Grouped): string {
  const names = Object.entries(group).map(([name, value]) => {
    const word = typeof value === "boolean" ? edition.say(value ? text("yes", "예") : text("no", "아니요")) : String(value);
    return `${edition.variableName(name)}: ${word}`;
  });
  return names.length === 0 ? edition.say(text("All patients", "전체 환자")) : names.join(", ");
}
