/** `dure site load`: all sources of a load plan into one snapshot of the OMOP store, with every row accounted for. */

import { resolve } from "node:path";
import { type JsonValue, type Language, text } from "@dure/kernel";
import { systemClock, systemRandom } from "@dure/machine";
import type { LoadReport } from "@dure/site/load";
import { defineCommand } from "../../command.ts";
import { EXIT } from "../../exit-status.ts";
import { formatFields, formatTable } from "../../text-table.ts";
import { homeOption } from "../shared-options.ts";
import { formatRules } from "./rule-table.ts";

export const siteLoad = defineCommand({
  name: "site load",
  summary: text("load all sources of a plan into the OMOP store", "적재 계획의 모든 원천을 OMOP 저장소에 적재합니다"),
  description: text(
    "Brings exports read by mappings, FHIR that was taken in and other OMOP databases (5.3 or 5.4) into one numbered snapshot, builds observation " +
      "periods and eras, and prints for every input rows in = rows used + rows excluded by reason, the share of codes that were mapped, what the rule " +
      "of observation does to the number of persons, and how deaths are known. With any problem, or where too little is mapped, nothing is loaded. " +
      "docs/loads.md has the format of the plan.",
    "매핑으로 읽는 내보내기 파일, 반입한 FHIR, 다른 OMOP 데이터베이스(5.3, 5.4)를 번호가 매겨진 스냅샷 하나로 적재하고 관찰 기간과 era를 만듭니다. " +
      "입력마다 입력 행 = 사용한 행 + 사유별 제외 행, 코드가 연결된 비율, 관찰 기간 규칙이 환자 수에 미친 영향, 사망 정보의 출처를 출력합니다. " +
      "문제가 있거나 연결된 비율이 너무 낮으면 아무것도 적재하지 않습니다. 계획 문서의 형식은 docs/loads.md에 있습니다.",
  ),
  arguments: {},
  options: {
    home: homeOption,
    plan: { kind: "required-text", placeholder: "FILE", summary: text("the load plan", "적재 계획 문서") },
  },
  examples: [
    { line: "dure site load --home seoul --plan load.yaml", shows: text("load all sources of a plan", "계획의 모든 원천을 적재") },
  ],
  async run({ output, progress, language, workingFolder, signal }, input) {
    const { loadIntoHome, warnOfExcluded } = await import("@dure/site/load");
    const at = (path: string): string => resolve(workingFolder, path);
    const report = await progress.during(text("loading", "적재 중"), (tell) =>
      loadIntoHome({
        home: at(input.home),
        planPath: at(input.plan),
        clock: systemClock,
        random: systemRandom,
        onProgress: ({ done, of }) => {
          if (of !== undefined) tell(done, of);
        },
        signal,
      }),
    );
    output.result({ json: report as unknown as JsonValue, text: formatPlannedLoad(report, language) }); // a report is counts, codes and names
    const warnings = warnOfExcluded(report);
    if (warnings.length > 0) output.problems(warnings);
    return EXIT.done;
  },
});

type Say = (en: string, ko: string) => string;

function formatPlannedLoad(report: LoadReport, language: Language): string {
  const say: Say = (en, ko) => text(en, ko)[language];
  const { periodEffect, eras, followUp } = report;
  const rule =
    periodEffect.rule === "first-to-last-event"
      ? say("first to last event, no later than the export date", "첫 사건부터 마지막 사건까지(내보낸 날짜까지)")
      : say("as each source declares", "각 원천이 선언한 대로");
  const head = formatFields([
    [say("snapshot", "적재본"), report.unchanged ? `${report.snapshot} ${say("(unchanged)", "(변경 없음)")}` : String(report.snapshot)],
    [say("patients", "환자"), `${report.personCount} (${say("new", "신규")} ${report.newPersonCount})`],
    [say("export date", "내보낸 날짜"), periodEffect.exportDate],
    [say("vocabulary", "용어집"), report.vocabularyVersion],
    [say("rule of observation", "관찰 기간 규칙"), `${rule} (${say("version", "판")} ${periodEffect.ruleVersion})`],
    [
      say("patients with a period", "관찰 기간이 있는 환자"),
      `${periodEffect.personsWithPeriod} / ${periodEffect.persons}${report.observationPeriods.excluded.map(({ reason, rowCount }) => `; ${reason} ${rowCount}`).join("")}`,
    ],
    [
      say("events outside a period", "관찰 기간 밖의 사건"),
      `${periodEffect.eventsOutside} / ${periodEffect.events}; ${say("after the export date", "내보낸 날짜 이후")} ${periodEffect.eventsAfterExport}`,
    ],
    [
      say("eras", "era"),
      `${say("conditions", "질환")} ${eras.conditionEras}, ${say("drugs", "약물")} ${eras.drugEras}, ${say("doses", "용량")} ${eras.doseEras}; ${say("drug rows without an ingredient", "성분을 모르는 약물 행")} ${eras.drugRowsWithoutIngredient}`,
    ],
    [
      say("deaths", "사망"),
      `${followUp.personsWithDeath} / ${followUp.persons}${followUp.deathSources.map(({ contributor, typeConceptId, persons }) => `; ${contributor}, ${say("type", "유형")} ${typeConceptId}: ${persons}`).join("")}`,
    ],
    [
      say("follow-up ends", "추적 종료"),
      Object.entries(followUp.ends)
        .filter(([, count]) => count > 0)
        .map(([reason, count]) => `${endName(reason, say)} ${count}`)
        .join(", "),
    ],
  ]);
  return [head, formatInputs(report, say), formatRules(report, language), formatShares(report, say), formatRequirements(report, say)]
    .filter((part) => part !== "")
    .join("\n\n");
}

function endName(reason: string, say: Say): string {
  if (reason === "death") return say("at death", "사망");
  if (reason === "export-date") return say("at the export", "내보낸 날짜");
  if (reason === "last-event") return say("at the last event", "마지막 사건");
  return reason === "declared" ? say("as declared", "원천의 선언") : say("no period", "관찰 기간 없음");
}

const RIGHT = { align: "right" as const };

const formatInputs = (report: LoadReport, say: Say): string =>
  formatTable(
    [
      { heading: say("input", "입력") },
      { heading: say("rows in", "입력 행"), ...RIGHT },
      { heading: say("used", "사용"), ...RIGHT },
      { heading: say("excluded by reason", "사유별 제외") },
    ],
    report.contributors.flatMap(({ contributor, inputs }) =>
      inputs.map(({ input, rowsIn, rowsUsed, excluded }) => [
        `${contributor} ${input}`,
        String(rowsIn),
        String(rowsUsed),
        excluded.map(({ reason, rowCount }) => `${reason} ${rowCount}`).join("; "),
      ]),
    ),
  );

function formatShares(report: LoadReport, say: Say): string {
  const shares = report.contributors.flatMap(({ contributor, mapped }) => mapped.map((share) => ({ contributor, ...share })));
  if (shares.length === 0) return "";
  const total = (count: (share: (typeof shares)[number]) => number): number => shares.reduce((sum, share) => sum + count(share), 0);
  const together = {
    of: say("together", "합계"),
    rowsWithCode: total(({ rowsWithCode }) => rowsWithCode),
    rowsMapped: total(({ rowsMapped }) => rowsMapped),
    rowsWider: total(({ rowsWider }) => rowsWider),
  };
  return formatTable(
    [
      { heading: say("codes of", "코드 체계") },
      { heading: say("rows", "행"), ...RIGHT },
      { heading: say("mapped", "연결"), ...RIGHT },
      { heading: "%", ...RIGHT },
      { heading: say("to a wider concept", "상위 개념으로"), ...RIGHT },
    ],
    [...shares.map((share) => ({ ...share, of: `${share.contributor} ${share.vocabulary}` })), together].map(
      ({ of, rowsWithCode, rowsMapped, rowsWider }) => [
        of,
        String(rowsWithCode),
        String(rowsMapped),
        rowsWithCode === 0 ? "" : (Math.floor((1000 * rowsMapped) / rowsWithCode) / 10).toFixed(1),
        String(rowsWider),
      ],
    ),
  );
}

/** What of the FHIR-to-OMOP guide the load shows, by number; `dure site fhir requirements` says what each asks. */
function formatRequirements(report: LoadReport, say: Say): string {
  const checked = report.contributors.flatMap(({ contributor, requirements }) =>
    requirements === undefined ? [] : [{ contributor, requirements }],
  );
  if (checked.length === 0) return "";
  return formatFields(
    checked.flatMap(({ contributor, requirements }) =>
      (["pass", "fail"] as const).map((outcome) => [
        `${contributor} ${outcome === "pass" ? say("keeps", "지킴") : say("fails", "어긋남")}`,
        requirements
          .filter((result) => result.outcome === outcome)
          .map(({ requirement, count }) => (outcome === "pass" ? requirement : `${requirement} (${count})`))
          .join(" "),
      ]),
    ),
  );
}
