/** `dure site quality override`: change how many faults a check accepts, with name, date and reason. */

import { resolve } from "node:path";
import type { QualityOverride } from "@dure/clinical/quality";
import { DureError, type Language, type Problem, text } from "@dure/kernel";
import { systemClock } from "@dure/machine";
import { defineCommand } from "../../../command.ts";
import { EXIT } from "../../../exit-status.ts";
import { formatTable } from "../../../text-table.ts";
import { homeOption } from "../../shared-options.ts";

const CONCEPT_ID_MAX = 2_147_483_647;

export const siteQualityOverride = defineCommand({
  name: "site quality override",
  summary: text("set or list this hospital's own thresholds", "이 병원의 품질 기준값을 정하거나 봅니다"),
  description: text(
    "Without --check it prints the thresholds that this hospital has set. With it, it adds one: which checks, how many per cent of faults are " +
      "accepted, who says so and why. The next run judges by it, and the report shows it. Entries stand in quality-overrides.yaml of the site's " +
      "folder; the last that fits a check holds, `--threshold default` goes back to OHDSI's, and none is ever removed.",
    "--check 없이 실행하면 이 병원이 정한 기준값을 출력합니다. --check 를 주면 어떤 점검에서 오류를 몇 퍼센트까지 허용하는지, 누가 왜 정했는지를 추가합니다. 다음 점검부터 " +
      "적용되며 보고서에도 표시됩니다. 항목은 기관 폴더의 quality-overrides.yaml 에 있으며, 점검에 맞는 마지막 항목이 적용됩니다. `--threshold default` 는 OHDSI 기본값으로 " +
      "되돌리며, 항목은 지워지지 않습니다.",
  ),
  arguments: {},
  options: {
    home: homeOption,
    check: { kind: "text", placeholder: "KIND", summary: text("kind of check, such as isRequired", "점검 종류 (예: isRequired)") },
    table: { kind: "text", placeholder: "TABLE", summary: text("only in this table", "이 테이블에서만") },
    field: { kind: "text", placeholder: "FIELD", summary: text("only of this field", "이 필드에서만") },
    concept: {
      kind: "whole-number",
      placeholder: "ID",
      summary: text("only of this concept", "이 개념에서만"),
      min: 0,
      max: CONCEPT_ID_MAX,
    },
    threshold: {
      kind: "text",
      placeholder: "PERCENT",
      summary: text("per cent of faults that is accepted, or default", "허용하는 오류 퍼센트 또는 default"),
    },
    author: { kind: "text", placeholder: "NAME", summary: text("who decides this", "결정한 사람") },
    reason: { kind: "text", placeholder: "TEXT", summary: text("why", "사유") },
  },
  examples: [
    {
      line: 'dure site quality override --home seoul --check measurePersonCompleteness --table procedure_occurrence --threshold 98 --author Kim --reason "Dental clinic has no procedures"',
      shows: text("accept more persons without a procedure", "시술 기록 없는 환자를 더 허용"),
    },
    { line: "dure site quality override --home seoul", shows: text("what we have changed", "변경한 기준값 보기") },
  ],
  async run({ output, language, workingFolder }, input) {
    const { addOverride, readOverrides } = await import("@dure/site/quality");
    const home = resolve(workingFolder, input.home);
    const { check } = input;
    const { overrides } = check === undefined ? readOverrides(home) : addOverride(home, await entryOf({ ...input, check }));
    output.result({ json: overrides.map((entry) => ({ ...withoutUndefined(entry) })), text: formatOverrides(overrides, language) });
    return EXIT.done;
  },
});

interface EntryInput {
  readonly check: string;
  readonly table: string | undefined;
  readonly field: string | undefined;
  readonly concept: number | undefined;
  readonly threshold: string | undefined;
  readonly author: string | undefined;
  readonly reason: string | undefined;
}

async function entryOf({ check, table, field, concept, threshold, author, reason }: EntryInput): Promise<QualityOverride> {
  const { isCheckName } = await import("@dure/clinical/quality");
  const percent = threshold === "default" ? threshold : threshold === undefined || threshold.trim() === "" ? Number.NaN : Number(threshold);
  if (!isCheckName(check)) throw new DureError(unknownKind());
  if (author === undefined || reason === undefined) throw new DureError(withoutReason());
  if (percent !== "default" && !(percent >= 0 && percent <= 100)) throw new DureError(badPercent());
  return {
    check,
    ...(table === undefined ? {} : { table: table.toLowerCase() }),
    ...(field === undefined ? {} : { field: field.toLowerCase() }),
    ...(concept === undefined ? {} : { concept }),
    ...{ threshold: percent, author, reason },
    date: new Date(systemClock.nowMs()).toISOString().slice(0, 10),
  };
}

function formatOverrides(overrides: readonly QualityOverride[], language: Language): string {
  const say = (en: string, ko: string): string => text(en, ko)[language];
  if (overrides.length === 0) return say("All thresholds are the defaults.", "모든 기준값이 기본값입니다.");
  return formatTable(
    [
      { heading: say("check", "점검") },
      { heading: say("where", "위치") },
      { heading: "%", align: "right" },
      { heading: say("who", "작성자") },
      { heading: say("when", "날짜") },
      { heading: say("why", "사유") },
    ],
    overrides.map(({ check, table, field, concept, threshold, author, date, reason }) => {
      const where = [table, field, concept].filter((part) => part !== undefined).join(".");
      return [check, where === "" ? say("everywhere", "전체") : where, String(threshold), author, date, reason];
    }),
  );
}

const withoutUndefined = (entry: QualityOverride): Record<string, string | number> =>
  Object.fromEntries(Object.entries(entry).filter((pair): pair is [string, string | number] => pair[1] !== undefined));

const refusal = (code: string, what: Problem["what"], remedy: Problem["remedy"]): Problem => ({
  code,
  severity: "error",
  place: {},
  what,
  remedy,
});

const unknownKind = (): Problem =>
  refusal(
    "cli/unknown-kind-of-check",
    text("--check names one of the 27 kinds of checks.", "--check 에는 27가지 점검 종류 중 하나를 적습니다."),
    text(
      "They are listed in docs/quality.md, such as isRequired or plausibleGender.",
      "목록은 docs/quality.md 에 있습니다. 예: isRequired, plausibleGender",
    ),
  );

const withoutReason = (): Problem =>
  refusal(
    "cli/override-without-reason",
    text(
      "A threshold is changed by somebody for a reason: --author and --reason.",
      "기준값을 바꾸려면 작성자와 사유가 필요합니다: --author, --reason",
    ),
    text("Give both; they stand in every report.", "두 가지를 모두 적어 주십시오. 보고서에 표시됩니다."),
  );

const badPercent = (): Problem =>
  refusal(
    "cli/not-a-percentage",
    text("--threshold is a number from 0 to 100, or default.", "--threshold 에는 0에서 100 사이의 숫자나 default 를 적습니다."),
    text("At 0 a single row at fault fails.", "0이면 오류가 한 행만 있어도 실패합니다."),
  );
