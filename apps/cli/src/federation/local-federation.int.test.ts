/**
 * The federation as real processes on loopback: the same answer as the simulator's, byte for byte, whoever is killed and when.
 */

import assert from "node:assert/strict";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import type { StudyResult } from "@dure/federation/coordinator";
import { canonicalJson, type JsonValue, SeededRandom } from "@dure/kernel";
import { systemRandom } from "@dure/machine";
import { prepareAnalysisTable } from "@dure/records";
import { simulate } from "@dure/simulator";
import { readFlatTable } from "@dure/site/store";
import { checkStudy, type FrozenStudy, freezeStudy, namedFiles } from "@dure/study";
import { LocalFederation, type LocalHospital } from "./local-federation.ts";

const product = fileURLToPath(new URL("../../../../", import.meta.url));
const readFile = (name: string): Uint8Array => new Uint8Array(readFileSync(join(product, name)));

function readStudy(): FrozenStudy {
  const checked = checkStudy(readFile("examples/studies/breast-recurrence.yaml"), { file: "breast-recurrence.yaml" });
  assert.equal(checked.kind, "accepted");
  return freezeStudy((checked as { document: FrozenStudy["document"] }).document, readFile);
}

/** Rows of invented patients, in the columns of the breast registry. */
function writeRows(path: string, seed: number, rowCount: number): void {
  const random = new SeededRandom(seed);
  const rows = Array.from({ length: rowCount }, () => {
    const [age, size, grade, nodes] = [35 + random.below(50), 1 + random.below(3), 1 + random.below(3), random.below(12)];
    const [er, pr, hormon] = [random.below(2), random.below(2), random.below(2)];
    const eta = -1.4 + 0.12 * nodes + 0.4 * (size - 1) + 0.3 * (grade === 3 ? 1 : 0) - 0.4 * hormon;
    const y5 = random.uniform() < 1 / (1 + Math.exp(-eta)) ? 1 : 0;
    return [age, size, grade, nodes, er, pr, hormon, y5 === 1 ? 800 : 2600, y5, y5].join(",");
  });
  writeFileSync(path, `age,size_cat,grade,nodes,er_pos,pr_pos,hormon,days,event,y5\n${rows.join("\n")}\n`);
}

const names = ["andong", "boryeong", "chuncheon", "daegu"];

function makeHospitals(folder: string): readonly LocalHospital[] {
  return names.map((siteId, i) => {
    const path = join(folder, `${siteId}.csv`);
    writeRows(path, i + 1, 240);
    const isExternal = i === names.length - 1;
    return {
      siteId,
      organisation: `Hospital ${siteId}`,
      role: isExternal ? "external" : "training",
      releases: isExternal ? ["headline"] : ["headline", "local-model"],
      rows: { kind: "flat", path },
    };
  });
}

const answerOf = (result: StudyResult): string =>
  canonicalJson({ analysis: result.analysis, evaluation: result.evaluation } as unknown as JsonValue);

/** The simulator's answer over the same files. */
async function expectedAnswer(study: FrozenStudy, hospitals: readonly LocalHospital[]): Promise<string> {
  const sites = await Promise.all(
    hospitals.map(async ({ siteId, role, releases, rows }) => {
      const source = await readFlatTable(rows.kind === "flat" ? rows.path : "");
      return { siteId, role, releases, table: prepareAnalysisTable(study.document, source) };
    }),
  );
  const { result } = await simulate({ study, sites, random: systemRandom });
  assert.ok(result);
  return answerOf(result);
}

async function withFederation<Result>(
  options: { readonly databaseUrl?: string },
  work: (federation: LocalFederation, hospitals: readonly LocalHospital[], study: FrozenStudy) => Promise<Result>,
): Promise<Result> {
  const folder = mkdtempSync(join(tmpdir(), "dure-federation-"));
  const hospitals = makeHospitals(folder);
  const federation = new LocalFederation({ ...options, folder, hospitals, signal: AbortSignal.timeout(240_000), onStep: () => {} });
  try {
    await federation.start();
    return await work(federation, hospitals, readStudy());
  } finally {
    await federation.stop();
    rmSync(folder, { recursive: true, force: true });
  }
}

const runStudy = (federation: LocalFederation, study: FrozenStudy, onRound: (round: number) => void = () => {}) =>
  federation.runStudy(
    study,
    namedFiles(study.document).map((name) => ({ name, content: readFile(name) })),
    onRound,
  );

const KILL_COUNT = 20;

test(`${KILL_COUNT} kills -9 at random moments change no byte of the answer`, async () => {
  await withFederation({}, async (federation, hospitals, study) => {
    const expected = await expectedAnswer(study, hospitals);
    const random = new SeededRandom(20);
    const victims = ["coordinator", ...names];
    let isOver = false;
    let killed = 0;
    let isRunning: () => void = () => {};
    const begun = new Promise<void>((resolve) => {
      isRunning = resolve;
    });
    const running = runStudy(federation, study, isRunning).finally(() => {
      isOver = true;
      isRunning();
    });
    await begun;
    while (killed < KILL_COUNT && !isOver) {
      await sleep(50 + random.below(900));
      const victim = federation.processes.get(victims[random.below(victims.length)] ?? "");
      if (victim?.pid === undefined) continue;
      victim.kill();
      killed++;
    }
    const { result } = await running;
    assert.equal(answerOf(result), expected);
    assert.equal(killed, KILL_COUNT, "the run ended before every kill was done");
  });
});

const postgres = process.env["DURE_TEST_POSTGRES_URL"];

test("on a PostgreSQL of its own the coordinator gives the simulator's answer", {
  skip: postgres === undefined ? "no PostgreSQL" : false,
}, async () => {
  await withFederation({ databaseUrl: postgres ?? "" }, async (federation, hospitals, study) => {
    const { result } = await runStudy(federation, study);
    assert.equal(answerOf(result), await expectedAnswer(study, hospitals));
  });
});
