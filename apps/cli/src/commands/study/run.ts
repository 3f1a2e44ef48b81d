/** `dure study run`: start a study that enough hospitals approved, or fit it on one hospital's own records. */

import { resolve } from "node:path";
import { DureError, type Text, text } from "@dure/kernel";
import { systemClock, systemRandom } from "@dure/machine";
import { defineCommand } from "../../command.ts";
import { EXIT } from "../../exit-status.ts";
import { homeOption } from "../shared-options.ts";

export const studyRun = defineCommand({
  name: "study run",
  summary: text("start an approved study, or fit one at home with --local", "승인된 연구를 시작하거나 --local 로 자체 자료에만 적용합니다"),
  description: text(
    "Starts the run over those hospitals that approved and follows it to its end; it goes on without this command. With --local, STUDY is a " +
      "document, and the same code fits it on this hospital's own rows: one site, no coordinator, nothing leaves.",
    "승인한 병원들로 실행을 시작하고 끝까지 지켜봅니다. 이 명령을 종료해도 실행은 계속됩니다. --local 을 주면 STUDY는 연구 문서이며 같은 코드가 이 병원의 자료에만 적용됩니다. " +
      "코디네이터 없이 아무것도 밖으로 나가지 않습니다.",
  ),
  arguments: {
    study: {
      kind: "text",
      placeholder: "STUDY",
      summary: text("the hash of a proposed study; with --local a document", "제안된 연구의 해시. --local 이면 연구 문서"),
    },
  },
  options: {
    home: homeOption,
    local: { kind: "flag", summary: text("only on this hospital's own rows", "이 병원의 자료에만 적용합니다") },
  },
  examples: [
    { line: "dure study run 3f5c… --home researcher", shows: text("start and follow a run", "실행을 시작하고 지켜보기") },
    { line: "dure study run study.yaml --local --home seoul", shows: text("a local fit", "자체 자료에만 적용") },
  ],
  async run(context, input) {
    const { output, progress, language, workingFolder, signal } = context;
    const home = resolve(workingFolder, input.home);
    if (input.local) {
      const { runLocally } = await import("../../local-study.ts");
      const analysis = await runLocally({ home, study: input.study, workingFolder });
      const { formatAnalysis } = await import("../../result-table.ts");
      output.result({ json: analysis, text: formatAnalysis(analysis, language) });
      return EXIT.done;
    }
    const { startRun, watchRun } = await import("@dure/site");
    const { withConnection } = await import("../../connection.ts");
    const ended = await withConnection(home, async ({ connection }) => {
      const run = await startRun({ connection, study: input.study, random: systemRandom });
      const status = await progress.during(text("rounds", "라운드"), (tell) =>
        watchRun({
          connection,
          run,
          clock: systemClock,
          signal,
          onChange: (now) => {
            tell(now.round);
            if (now.waitingFor.length > 0) output.note(waiting(now.waitingFor));
          },
        }),
      );
      return { run, status };
    });
    if (ended.status.status === "stopped") throw stopped(ended.run, ended.status.stopCode, ended.status.stopSites);
    output.result({
      json: { run: ended.run, status: ended.status.status },
      text: `${text("completed: run", "완료된 실행")[language]} ${ended.run}`,
    });
    return EXIT.done;
  },
});

const waiting = (sites: readonly string[]): Text =>
  text(`The run waits for ${sites.join(", ")}.`, `${sites.join(", ")} 의 복귀를 기다리고 있습니다.`);

const stopped = (run: string, code: string, sites: readonly string[]): DureError =>
  new DureError({
    code: `run/${code.replaceAll("/", "-")}`,
    severity: "error",
    place: { run },
    what: text(`The run was stopped: ${code}${named(sites)}.`, `실행이 중단되었습니다: ${code}${named(sites)}.`),
    remedy: text("The record of the run says more: dure study result.", "자세한 내용은 실행 기록을 확인해 주십시오: dure study result."),
  });

const named = (sites: readonly string[]): string => (sites.length === 0 ? "" : ` (${sites.join(", ")})`);
