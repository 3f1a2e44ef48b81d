/** What a Cox study with one baseline hazard says before any row is seen. Equal at every party. */

import { binCount, type TimeGrid } from "@dure/statistics";
import type { StudyDocument } from "@dure/study";
import { type CoxDesign, coxDesign } from "../cox/design.ts";

export interface PooledDesign extends CoxDesign {
  readonly grid: TimeGrid;
  /** Bins of the grid, with that of time 0. */
  readonly binCount: number;
}

/**
 * Persons who tell two neighbouring risk sets apart, at least. Their sums of weights and weighted columns, 1 + p figures, are opened at each
 * point of a fit, all of the same persons: q points give q (1 + p) figures of as many unknown rows of p columns. With 20 persons the
 * unknown outnumber the figures up to q = 20 p / (1 + p), some ten points even with one column, and a fit takes five to eight.
 */
const PERSONS_A_STEP_MIN = 20;

/** Fails: RangeError on a study that is no such regression: the study's schema admits none. */
export function pooledDesign(study: StudyDocument): PooledDesign {
  const design = coxDesign(study);
  if (design.grid === undefined) throw new RangeError("a baseline hazard for all hospitals needs a public grid");
  return { ...design, grid: design.grid, binCount: binCount(design.grid) };
}

/** 0 with public data. */
export const personsAStep = ({ minimumCell }: PooledDesign): number => (minimumCell === 0 ? 0 : Math.max(minimumCell, PERSONS_A_STEP_MIN));

/** Points at which a fit may ask for sums over risk sets: fewer figures than there are unknown. */
export const pointsMax = (design: PooledDesign): number => {
  const p = design.features.length;
  return design.minimumCell === 0 ? Number.POSITIVE_INFINITY : Math.floor((personsAStep(design) * p) / (1 + p));
};
