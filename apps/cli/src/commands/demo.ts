/** `dure demo`: five hospitals and a coordinator on this machine, from records to report, with no questions asked. */

import { resolve } from "node:path";
import { text } from "@dure/kernel";
import { defineCommand } from "../command.ts";
import { EXIT } from "../exit-status.ts";
import { formatResult } from "../result-table.ts";

export const demo = defineCommand({
  name: "demo",
  summary: text("five hospitals on this machine, from records to report", "이 컴퓨터에서 다섯 병원을 자료 적재부터 보고서까지 시연합니다"),
  description: text(
    "Starts a coordinator and five hospitals as processes on loopback, loads each hospital's exports, lets throw-away stewards approve a study, " +
      "trains at four hospitals, validates at the fifth, and writes result.json and report.html. Without --data the patients are invented.",
    "코디네이터와 다섯 병원을 이 컴퓨터의 프로세스로 띄우고, 병원마다 내보내기 파일을 적재하고, 일회용 자료 관리자가 연구를 승인한 뒤 네 병원에서 학습하고 다섯째 병원에서 검증하여 " +
      "result.json 과 report.html 을 씁니다. --data 가 없으면 가상 환자를 만듭니다.",
  ),
  arguments: {},
  options: {
    data: {
      kind: "text",
      placeholder: "FOLDER",
      summary: text("original METABRIC and Rotterdam files instead of invented patients", "가상 환자 대신 METABRIC 과 Rotterdam 원본 파일"),
    },
    out: {
      kind: "text",
      placeholder: "FOLDER",
      summary: text("where everything goes; demo-output if not given", "모든 파일을 둘 폴더. 기본값 demo-output"),
    },
    databaseUrl: {
      kind: "text",
      placeholder: "URL",
      summary: text("a PostgreSQL for the coordinator instead of the embedded one", "내장 데이터베이스 대신 쓸 PostgreSQL"),
    },
  },
  examples: [
    { line: "dure demo", shows: text("invented patients", "가상 환자로 시연") },
    { line: "dure demo --data ../shared/data/studies/breast", shows: text("the real cohorts", "실제 코호트로 시연") },
  ],
  async run({ output, progress, language, workingFolder, signal }, input) {
    const { runDemo } = await import("../demo/run-demo.ts");
    const outcome = await progress.during(text("demonstration", "시연"), (tell) =>
      runDemo({
        folder: resolve(workingFolder, input.out ?? "demo-output"),
        ...(input.data === undefined ? {} : { data: resolve(workingFolder, input.data) }),
        ...(input.databaseUrl === undefined ? {} : { databaseUrl: input.databaseUrl }),
        language,
        signal,
        onStep: (step) => output.note(step),
        onRound: (round) => tell(round),
      }),
    );
    output.note(text(`report: ${outcome.reportPath}`, `보고서: ${outcome.reportPath}`));
    output.result({ json: outcome.result, text: formatResult(outcome.result, language) });
    return EXIT.done;
  },
});
