/**
 * A simulation over real processes: a coordinator and an agent for each named file, on loopback, with throw-away stewards.
 *
 * The files are read here first, so that what is wrong with them is said at once and by name; a hospital of a real federation would only
 * say that it does not take part.
 */

import { mkdtempSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import type { StudyResult } from "@dure/federation/coordinator";
import type { OwnRelease } from "@dure/identity";
import { DureError, type Problem, type Text, text } from "@dure/kernel";
import { prepareAnalysisTable } from "@dure/records";
import type { FrozenStudy } from "@dure/study";
import { LocalFederation, type LocalHospital } from "../federation/local-federation.ts";
import { type SentMessage, sentMessages } from "../federation/sent-messages.ts";
import { readSites, type SitesInput } from "./read-sites.ts";
import { assertEnoughSites, releasesOf } from "./run-simulation.ts";
import { parseNamedPaths } from "./sites.ts";

export interface ProcessesInput {
  readonly study: FrozenStudy;
  readonly files: readonly { readonly name: string; readonly content: Uint8Array }[];
  readonly input: SitesInput;
  readonly grants: readonly OwnRelease[];
  readonly workingFolder: string;
  readonly signal: AbortSignal;
  onStep(step: Text): void;
  onRound(round: number): void;
}

export interface ProcessesOutcome {
  readonly result: StudyResult;
  /** By site id, from each hospital's own ledger. */
  readonly left: ReadonlyMap<string, readonly SentMessage[]>;
}

/** @throws DureError `simulate/processes-need-files`, `simulate/name-taken`, `simulate/too-few-sites`, those of the tables and of the run */
export async function runProcesses(options: ProcessesInput): Promise<ProcessesOutcome> {
  const { study, files, signal, onStep, onRound } = options;
  const hospitals = namedHospitals(options);
  assertEnoughSites(study, hospitals);
  await assertReadable(options);
  const folder = mkdtempSync(join(tmpdir(), "dure-processes-"));
  const federation = new LocalFederation({ folder, hospitals, signal, onStep });
  try {
    await federation.start();
    const { run, result } = await federation.runStudy(study, files, onRound);
    await federation.stop();
    return { result, left: new Map(hospitals.map(({ siteId }) => [siteId, sentMessages(federation.home(siteId), run)])) };
  } finally {
    await federation.stop();
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Folders that a local federation makes for itself. */
const TAKEN = ["coordinator", "researcher"];

function namedHospitals({ input, grants, workingFolder }: ProcessesInput): readonly LocalHospital[] {
  if (input.table !== undefined || input.splitBy !== undefined) throw new DureError(needFiles("--table"));
  const named = [
    ...parseNamedPaths("site", input.site).map((pair) => ({ ...pair, role: "training" as const })),
    ...parseNamedPaths("external", input.external).map((pair) => ({ ...pair, role: "external" as const })),
  ];
  const problems = named.flatMap(({ name, path }) => [
    ...(TAKEN.includes(name) ? [nameTaken(name)] : []),
    ...(statSync(resolve(workingFolder, path), { throwIfNoEntry: false })?.isDirectory() === true ? [needFiles(name)] : []),
  ]);
  if (problems.length > 0) throw new DureError(problems);
  return named.map(({ name, path, role }) => ({
    siteId: name,
    organisation: name,
    role,
    releases: releasesOf(grants),
    rows: { kind: "flat", path: resolve(workingFolder, path) },
  }));
}

async function assertReadable({ study, input, workingFolder }: ProcessesInput): Promise<void> {
  const sites = await readSites(study, input, workingFolder);
  for (const { source } of sites) prepareAnalysisTable(study.document, source);
}

function needFiles(named: string): Problem {
  return {
    code: "simulate/processes-need-files",
    severity: "error",
    place: {},
    what: text(
      `with --processes every hospital has a flat file of its own; ${named} is none.`,
      `--processes 를 쓰면 병원마다 표 파일이 하나씩 있어야 합니다. ${named} 은(는) 쓸 수 없습니다.`,
    ),
    remedy: text(
      "Give each --site NAME=PATH or --external NAME=PATH a CSV or Parquet file, or leave --processes out.",
      "--site 이름=경로 와 --external 이름=경로 에 CSV 나 Parquet 파일을 지정하거나 --processes 를 빼십시오.",
    ),
  };
}

function nameTaken(name: string): Problem {
  return {
    code: "simulate/name-taken",
    severity: "error",
    place: { site: name },
    what: text("with --processes this name belongs to the alliance itself.", "--processes 를 쓰면 연합 자체가 이 이름을 사용합니다."),
    remedy: text("Give the hospital another name.", "병원에 다른 이름을 지정하십시오."),
  };
}
