/** Models that arrive as JSON: checked against the study before any row is scored with them. */

import type { JsonValue } from "@dure/kernel";
import { packedLength } from "@dure/numerics";
import type { StudyDocument } from "@dure/study";
import { foldCount } from "../../coordinator/folds.ts";
import { logisticDesign } from "../../coordinator/logistic/design.ts";
import type { FrozenModel, FrozenModels } from "../../result.ts";
import { isList, isRecord, modelNotOfStudy } from "../model-json.ts";

/**
 * One model: the study's terms in the study's order, a finite coefficient each.
 *
 * Fails: throws a DureError `federation/model-not-of-study` on anything else.
 */
export function parseFrozenModel(study: StudyDocument, value: JsonValue | undefined): FrozenModel {
  const { terms } = logisticDesign(study);
  const own = isRecord(value) ? value : {};
  const [names, coefficients] = [own["terms"], own["coefficients"]];
  const isOfStudy = isList(names) && names.length === terms.length && names.every((name, j) => name === terms[j]);
  if (!isOfStudy || !isList(coefficients) || coefficients.length !== terms.length) throw modelNotOfStudy();
  const numbers = coefficients.filter((coefficient) => typeof coefficient === "number" && Number.isFinite(coefficient));
  if (numbers.length !== terms.length) throw modelNotOfStudy();
  return { terms, coefficients: numbers.map(Number) };
}

/** The `models` of a frozen result: the full one, and none or five that leave a fold out. */
export function parseFrozenModels(study: StudyDocument, result: JsonValue): FrozenModels {
  const models = isRecord(result) ? result["models"] : undefined;
  const own = isRecord(models) ? models : {};
  const folds = own["folds"];
  if (!isList(folds) || (folds.length !== 0 && folds.length !== foldCount)) throw modelNotOfStudy();
  const full = parseFrozenModel(study, own["full"]);
  const covariance = parseCovariance(own["full"], full.terms.length);
  return {
    full: { ...full, ...(covariance === undefined ? {} : { covariance }) },
    folds: folds.map((fold) => (fold === null ? null : parseFrozenModel(study, fold))),
  };
}

function parseCovariance(model: JsonValue | undefined, order: number): readonly number[] | undefined {
  const covariance = isRecord(model) ? model["covariance"] : undefined;
  if (covariance === undefined) return undefined;
  const numbers = isList(covariance) ? covariance.filter((value) => typeof value === "number" && Number.isFinite(value)).map(Number) : [];
  if (numbers.length !== packedLength(order)) throw modelNotOfStudy();
  return numbers;
}
