/** What the rules of mappings made of a load's rows, with every reason for which they left one out. */

import { type Language, text } from "@dure/kernel";
import type { LoadReport } from "@dure/site/load";
import { formatTable } from "../../text-table.ts";

/** Empty where no mapping took part. Reasons are shown as the mapping has them. */
export function formatRules({ files }: Pick<LoadReport, "files">, language: Language): string {
  const say = (en: string, ko: string): string => text(en, ko)[language];
  const right = { align: "right" as const };
  if (files.length === 0) return "";
  return formatTable(
    [
      { heading: say("OMOP rows", "OMOP 행") },
      { heading: say("in", "입력"), ...right },
      { heading: say("out", "출력"), ...right },
      { heading: say("excluded", "제외"), ...right },
      { heading: say("reason", "사유") },
    ],
    files.flatMap((file) =>
      file.rules.flatMap(({ rule, rowsIn, rowsOut, excluded }) => [
        [`${file.file} ${rule}`, String(rowsIn), String(rowsOut), String(rowsIn - rowsOut), ""],
        ...excluded.map(({ reason, rowCount }) => ["", "", "", String(rowCount), reason]),
      ]),
    ),
  );
}
