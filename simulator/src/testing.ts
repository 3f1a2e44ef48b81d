/** Studies and hospitals for the simulator's tests: rows from a seeded generator, no data of anybody's. */

import { hashJson, type SecureRandom, SeededRandom, sha256, toHex } from "@dure/kernel";
import type { AnalysisTable } from "@dure/records";
import type { FrozenStudy, StudyDocument } from "@dure/study";
import type { SimulatedSite } from "./simulate.ts";

/** Predictable, so that a failing simulation can be run again; never used where a key protects anything. */
export function predictableRandom(seed: number): SecureRandom {
  const random = new SeededRandom(seed);
  return { kind: "secure", bytes: (length) => Uint8Array.from({ length }, () => random.below(256)) };
}

export function inventedStudy(
  options: { readonly minimumCell?: number; readonly localModels?: boolean; readonly holdout?: boolean } = {},
): FrozenStudy {
  const document: StudyDocument = {
    dure: 1,
    id: "invented",
    title: "An invented study",
    purpose: "statistics",
    data: {
      table: "invented",
      ...(options.holdout === true ? { split: { holdout: "z == 1" } } : {}),
      variables: [
        { name: "y", role: "outcome", type: "boolean" },
        { name: "x", role: "feature", type: "number" },
        { name: "z", role: "feature", type: "boolean" },
      ],
    },
    analysis: { kind: "logistic-regression", standardise: false },
    evaluation: { localModels: options.localModels ?? true, intervals: "delong" },
    privacy: { secureSum: { minimumSites: 3 }, minimumCell: options.minimumCell ?? 5 },
  };
  const canonical = JSON.parse(JSON.stringify(document));
  return { document, canonical, hash: hashJson(canonical) };
}

/** Rows with a true logistic model; `shift` moves its intercept, as hospitals differ. */
export function inventedTable(
  seed: number,
  rowCount: number,
  { holdout = false, shift = 0 }: { readonly holdout?: boolean; readonly shift?: number } = {},
): AnalysisTable {
  const random = new SeededRandom(seed);
  const x = Float64Array.from({ length: rowCount }, () => random.normal());
  const z = Float64Array.from({ length: rowCount }, () => random.below(2));
  const y = Float64Array.from(x, (value, i) =>
    random.uniform() < 1 / (1 + Math.exp(0.3 + shift - 0.8 * value - 0.5 * (z[i] ?? 0))) ? 1 : 0,
  );
  const rowKeys = Array.from({ length: rowCount }, (_, i) => `${seed}-${String(i).padStart(6, "0")}`);
  const columns = new Map([
    ["y", y],
    ["x", x],
    ["z", z],
  ]);
  const hash = sha256(toHex(new Uint8Array(x.buffer)));
  return {
    rowKeys,
    rowCount,
    columns,
    heldOut: Uint8Array.from({ length: rowCount }, (_, i) => (holdout && i % 3 === 0 ? 1 : 0)),
    excluded: [],
    hash,
  };
}

const names = ["andong", "boryeong", "chuncheon", "daegu", "eumseong"];

/** Training hospitals and, as the last, an external one. */
export function inventedSites(
  rowCount: number,
  options: { readonly siteCount?: number; readonly holdout?: boolean } = {},
): readonly SimulatedSite[] {
  const siteIds = names.slice(0, options.siteCount ?? 5);
  return siteIds.map((siteId, i) => ({
    siteId,
    role: i === siteIds.length - 1 ? "external" : "training",
    table: inventedTable(i + 1, rowCount, { ...options, shift: 0.1 * (i + 1) }),
    releases: i === siteIds.length - 1 ? ["headline"] : ["headline", "local-model"],
  }));
}
