/** What the gate holds back. Outside the hospital every reason is the one word `not-taking-part`; the reason stays in its own console. */

import { type Problem, type Text, text } from "@dure/kernel";
import type { Releasable } from "./releasable.ts";

export type GateReason =
  | "sums-used-up"
  | "too-few-rows"
  | "too-few-in-a-class"
  | "few-rows-dominate"
  | "too-many-parameters"
  | "linear-predictor-too-large"
  | "table-too-close"
  | "release-not-granted"
  | "release-cell-too-small"
  | "release-not-json";

export interface GateRefusal {
  readonly kind: "refused";
  /** All that anyone outside may learn. */
  readonly code: "not-taking-part";
  /** Code of the problem. For this hospital's own console and ledger only. */
  readonly detail: string;
  readonly problem: Problem;
}

export type GateAnswer<Value> = { readonly kind: "released"; readonly released: Releasable<Value> } | GateRefusal;

const explanations: Readonly<Record<GateReason, { readonly what: Text; readonly remedy: Text }>> = {
  "sums-used-up": {
    what: text("this run has used all the sums that the approval allows.", "이 실행은 승인된 합계 횟수를 모두 사용했습니다."),
    remedy: text("A new approval with a higher limit is needed to go on.", "계속하려면 더 높은 한도로 새로 승인해 주십시오."),
  },
  "too-few-rows": {
    what: text(
      "this hospital has fewer patients in the table than the minimum cell.",
      "이 병원의 분석 대상 환자 수가 최소 셀 크기보다 적습니다.",
    ),
    remedy: text("The hospital takes no part in this study.", "이 병원은 이 연구에 참여하지 않습니다."),
  },
  "too-few-in-a-class": {
    what: text(
      "an outcome class has fewer patients here than the minimum cell.",
      "이 병원에서 결과 범주 하나의 환자 수가 최소 셀 크기보다 적습니다.",
    ),
    remedy: text("The hospital takes no part in this study.", "이 병원은 이 연구에 참여하지 않습니다."),
  },
  "few-rows-dominate": {
    what: text(
      "so few patients carry the weight of this sum that single ones could be read from it: (Σw)²/Σw² is below max(10, 2p), or undefined.",
      "소수 환자의 가중치가 합계를 좌우하여 개별 환자가 드러날 수 있습니다. (Σw)²/Σw²가 max(10, 2p)보다 작거나 정의되지 않습니다.",
    ),
    remedy: text(
      "If it happens at the first rounds, the study has too many variables for this hospital; later, ask the coordinator's operator why the model moved there.",
      "초기 라운드라면 이 병원 규모에 비해 변수가 너무 많습니다. 이후 라운드라면 운영자에게 모형이 이렇게 바뀐 이유를 문의해 주십시오.",
    ),
  },
  "too-many-parameters": {
    what: text("the model has more coefficients than a third of all patients.", "모형의 계수가 전체 환자 수의 3분의 1보다 많습니다."),
    remedy: text("The study needs fewer variables.", "연구의 변수를 줄여야 합니다."),
  },
  "linear-predictor-too-large": {
    what: text(
      "the linear predictor of a row lies beyond ±30, or is undefined, under these coefficients.",
      "이 계수에서는 선형 예측값이 ±30을 벗어나거나 정의되지 않는 행이 있습니다.",
    ),
    remedy: text(
      "Check the units of the study's variables; if they are right, do not trust these coefficients.",
      "연구 변수의 단위를 확인해 주십시오. 단위가 맞다면 이 계수는 신뢰하지 않는 것이 좋습니다.",
    ),
  },
  "table-too-close": {
    what: text(
      "the table differs from an earlier one that left sums by at least one patient and fewer than the minimum cell.",
      "이전에 합계가 나간 표와 환자 구성이 최소 셀 크기 미만으로만 다릅니다.",
    ),
    remedy: text(
      "Wait for a data load that changes more patients, or use the earlier snapshot.",
      "더 많은 환자가 바뀐 자료를 적재하거나 이전 스냅샷을 사용해 주십시오.",
    ),
  },
  "release-not-granted": {
    what: text(
      "the study asks for an own release that the steward did not grant.",
      "관리자가 허용하지 않은 자체 공개 항목을 요청받았습니다.",
    ),
    remedy: text("Tick it in a new approval if it shall leave.", "공개하려면 새 승인에서 해당 항목을 선택해 주십시오."),
  },
  "release-cell-too-small": {
    what: text("a count in this own release is below the minimum cell.", "자체 공개 항목의 수치 중 최소 셀 크기보다 작은 것이 있습니다."),
    remedy: text(
      "Nothing was given. Merge bins until each holds enough patients.",
      "공개된 내용은 없습니다. 각 구간의 환자 수가 충분하도록 구간을 합쳐 주십시오.",
    ),
  },
  "release-not-json": {
    what: text("a figure in this own release is not a finite number.", "자체 공개 항목에 유한하지 않은 값이 있습니다."),
    remedy: text("Nothing was given. Report it with this code.", "공개된 내용은 없습니다. 이 코드와 함께 알려 주십시오."),
  },
};

export function refuse(reason: GateReason): GateRefusal {
  return holdBack({ code: `gate/${reason}`, severity: "error", place: {}, ...explanations[reason] });
}

export const holdBack = (problem: Problem): GateRefusal => ({ kind: "refused", code: "not-taking-part", detail: problem.code, problem });
