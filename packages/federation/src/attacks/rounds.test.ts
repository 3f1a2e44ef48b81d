/**
 * Many rounds solved for one patient: the only one who has two levels together.
 *
 * Every information matrix of a logistic regression has an entry for the two levels, Σ p (1 − p) over whoever has both. Where that is one
 * patient, the entry of a round at coefficients β is w = p (1 − p), so |β·x| = logit of the larger root of p (1 − p) = w. Coefficients are
 * public, so as many rounds as the patient has unknown columns are as many linear equations for these. Fits that leave a fold out are further
 * rounds; those of the patient's own fold have an entry of 0.
 */

import assert from "node:assert/strict";
import { test } from "node:test";
import { SeededRandom } from "@dure/kernel";
import { logistic, packedIndex } from "@dure/numerics";
import type { PhaseState } from "../coordinator/logistic/state.ts";
import { testStudy } from "../site/testing.ts";
import { dealOut, refusalOf, type WatchedRun, watchRun } from "./testing-attacks.ts";

const names = ["age", "marker", "ldl", "one", "other"];
const p = names.length;
/** Columns of which nothing is known of the patient. */
const unknown = 3;
const patient = 37;

function patients(together: number) {
  const random = new SeededRandom(8);
  return Array.from({ length: 900 }, (_, row) => {
    const hasBoth = row >= patient && row < patient + together;
    const one = Number(hasBoth || random.uniform() < 0.1);
    const other = hasBoth || (one === 0 && random.uniform() < 0.1) ? 1 : 0;
    const [age, marker, ldl] = [Math.round(60 + 10 * random.normal()), random.normal(), 3 + 0.8 * random.normal()];
    const eta = 0.04 * (age - 60) + 0.7 * marker - 0.4 * ldl + 0.8 * one - 0.6 * other;
    return { age, marker, ldl, one, other, y: Number(random.uniform() < logistic(eta - 0.5)) };
  });
}

/** β·x = ± distance, with β in the columns' own units, intercept first. */
interface Equation {
  readonly coefficients: readonly number[];
  readonly distance: number;
}

const isNewton = (state: unknown): state is PhaseState<"newton"> => (state as { phase?: string }).phase === "newton";

function equationsOf({ opened }: WatchedRun): readonly Equation[] {
  return opened.flatMap(({ state, sum }) =>
    isNewton(state)
      ? state.fits.flatMap(({ name, newton }): readonly Equation[] => {
          const information = sum.vectors.get(`${name}/information`);
          if (newton.kind !== "running" || information === undefined) return [];
          const own = fromFitColumns(state.standardisation);
          const weight = quadratic(information, own[3] ?? [], own[4] ?? []);
          if (!(weight > 1e-6 && weight < 0.25 - 1e-9)) return [];
          const root = Math.sqrt(1 - 4 * weight);
          return [{ coefficients: ownCoefficients(state.standardisation, newton.trial), distance: Math.log((1 + root) / (1 - root)) }];
        })
      : [],
  );
}

type Standardisation = PhaseState<"newton">["standardisation"];

/** Each column as a sum of a constant and the fit's columns u = z × basis. */
function fromFitColumns({ means, standardDeviations, basis }: Standardisation): readonly (readonly number[])[] {
  const inverse = new Float64Array(p * p);
  for (let j = 0; j < p; j++) {
    for (let i = j; i >= 0; i--) {
      let value = i === j ? 1 : 0;
      for (let k = i + 1; k <= j; k++) value -= (basis[i * p + k] ?? 0) * (inverse[k * p + j] ?? 0);
      inverse[i * p + j] = value / (basis[i * p + i] ?? 1);
    }
  }
  return names.map((_, column) => [
    means[column] ?? 0,
    ...Array.from({ length: p }, (_u, j) => (standardDeviations[column] ?? 1) * (inverse[j * p + column] ?? 0)),
  ]);
}

function quadratic(packed: Float64Array, a: readonly number[], b: readonly number[]): number {
  let total = 0;
  for (const [i, left] of a.entries()) {
    for (const [j, right] of b.entries()) total += left * right * (packed[packedIndex(p + 1, Math.min(i, j), Math.max(i, j))] ?? 0);
  }
  return total;
}

function ownCoefficients({ means, standardDeviations, basis }: Standardisation, trial: readonly number[]): readonly number[] {
  const slopes = names.map((_, i) => {
    const value = names.reduce((total, _name, j) => total + (basis[i * p + j] ?? 0) * (trial[j + 1] ?? 0), 0);
    return value / (standardDeviations[i] ?? 1);
  });
  return [slopes.reduce((total, slope, i) => total - slope * (means[i] ?? 0), trial[0] ?? 0), ...slopes];
}

/** Least squares by Gram-Schmidt, with β·x below 0 or above it in all rounds; the way that fits. */
function solve(equations: readonly Equation[]): readonly number[] {
  const tried = [-1, 1].map((sign) => {
    const rest = equations.map(({ coefficients: [intercept = 0, ...slopes], distance }) => {
      const known = slopes.slice(unknown).reduce((total, slope) => total + slope, intercept);
      return sign * distance - known;
    });
    const columns = Array.from({ length: unknown }, (_, j) => equations.map(({ coefficients }) => coefficients[j + 1] ?? 0));
    const upper: number[][] = [];
    const projections: number[] = [];
    for (let j = 0; j < unknown; j++) {
      const column = columns[j] ?? [];
      const norm = Math.hypot(...column);
      const unit = column.map((value) => value / norm);
      const dot = (other: readonly number[]): number => unit.reduce((total, value, i) => total + value * (other[i] ?? 0), 0);
      upper.push(columns.map((other, k) => (k < j ? 0 : k === j ? norm : dot(other))));
      for (let k = j + 1; k < unknown; k++) {
        const along = upper[j]?.[k] ?? 0;
        columns[k] = (columns[k] ?? []).map((value, i) => value - along * (unit[i] ?? 0));
      }
      const projection = dot(rest);
      projections.push(projection);
      for (const [i, value] of unit.entries()) rest[i] = (rest[i] ?? 0) - projection * value;
    }
    const found = new Array<number>(unknown).fill(0);
    for (let j = unknown - 1; j >= 0; j--) {
      const later = found.reduce((total, value, k) => (k > j ? total + value * (upper[j]?.[k] ?? 0) : total), 0);
      found[j] = ((projections[j] ?? 0) - later) / (upper[j]?.[j] ?? 1);
    }
    return { found, misfit: Math.hypot(...rest) };
  });
  return (tried.sort((a, b) => a.misfit - b.misfit)[0] ?? assert.fail()).found;
}

const study = (minimumCell: number) => testStudy({ outcome: "y", features: names, booleans: ["one", "other"] }, { minimumCell });

test("with the gate off, the rounds of a fit give all columns of the one patient who has two levels together", async () => {
  const rows = patients(1);
  const run = await watchRun(study(0), dealOut(rows));
  const equations = equationsOf(run);
  assert.ok(equations.length > unknown, `${equations.length} equations`);
  const [age = 0, marker = 0, ldl = 0] = solve(equations);
  const victim = rows[patient];
  assert.equal(Math.round(age), victim?.age);
  assert.ok(Math.abs(marker - (victim?.marker ?? 0)) < 1e-6);
  assert.ok(Math.abs(ldl - (victim?.ldl ?? 0)) < 1e-6);
});

test("with the gate on, two levels that fewer than k patients have together are refused before any such round; k are not", async () => {
  for (const together of [1, 4]) {
    const run = await watchRun(study(5), dealOut(patients(together)));
    assert.ok(run.end.kind === "refused" && run.opened.length === 1);
    assert.deepEqual(run.end.refusal, { code: "unsupported-column", columns: ["one", "other"] });
  }
  assert.equal(refusalOf(await watchRun(study(5), dealOut(patients(5)))), "not refused");
});
