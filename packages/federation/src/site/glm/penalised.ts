/** One site's part of the penalised fits: sums at every point where one stands, and the deviance of rows that a fit had not seen. */

import { CompensatedVector, packedLength } from "@dure/numerics";
import type { Contribution, Influence } from "@dure/privacy";
import { type GlmContribution, type GlmRows, glmContribution, glmRowsOf, glmTerms } from "@dure/statistics";
import { type GlmDesign, siteOrder } from "../../coordinator/glm/design.ts";
import { startOf, unitOf } from "../../coordinator/glm/fits.ts";
import { askedPoints } from "../../coordinator/glm/penalised.ts";
import type { PenalisedFit } from "../../coordinator/glm/penalised-state.ts";
import type { GlmKnown, GlmPhase } from "../../coordinator/glm/state.ts";
import { withinBounds } from "./generalised-linear-model.ts";
import type { GlmTrainingRows } from "./rows.ts";

export function contributePath(design: GlmDesign, state: GlmPhase<"path">, { rows }: GlmTrainingRows): Contribution {
  const sums = withinBounds(design, state, glmContribution(design.model, rows, startOf(design, state.totals)));
  const unit = unitOf(design, state);
  return {
    vectors: new Map([["path/gradient", sums.gradient.map((value) => value / unit)]]),
    influence: [influenceOf(design, state, { sums, what: "path", rows })],
  };
}

export function contributePenalised(design: GlmDesign, state: GlmPhase<"penalised">, training: GlmTrainingRows): Contribution {
  const points = askedPoints(state.penalised);
  const order = siteOrder(design);
  const size = packedLength(order);
  const unit = unitOf(design, state);
  const vectors = {
    logLikelihood: new Float64Array(points.length),
    gradient: new Float64Array(points.length * order),
    information: new Float64Array(points.length * size),
    outside: new Float64Array(points.length),
  };
  const influence: Influence[] = [];
  points.forEach(({ leftOut, params }, i) => {
    const { sums, rows } = sumWithout(design, training, { leftOut, params });
    const own = withinBounds(design, state, sums);
    vectors.logLikelihood[i] = own.logLikelihood / unit;
    own.gradient.forEach((value, j) => {
      vectors.gradient[i * order + j] = value / unit;
    });
    own.information.forEach((value, j) => {
      vectors.information[i * size + j] = value / unit;
    });
    vectors.outside[i] = own.outsideCount;
    if (own.weightSum > 0) influence.push(influenceOf(design, state, { sums: own, what: "penalised", rows }));
  });
  return { vectors: new Map(Object.entries(vectors).map(([name, values]) => [`penalised/${name}`, values])), influence };
}

interface Asked {
  readonly leftOut: number | null;
  readonly params: readonly number[];
}

/** Rows of the other fifths: those before and those behind the one that is left out. */
function sumWithout({ model }: GlmDesign, { rows, foldStarts }: GlmTrainingRows, { leftOut, params }: Asked) {
  if (leftOut === null) return { sums: glmContribution(model, rows, params), rows };
  const [from = 0, to = 0] = [foldStarts[leftOut], foldStarts[leftOut + 1]];
  const before = glmContribution(model, rows, params, { from: 0, to: from });
  const behind = glmContribution(model, rows, params, { from: to, to: rows.rowCount });
  return { sums: added(before, behind), rows: { rowCount: rows.rowCount - (to - from) } };
}

function added(a: GlmContribution, b: GlmContribution): GlmContribution {
  const plus = (first: Float64Array, second: Float64Array): Float64Array => {
    const total = new CompensatedVector(first.length);
    total.add(first);
    total.add(second);
    return total.values;
  };
  return {
    logLikelihood: a.logLikelihood + b.logLikelihood,
    gradient: plus(a.gradient, b.gradient),
    information: plus(a.information, b.information),
    outsideCount: a.outsideCount + b.outsideCount,
    extremeCounts: [a.extremeCounts[0] + b.extremeCounts[0], a.extremeCounts[1] + b.extremeCounts[1]],
    weightSum: a.weightSum + b.weightSum,
    weightSquareSum: a.weightSquareSum + b.weightSquareSum,
    linearPredictorMax: Math.max(a.linearPredictorMax, b.linearPredictorMax),
  };
}

interface Behind {
  readonly sums: GlmContribution;
  readonly what: string;
  readonly rows: Pick<GlmRows, "rowCount">;
}

const influenceOf = (design: GlmDesign, { counts }: GlmKnown, { sums, what, rows }: Behind): Influence => ({
  what,
  rowCount: rows.rowCount,
  totalRowCount: counts.n,
  parameterCount: siteOrder(design),
  weightSum: sums.weightSum,
  weightSquareSum: sums.weightSquareSum,
  linearPredictorMax: sums.linearPredictorMax,
});

export function contributeJudged(design: GlmDesign, state: GlmPhase<"judged">, { rows, foldStarts }: GlmTrainingRows): Contribution {
  const { lambdas, fits } = state.penalised;
  const unit = unitOf(design, state);
  const devianceOf = (part: GlmRows, own: PenalisedFit | undefined) => {
    if (own?.fit.kind !== "converged") return { deviance: 0, outside: 0 };
    const { deviance, outsideCount: outside } = glmTerms(design.model, part, own.fit.params);
    return { deviance: deviance / unit, outside };
  };
  const whole = lambdas.map(
    (lambda) =>
      devianceOf(
        rows,
        fits.find((fit) => fit.lambda === lambda && fit.leftOut === null),
      ).deviance,
  );
  const vectors = new Map([["penalised/deviance", Float64Array.from(whole)]]);
  if (!design.hasFolds) return { vectors, influence: [] };
  const heldOut = lambdas.flatMap((lambda) =>
    foldStarts.slice(1).map((to, fold) => {
      const own = fits.find((fit) => fit.lambda === lambda && fit.leftOut === fold);
      return devianceOf(glmRowsOf(rows, { from: foldStarts[fold] ?? 0, to }), own);
    }),
  );
  vectors.set(
    "penalised/heldOutDeviance",
    Float64Array.from(heldOut, ({ deviance }) => deviance),
  );
  vectors.set(
    "penalised/heldOutOutside",
    Float64Array.from(heldOut, ({ outside }) => outside),
  );
  return { vectors, influence: [] };
}
