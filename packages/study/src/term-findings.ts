/** What the rules about the terms of a model, the causes of an event and the time grid found, in words. */

import { text } from "@dure/kernel";
import type { Finding } from "./problem-report.ts";

export const categoryOnly = (field: string): Finding => ({
  code: "study/category-field",
  what: text(`"${field}" belongs to a category; this variable is none.`, `범주형(category) 변수에만 쓰는 항목입니다: ${field}`),
  remedy: text("Remove it, or give the variable the type category.", "이 항목을 지우거나 형식을 category로 정하십시오."),
});

export const LEVELS_MISSING: Finding = {
  code: "study/levels-missing",
  what: text(
    "a category needs the list of its levels, so that every hospital has the same ones.",
    "범주형 변수에는 모든 병원이 똑같이 쓸 수준 목록이 필요합니다.",
  ),
  remedy: text("Add, for example, `levels: [I, II, III]`.", "levels 항목을 추가하십시오(예: levels: [I, II, III])."),
};

export const LEVEL_TWICE: Finding = {
  code: "study/level-twice",
  what: text("a level stands twice.", "같은 수준이 두 번 나옵니다."),
  remedy: text("Write each once.", "한 번씩만 쓰십시오."),
};

export const LEVELS_OF_TWO_TYPES: Finding = {
  code: "study/levels-of-two-types",
  what: text("some levels are texts and some are numbers.", "수준에 문자열과 숫자가 섞여 있습니다."),
  remedy: text('Write all in one way; "1" in quotes is a text.', '한 가지로 쓰십시오. 따옴표를 쓴 "1"은 문자열입니다.'),
};

export const REFERENCE_IS_NO_LEVEL: Finding = {
  code: "study/reference-is-no-level",
  what: text("the reference is none of the levels.", "기준(reference)이 수준 목록에 없습니다."),
  remedy: text("Name one of the levels.", "수준 가운데 하나를 쓰십시오."),
};

export const SPLINE_OF_NO_NUMBER: Finding = {
  code: "study/spline-of-no-number",
  what: text("only a feature that is a number has a spline.", "스플라인은 형식이 number인 특성에만 쓸 수 있습니다."),
  remedy: text("Remove it.", "이 항목을 지우십시오."),
};

export const KNOTS_NOT_ASCENDING: Finding = {
  code: "study/knots-not-ascending",
  what: text("the knots are not ascending, or one stands twice.", "매듭(knots)이 오름차순이 아니거나 중복되어 있습니다."),
  remedy: text("Sort them, each once.", "중복 없이 오름차순으로 쓰십시오."),
};

export const noSuchFeature = (name: string, features: readonly string[]): Finding => ({
  code: "study/no-such-feature",
  what: text(
    `"${name}" is no variable with the role feature; there are: ${features.join(", ")}.`,
    `역할이 특성(feature)인 변수가 아닙니다: ${name} (있는 특성: ${features.join(", ")})`,
  ),
  remedy: text("Name a feature.", "특성의 이름을 쓰십시오."),
});

export const FACTOR_TWICE: Finding = {
  code: "study/factor-twice",
  what: text("a feature stands twice in one product.", "하나의 교호작용에 같은 특성이 두 번 나옵니다."),
  remedy: text("Name each once; a spline bends a feature.", "한 번씩만 쓰십시오. 곡선 효과에는 spline을 쓰십시오."),
};

export const CAUSE_MISSING: Finding = {
  code: "study/cause-missing",
  what: text(
    "the event has several levels, but the study does not say which one is modelled.",
    "사건에 여러 수준이 있지만 어느 것을 분석할지 정하지 않았습니다.",
  ),
  remedy: text("Add `cause: LEVEL` to the analysis.", "analysis에 cause 항목을 추가하십시오."),
};

export const noSuchCause = (causes: readonly string[]): Finding => ({
  code: "study/no-such-cause",
  ...(causes.length === 0
    ? {
        what: text("the event is yes/no and has no causes.", "사건이 예/아니요 형식이어서 원인을 고를 수 없습니다."),
        remedy: text(
          "Remove the cause, or make the event a category with its levels.",
          "cause 항목을 지우거나, 사건을 수준이 있는 category로 바꾸십시오.",
        ),
      }
    : {
        what: text(
          `the cause is no level of the event; there are: ${causes.join(", ")}.`,
          `사건의 수준에 없는 원인입니다(있는 수준: ${causes.join(", ")}).`,
        ),
        remedy: text("Name a level other than the reference.", "기준이 아닌 수준을 쓰십시오."),
      }),
});

export const GRID_MISSING: Finding = {
  code: "study/grid-missing",
  what: text(
    "one baseline hazard for all hospitals needs a public time grid.",
    "모든 병원에 공통인 기저 위험에는 공개된 시간 격자가 필요합니다.",
  ),
  remedy: text(
    "Add horizonDays, or `strata: site` for a baseline hazard of each hospital's own.",
    "horizonDays를 추가하거나, 병원마다 기저 위험을 따로 두려면 strata: site를 쓰십시오.",
  ),
};

export const gridWithStrata = (field: string): Finding => ({
  code: "study/grid-with-strata",
  what: text(
    `with \`strata: site\` times stay in the hospital; \`${field}\` says nothing then.`,
    `strata: site에서는 시점이 병원 밖으로 나가지 않으므로 ${field} 항목을 쓰지 않습니다.`,
  ),
  remedy: text("Remove it.", "이 항목을 지우십시오."),
});
