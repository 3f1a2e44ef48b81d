/** What was missing and what was done about it, in words. */

import type { MissingValuesReport, MissingVariable } from "@dure/federation/coordinator";
import { type Text, text } from "@dure/kernel";

export function methodWords({ method, imputations, iterations, seed }: MissingValuesReport): Text {
  return method === "single-imputation"
    ? text(
        "Missing values were filled in once, with the mean or the most frequent level over the hospitals together; a column of the model says where.",
        "결측값은 병원 전체의 평균이나 가장 흔한 수준으로 한 번 채웠고, 채운 곳을 나타내는 열을 모형에 넣었습니다.",
      )
    : text(
        `Missing values were drawn ${imputations} times from models of the other variables and the outcome (chained equations of sums, ${iterations} iterations, seed ${seed}); the results were combined by Rubin's rules.`,
        `결측값은 다른 변수와 결과로 만든 모형에서 ${imputations}번 뽑아 채웠고(합계에 의한 연쇄 방정식, 반복 ${iterations}회, 시드 ${seed}), 결과는 루빈의 규칙으로 합쳤습니다.`,
      );
}

export function filledWords({ filledWith, indicator, model }: MissingVariable): Text {
  if (model !== undefined) return MODELS[model];
  const value = typeof filledWith === "number" ? String(Number(filledWith.toPrecision(5))) : String(filledWith ?? "–");
  const yesNo = typeof filledWith === "boolean" ? (filledWith ? text("yes", "예") : text("no", "아니요")) : text(value, value);
  const how = indicator === undefined ? text("once", "한 번") : INDICATORS[indicator];
  return text(`${yesNo.en}, ${how.en}`, `${yesNo.ko}, ${how.ko}`);
}

const MODELS: Readonly<Record<NonNullable<MissingVariable["model"]>, Text>> = {
  linear: text("drawn, linear model", "선형 모형에서 뽑음"),
  logistic: text("drawn, logistic model", "로지스틱 모형에서 뽑음"),
  "nested-dichotomies": text(
    "drawn, a logistic model for each level against those behind it",
    "수준마다 뒤의 수준과 비교하는 로지스틱 모형에서 뽑음",
  ),
};

const INDICATORS: Readonly<Record<NonNullable<MissingVariable["indicator"]>, Text>> = {
  kept: text("with a column that says where", "채운 곳을 나타내는 열 있음"),
  "too-few-rows": text("without such a column: too few rows", "해당 열 없음: 행 수가 너무 적음"),
  "one-hospital": text("without such a column: it would tell one hospital apart", "해당 열 없음: 한 병원이 구별될 수 있음"),
  "same-rows-as-another": text("the column of another variable says where", "다른 변수의 열이 같은 곳을 나타냄"),
};

/** Variables that some hospital has of none of its patients; undefined where there is none. */
export function absentWords(variables: readonly MissingVariable[], nameOf: (variable: string) => string): Text | undefined {
  const absent = variables.filter(({ hospitalsWithout = 0 }) => hospitalsWithout > 0);
  if (absent.length === 0) return undefined;
  const list = (language: "en" | "ko"): string =>
    absent
      .map(({ variable, hospitalsWithout }) =>
        language === "en"
          ? `${nameOf(variable)} (${hospitalsWithout} of the hospitals)`
          : `${nameOf(variable)} (병원 ${hospitalsWithout}곳)`,
      )
      .join(", ");
  return text(
    `Wholly absent somewhere: ${list("en")}. What stands there comes from the other hospitals' patients alone; whose it is only the hospital itself sees, in its preview.`,
    `전혀 없는 병원이 있는 변수: ${list("ko")}. 그곳에 채운 값은 다른 병원 환자에서만 나온 것입니다. 어느 병원인지는 그 병원의 미리보기에서만 볼 수 있습니다.`,
  );
}
