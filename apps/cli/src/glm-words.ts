/** What a generalised linear model is called. */

import type { GlmAnalysis } from "@dure/federation/coordinator";
import { type Text, text } from "@dure/kernel";

const NAMES: Readonly<Record<GlmAnalysis["model"]["family"], Text>> = {
  linear: text("linear regression", "선형 회귀"),
  logistic: text("logistic regression", "로지스틱 회귀"),
  poisson: text("Poisson regression", "포아송 회귀"),
  "negative-binomial": text("negative binomial regression", "음이항 회귀"),
  gamma: text("Gamma regression", "감마 회귀"),
};

export const glmName = ({ family }: GlmAnalysis["model"]): Text => NAMES[family];
