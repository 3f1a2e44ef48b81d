/** From the last sum to the result: coefficients, errors and tests on the variables' own units. */

import { packedDiagonal, packedIndex, packedLength, transformSymmetric } from "@dure/numerics";
import type { Sum } from "@dure/privacy";
import {
  chiSquaredOrF,
  clusterFactor,
  coefficientStatistics,
  glmDispersion,
  glmFamily,
  glmLikelihood,
  quadraticInverse,
  type Reference,
  sandwichCovariance,
  waldChiSquared,
} from "@dure/statistics";
import type { Absorbed } from "../../analysis.ts";
import type { FrozenGlm, GlmAnalysis, GlmHeterogeneity, GlmResult, GlmTerm, GlmTest } from "../../glm-result.ts";
import { describeColumns } from "../described-columns.ts";
import { entry } from "../sum-reading.ts";
import { type GlmDesign, hasTheta, interceptName, isBinary } from "./design.ts";
import type { GlmKnown, GlmPhase, GlmState } from "./state.ts";
import { convergedFits, type Judged, readJudged, readMiddle, readOwnEffects } from "./summary.ts";

/** A residual variance of this share of the outcome's is rounding: the columns give every outcome exactly. */
const DISPERSION_MIN = 1e-20;

export function absorbSummary(design: GlmDesign, state: GlmPhase<"summary">, sum: Sum): Absorbed<GlmState, GlmResult> {
  const judged = new Map(
    convergedFits(state.fits).map(({ name }) => [name, withoutLead(design, readJudged(design, name, { state, sum }))]),
  );
  const [full, nothing] = [judged.get("full"), judged.get("null")];
  const newton = state.fits[0]?.newton;
  if (full === undefined || nothing === undefined || newton?.kind !== "converged")
    throw new Error("models are judged when they have converged");
  const freedom = state.counts.n - coefficientCount(design, state);
  const dispersion = glmDispersion(design.model, { pearson: full.pearson, residualDf: freedom });
  if (!(dispersion > DISPERSION_MIN)) return { kind: "refused", refusal: { code: "perfect-fit", columns: [design.outcome] } };
  const fitted: Fitted = { design, state, judged, full, params: newton.params, dispersion, freedom };
  const errors = errorsOf(fitted, sum);
  if (errors === undefined) return { kind: "refused", refusal: { code: "collinear-column", columns: [] } };
  const own = ownUnits(design, state, { params: newton.params, covariance: errors.covariance });
  const result = { analysis: analysisOf({ fitted, errors, own, nothing, iterations: newton.iterations }, sum), model: own.model };
  return { kind: "done", result };
}

interface Fitted {
  readonly design: GlmDesign;
  readonly state: GlmPhase<"summary">;
  readonly judged: ReadonlyMap<string, Judged>;
  readonly full: Judged;
  readonly params: readonly number[];
  readonly dispersion: number;
  readonly freedom: number;
}

/** Coefficients of the mean: θ and dispersion apart, the hospitals' own intercepts included. */
const coefficientCount = (design: GlmDesign, { counts }: Pick<GlmKnown, "counts">): number =>
  design.features.length + (design.hasOwnIntercepts ? counts.siteCount : 1);

interface Errors {
  /** Of the fit's own coefficients. */
  readonly covariance: Float64Array;
  readonly told: GlmAnalysis["errors"];
  readonly reference: Reference;
}

function errorsOf({ design, state, full, dispersion, freedom }: Fitted, sum: Sum): Errors | undefined {
  const order = full.gradient.length;
  const bread = full.information;
  const sites = state.counts.siteCount;
  // A hospital alone has no variance between hospitals: what it sees for itself is the model's.
  const kind = design.errors === "site-clustered" && sites < 2 ? "model" : design.errors;
  if (kind === "model") {
    const inverse = sandwichCovariance(bread, bread, order);
    const reference: Reference = glmFamily(design.model, 1).hasDispersion ? { kind: "t", df: freedom } : { kind: "normal" };
    return inverse === undefined ? undefined : { covariance: inverse.map((value) => value * dispersion), told: { kind }, reference };
  }
  const middle = leadless(design, readMiddle(design, state, sum), order);
  const factor = kind === "site-clustered" ? clusterFactor(sites) : 1;
  const covariance = sandwichCovariance(bread, middle, order)?.map((value) => value * factor);
  const told = kind === "site-clustered" ? { kind, sites, factor } : { kind };
  return covariance === undefined ? undefined : { covariance, told, reference: { kind: "normal" } };
}

interface OwnUnits {
  readonly model: FrozenGlm;
  readonly covariance: Float64Array;
}

interface FitUnits {
  readonly params: readonly number[];
  readonly covariance: ArrayLike<number>;
}

/**
 * b = B c on standardised columns, βⱼ = f bⱼ / sⱼ, β₀ = f (b₀ − Σ bⱼ mⱼ / sⱼ) + shift; f and the shift undo the scale of the outcome.
 */
export function ownUnits(design: GlmDesign, { standardisation, scale }: GlmKnown, { params, covariance }: FitUnits): OwnUnits {
  const { means, standardDeviations, basis } = standardisation;
  const p = means.length;
  const lead = design.hasOwnIntercepts ? 0 : 1;
  const order = p + lead;
  const factor = design.model.family === "linear" ? scale.scale : design.model.link === "inverse" ? 1 / scale.scale : 1;
  const matrix = new Float64Array(order * order);
  if (lead === 1) matrix[0] = factor;
  for (let j = 0; j < p; j++) {
    for (let i = 0; i <= j; i++) {
      const slope = (factor * entry(basis, i * p + j)) / entry(standardDeviations, i);
      matrix[(i + lead) * order + j + lead] = slope;
      if (lead === 1) matrix[j + 1] = entry(matrix, j + 1) - slope * entry(means, i);
    }
  }
  const coefficients = Array.from({ length: order }, (_, i) => {
    const value = Array.from({ length: order }, (_, j) => entry(matrix, i * order + j) * entry(params, j)).reduce((a, b) => a + b, 0);
    return i < lead ? value + interceptShift(design, scale) : value;
  });
  const terms = lead === 1 ? [interceptName, ...design.names] : design.names;
  return { model: { terms, coefficients }, covariance: transformSymmetric(covariance, matrix, order) };
}

function interceptShift({ model }: GlmDesign, { centre, scale, offset }: GlmKnown["scale"]): number {
  if (model.family === "linear") return centre;
  return model.family === "gamma" ? (model.link === "log" ? Math.log(scale) : 0) : -offset;
}

interface Parts {
  readonly fitted: Fitted;
  readonly errors: Errors;
  readonly own: OwnUnits;
  readonly nothing: Judged;
  readonly iterations: number;
}

function analysisOf({ fitted, errors, own, nothing, iterations }: Parts, sum: Sum): GlmAnalysis {
  const { design, state, full, dispersion, freedom, params } = fitted;
  const { family } = design.model;
  const square = family === "linear" ? state.scale.scale ** 2 : 1;
  const { logLikelihood, aic } = glmLikelihood(design.model, {
    n: state.counts.n,
    weight: state.sums.weight,
    deviance: square * full.deviance,
    logLikelihood: full.logLikelihood,
    constant: state.sums.constant,
    parameterCount: coefficientCount(design, state),
  });
  const theta = hasTheta(design) ? Math.exp(entry(params, params.length - 1)) : undefined;
  return {
    ...knownAnalysis(design, state),
    iterations,
    outcome: "converged",
    terms: termsOf(design, own, errors.reference),
    errors: errors.told,
    residualDf: freedom,
    ...(glmFamily(design.model, 1).hasDispersion ? { dispersion: square * dispersion } : {}),
    ...(theta === undefined ? {} : { theta: { estimate: theta, standardError: theta / Math.sqrt(full.thetaInformation) } }),
    deviance: square * full.deviance,
    // Of a negative binomial family it would depend on whose θ it is taken at.
    ...(hasTheta(design) ? {} : { nullDeviance: square * nothing.deviance }),
    logLikelihood,
    aic,
    ...(family === "linear" ? { rSquared: 1 - full.deviance / nothing.deviance } : {}),
    ...(design.tests.length === 0 ? {} : { tests: testsOf(fitted, errors, own) }),
    ...(design.comparedFeature === undefined ? {} : { heterogeneity: heterogeneityOf(fitted, design.comparedFeature, sum) }),
  };
}

/** What counts and moments tell, whatever becomes of the fit. */
export function knownAnalysis(
  design: GlmDesign,
  { counts, standardisation }: Pick<GlmKnown, "counts"> & Partial<Pick<GlmKnown, "standardisation">>,
): Pick<GlmAnalysis, "kind" | "model" | "n" | "events" | "excluded" | "description" | "siteEffects"> {
  return {
    kind: "generalised-linear-model",
    model: design.model,
    n: counts.n,
    ...(isBinary(design) ? { events: counts.events } : {}),
    ...(design.hasOwnIntercepts ? { siteEffects: "fixed" } : {}),
    ...describeColumns(design, { n: counts.n, excluded: counts.excluded, standardisation }),
  };
}

function termsOf({ model }: GlmDesign, { model: { terms, coefficients }, covariance }: OwnUnits, reference: Reference): readonly GlmTerm[] {
  const errors = [...packedDiagonal(covariance, terms.length)].map(Math.sqrt);
  return terms.map((name, i) => {
    const [estimate, standardError] = [entry(coefficients, i), entry(errors, i)];
    const statistics = coefficientStatistics(estimate, standardError, reference);
    const isRatio = model.link === "log" || model.link === "logit";
    const [low, high] = statistics.ci95;
    const ratio = { estimate: Math.exp(estimate), ci95: [Math.exp(low), Math.exp(high)] as const };
    return { name, estimate, standardError, ...statistics, ...(isRatio ? { ratio } : {}) };
  });
}

function testsOf(fitted: Fitted, errors: Errors, own: OwnUnits): NonNullable<GlmAnalysis["tests"]> {
  const { design } = fitted;
  const all = design.features.map((_, j) => j);
  const test = (columns: readonly number[], reduced: string): GlmTest => testOf({ fitted, errors, own, columns, reduced });
  return {
    overall: test(all, "null"),
    terms: design.terms.map(({ name, columns }) => ({
      term: name,
      ...test(columns, columns.length === all.length ? "null" : `without ${name}`),
    })),
  };
}

interface TestRequest {
  readonly fitted: Fitted;
  readonly errors: Errors;
  readonly own: OwnUnits;
  readonly columns: readonly number[];
  /** The fit without them. */
  readonly reduced: string;
}

/** Wald's by the study's kind of errors; the other two by the model's, to whose likelihood they belong. */
function testOf({ fitted, errors, own, columns, reduced }: TestRequest): GlmTest {
  const { design, full, judged, dispersion, freedom } = fitted;
  const lead = design.hasOwnIntercepts ? 0 : 1;
  const byModel: Reference = glmFamily(design.model, 1).hasDispersion ? { kind: "t", df: freedom } : { kind: "normal" };
  const without = judged.get(reduced);
  const asks = (kind: GlmDesign["tests"][number]): boolean => design.tests.includes(kind);
  const told = (chisq: number | undefined, reference: Reference) =>
    chisq === undefined ? undefined : chiSquaredOrF(chisq, columns.length, reference);
  const block = columns.map((column) => column + lead);
  const wald = asks("wald") ? told(waldChiSquared(own.model.coefficients, own.covariance, block), errors.reference) : undefined;
  const rao = asks("score") && without !== undefined ? quadraticInverse(without.information, [...without.gradient]) : undefined;
  const score = told(rao === undefined ? undefined : rao / dispersion, byModel);
  const ratio = asks("likelihood-ratio") && without !== undefined ? told(drop(design, without, full) / dispersion, byModel) : undefined;
  return {
    ...(wald === undefined ? {} : { wald }),
    ...(score === undefined ? {} : { score }),
    ...(ratio === undefined ? {} : { likelihoodRatio: ratio }),
  };
}

/** Twice the log-likelihood that the larger model gains, times the dispersion. */
const drop = (design: GlmDesign, smaller: Judged, larger: Judged): number =>
  hasTheta(design) ? 2 * (larger.logLikelihood - smaller.logLikelihood) : smaller.deviance - larger.deviance;

/** Q and the likelihood ratio of one effect for all against one a hospital, and I² = (Q − df) / Q. */
function heterogeneityOf({ design, state, judged, full, dispersion, freedom }: Fitted, feature: string, sum: Sum): GlmHeterogeneity {
  const byHospital = judged.get("by hospital");
  const sites = state.counts.siteCount;
  const df = design.comparedColumns.length * (sites - 1);
  if (byHospital === undefined || df === 0) return { kind: "not-compared", feature };
  const { moved, squares } = readOwnEffects(design, state, sum);
  const lost = quadraticInverse(byHospital.information, [...moved.slice(1)]);
  if (lost === undefined) return { kind: "not-compared", feature };
  const reference: Reference = glmFamily(design.model, 1).hasDispersion ? { kind: "t", df: freedom } : { kind: "normal" };
  const q = chiSquaredOrF(Math.max(0, squares - lost) / dispersion, df, reference);
  return {
    kind: "compared",
    feature,
    sites,
    likelihoodRatio: chiSquaredOrF(Math.max(0, drop(design, full, byHospital)) / dispersion, df, reference),
    q,
    iSquared: q.chisq > df ? (q.chisq - df) / q.chisq : 0,
  };
}

/** Where hospitals have intercepts of their own, the sites' space has an empty place for one: it is taken out. */
function withoutLead(design: GlmDesign, judged: Judged): Judged {
  if (!design.hasOwnIntercepts) return judged;
  const order = judged.gradient.length - 1;
  return { ...judged, gradient: judged.gradient.slice(1), information: leadless(design, judged.information, order) };
}

function leadless(design: GlmDesign, packed: Float64Array, order: number): Float64Array {
  if (!design.hasOwnIntercepts) return packed;
  const out = new Float64Array(packedLength(order));
  for (let i = 0; i < order; i++) {
    for (let j = i; j < order; j++) out[packedIndex(order, i, j)] = entry(packed, packedIndex(order + 1, i + 1, j + 1));
  }
  return out;
}
