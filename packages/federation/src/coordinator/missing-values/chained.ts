/**
 * Chained equations of sums: one visit of one feature, whose models are fitted over all hospitals on every imputation's rows side by side.
 *
 * Of a number one round gives the products of the columns, of a level Newton's rounds its logistic likelihood. Then the parameters
 * are drawn from their posterior by a generator that the study's seed, the visit, the imputation and the model start: every party draws the
 * same. The patients' values are drawn at their hospitals, when the next round finds the parameters in the state.
 *
 * Values that were drawn have no bound that could be derived before; on standardised columns the bound of the moments is far away.
 *
 * Source: van Buuren & Groothuis-Oudshoorn 2011, J Stat Softw 45(3); of sums over sites: Chang, Deng, Jiang & Long 2020, Nat Commun 11:5467.
 */

import { assert, SeededRandom, sha256Bytes, utf8 } from "@dure/kernel";
import { packedLength } from "@dure/numerics";
import type { Sum, SumLayout, VectorLayout } from "@dure/privacy";
import {
  absorbNewton,
  augmentationSums,
  beginNewton,
  drawLinear,
  drawNormal,
  type LikelihoodSums,
  linearPosterior,
  type NewtonRules,
  type NewtonRunning,
  type NewtonState,
} from "@dure/statistics";
import type { AnalysisRefusal } from "../../analysis.ts";
import { momentsBound } from "../standardisation.ts";
import { readVector } from "../sum-reading.ts";
import type { ColumnScales, DrawHistory, ImputationPlan, PlannedModel } from "./multiple-state.ts";
import { type ImputationModel, type MultipleDesign, modelsOf } from "./predictors.ts";
import type { MissingPhase } from "./state.ts";

type Draw = MissingPhase<"draw">;

/** Invented rows keep the levels from being split off, so that no such sign ends a fit. */
const rules: NewtonRules = {
  hasIntercept: true,
  separatedAbove: 0,
  stepLengthMax: 2,
  lengtheningShareMax: 0.2,
  convergence: "quadratic",
};

/** The models of one target, with their columns that vary. */
export interface TargetModel {
  readonly model: ImputationModel;
  readonly planned: PlannedModel;
  /** Of `design.columns`. */
  readonly columns: readonly number[];
}

export function targetModels(
  design: MultipleDesign,
  plan: ImputationPlan,
  { deviations }: ColumnScales,
  target: number,
): readonly TargetModel[] {
  const models = modelsOf(design, plan.targets);
  return plan.models.flatMap((planned): readonly TargetModel[] => {
    const model = models[planned.model];
    if (model?.feature !== target) return [];
    return [{ model, planned, columns: planned.columns.filter((column) => (deviations[column] ?? 0) > 0) }];
  });
}

/** Parameters of one model in the history: coefficients and, of a number, σ. */
const parameterCount = ({ model, columns }: TargetModel): number => columns.length + 1 + (model.kind === "linear" ? 1 : 0);

/** The feature that is visited after so many visits. */
export const targetAfter = ({ targets }: ImputationPlan, visits: number): number => targets[visits % targets.length] ?? -1;

export const visitCount = ({ iterations }: MultipleDesign, { targets }: ImputationPlan): number => iterations * targets.length;

/** Fits of the present target: each imputation with each model that has columns, imputations outermost. */
export interface VisitFit {
  readonly imputation: number;
  readonly of: TargetModel;
}

export function visitFits(
  design: MultipleDesign,
  { plan, scales, history }: Pick<Draw, "plan" | "scales" | "history">,
): readonly VisitFit[] {
  const models = targetModels(design, plan, scales, targetAfter(plan, history.length));
  const fitted = models.filter(({ model, columns }) => model.kind === "linear" || columns.length > 0);
  return Array.from({ length: design.imputations }, (_, imputation) => fitted.map((of): VisitFit => ({ imputation, of }))).flat();
}

/** The state in which a target's first round is asked for; draws at once where no model of it has columns. */
export function beginVisit(design: MultipleDesign, state: Omit<Draw, "newton">): Draw {
  const fits = visitFits(design, state);
  const isLinear = fits.some(({ of }) => of.model.kind === "linear");
  return { ...state, newton: isLinear ? null : fits.map((fit) => beginNewton(startOf(design, state, fit))) };
}

/** Where the last visit's draw was; else at the share of the level. */
function startOf(design: MultipleDesign, { plan, scales, history }: Omit<Draw, "newton">, { imputation, of }: VisitFit): readonly number[] {
  const before = history[history.length - plan.targets.length]?.[imputation];
  const models = targetModels(design, plan, scales, of.model.feature);
  if (before !== undefined) return sliceOf(models, of, before);
  return [shareLogit(of.planned), ...of.columns.map(() => 0)];
}

/** One model's part of a visit's parameters. */
export function sliceOf(models: readonly TargetModel[], of: TargetModel, parameters: readonly number[]): readonly number[] {
  const place = models.findIndex(({ planned }) => planned.model === of.planned.model);
  const start = models.slice(0, place).reduce((total, model) => total + parameterCount(model), 0);
  return parameters.slice(start, start + parameterCount(of));
}

const shareLogit = ({ rows, ones }: PlannedModel): number => Math.log((ones + 0.5) / (rows - ones + 0.5));

export const runningFits = (design: MultipleDesign, state: Draw): readonly (VisitFit & { readonly newton: NewtonRunning })[] =>
  visitFits(design, state).flatMap((fit, i) => {
    const newton = state.newton?.[i];
    return newton?.kind === "running" ? [{ ...fit, newton }] : [];
  });

export function drawLayout(design: MultipleDesign, state: Draw): SumLayout {
  const wide = (name: string, length: number): VectorLayout => ({ name, length, encoding: "wide", bound: momentsBound });
  const total = <Fit>(fits: readonly Fit[], of: (fit: Fit) => number): number => fits.reduce((sum, fit) => sum + of(fit), 0);
  if (state.newton === null) {
    return {
      vectors: [
        wide(
          "imputationProducts",
          total(visitFits(design, state), ({ of }) => packedLength(of.columns.length + 2)),
        ),
      ],
    };
  }
  const fits = runningFits(design, state);
  return {
    vectors: [
      wide("imputationLikelihood", fits.length),
      wide(
        "imputationGradient",
        total(fits, ({ of }) => of.columns.length + 1),
      ),
      wide(
        "imputationInformation",
        total(fits, ({ of }) => packedLength(of.columns.length + 1)),
      ),
      { name: "imputationExtremes", length: 2 * fits.length, encoding: "histogram", bound: state.counts.n },
    ],
  };
}

export type Visited =
  | { readonly kind: "continue"; readonly state: Draw }
  | { readonly kind: "drawn"; readonly history: DrawHistory }
  | { readonly kind: "refused"; readonly refusal: AnalysisRefusal };

export function absorbVisit(design: MultipleDesign, state: Draw, sum: Sum): Visited {
  if (state.newton === null) return absorbLinear(design, state, sum);
  const newton = advanceFits(design, state, sum);
  if (newton.some(({ kind }) => kind === "running")) return { kind: "continue", state: { ...state, newton } };
  const fits = visitFits(design, state);
  const failed = fits.find((_, i) => newton[i]?.kind !== "converged");
  if (failed !== undefined) return notFitted(failed);
  return { kind: "drawn", history: [...state.history, drawLevels(design, state, newton)] };
}

const notFitted = ({ of }: VisitFit): Visited => ({
  kind: "refused",
  refusal: { code: "imputation-not-converged", columns: [of.model.name] },
});

function absorbLinear(design: MultipleDesign, state: Draw, sum: Sum): Visited {
  const fits = visitFits(design, state);
  const lengths = fits.map(({ of }) => packedLength(of.columns.length + 2));
  const all = readVector(
    sum,
    "imputationProducts",
    lengths.reduce((total, length) => total + length, 0),
  );
  let next = 0;
  const draws: (readonly number[])[] = [];
  for (const [i, fit] of fits.entries()) {
    const length = lengths[i] ?? 0;
    const posterior = linearPosterior(all.slice(next, next + length), fit.of.columns.length + 2);
    if (posterior === undefined) return notFitted(fit);
    draws.push(drawLinear(posterior, drawRandom(design, state, fit)));
    next += length;
  }
  return { kind: "drawn", history: [...state.history, draws] };
}

function advanceFits(design: MultipleDesign, state: Draw, sum: Sum): readonly NewtonState[] {
  const fits = runningFits(design, state);
  const orders = fits.map(({ of }) => of.columns.length + 1);
  const lengthOf = (size: (order: number) => number): number => orders.reduce((total, order) => total + size(order), 0);
  const likelihoods = readVector(sum, "imputationLikelihood", fits.length);
  const gradients = readVector(
    sum,
    "imputationGradient",
    lengthOf((order) => order),
  );
  const informations = readVector(sum, "imputationInformation", lengthOf(packedLength));
  const extremes = readVector(sum, "imputationExtremes", 2 * fits.length);
  let [atGradient, atInformation] = [0, 0];
  const advanced = fits.map(({ newton }, i) => {
    const order = orders[i] ?? 0;
    const sums = addSums(augmentationSums(newton.trial), {
      logLikelihood: likelihoods[i] ?? Number.NaN,
      gradient: gradients.slice(atGradient, atGradient + order),
      information: informations.slice(atInformation, atInformation + packedLength(order)),
      extremeCounts: extremes.slice(2 * i, 2 * i + 2),
    });
    atGradient += order;
    atInformation += packedLength(order);
    return absorbNewton(newton, sums, { rules });
  });
  let next = 0;
  return (state.newton ?? []).map((newton) => (newton.kind === "running" ? (advanced[next++] ?? newton) : newton));
}

function addSums(a: LikelihoodSums, b: LikelihoodSums): LikelihoodSums {
  const add = (x: ArrayLike<number>, y: ArrayLike<number>): readonly number[] => Array.from(x, (value, i) => value + (y[i] ?? Number.NaN));
  return {
    logLikelihood: a.logLikelihood + b.logLikelihood,
    gradient: add(a.gradient, b.gradient),
    information: add(a.information, b.information),
    extremeCounts: add(a.extremeCounts, b.extremeCounts),
  };
}

/** By imputation, the parameters of the target's models in their order; a model without columns has its level's share, with its own uncertainty. */
function drawLevels(design: MultipleDesign, state: Draw, newton: readonly NewtonState[]): readonly (readonly number[])[] {
  const { plan, scales, history } = state;
  const models = targetModels(design, plan, scales, targetAfter(plan, history.length));
  const fits = visitFits(design, state);
  return Array.from({ length: design.imputations }, (_, imputation) =>
    models.flatMap((of) => {
      const random = drawRandom(design, state, { imputation, of });
      const place = fits.findIndex((fit) => fit.imputation === imputation && fit.of.planned.model === of.planned.model);
      const fitted = newton[place];
      if (place < 0 || fitted === undefined) return drawShare(of.planned, random);
      assert(fitted.kind === "converged", "every fit of the visit converged");
      return drawNormal(fitted.params, fitted.covariance, { scale: 1, random });
    }),
  );
}

/** On the scale of the logit, with half a row on either side. */
function drawShare(planned: PlannedModel, random: SeededRandom): readonly number[] {
  const [ones, zeros] = [planned.ones + 0.5, planned.rows - planned.ones + 0.5];
  return [shareLogit(planned) + Math.sqrt(1 / ones + 1 / zeros) * random.normal()];
}

/** A generator of its own for each draw: the order in which fits converge does not matter. */
function drawRandom({ seed }: MultipleDesign, { history }: Draw, { imputation, of }: VisitFit): SeededRandom {
  const digest = sha256Bytes(utf8(`dure imputation/${seed}/${history.length}/${imputation}/${of.planned.model}`));
  return new SeededRandom(digest.slice(0, 6).reduce((total, byte) => total * 256 + byte, 0));
}
