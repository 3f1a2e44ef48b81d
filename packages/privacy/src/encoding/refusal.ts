/** What cannot be encoded or decoded, said by name. The entry's value is never part of the message: it is the hospital's. */

import { DureError, type Place, type Text, text } from "@dure/kernel";

export type EncodingReason =
  | "malformed-layout"
  | "layout-too-large"
  | "bound-too-large"
  | "vectors-differ-from-layout"
  | "wrong-vector-length"
  | "not-a-number"
  | "infinite"
  | "beyond-bound"
  | "not-a-multiple"
  | "wrong-byte-length"
  | "sum-is-noise"
  | "sum-beyond-bound";

export interface EncodingPlace {
  readonly vector?: string;
  /** Counts from 0. */
  readonly entryIndex?: number;
}

const askAnalysis = text(
  "This is a fault of the analysis, not of the data; report it with this code.",
  "자료가 아니라 분석 쪽의 오류입니다. 이 코드와 함께 알려 주십시오.",
);
const newAttempt = text("The sum is thrown away; a new attempt may be started.", "이 합계는 폐기됩니다. 다시 시도할 수 있습니다.");
const checkData = text("Check this variable's values and units at this hospital.", "이 병원에서 해당 변수의 값과 단위를 확인해 주십시오.");

const problems: Readonly<Record<EncodingReason, { readonly what: Text; readonly remedy: Text }>> = {
  "malformed-layout": {
    what: text(
      "the layout of the sum is malformed: names must be distinct, lengths whole and at least 1, bounds positive.",
      "합계의 구성이 잘못되었습니다. 이름은 서로 달라야 하고, 길이는 1 이상의 정수, 한계값은 양수여야 합니다.",
    ),
    remedy: askAnalysis,
  },
  "layout-too-large": { what: text("the sum has more than 1 GiB of entries.", "합계의 항목이 1GiB를 넘습니다."), remedy: askAnalysis },
  "bound-too-large": {
    what: text(
      "the declared bound times the number of sites does not fit the encoding.",
      "선언된 한계값에 참여 기관 수를 곱한 값이 인코딩 범위를 벗어납니다.",
    ),
    remedy: askAnalysis,
  },
  "vectors-differ-from-layout": {
    what: text(
      "the contribution does not hold exactly the vectors that the layout names.",
      "기여 벡터가 구성에 적힌 벡터와 일치하지 않습니다.",
    ),
    remedy: askAnalysis,
  },
  "wrong-vector-length": {
    what: text("the vector is not as long as the layout says.", "벡터의 길이가 구성에 적힌 길이와 다릅니다."),
    remedy: askAnalysis,
  },
  "not-a-number": { what: text("the entry is not a number (NaN).", "항목이 숫자가 아닙니다(NaN)."), remedy: checkData },
  infinite: { what: text("the entry is infinite.", "항목이 무한대입니다."), remedy: checkData },
  "beyond-bound": {
    what: text("the entry lies beyond the vector's public bound.", "항목이 벡터의 공개 한계값을 벗어납니다."),
    remedy: checkData,
  },
  "not-a-multiple": { what: text("the entry is not a whole multiple of 2^-30.", "항목이 2^-30의 정수배가 아닙니다."), remedy: askAnalysis },
  "wrong-byte-length": {
    what: text("the encoded sum does not have the length that the layout gives.", "인코딩된 합계의 길이가 구성과 맞지 않습니다."),
    remedy: newAttempt,
  },
  "sum-is-noise": {
    what: text(
      "the constant entry does not add up to the number of sites: masks did not cancel, because the sites were not shown the same state.",
      "상수 항목의 합이 참여 기관 수와 다릅니다. 기관들이 서로 다른 상태를 전달받아 마스크가 상쇄되지 않았습니다.",
    ),
    remedy: newAttempt,
  },
  "sum-beyond-bound": {
    what: text(
      "an entry of the sum lies beyond the number of sites times the bound.",
      "합계의 항목이 참여 기관 수와 한계값의 곱을 벗어납니다.",
    ),
    remedy: newAttempt,
  },
};

/** A vector that must not leave, or a sum that must not be believed. */
export class EncodingRefusal extends DureError {
  readonly reason: EncodingReason;
  readonly vector: string | undefined;
  readonly entryIndex: number | undefined;

  constructor(reason: EncodingReason, place: EncodingPlace = {}) {
    super({ code: `encoding/${reason}`, severity: "error", place: describe(place), ...problems[reason] });
    this.name = "EncodingRefusal";
    this.reason = reason;
    this.vector = place.vector;
    this.entryIndex = place.entryIndex;
  }
}

function describe({ vector, entryIndex }: EncodingPlace): Place {
  if (vector === undefined) return {};
  return { path: entryIndex === undefined ? `vector "${vector}"` : `vector "${vector}" entry ${entryIndex}` };
}
