/** Reading a model that arrives as JSON. */

import { DureError, type JsonValue, text } from "@dure/kernel";

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
