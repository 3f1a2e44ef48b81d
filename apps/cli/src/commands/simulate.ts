/** `dure simulate`: the whole federation on one machine, through the very same code. */

import { mkdirSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import type { StudyResult } from "@dure/federation/coordinator";
import { type OwnRelease, ownReleases } from "@dure/identity";
import { canonicalJson, DureError, formatProblem, type JsonValue, type Problem, text } from "@dure/kernel";
import { systemClock } from "@dure/machine";
import type { FrozenStudy } from "@dure/study";
import { type CommandContext, defineCommand } from "../command.ts";
import { EXIT } from "../exit-status.ts";
import type { SitesInput } from "../simulate/read-sites.ts";
import type { SimulationReport } from "../simulate/simulation-report.ts";
import { readInputFile, studyFileReader } from "../study-files.ts";

export const simulateCommand = defineCommand({
  name: "simulate",
  summary: text("run a study over files on this machine", "이 컴퓨터의 파일로 연구를 실행합니다"),
  description: text(
    "Runs the whole federation in one process: secure sums, gates, folds, external validation. Each --site file is a hospital that trains, each " +
      "--external NAME=PATH a hospital that only validates; or one --table is dealt out by a column or a file of row numbers. With --processes " +
      "the coordinator and every hospital are processes of their own on this machine, with certificates and signatures, and the answer is the " +
      "same. Writes result.json and report.html into --out.",
    "한 프로세스에서 연합 전체(보안 합산, 공개 심사, 교차 검증, 외부 검증)를 실행합니다. --site 파일마다 학습 병원이 되고 --external 이름=경로 는 검증만 하는 병원이 됩니다. " +
      "또는 --table 하나를 열이나 행 번호 파일로 나눕니다. --processes 를 주면 코디네이터와 병원이 각각 별도의 프로세스로 실행되며, 인증서와 서명까지 거쳐도 결과는 같습니다. " +
      "결과는 --out 폴더의 result.json 과 report.html 에 저장됩니다.",
  ),
  arguments: { study: { kind: "text", placeholder: "STUDY", summary: text("the study document", "연구 문서 파일") } },
  options: {
    site: {
      kind: "list",
      placeholder: "NAME=PATH",
      summary: text(
        "a training hospital and its table (CSV, Parquet or a site's folder)",
        "학습 병원과 그 표(CSV, Parquet 또는 기관 폴더)",
      ),
    },
    external: { kind: "list", placeholder: "NAME=PATH|VALUE", summary: text("a hospital that only validates", "검증만 하는 병원") },
    table: {
      kind: "text",
      placeholder: "PATH",
      summary: text("one table that holds every hospital's rows", "모든 병원의 행이 든 표 하나"),
    },
    splitBy: {
      kind: "text",
      placeholder: "COLUMN|FILE.json",
      summary: text("how --table is dealt out to hospitals", "--table 을 병원별로 나누는 열 또는 파일"),
    },
    grant: {
      kind: "list",
      placeholder: "RELEASE",
      summary: text(
        "an own release that every hospital allows: local-model, baseline-hazard",
        "모든 병원이 허용하는 자체 공개: local-model, baseline-hazard",
      ),
    },
    minimumCell: {
      kind: "whole-number",
      placeholder: "N",
      min: 0,
      max: 1_000,
      summary: text("another smallest cell, which makes another study", "다른 최소 셀 크기(연구 해시가 달라집니다)"),
    },
    processes: {
      kind: "flag",
      summary: text(
        "run the coordinator and each hospital as a real process; a file for each",
        "코디네이터와 병원을 실제 프로세스로 실행합니다. 병원마다 파일이 필요합니다",
      ),
    },
    out: {
      kind: "required-text",
      placeholder: "DIR",
      summary: text("where result.json and report.html go", "result.json 과 report.html 을 저장할 폴더"),
    },
  },
  examples: [
    {
      line: "dure simulate study.yaml --site a=a.csv --site b=b.csv --site c=c.csv --external d=d.csv --out out",
      shows: text("three hospitals train, a fourth validates", "세 병원이 학습하고 네 번째 병원이 검증합니다"),
    },
    {
      line: "dure simulate study.yaml --processes --site a=a.csv --site b=b.csv --site c=c.csv --out out",
      shows: text("the same over real processes", "실제 프로세스로 실행"),
    },
    {
      line: "dure simulate study.yaml --table all.csv --split-by centre --external ROTTERDAM --grant local-model --out out",
      shows: text("one table, one hospital for each centre", "표 하나를 센터별 병원으로 나눕니다"),
    },
  ],
  async run(context, input) {
    const { output, workingFolder } = context;
    const { checkStudy, freezeStudy, namedFiles } = await import("@dure/study");
    const checked = checkStudy(readInputFile(input.study, workingFolder), { file: input.study });
    if (checked.kind === "refused") {
      output.problems(checked.problems);
      return EXIT.input;
    }
    const document = input.minimumCell === undefined ? checked.document : withCell(checked.document, input.minimumCell);
    const readFile = studyFileReader(input.study, workingFolder);
    const study = freezeStudy(document, readFile);
    const files = namedFiles(document).map((name) => ({ name, content: readFile(name) ?? new Uint8Array() }));
    const ordered = { study, files, input, grants: parseGrants(input.grant) };
    const simulated = await (input.processes ? overProcesses(context, ordered) : inOneProcess(context, ordered));
    const { left } = simulated;
    const result = inCanonicalOrder(simulated.result);
    const { renderSimulationReport } = await import("../simulate/simulation-report.ts");
    const folder = resolve(workingFolder, input.out);
    mkdirSync(folder, { recursive: true });
    writeFileSync(join(folder, "result.json"), `${JSON.stringify(result, undefined, 2)}\n`);
    const reportedOn = new Date(systemClock.nowMs()).toISOString().slice(0, 10);
    const command = input.processes ? "dure simulate --processes" : "dure simulate";
    const page = renderSimulationReport({ study, result, left, language: output.language, reportedOn, command });
    writeFileSync(join(folder, "report.html"), page);
    const { formatResult } = await import("../result-table.ts");
    output.result({ json: result, text: formatResult(result, output.language) });
    return result.analysis.refusal === undefined ? EXIT.done : EXIT.refused;
  },
});

/** A result that came sealed has its keys in canonical order; with the same order here, equal answers are equal bytes. */
const inCanonicalOrder = (result: StudyResult): StudyResult => JSON.parse(canonicalJson(result as unknown as JsonValue)); // JSON by its type

interface Ordered {
  readonly study: FrozenStudy;
  readonly files: readonly { readonly name: string; readonly content: Uint8Array }[];
  readonly input: SitesInput;
  readonly grants: readonly OwnRelease[];
}

async function inOneProcess({ progress, workingFolder, signal }: CommandContext, { study, input, grants }: Ordered): Promise<Simulated> {
  const { readSites } = await import("../simulate/read-sites.ts");
  const { runSimulation } = await import("../simulate/run-simulation.ts");
  const { leftInProcess } = await import("../simulate/simulation-report.ts");
  const sites = await readSites(study, input, workingFolder);
  const outcome = await progress.during(text("rounds", "라운드"), (report) =>
    runSimulation({ study, sites, grants, signal, onRound: report }),
  );
  if (outcome.result === undefined) throw stopped(outcome.durable.stopReason, outcome.refusals);
  return { result: outcome.result, left: leftInProcess(outcome.left) };
}

async function overProcesses(context: CommandContext, ordered: Ordered): Promise<Simulated> {
  const { output, progress, workingFolder, signal } = context;
  const { runProcesses } = await import("../simulate/run-processes.ts");
  return progress.during(text("rounds", "라운드"), (tell) =>
    runProcesses({ ...ordered, workingFolder, signal, onStep: (step) => output.note(step), onRound: (round) => tell(round) }),
  );
}

type Simulated = Pick<SimulationReport, "result" | "left">;

const withCell = <Document extends { readonly privacy: object }>(document: Document, minimumCell: number): Document => ({
  ...document,
  privacy: { ...document.privacy, minimumCell },
});

function parseGrants(values: readonly string[]): readonly OwnRelease[] {
  const isRelease = (value: string): value is OwnRelease => ownReleases.some((release) => release === value);
  const unknown = values.filter((value) => !isRelease(value));
  if (unknown.length === 0) return values.filter(isRelease);
  throw new DureError(
    unknown.map(
      (value): Problem => ({
        code: "simulate/unknown-release",
        severity: "error",
        place: {},
        what: text(`"${value}" is no own release.`, `"${value}" 은(는) 자체 공개 항목이 아닙니다.`),
        remedy: text(`Use ${ownReleases.join(", ")}.`, `${ownReleases.join(", ")} 중에서 고르십시오.`),
      }),
    ),
  );
}

interface StopReason {
  readonly code: string;
  readonly sites: readonly string[];
}

/** In a simulation the hospitals' own consoles are here: their codes are shown. */
function stopped(reason: StopReason | null, refusals: ReadonlyMap<string, readonly string[]>): DureError {
  const own = [...refusals].flatMap(([site, codes]) => [...new Set(codes)].map((code) => `${site}: ${code}`));
  const stop: Problem = {
    code: `run/${reason?.code ?? "stopped"}`,
    severity: "error",
    place: {},
    what: text(
      `the run was stopped (${reason?.code ?? "unknown"}; ${reason?.sites.join(", ") ?? ""}). The hospitals' own reasons: ${own.join("; ") || "none"}.`,
      `실행이 중단되었습니다(${reason?.code ?? "알 수 없음"}; ${reason?.sites.join(", ") ?? ""}). 병원별 이유: ${own.join("; ") || "없음"}.`,
    ),
    remedy: text("Mend the named hospitals' tables, or leave them out.", "해당 병원의 표를 고치거나 제외하십시오."),
  };
  return new DureError(stop, { cause: formatProblem(stop, "en") });
}
