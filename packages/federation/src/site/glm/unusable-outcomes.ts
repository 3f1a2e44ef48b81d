/** Rows that a generalised linear model cannot use, in words; see ../unusable-rows.ts. Never with a value. */

import { text } from "@dure/kernel";
import type { Words } from "../unusable-rows.ts";

export const NOT_A_COUNT: Words = {
  what: text("the outcome of a row is no whole number of at least 0.", "결과 값이 0 이상의 정수가 아닌 행이 있습니다."),
  remedy: text(
    "A Poisson or negative binomial model needs counts. Correct the expression, or leave such rows out with `include`.",
    "포아송 모형과 음이항 모형에는 횟수가 필요합니다. 식을 바로잡거나 `include` 로 해당 행을 제외해 주십시오.",
  ),
};

export const NOT_POSITIVE: Words = {
  what: text("the outcome of a row is not above 0.", "결과 값이 0보다 크지 않은 행이 있습니다."),
  remedy: text(
    "A Gamma model needs amounts above 0. Leave other rows out with `include`.",
    "감마 모형에는 0보다 큰 값이 필요합니다. `include` 로 해당 행을 제외해 주십시오.",
  ),
};

export const WEIGHT_NOT_POSITIVE: Words = {
  what: text("the weight of a row is not above 0.", "가중치가 0보다 크지 않은 행이 있습니다."),
  remedy: text(
    "Leave such rows out with `include`: a weight of 0 is a row that is not there, and one below 0 has no meaning.",
    "`include` 로 해당 행을 제외해 주십시오. 가중치 0은 없는 행과 같고, 음수 가중치는 의미가 없습니다.",
  ),
};
