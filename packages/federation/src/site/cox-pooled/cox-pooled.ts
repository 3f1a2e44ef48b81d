/**
 * Cox regression with one baseline hazard for all hospitals, the half that sees rows. A contribution is a function of the public state and
 * the frozen table alone.
 */

import { unreachable } from "@dure/kernel";
import { sum } from "@dure/numerics";
import type { Contribution, Influence } from "@dure/privacy";
import type { AnalysisTable } from "@dure/records";
import { countPairs, coxLinearPredictor, type IntervalRows, intervalRiskSums, intervalSpread } from "@dure/statistics";
import type { StudyDocument } from "@dure/study";
import type { SitePart } from "../../analysis.ts";
import { hasMoves } from "../../coordinator/cox-pooled/counts.ts";
import { type PooledDesign, pooledDesign } from "../../coordinator/cox-pooled/design.ts";
import type { PooledPhase, PooledState, RiskIntervals } from "../../coordinator/cox-pooled/state.ts";
import { shiftOf, timeWeights } from "../../coordinator/cox-pooled/steps.ts";
import type { Standardisation } from "../../coordinator/standardisation.ts";
import { type SurvivalRows, trainingRows } from "../cox/rows.ts";
import { countSupport } from "../cox/support.ts";
import { standardiseRows, sumCentred, sumMoments } from "../feature-rows.ts";
import { levelSites } from "../level-sites.ts";
import { countExcluded } from "../row-counts.ts";
import { countMoves, keepAtRisk, type Moves, placeOnBins, placeOnIntervals, type RowsAtRisk } from "./placed-rows.ts";

/** Fails as `trainingRows`: this hospital takes no part. */
export function pooledCoxSite(study: StudyDocument): SitePart<PooledState, AnalysisTable> {
  const design = pooledDesign(study);
  const memory = rememberRows(design);
  return {
    contribute: (state, table) => {
      switch (state.phase) {
        case "counts":
          return { vectors: countRows(design, table, memory.rows(table)), influence: [] };
        case "intervals":
          return { vectors: countOnIntervals(design, state, memory.rows(table)), influence: [] };
        case "moments":
          return sumMoments(memory.atRisk(table, state.intervals).rows);
        case "centred":
          return sumCentred(memory.atRisk(table, state.intervals).rows, state.centre);
        case "risk":
          return contributeRisk(design, state, memory.placed(table, state));
        case "spread":
          return contributeSpread(design, state, memory.placed(table, state));
        case "checks":
          return contributeChecks(design, state, { placed: memory.placed(table, state), rows: memory.atRisk(table, state.intervals).rows });
        default:
          return unreachable(state);
      }
    },
  };
}

function countRows(design: PooledDesign, table: AnalysisTable, rows: SurvivalRows): ReadonlyMap<string, Float64Array> {
  const moves = countMoves(rows, placeOnBins(rows, design.grid), design.binCount);
  return new Map([...personVectors(design, rows), ["excluded", countExcluded(design, table)], ...moveVectors(design, moves, "ByBin")]);
}

function countOnIntervals(design: PooledDesign, { ends }: PooledPhase<"intervals">, rows: SurvivalRows): Map<string, Float64Array> {
  const placed = placeOnIntervals(rows, design.grid, { ends, isExact: design.minimumCell === 0 });
  const moves = countMoves(rows, placed, ends.length);
  return new Map([...personVectors(design, keepAtRisk(rows, placed).rows), ...moveVectors(design, moves, "ByInterval")]);
}

function personVectors(design: PooledDesign, rows: SurvivalRows): ReadonlyMap<string, Float64Array> {
  const vectors = new Map([
    ...levelSites(design, rows),
    ["cases", Float64Array.of(rows.personCount, sum(rows.events))],
    ["support", Float64Array.from(countSupport(design, rows, { from: 0, to: rows.rowCount }))],
  ]);
  return design.person === undefined ? vectors : vectors.set("rows", Float64Array.of(rows.rowCount));
}

const moveVectors = (
  design: PooledDesign,
  { events, left, entered, beyond }: Moves,
  suffix: string,
): readonly (readonly [string, Float64Array])[] => [
  [`events${suffix}`, events],
  [`left${suffix}`, left],
  ...(hasMoves(design) ? [[`entered${suffix}`, entered] as const] : []),
  ["followedToEnd", Float64Array.of(beyond)],
];

function contributeRisk(design: PooledDesign, { newton, intervals, counts }: PooledPhase<"risk">, rows: IntervalRows): Contribution {
  const { sums, ...influence } = intervalRiskSums(rows, newton.trial, {
    intervalCount: intervals.ends.length,
    shift: shiftOf(counts.rows),
  });
  const vectors = new Map([
    ["riskWeights", sums.riskWeights],
    ["riskSums", sums.riskSums],
    ["eventSums", sums.eventSums],
    ["extremes", Float64Array.from(influence.extremeCounts)],
  ]);
  if (design.ties === "efron") vectors.set("tiedWeights", sums.tiedWeights).set("tiedSums", sums.tiedSums);
  return { vectors, influence: [influenceOf(design, counts.cases[0], influence)] };
}

function contributeSpread(design: PooledDesign, state: PooledPhase<"spread">, rows: IntervalRows): Contribution {
  const { products } = intervalSpread(rows, state.risk.at, hazardsOf(state, 0, design));
  return { vectors: new Map([["spread", products]]), influence: [influenceAt(design, state, rows)] };
}

interface Rows {
  readonly placed: IntervalRows;
  readonly rows: SurvivalRows;
}

function contributeChecks(design: PooledDesign, state: PooledPhase<"checks">, { placed, rows }: Rows): Contribution {
  const n = state.counts.cases[0];
  const { at } = state.risk;
  const pairs = countPairs(rows, coxLinearPredictor(placed, at));
  const once = intervalSpread(placed, at, hazardsOf(state, 1, design));
  const twice = intervalSpread(placed, at, hazardsOf(state, 2, design));
  const vectors = new Map([
    ["pairs", Float64Array.of(pairs.concordant, pairs.discordant, pairs.tiedX, pairs.tiedY)],
    ["pairSquares", Float64Array.from(pairs.squares, (value) => value / n / n)],
    ["timeGradient", once.eventSums],
    ["timeCross", once.products],
    ["timeInformation", twice.products],
  ]);
  return { vectors, influence: [influenceAt(design, state, placed)] };
}

/** The totals' A and B times a power of time. */
const hazardsOf = ({ risk, counts, intervals }: PooledPhase<"spread" | "checks">, power: number, design: PooledDesign) => ({
  a: risk.a,
  b: risk.b,
  shift: shiftOf(counts.rows),
  weights: timeWeights(design, intervals).map((weight) => weight ** power),
});

function influenceAt(design: PooledDesign, { risk, intervals, counts }: PooledPhase<"spread" | "checks">, rows: IntervalRows): Influence {
  const sums = intervalRiskSums(rows, risk.at, { intervalCount: intervals.ends.length, shift: shiftOf(counts.rows) });
  return influenceOf(design, counts.cases[0], sums);
}

type Weights = Pick<Influence, "rowCount" | "weightSum" | "weightSquareSum" | "linearPredictorMax">;

const influenceOf = ({ features }: PooledDesign, totalRowCount: number, weights: Weights): Influence => ({
  what: "full",
  rowCount: weights.rowCount,
  totalRowCount,
  parameterCount: features.length,
  weightSum: weights.weightSum,
  weightSquareSum: weights.weightSquareSum,
  linearPredictorMax: weights.linearPredictorMax,
});

interface RowMemory {
  rows(table: AnalysisTable): SurvivalRows;
  /** Those of them that are in a risk set, and where. */
  atRisk(table: AnalysisTable, intervals: RiskIntervals): RowsAtRisk;
  placed(table: AnalysisTable, state: { readonly standardisation: Standardisation; readonly intervals: RiskIntervals }): IntervalRows;
}

/** Gathering, standardising and placing rows give the same answer in every round: done once for a table. */
function rememberRows(design: PooledDesign): RowMemory {
  const gathered = new WeakMap<AnalysisTable, SurvivalRows>();
  const placed = new WeakMap<AnalysisTable, { readonly key: string; readonly rows: IntervalRows }>();
  const rowsOf = (table: AnalysisTable): SurvivalRows => {
    const rows = gathered.get(table) ?? trainingRows(design, table).rows;
    gathered.set(table, rows);
    return rows;
  };
  const kept = new WeakMap<AnalysisTable, { readonly key: string; readonly atRisk: RowsAtRisk }>();
  const atRiskOf = (table: AnalysisTable, intervals: RiskIntervals): RowsAtRisk => {
    const key = JSON.stringify(intervals);
    const before = kept.get(table);
    if (before?.key === key) return before.atRisk;
    const rows = rowsOf(table);
    const onIntervals = placeOnIntervals(rows, design.grid, intervals);
    const atRisk = hasMoves(design) ? keepAtRisk(rows, onIntervals) : { rows, placed: onIntervals };
    kept.set(table, { key, atRisk });
    return atRisk;
  };
  return {
    rows: rowsOf,
    atRisk: atRiskOf,
    placed: (table, { standardisation, intervals }) => {
      const key = JSON.stringify([standardisation, intervals]);
      const before = placed.get(table);
      if (before?.key === key) return before.rows;
      const atRisk = atRiskOf(table, intervals);
      const { rowCount, featureCount, stride, persons, events } = atRisk.rows;
      const { features } = standardiseRows(atRisk.rows, standardisation, new Float64Array(featureCount * stride));
      const { entered, left } = atRisk.placed;
      const own = {
        rowCount,
        featureCount,
        features,
        events: Uint8Array.from(events),
        entered,
        left,
        ...(persons === undefined ? {} : { persons }),
      };
      placed.set(table, { key, rows: own });
      return own;
    },
  };
}
