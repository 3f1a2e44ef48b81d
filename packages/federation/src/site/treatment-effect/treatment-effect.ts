/**
 * The effect of a treatment over hospitals, the half that sees rows. A contribution is a function of the public state and the frozen table
 * alone. Every weighted sum shows the gate each arm's Σ w and Σ w²: a state under which few patients carry an arm leaves nothing.
 */

import { text, unreachable } from "@dure/kernel";
import type { Contribution, Influence } from "@dure/privacy";
import type { AnalysisTable } from "@dure/records";
import { influenceProducts, ownInterceptSums, rowInfluence, rowMeans, slopeSums, targetErrors, weightedCoxSums } from "@dure/statistics";
import type { StudyDocument } from "@dure/study";
import type { SitePart } from "../../analysis.ts";
import { type Block, blocksOf } from "../../coordinator/treatment-effect/blocks.ts";
import { type TreatmentDesign, treatmentDesign } from "../../coordinator/treatment-effect/design.ts";
import { hazardTargets } from "../../coordinator/treatment-effect/hazards.ts";
import { modelForm, runningFits } from "../../coordinator/treatment-effect/models.ts";
import type { BlockTotals, TreatmentCounts, TreatmentPhase, TreatmentState } from "../../coordinator/treatment-effect/state.ts";
import { type FeatureRows, sumCentred, sumMoments } from "../feature-rows.ts";
import { cannotContribute, type Words } from "../unusable-rows.ts";
import { countTreatment } from "./counts.ts";
import { influenceOf } from "./influence.ts";
import { type PreparedRows, prepareRows, stratumName, type TreatmentRows, treatmentRows } from "./rows.ts";
import { type FittedRows, fitRows, targetTerms, weightsIn } from "./targets.ts";
import { contributeTotals, weightsOf } from "./totals.ts";

export function treatmentEffectSite(study: StudyDocument): SitePart<TreatmentState, AnalysisTable> {
  const design = treatmentDesign(study);
  const memory = rememberRows(design);
  return { contribute: (state, table) => contribute(design, memory, { state, table }) };
}

interface Request {
  readonly state: TreatmentState;
  readonly table: AnalysisTable;
}

function contribute(design: TreatmentDesign, memory: RowMemory, { state, table }: Request): Contribution {
  switch (state.phase) {
    case "counts":
      return { vectors: countTreatment(design, table, memory.rows(table)), influence: [] };
    case "moments":
      return sumMoments(measuredRows(design, memory.rows(table)));
    case "centred":
      return sumCentred(measuredRows(design, memory.rows(table)), state.centre);
    case "models":
      return contributeModels(design, state, memory.prepared(table, state));
    case "totals":
      return contributeTotals(design, state, memory.fitted(table, state));
    case "hazards":
      return contributeHazards(design, state, memory.fitted(table, state));
    case "slopes":
      return contributeSlopes(design, state, memory.fitted(table, state));
    case "influence":
      return contributeInfluence(design, state, memory.fitted(table, state));
    default:
      return unreachable(state);
  }
}

/** Features, and the outcome behind them where it is a measurement. */
function measuredRows({ outcome: measured }: TreatmentDesign, { features: rows, outcome }: TreatmentRows): FeatureRows {
  if (measured === undefined || measured.isBoolean) return rows;
  const own = rows.features.subarray(0, rows.featureCount * rows.stride);
  const features = new Float64Array(own.length + outcome.length);
  features.set(own);
  features.set(outcome, own.length);
  return { ...rows, features, featureCount: rows.featureCount + 1 };
}

function contributeModels(design: TreatmentDesign, state: TreatmentPhase<"models">, { models, rows }: PreparedRows): Contribution {
  const vectors = new Map<string, Float64Array>();
  const influence: Influence[] = [];
  for (const { name, newton } of runningFits(state)) {
    const [own, form] = [models[name], modelForm(design, name)];
    if (newton.kind !== "running" || own === undefined) throw new Error("only a running fit asks for sums");
    const means = rowMeans(own, newton.trial, form);
    if (means === undefined) throw cannotContribute("no-own-intercept", NO_OWN_INTERCEPT);
    const sums = ownInterceptSums(own, means, form);
    vectors.set(`${name}/logLikelihood`, Float64Array.of(sums.logLikelihood));
    vectors.set(`${name}/gradient`, sums.gradient);
    vectors.set(`${name}/information`, sums.information);
    vectors.set(`${name}/extremes`, Float64Array.from(sums.extremeCounts));
    influence.push({
      what: name,
      rowCount: rows.rowCount,
      totalRowCount: state.counts.arms[0] + state.counts.arms[1],
      parameterCount: newton.trial.length + Number(form.ownIntercept),
      weightSum: sums.weightSum,
      weightSquareSum: sums.weightSquareSum,
      linearPredictorMax: sums.linearPredictorMax,
    });
  }
  return { vectors, influence };
}

const NO_OWN_INTERCEPT: Words = {
  what: text("no intercept of this hospital's own fits its outcomes.", "이 병원의 결과에 맞는 고유 절편을 구할 수 없습니다."),
  remedy: text("Check how treatment and outcome are defined.", "치료와 결과의 정의를 확인해 주십시오."),
};

function contributeHazards(design: TreatmentDesign, state: TreatmentPhase<"hazards">, rows: FittedRows): Contribution {
  const vectors = new Map<string, Float64Array>();
  hazardTargets(design, state.counts).forEach(({ name, block, target }, i) => {
    const newton = state.hazards[i]?.newton;
    const timed = block.kind === "hazard" ? rows.rows.strata.get(stratumName(block.subgroup, target.level)) : undefined;
    if (newton?.kind !== "running" || block.kind !== "hazard" || timed === undefined) return;
    const weights = weightsIn(timed, weightsOf(rows, block.weighting));
    const { logLikelihood, score, information } = weightedCoxSums(timed.times, weights, newton.trial[0] ?? 0);
    vectors.set(name, Float64Array.of(logLikelihood, score, information));
  });
  return { vectors, influence: influenceOf(design, state.counts, rows) };
}

/** h of every target of a block is on the scale of one patient: times n, over the target's own denominator. */
function scalesOf({ arms }: TreatmentCounts, { denominators }: BlockTotals): readonly number[] {
  return denominators.map((denominator) => (arms[0] + arms[1]) / denominator);
}

const scaled = (values: Float64Array, scale: number): Float64Array => values.map((value) => value * scale);

function contributeSlopes(design: TreatmentDesign, state: TreatmentPhase<"slopes">, rows: FittedRows): Contribution {
  const vectors = new Map<string, Float64Array>();
  eachBlock(design, state, (block, totals) => {
    const scores = block.model === "none" ? undefined : rows.scores[block.model];
    if (scores === undefined) return;
    const terms = targetTerms(design, rows, { block, totals });
    const means = meansOf(block, totals);
    const slopes = terms.map((own, i) => slopeSums(own, means[i] ?? 0, scores));
    const scales = scalesOf(state.counts, totals);
    vectors.set(`${block.name}/slopes`, Float64Array.from(slopes.flatMap((own) => [...own])));
    vectors.set(
      `${block.name}/fixedInfluence`,
      influenceProducts(terms.map((own, i) => scaled(targetErrors(own, means[i] ?? 0), scales[i] ?? 0))),
    );
  });
  return { vectors, influence: influenceOf(design, state.counts, rows) };
}

function contributeInfluence(design: TreatmentDesign, state: TreatmentPhase<"influence">, rows: FittedRows): Contribution {
  const vectors = new Map<string, Float64Array>();
  eachBlock(design, state, (block, totals, index) => {
    const scores = block.model === "none" ? undefined : rows.scores[block.model];
    const means = meansOf(block, totals);
    const scales = scalesOf(state.counts, totals);
    const directions = state.slopes[index]?.directions ?? [];
    const order = directions.length / block.targets.length;
    const influences = targetTerms(design, rows, { block, totals }).map((terms, i) => {
      const mean = means[i] ?? 0;
      if (scores === undefined) return scaled(targetErrors(terms, mean), scales[i] ?? 0);
      return scaled(rowInfluence(terms, mean, { scores, direction: directions.slice(i * order, (i + 1) * order) }), scales[i] ?? 0);
    });
    vectors.set(`${block.name}/influence`, influenceProducts(influences));
  });
  return { vectors, influence: influenceOf(design, state.counts, rows) };
}

/** A hazard's terms are its errors already. */
const meansOf = ({ kind }: Block, { means }: BlockTotals): readonly number[] => (kind === "hazard" ? means.map(() => 0) : means);

function eachBlock(
  design: TreatmentDesign,
  { counts, totals }: Pick<TreatmentPhase<"slopes">, "counts" | "totals">,
  visit: (block: Block, totals: BlockTotals, index: number) => void,
): void {
  blocksOf(design, counts).forEach((block, index) => {
    const own = totals.blocks[index];
    if (own !== undefined) visit(block, own, index);
  });
}

interface RowMemory {
  rows(table: AnalysisTable): TreatmentRows;
  prepared(table: AnalysisTable, state: Pick<TreatmentPhase<"models">, "standardisation" | "scale">): PreparedRows;
  fitted(table: AnalysisTable, state: Pick<TreatmentPhase<"totals">, "standardisation" | "scale" | "counts" | "fits">): FittedRows;
}

/** Gathering, standardising and weighing rows give the same answer in every round: done once for a table. */
function rememberRows(design: TreatmentDesign): RowMemory {
  const gathered = remember((table: AnalysisTable) => treatmentRows(design, table));
  const prepared = remember((table: AnalysisTable, state: Pick<TreatmentPhase<"models">, "standardisation" | "scale">) =>
    prepareRows(design, gathered(table, null), state),
  );
  const fitted = remember(
    (
      table: AnalysisTable,
      { standardisation, scale, counts, fits }: Pick<TreatmentPhase<"totals">, "standardisation" | "scale" | "counts" | "fits">,
    ) => fitRows(design, prepared(table, { standardisation, scale }), { counts, fits }),
  );
  return {
    rows: (table) => gathered(table, null),
    prepared: (table, { standardisation, scale }) => prepared(table, { standardisation, scale }),
    fitted: (table, { standardisation, scale, counts, fits }) => fitted(table, { standardisation, scale, counts, fits }),
  };
}

/** The last answer by table, as long as what it was made from is the same. */
function remember<Known, Value>(make: (table: AnalysisTable, known: Known) => Value): (table: AnalysisTable, known: Known) => Value {
  const last = new WeakMap<AnalysisTable, { readonly key: string; readonly value: Value }>();
  return (table, known) => {
    const key = JSON.stringify(known);
    const before = last.get(table);
    if (before?.key === key) return before.value;
    const value = make(table, known);
    last.set(table, { key, value });
    return value;
  };
}
