/** A run of quality checks on the terminal. */

import { wordsOf } from "@dure/clinical/quality";
import { type Language, text } from "@dure/kernel";
import type { FailingRow, QualityReport } from "@dure/site/quality";
import { formatFields, formatTable } from "../../text-table.ts";
import { formatInteger } from "../format.ts";
import { groupFaults, percentOf } from "./groups.ts";
import { formatFaults, SEVERITY_WORDS } from "./words.ts";

export function formatQuality({ run, summary, results }: QualityReport, language: Language): string {
  const say = (en: string, ko: string): string => text(en, ko)[language];
  const stopped = run.endedAtMs === undefined ? say(" (stopped; run again to go on)", " (중단됨. 다시 실행하면 이어집니다)") : "";
  const head = formatFields([
    [say("run", "점검"), `${run.number}${stopped}`],
    [say("snapshot", "적재본"), String(run.snapshot)],
    [say("failed", "실패"), formatInteger(summary.failed)],
    [say("could not be checked", "점검 불가"), formatInteger(summary.error)],
    [
      say("passed", "통과"),
      `${formatInteger(summary.passed)}${say(`, ${summary.passedWithFaults} of them with some faults`, `, 이 중 ${summary.passedWithFaults}건은 일부 오류 있음`)}`,
    ],
    [say("not applicable", "해당 없음"), formatInteger(summary["not-applicable"])],
  ]);
  const groups = groupFaults(results);
  if (groups.length === 0) return head;
  const table = formatTable(
    [
      { heading: say("what to do first", "먼저 할 일") },
      { heading: say("severity", "심각도") },
      { heading: say("checks", "점검"), align: "right" },
      { heading: say("most", "가장 많은 곳") },
      { heading: say("at fault", "오류"), align: "right" },
    ],
    groups.map(({ name, severity, target, results: failed }) => {
      const [worst] = failed;
      const label = `${wordsOf(name).label[language]}${target === undefined ? "" : ` (${target})`}`;
      const place = worst === undefined ? "" : [worst.check.table, worst.check.field].filter((part) => part !== undefined).join(".");
      const faults = worst === undefined ? "" : formatFaults(worst, percentOf(worst), language);
      return [label, SEVERITY_WORDS[severity].label[language], String(failed.length), place, faults];
    }),
  );
  return `${head}\n\n${table}`;
}

export interface FailingRowsOfCheck {
  readonly check: string;
  readonly rows: readonly FailingRow[];
}

export function formatFailingRows(lists: readonly FailingRowsOfCheck[], language: Language): string {
  if (lists.length === 0)
    return text(
      "No rows are kept here: the checks passed, or they are not about rows, or a later run has ended.",
      "저장된 행이 없습니다. 통과했거나, 행에 관한 점검이 아니거나, 이후의 점검이 끝났습니다.",
    )[language];
  return lists
    .map(
      ({ check, rows }) =>
        `${check}\n${formatTable(
          [{ heading: rows[0]?.field ?? "" }],
          rows.map(({ id }) => [id]),
        )}`,
    )
    .join("\n\n");
}
