/** Levels of a yes/no variable in the reader's language; others as the study names them. */

import { text } from "@dure/kernel";
import type { Edition } from "../edition.ts";

const names: ReadonlyMap<string, ReturnType<typeof text>> = new Map([
  ["no", text("no", "아니요")],
  ["yes", text("yes", "예")],
]);

export function levelName(edition: Edition, level: string): string {
  const name = names.get(level);
  return name === undefined ? level : edition.say(name);
}
