/** Names of a treatment effect's estimators, estimands and measures, for the report and the terminal. */

import type { Balance, EffectMeasure, TreatmentEffectEstimate } from "@dure/federation/coordinator";
import { type Text, text } from "@dure/kernel";

export const ESTIMATORS: Readonly<Record<TreatmentEffectEstimate["estimator"], Text>> = {
  iptw: text("Inverse propensity weights (IPTW)", "역확률 가중(IPTW)"),
  overlap: text("Overlap weights", "중첩 가중"),
  aipw: text("Augmented weighting (AIPW)", "증강 역확률 가중(AIPW)"),
  "g-computation": text("Standardisation (G-computation)", "표준화(G-계산)"),
};

export const ESTIMANDS: Readonly<Record<TreatmentEffectEstimate["estimand"], Text>> = {
  ate: text("in everybody", "전체 환자"),
  att: text("in the treated", "치료받은 환자"),
  ato: text("where treatments overlap", "두 치료가 모두 가능한 환자"),
};

export const MEASURES: Readonly<Record<EffectMeasure, Text>> = {
  "mean-difference": text("mean difference", "평균 차이"),
  "risk-difference": text("risk difference", "위험 차이"),
  "mean-ratio": text("ratio of means", "평균비"),
  "risk-ratio": text("risk ratio", "상대위험도"),
  "odds-ratio": text("odds ratio", "오즈비"),
  "hazard-ratio": text("hazard ratio", "위험비(HR)"),
};

export const SCHEMES: Readonly<Record<Balance["schemes"][number]["weights"], Text>> = {
  unweighted: text("unweighted", "가중 전"),
  iptw: text("IPTW", "IPTW"),
  overlap: text("overlap weights", "중첩 가중"),
};

export const ERRORS: Readonly<Record<TreatmentEffectEstimate["errors"], Text>> = {
  stacked: text("stacked equations (the models' own uncertainty counted)", "결합 추정방정식(모형의 불확실성 반영)"),
  "influence-function": text("influence function", "영향함수"),
};

export const isRatio = (measure: EffectMeasure): boolean => measure.endsWith("ratio");
