/**
 * The two rounds that give every estimate its standard error: how the estimates move with the fitted models (D of statistics/causal/influence.ts),
 * and then the sums of products of the patients' shares in the error. The first also sums those with the weights taken as known.
 *
 * Bounds: as for the totals; nothing public bounds a weight.
 */

import { packedIndex, packedLength } from "@dure/numerics";
import type { Sum, SumLayout, VectorLayout } from "@dure/privacy";
import { momentsBound } from "../standardisation.ts";
import { entry, readVector } from "../sum-reading.ts";
import { type Block, blocksOf } from "./blocks.ts";
import type { TreatmentDesign } from "./design.ts";
import type { BlockSlopes, ModelFit, TreatmentPhase } from "./state.ts";

const wide = (name: string, length: number): VectorLayout => ({ name, length, encoding: "wide", bound: momentsBound });

/** Blocks whose errors follow a fitted model. */
const followsModel = ({ model }: Block): boolean => model !== "none";

export const asksForSlopes = (design: TreatmentDesign, counts: TreatmentPhase<"slopes">["counts"]): boolean =>
  blocksOf(design, counts).some(followsModel);

export function slopesLayout(design: TreatmentDesign, { counts, fits }: TreatmentPhase<"slopes">): SumLayout {
  const vectors = blocksOf(design, counts)
    .filter(followsModel)
    .flatMap(({ name, model, targets }) => [
      wide(`${name}/slopes`, targets.length * covarianceOf(fits, model).order),
      wide(`${name}/fixedInfluence`, packedLength(targets.length)),
    ]);
  return { vectors };
}

export function readSlopes(design: TreatmentDesign, { counts, fits }: TreatmentPhase<"slopes">, sum: Sum): readonly BlockSlopes[] {
  return blocksOf(design, counts).map(({ name, model, targets }) => {
    if (model === "none") return { directions: [], fixed: [] };
    const { order, covariance } = covarianceOf(fits, model);
    const slopes = readVector(sum, `${name}/slopes`, targets.length * order);
    const directions = targets.flatMap((_, i) => times(covariance, slopes.slice(i * order, (i + 1) * order)));
    return { directions, fixed: readVector(sum, `${name}/fixedInfluence`, packedLength(targets.length)) };
  });
}

export const influenceLayout = (design: TreatmentDesign, { counts }: TreatmentPhase<"influence">): SumLayout => ({
  vectors: blocksOf(design, counts).map(({ name, targets }) => wide(`${name}/influence`, packedLength(targets.length))),
});

export const readInfluence = (design: TreatmentDesign, { counts }: TreatmentPhase<"influence">, sum: Sum): readonly (readonly number[])[] =>
  blocksOf(design, counts).map(({ name, targets }) => readVector(sum, `${name}/influence`, packedLength(targets.length)));

function covarianceOf(
  fits: readonly ModelFit[],
  model: Block["model"],
): { readonly order: number; readonly covariance: readonly number[] } {
  const newton = fits.find(({ name }) => name === model)?.newton;
  if (newton?.kind !== "converged") throw new Error("errors are summed of models that converged");
  return { order: newton.params.length, covariance: newton.covariance };
}

/** A x for a packed symmetric A. */
function times(packed: readonly number[], x: readonly number[]): readonly number[] {
  const order = x.length;
  return x.map((_, i) =>
    x.reduce((total, value, j) => total + value * entry(packed, i <= j ? packedIndex(order, i, j) : packedIndex(order, j, i)), 0),
  );
}
