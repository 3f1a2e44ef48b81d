/** Models that arrive as JSON: checked against the study before any row is scored with them. */

import { DureError, type JsonValue, text } from "@dure/kernel";
import { packedLength } from "@dure/numerics";
import type { StudyDocument } from "@dure/study";
import { foldCount, logisticDesign } from "../../coordinator/logistic/design.ts";
import type { FrozenModel, FrozenModels } from "../../result.ts";

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

export function modelNotOfStudy(): DureError {
  return new DureError({
    code: "federation/model-not-of-study",
    severity: "error",
    place: {},
    what: text(
      "The model does not have this study's terms with one finite coefficient each.",
      "모형의 항목이 이 연구의 항목과 다르거나 유한한 계수가 항목마다 하나씩 있지 않습니다.",
    ),
    remedy: text(
      "Nothing was scored with it. Ask the coordinator's operator for the result of this study's own run.",
      "이 모형으로는 아무것도 계산하지 않았습니다. 코디네이터 담당자에게 이 연구의 실행 결과를 다시 요청해 주십시오.",
    ),
  });
}

export const isList = (value: JsonValue | undefined): value is readonly JsonValue[] => Array.isArray(value);

export const isRecord = (value: JsonValue | undefined): value is { readonly [key: string]: JsonValue | undefined } =>
  typeof value === "object" && value !== null && !Array.isArray(value);
