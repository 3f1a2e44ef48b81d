/** The demonstration from the first file to the report: real processes, real signatures, no questions asked. */

import { mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import type { StudyResult } from "@dure/federation/coordinator";
import { DureError, type Language, type Text } from "@dure/kernel";
import { checkStudy, freezeStudy, namedFiles } from "@dure/study";
import { LocalFederation } from "../federation/local-federation.ts";
import { demoReport } from "./demo-report.ts";
import { type DemoHospitalPlan, inventedHospitals, realCohorts } from "./hospitals.ts";

export interface DemoOptions {
  /** Everything the demonstration writes. */
  readonly folder: string;
  /** Original files of the real cohorts; without it invented patients. */
  readonly data?: string;
  readonly databaseUrl?: string;
  readonly language: Language;
  readonly signal: AbortSignal;
  onStep(step: Text): void;
  onRound(round: number): void;
  /** For tests that kill processes while the study runs. */
  onFederation?(federation: LocalFederation): void;
}

export interface DemoOutcome {
  readonly result: StudyResult;
  readonly run: string;
  readonly resultPath: string;
  readonly reportPath: string;
}

const PRODUCT = fileURLToPath(new URL("../../../../", import.meta.url));
const STUDY = "examples/studies/breast-recurrence.yaml";

export async function runDemo(options: DemoOptions): Promise<DemoOutcome> {
  const { folder } = options;
  const work = join(folder, "federation");
  rmSync(work, { recursive: true, force: true });
  mkdirSync(work, { recursive: true });
  const hospitals = options.data === undefined ? await inventedHospitals(join(work, "exports")) : realCohorts(options.data);
  const study = readStudy();
  const federation = new LocalFederation({ ...options, folder: work, hospitals });
  try {
    await federation.start();
    options.onFederation?.(federation);
    const files = namedFiles(study.document).map((name) => ({ name, content: new Uint8Array(readFileSync(join(PRODUCT, name))) }));
    const { run, result } = await federation.runStudy(study, files, options.onRound);
    await federation.stop();
    return await write(options, { run, result, hospitals, federation });
  } finally {
    await federation.stop();
  }
}

interface Finished {
  readonly run: string;
  readonly result: StudyResult;
  readonly hospitals: readonly DemoHospitalPlan[];
  readonly federation: LocalFederation;
}

async function write({ folder, language }: DemoOptions, { run, result, hospitals, federation }: Finished): Promise<DemoOutcome> {
  const study = readStudy();
  const resultPath = join(folder, "result.json");
  const reportPath = join(folder, "report.html");
  writeFileSync(resultPath, `${JSON.stringify(result, undefined, 2)}\n`);
  writeFileSync(reportPath, await demoReport({ study, run, result, hospitals, federation, language }));
  return { result, run, resultPath, reportPath };
}

function readStudy() {
  const checked = checkStudy(new Uint8Array(readFileSync(join(PRODUCT, STUDY))), { file: STUDY });
  if (checked.kind === "refused") throw new DureError(checked.problems);
  return freezeStudy(checked.document, (name) => new Uint8Array(readFileSync(join(PRODUCT, name))));
}
