/** One site's sums for one fit, at the point where the fit stands. */

import {
  type GlmContribution,
  type GlmRows,
  glmContribution,
  invertUpper,
  type OwnDirections,
  profileContribution,
} from "@dure/statistics";
import type { GlmDesign } from "../../coordinator/glm/design.ts";
import type { GlmFit, GlmKnown } from "../../coordinator/glm/state.ts";
import { intoSites, subspaceOf } from "../../coordinator/glm/subspace.ts";

export interface FitRequest {
  readonly state: GlmKnown;
  readonly rows: GlmRows;
  readonly fit: GlmFit;
}

export interface SummedFit {
  readonly contribution: GlmContribution;
  /** In a comparison of hospitals: these rows have an effect of their own. */
  readonly hasEffect: boolean;
}

export function sumFit(design: GlmDesign, { state, rows, fit }: FitRequest): SummedFit {
  const params = sitesPoint(design, state, fit);
  if (!design.hasOwnIntercepts) return { contribution: glmContribution(design.model, rows, params), hasEffect: true };
  const { contribution, own } = profileContribution(design.model, rows, params, directionsOf(design, state, fit));
  // Whose own effect runs away is told by a mark of its own, not as rows outside, which would ask for a step back.
  const hasEffect = own !== undefined;
  return { contribution: fit.isByHospital && !hasEffect ? { ...contribution, outsideCount: 0 } : contribution, hasEffect };
}

/** The point of a fit in the space of all columns: where it stands, or where it ended. */
export function sitesPoint(design: GlmDesign, { standardisation }: GlmKnown, { newton, columns }: GlmFit): readonly number[] {
  if (newton.kind !== "running" && newton.kind !== "converged") throw new Error("a fit without an answer asks for no sums");
  return intoSites(subspaceOf(design, standardisation, columns), newton.kind === "running" ? newton.trial : newton.params);
}

/** Own directions: the intercept's, and in a comparison of hospitals those of the compared columns. */
export function directionsOf(design: GlmDesign, { standardisation }: GlmKnown, fit: GlmFit): OwnDirections {
  if (!fit.isByHospital) return { slopes: [] };
  const p = design.features.length;
  const inverse = invertUpper(standardisation.basis, p);
  return { slopes: design.comparedColumns.map((column) => [0, ...Array.from({ length: p }, (_, i) => inverse[i * p + column] ?? 0)]) };
}
