/** `dure site ingest`: the hospital's exports into its OMOP store, with every row accounted for. */

import { resolve } from "node:path";
import { DureError, type JsonValue, type Language, text } from "@dure/kernel";
import { systemClock, systemRandom } from "@dure/machine";
import type { LoadReport } from "@dure/site/load";
import { defineCommand } from "../../command.ts";
import { EXIT } from "../../exit-status.ts";
import { formatFields, formatTable } from "../../text-table.ts";
import { homeOption } from "../shared-options.ts";
import { formatRules } from "./rule-table.ts";

export const siteIngest = defineCommand({
  name: "site ingest",
  summary: text("load this hospital's exports into its OMOP store", "이 병원의 내보내기 파일을 OMOP 저장소에 적재합니다"),
  description: text(
    "Reads the exports that the mapping names, brings them to OMOP CDM v5.4 and prints, for every file, rows in = rows out + rows excluded by " +
      "reason. Every problem is reported at once with file, row and column; with any problem nothing is loaded.",
    "매핑에 적힌 내보내기 파일을 읽어 OMOP CDM v5.4로 바꾸고, 파일마다 입력 행 = 출력 행 + 사유별 제외 행을 출력합니다. " +
      "모든 문제를 파일, 행, 열과 함께 한꺼번에 알려 주며 문제가 있으면 아무것도 적재하지 않습니다.",
  ),
  arguments: {
    exports: { kind: "text", placeholder: "FOLDER", summary: text("the folder with the exported files", "내보내기 파일이 있는 폴더") },
  },
  options: {
    home: homeOption,
    mapping: { kind: "required-text", placeholder: "FILE", summary: text("the mapping document", "매핑 문서") },
    parameter: { kind: "list", placeholder: "NAME=VALUE", summary: text("a parameter of the mapping", "매핑의 매개변수") },
    optOut: {
      kind: "text",
      placeholder: "FILE",
      summary: text("hospital numbers of patients who opted out, one a line", "참여를 거부한 환자의 등록번호 목록(한 줄에 하나)"),
    },
  },
  examples: [
    {
      line: "dure site ingest exports --home seoul --mapping mapping.yaml --opt-out opt-out.txt",
      shows: text("load a hospital's exports", "병원 내보내기 파일 적재"),
    },
  ],
  async run({ output, progress, language, workingFolder, signal }, input) {
    const { ingestIntoHome, warnOfExcluded } = await import("@dure/site/load");
    const at = (path: string): string => resolve(workingFolder, path);
    const report = await progress.during(text("loading", "적재 중"), (tell) =>
      ingestIntoHome({
        home: at(input.home),
        mappingPath: at(input.mapping),
        parameters: parseParameters(input.parameter),
        directory: at(input.exports),
        ...(input.optOut === undefined ? {} : { optOutPath: at(input.optOut) }),
        clock: systemClock,
        random: systemRandom,
        onProgress: (step) => {
          if (step.kind !== "hashing") tell(step.done, step.of);
        },
        signal,
      }),
    );
    output.result({ json: report as unknown as JsonValue, text: formatLoad(report, language) }); // a report is counts, codes and names
    const warnings = warnOfExcluded(report);
    if (warnings.length > 0) output.problems(warnings);
    return EXIT.done;
  },
});

function parseParameters(values: readonly string[]): Readonly<Record<string, string>> {
  const pairs = values.map((value) => [value.slice(0, value.indexOf("=")), value.slice(value.indexOf("=") + 1)] as const);
  if (values.every((value) => value.indexOf("=") > 0)) return Object.fromEntries(pairs);
  throw new DureError({
    code: "ingest/not-a-parameter",
    severity: "error",
    place: {},
    what: text("--parameter takes NAME=VALUE.", "--parameter 에는 이름=값을 적습니다."),
    remedy: text("For example --parameter cohort=1.", "예: --parameter cohort=1"),
  });
}

function formatLoad(report: LoadReport, language: Language): string {
  const say = (en: string, ko: string): string => text(en, ko)[language];
  const head = formatFields([
    [say("snapshot", "적재본"), report.unchanged ? `${report.snapshot} ${say("(unchanged)", "(변경 없음)")}` : String(report.snapshot)],
    [say("patients", "환자"), String(report.personCount)],
  ]);
  const right = { align: "right" as const };
  const files = formatTable(
    [
      { heading: say("file", "파일") },
      { heading: say("rows in", "입력 행"), ...right },
      { heading: say("excluded", "제외"), ...right },
      { heading: say("reason", "사유") },
    ],
    report.files.flatMap((file) => {
      const total = file.excluded.reduce((sum, { rowCount }) => sum + rowCount, 0);
      return [
        [file.path, String(file.rowsIn), String(total), ""],
        ...file.excluded.map(({ reason, rowCount }) => ["", "", String(rowCount), reason]),
      ];
    }),
  );
  return [head, files, formatRules(report, language)].join("\n\n");
}
