/** What the rules between fields found, in words. */

import { type Text, text } from "@dure/kernel";
import type { Finding } from "./problem-report.ts";

const ROLE_NAMES: Readonly<Record<string, Text>> = {
  outcome: text("outcome", "결과(outcome)"),
  feature: text("feature", "특성(feature)"),
  time: text("time", "관찰 기간(time)"),
  event: text("event", "사건(event)"),
  group: text("group", "집단(group)"),
  entry: text("entry", "관찰 시작(entry)"),
  person: text("person", "환자(person)"),
  offset: text("offset", "오프셋(offset)"),
  weight: text("weight", "가중치(weight)"),
  treatment: text("treatment", "치료(treatment)"),
  stratum: text("stratum", "층(stratum)"),
  subgroup: text("subgroup", "하위 집단(subgroup)"),
  "negative-control": text("negative-control", "음성 대조 결과(negative-control)"),
};

const roleName = (role: string): Text => ROLE_NAMES[role] ?? text(role, role);

export const tooManyVariables = (found: number, most: number): Finding => ({
  code: "study/too-many-variables",
  what: text(`the study has ${found} variables; ${most} are allowed.`, `변수가 ${found}개입니다. 최대 ${most}개까지 쓸 수 있습니다.`),
  remedy: text("Leave variables out.", "변수를 줄이십시오."),
});

export const missingRole = (kind: string, role: string): Finding => ({
  code: "study/missing-role",
  what: text(
    `${kind} needs a variable with the role ${role}; there is none.`,
    `${kind} 분석에는 역할이 ${roleName(role).ko}인 변수가 필요하지만 없습니다.`,
  ),
  remedy: text(`Give one variable the role ${role}.`, `변수 하나의 role 항목을 ${role}(으)로 정하십시오.`),
});

export function roleNotTaken({ kind, role, most, found }: { kind: string; role: string; most: number; found: number }): Finding {
  const what =
    most === 0
      ? text(`${kind} takes no variable with the role ${role}.`, `${kind} 분석에서는 역할이 ${roleName(role).ko}인 변수를 쓰지 않습니다.`)
      : text(
          `${kind} takes at most ${most} with the role ${role}; there are ${found}.`,
          `${kind} 분석에서 역할이 ${roleName(role).ko}인 변수는 최대 ${most}개까지 쓸 수 있지만 ${found}개입니다.`,
        );
  return {
    code: most === 0 ? "study/role-not-used" : "study/too-many-of-role",
    what,
    remedy: text("Give this variable another role, or remove it.", "이 변수의 역할을 바꾸거나 변수를 지우십시오."),
  };
}

export const NO_GROUP: Finding = {
  code: "study/missing-role",
  what: text(
    "the log-rank test compares groups; no variable has the role group.",
    "로그순위 검정은 집단을 비교하지만 역할이 집단(group)인 변수가 없습니다.",
  ),
  remedy: text("Give one variable the role group, or remove the test.", "변수 하나의 role 항목을 group으로 정하거나 검정을 빼십시오."),
};

export const STRATA_OF_NO_TEST: Finding = {
  code: "study/strata-of-no-test",
  what: text(
    "strata say within what the groups are compared; no test is asked for.",
    "strata는 집단을 무엇 안에서 비교할지를 정하지만 요청한 검정이 없습니다.",
  ),
  remedy: text("Add test: log-rank, or remove strata.", "test: log-rank를 추가하거나 strata를 빼십시오."),
};

export const reservedName = (name: string): Finding => ({
  code: "study/reserved-name",
  what: text(`"${name}" is a word of the study document.`, `연구 문서에서 예약된 이름입니다: ${name}`),
  remedy: text("Rename the variable; `from` can name the column.", "변수 이름을 바꾸고, 열 이름은 from에 쓰십시오."),
});

export const wrongTypeOfRole = (found: { role: string; type: string; allowed: readonly string[] }): Finding => ({
  code: "study/wrong-type-of-role",
  what: text(
    `in this analysis a variable with the role ${found.role} is a ${found.allowed.join(" or ")}; this one is a ${found.type}.`,
    `이 분석에서 역할이 ${roleName(found.role).ko}인 변수의 형식은 ${found.allowed.join(" 또는 ")}이어야 하지만 ${found.type}입니다.`,
  ),
  remedy: text(
    "Correct the type; an expression in `from` can convert the column.",
    "형식을 고치십시오. from의 식으로 열을 변환할 수 있습니다.",
  ),
});

export const TENSOR_OUTSIDE_NETWORK: Finding = {
  code: "study/tensor-outside-network",
  what: text("a tensor is a variable of a network only.", "텐서 변수는 network 분석에서만 쓸 수 있습니다."),
  remedy: text("Use the kind network, or a boolean or number.", "분석 종류를 network로 정하거나 boolean 또는 number를 쓰십시오."),
};

export const ARRAY_OUTSIDE_NETWORK: Finding = {
  code: "study/array-outside-network",
  what: text("arrays are read for a network only.", "배열은 network 분석에서만 읽을 수 있습니다."),
  remedy: text("Use the kind network, or a research table.", "분석 종류를 network로 정하거나 연구 테이블을 쓰십시오."),
};

export const FROM_WITH_ARRAYS: Finding = {
  code: "study/from-with-arrays",
  what: text(
    "`from` is an expression over a table, but this study reads arrays.",
    "from은 테이블의 열에 대한 식이지만 이 연구는 배열을 읽습니다.",
  ),
  remedy: text("Remove `from`, and prepare the array.", "from을 지우고 배열을 미리 준비하십시오."),
};

export const ARRAY_MISSING: Finding = {
  code: "study/array-missing",
  what: text("this study reads arrays, but this variable names none.", "이 연구는 배열을 읽지만 이 변수에는 배열 이름이 없습니다."),
  remedy: text("Add `array: NAME`.", "array 항목을 추가하십시오."),
};

export const SHAPE_MISSING: Finding = {
  code: "study/shape-missing",
  what: text("a tensor needs the shape of one row.", "텐서 변수에는 한 행의 shape가 필요합니다."),
  remedy: text("Add, for example, `shape: [1, 28, 28]`.", "shape 항목을 추가하십시오(예: [1, 28, 28])."),
};

export const tensorOnly = (field: string): Finding => ({
  code: "study/tensor-field",
  what: text(`"${field}" belongs to a tensor; this variable is none.`, `텐서 변수에만 쓰는 항목입니다: ${field}`),
  remedy: text("Remove it.", "이 항목을 지우십시오."),
});

export const INCLUDE_WITH_ARRAYS: Finding = {
  code: "study/include-with-arrays",
  what: text(
    "`include` is an expression over a table, but this study reads arrays.",
    "include는 테이블의 열에 대한 식이지만 이 연구는 배열을 읽습니다.",
  ),
  remedy: text("Remove it, and prepare the arrays.", "이 항목을 지우고 배열을 미리 준비하십시오."),
};

export const VALIDATION_OUTSIDE_NETWORK: Finding = {
  code: "study/validation-outside-network",
  what: text("only a network uses validation rows.", "검증용(validation) 행은 network 분석에서만 씁니다."),
  remedy: text("Remove it; `holdout` keeps rows for the evaluation.", "이 항목을 지우십시오. 평가용 행은 holdout으로 정합니다."),
};

export const NOT_A_PREFIX: Finding = {
  code: "study/not-a-prefix",
  what: text(
    "for arrays this is the prefix of their names, such as test.",
    "배열을 읽는 연구에서는 배열 이름의 접두어(예: test)를 써야 합니다.",
  ),
  remedy: text("Write the prefix.", "접두어를 쓰십시오."),
};

export const NOT_ASCENDING: Finding = {
  code: "study/times-not-ascending",
  what: text("the times are not ascending, or one stands twice.", "시점이 오름차순이 아니거나 중복되어 있습니다."),
  remedy: text("Sort them, each once.", "중복 없이 오름차순으로 쓰십시오."),
};

export const beyondHorizon = (time: number, horizon: number): Finding => ({
  code: "study/time-beyond-horizon",
  what: text(`${time} days lie beyond the horizon of ${horizon} days.`, `시점 ${time}일이 분석 범위 ${horizon}일을 넘습니다.`),
  remedy: text("Remove the time, or raise horizonDays.", "시점을 빼거나 horizonDays를 늘리십시오."),
});

export const timeBins = (bins: number, most: number): Finding => ({
  code: "study/time-bins",
  what: text(
    `timeBinDays and horizonDays give ${bins} bins; 1 to ${most} are allowed, none wider than the horizon.`,
    `timeBinDays와 horizonDays로 정해지는 구간이 ${bins}개입니다. 1개부터 ${most}개까지, 구간의 폭은 분석 범위 이하여야 합니다.`,
  ),
  remedy: text("Change timeBinDays.", "timeBinDays를 바꾸십시오."),
});

export const MOMENTUM_OF_SGD: Finding = {
  code: "study/momentum-of-sgd",
  what: text("the optimiser sgd has no momentum.", "sgd 최적화에는 모멘텀이 없습니다."),
  remedy: text("Remove it, or use the optimiser momentum.", "이 항목을 지우거나 최적화 종류를 momentum으로 정하십시오."),
};

export const HIDDEN_CHARACTER: Finding = {
  code: "study/hidden-character",
  what: text(
    "this text holds a character that cannot be seen: a control character, or one that turns the direction of writing.",
    "보이지 않는 문자(제어 문자 또는 글 방향을 바꾸는 문자)가 들어 있습니다.",
  ),
  remedy: text("Type the text again.", "내용을 다시 입력하십시오."),
};
