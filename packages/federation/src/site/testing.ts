/** For tests only: a run in one process without encoding, masks or gate. Sums are added as doubles in the order of the sites. */

import { type JsonValue, sha256 } from "@dure/kernel";
import { CompensatedVector } from "@dure/numerics";
import type { Influence, Sum } from "@dure/privacy";
import type { AnalysisTable, ExcludedRows } from "@dure/records";
import type { StudyDocument } from "@dure/study";
import type { AnalysisRefusal, CoordinatorPart, SitePart } from "../analysis.ts";
import { logisticRegressionCoordinator } from "../coordinator/logistic/logistic-regression.ts";
import type { LogisticState } from "../coordinator/logistic/state.ts";
import type { LogisticRegressionResult } from "../result.ts";
import { logisticRegressionSite } from "./logistic/logistic-regression.ts";

export type TestRun = HalvesRun<LogisticState, LogisticRegressionResult>;

/** A logistic regression; see `runHalves`. */
export const runTogether = (study: StudyDocument, tables: readonly AnalysisTable[]): Promise<TestRun> =>
  runHalves({ coordinator: logisticRegressionCoordinator(study), site: () => logisticRegressionSite(study) }, tables);

export interface Halves<State extends JsonValue, Result extends JsonValue> {
  readonly coordinator: CoordinatorPart<State, Result>;
  /** One of its own for each site. */
  readonly site: () => SitePart<State, AnalysisTable>;
}

export interface HalvesRun<State, Result> {
  readonly end:
    | { readonly kind: "done"; readonly result: Result }
    | { readonly kind: "refused"; readonly state: State; readonly refusal: AnalysisRefusal };
  readonly states: readonly State[];
  readonly influence: readonly Influence[];
}

/** Runs the two halves; throws when a vector does not fit its layout or goes beyond its bound. */
export async function runHalves<State extends JsonValue, Result extends JsonValue>(
  { coordinator, site }: Halves<State, Result>,
  tables: readonly AnalysisTable[],
): Promise<HalvesRun<State, Result>> {
  const sites = tables.map((table) => ({ part: site(), table }));
  const states: State[] = [coordinator.begin(tables.map((_, i) => `site ${i}`))];
  const influence: Influence[] = [];
  for (;;) {
    // As a site gets it: through JSON.
    const state = JSON.parse(JSON.stringify(states.at(-1))) as State;
    const layout = coordinator.layout(state);
    const contributions = await Promise.all(sites.map(({ part, table }) => part.contribute(state, table)));
    const vectors = new Map<string, Float64Array>();
    for (const { name, length, bound, encoding } of layout.vectors) {
      const total = new CompensatedVector(length);
      for (const contribution of contributions) {
        const values = contribution.vectors.get(name) ?? new Float64Array();
        if (!values.every((value) => Math.abs(value) <= bound)) throw new Error(`${name} goes beyond ${bound}`);
        if (encoding === "histogram" && !values.every(Number.isInteger)) throw new Error(`${name} holds no whole counts`);
        total.add(values);
      }
      vectors.set(name, total.values);
    }
    for (const contribution of contributions) {
      influence.push(...contribution.influence);
      if (contribution.vectors.size !== layout.vectors.length) throw new Error("a vector that the layout does not name");
    }
    const sum: Sum = { siteCount: tables.length, vectors };
    const absorbed = coordinator.absorb(state, sum);
    if (absorbed.kind === "done") return { end: absorbed, states, influence };
    if (absorbed.kind === "refused") return { end: { ...absorbed, state }, states, influence };
    states.push(absorbed.state);
  }
}

export interface TestColumns {
  readonly outcome: string;
  readonly features: readonly string[];
  readonly booleans?: readonly string[];
}

export function testStudy(columns: TestColumns, options: { readonly minimumCell?: number; readonly holdout?: string } = {}): StudyDocument {
  const feature = (name: string) =>
    ({ name, role: "feature", type: columns.booleans?.includes(name) === true ? "boolean" : "number" }) as const;
  return {
    dure: 1,
    id: "a-test-study",
    title: "A study of generated rows",
    purpose: "scientific-research",
    data: {
      table: "generated",
      ...(options.holdout === undefined ? {} : { split: { holdout: options.holdout } }),
      variables: [{ name: columns.outcome, role: "outcome", type: "boolean" }, ...columns.features.map(feature)],
    },
    analysis: { kind: "logistic-regression", standardise: true },
    evaluation: { localModels: true, intervals: "delong" },
    privacy: { secureSum: { minimumSites: 3 }, minimumCell: options.minimumCell ?? 0 },
  };
}

export interface TestTable {
  readonly columns: ReadonlyMap<string, Float64Array>;
  readonly keyPrefix?: string;
  readonly heldOut?: Uint8Array;
  readonly excluded?: readonly ExcludedRows[];
}

export function testTable({ columns, keyPrefix = "row", heldOut, excluded = [] }: TestTable): AnalysisTable {
  const rowCount = columns.values().next().value?.length ?? 0;
  const rowKeys = Array.from({ length: rowCount }, (_, i) => `${keyPrefix}-${String(i).padStart(8, "0")}`);
  return { rowKeys, rowCount, columns, heldOut: heldOut ?? new Uint8Array(rowCount), excluded, hash: sha256(rowKeys.join(",")) };
}

/** The named rows of some columns. */
export const pickRows = (columns: ReadonlyMap<string, Float64Array>, rows: readonly number[]): ReadonlyMap<string, Float64Array> =>
  new Map([...columns].map(([name, column]) => [name, Float64Array.from(rows, (row) => column[row] ?? Number.NaN)]));
