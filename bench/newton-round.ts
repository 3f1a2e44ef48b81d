/**
 * A Newton round of 8 coefficients over five hospitals: a coordinator and five agents as processes on loopback, TLS and stores included.
 *
 * The figure is read from a hospital's own ledger, which says when each masked vector left: from one round's vector to the next one's, a
 * whole round has passed.
 */

import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { SeededRandom, utf8 } from "@dure/kernel";
import { SiteStore, sitePaths, storedEntry } from "@dure/site";
import { type FrozenStudy, freezeStudy, parseStudy } from "@dure/study";
import { LocalFederation, type LocalHospital } from "../apps/cli/src/federation/local-federation.ts";

export interface NewtonRoundBench {
  readonly siteCount: number;
  readonly rowCount: number;
  readonly fitCount: number;
  readonly roundCount: number;
  /** Median over the Newton rounds. */
  readonly roundMs: number;
}

const SITES = ["andong", "boryeong", "chuncheon", "daegu", "eumseong"];
const FEATURES = ["x1", "x2", "x3", "x4", "x5", "x6", "x7"];
const START_MS_MAX = 300_000;
/** An agent runs for months; its first studies are slower until the engine has compiled what they use. */
const WARM_UP_COUNT = 2;

const tableText = `
dureTable: 1
id: bench
version: 1
title: { en: Benchmark, ko: 성능 시험 }
description: { en: Generated rows., ko: 생성한 자료. }
columns:
${[...FEATURES, "late"].map((name) => `  ${name}: { type: number, description: { en: ${name}, ko: ${name} } }`).join("\n")}
  y: { type: boolean, description: { en: y, ko: y } }
`;

/** Without folds a round is that of one fit; with them, of six fits in one sum. */
const studyText = (hasFolds: boolean, id: string): string => `
dure: 1
id: ${id}
title: Benchmark of a Newton round
purpose: statistics
data:
  table: bench
${hasFolds ? "" : "  split: { holdout: late == 1 }"}
  variables:
    y: { role: outcome, type: boolean }
${FEATURES.map((name) => `    ${name}: { role: feature, type: number }`).join("\n")}
analysis: { kind: logistic-regression }
privacy: { secureSum: { minimumSites: 5 }, minimumCell: 5 }
`;

/** One federation, two studies: one fit a round, and one with its five folds. */
export async function benchNewtonRound({ rowCount = 3_000 } = {}): Promise<readonly NewtonRoundBench[]> {
  const folder = mkdtempSync(join(tmpdir(), "dure-bench-"));
  const hospitals = SITES.map((siteId, i): LocalHospital => {
    mkdirSync(join(folder, "rows"), { recursive: true });
    const path = join(folder, "rows", `${siteId}.csv`);
    writeFileSync(path, makeRows(i + 1, rowCount));
    return { siteId, organisation: siteId, role: "training", releases: ["headline"], rows: { kind: "flat", path } };
  });
  const signal = AbortSignal.timeout(START_MS_MAX);
  const federation = new LocalFederation({ folder: join(folder, "federation"), hospitals, signal, onStep: () => {} });
  try {
    await federation.start();
    const results: NewtonRoundBench[] = [];
    const files = [{ name: "tables/bench.yaml", content: utf8(tableText) }];
    for (let warmUp = 0; warmUp < WARM_UP_COUNT; warmUp++) await federation.runStudy(readStudy(true, `warm-up-${warmUp}`), files, () => {});
    for (const hasFolds of [false, true]) {
      const { run } = await federation.runStudy(readStudy(hasFolds), files, () => {});
      const times = newtonTimesMs(federation.home(SITES[0] ?? ""), run);
      const gaps = times.slice(1).map((ms, i) => ms - (times[i] ?? 0));
      results.push({ siteCount: SITES.length, rowCount, fitCount: hasFolds ? 6 : 1, roundCount: times.length, roundMs: median(gaps) });
    }
    return results;
  } finally {
    await federation.stop();
    rmSync(folder, { recursive: true, force: true });
  }
}

const readStudy = (hasFolds: boolean, id = `bench-${hasFolds ? "folds" : "single"}`): FrozenStudy =>
  freezeStudy(parseStudy(studyText(hasFolds, id)), (name) => (name === "tables/bench.yaml" ? utf8(tableText) : undefined));

function makeRows(seed: number, rowCount: number): string {
  const random = new SeededRandom(seed);
  const lines = Array.from({ length: rowCount }, () => {
    const x = FEATURES.map(() => 2 * random.uniform() - 1);
    const eta = x.reduce((sum, value, j) => sum + value * (j - 3) * 0.3, -0.8);
    const y = random.uniform() < 1 / (1 + Math.exp(-eta)) ? 1 : 0;
    return [...x, random.below(5) === 0 ? 1 : 0, y].join(",");
  });
  return `${[...FEATURES, "late", "y"].join(",")}\n${lines.join("\n")}\n`;
}

/** When each Newton vector of the run left this hospital, one a round: a repeated attempt counts with its first. */
function newtonTimesMs(home: string, run: string): readonly number[] {
  const store = new SiteStore(sitePaths(home).decisions);
  try {
    const times = new Map<number, number>();
    for (const entry of [...store.ledger()].map(storedEntry)) {
      const isNewton = entry.vectors?.some(({ name }) => name.endsWith("/gradient")) === true;
      if (entry.run !== run || !isNewton || entry.round === undefined || times.has(entry.round)) continue;
      times.set(entry.round, entry.atMs);
    }
    return [...times.values()];
  } finally {
    store.close();
  }
}

const median = (values: readonly number[]): number => [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN;
