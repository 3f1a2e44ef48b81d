/** Models that arrive as JSON: checked against the study before any row is scored with them. */

import type { JsonValue } from "@dure/kernel";
import { packedLength } from "@dure/numerics";
import type { StudyDocument } from "@dure/study";
import { coxDesign } from "../../coordinator/cox/design.ts";
import { foldCount } from "../../coordinator/folds.ts";
import type { BaselineCurve, FrozenCoxModel, FrozenCoxModels } from "../../cox-result.ts";
import { isList, isRecord, modelNotOfStudy } from "../model-json.ts";

/**
 * One model: the study's terms in the study's order, a finite coefficient and centre each.
 *
 * Fails: throws a DureError `federation/model-not-of-study` on anything else.
 */
export function parseCoxModel(study: StudyDocument, value: JsonValue | undefined): FrozenCoxModel {
  const { names } = coxDesign(study);
  const own = isRecord(value) ? value : {};
  const terms = own["terms"];
  if (!isList(terms) || terms.length !== names.length || !terms.every((name, j) => name === names[j])) throw modelNotOfStudy();
  const baseline = own["baseline"];
  return {
    terms: names,
    coefficients: numbers(own["coefficients"], names.length),
    centre: numbers(own["centre"], names.length),
    ...(baseline === undefined ? {} : { baseline: parseBaseline(baseline) }),
  };
}

/** A cumulative hazard: times ascend, and so does what is told at them. */
function parseBaseline(value: JsonValue): BaselineCurve {
  const { isInterpolated, points } = isRecord(value) ? value : {};
  if (typeof isInterpolated !== "boolean" || !isList(points)) throw modelNotOfStudy();
  const found = points.map((step) => {
    const [time = 0, cumulativeHazard = 0] = isRecord(step) ? numbers([step["time"] ?? null, step["cumulativeHazard"] ?? null], 2) : [-1];
    return { time, cumulativeHazard };
  });
  const isStep = ({ time, cumulativeHazard }: (typeof found)[number], i: number): boolean =>
    time > (found[i - 1]?.time ?? -1) && time >= 0 && cumulativeHazard >= (found[i - 1]?.cumulativeHazard ?? 0);
  if (!found.every(isStep)) throw modelNotOfStudy();
  return { isInterpolated, points: found };
}

/** The `models` of a frozen result: the full one, and none or five that leave a fold out. */
export function parseCoxModels(study: StudyDocument, result: JsonValue): FrozenCoxModels {
  const models = isRecord(result) ? result["models"] : undefined;
  const own = isRecord(models) ? models : {};
  const folds = own["folds"];
  if (!isList(folds) || (folds.length !== 0 && folds.length !== foldCount)) throw modelNotOfStudy();
  const full = parseCoxModel(study, own["full"]);
  const covariance = isRecord(own["full"]) ? own["full"]["covariance"] : undefined;
  const known = covariance === undefined ? full : { ...full, covariance: numbers(covariance, packedLength(full.terms.length)) };
  return { full: known, folds: folds.map((fold) => (fold === null ? null : parseCoxModel(study, fold))) };
}

function numbers(value: JsonValue | undefined, length: number): readonly number[] {
  const found = isList(value) ? value.filter((entry) => typeof entry === "number" && Number.isFinite(entry)).map(Number) : [];
  if (!isList(value) || value.length !== length || found.length !== length) throw modelNotOfStudy();
  return found;
}
