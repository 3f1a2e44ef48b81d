/** What left a hospital, in words: names of vectors and releases are the protocol's, and mean nothing to a clinician. */

import { type Text, text } from "@dure/kernel";
import { vectorWords } from "@dure/site";
import type { Edition } from "../edition.ts";
import type { LeftTheHospital } from "../report-options.ts";

/** Shorter than the words of a steward's preview, which stand for those that are not here. */
const VECTORS: ReadonlyMap<string, Text> = new Map([
  ["classes", text("counts by outcome", "결과별 환자 수")],
  ["excluded", text("counts left out by reason", "사유별 제외 수")],
  ["support", text("counts by variable and outcome", "변수와 결과별 환자 수")],
  ["foldClasses", text("counts by outcome and fifth", "5등분별 결과 수")],
  ["foldSupport", text("counts by variable, outcome and fifth", "5등분별 변수와 결과 수")],
  ["sums", text("sums", "합")],
  ["squares", text("sums of squares", "제곱합")],
  ["deviations", text("sums of deviations", "편차의 합")],
  ["products", text("sums of products", "곱의 합")],
  ["logLikelihood", text("log-likelihood", "로그 가능도")],
  ["gradient", text("gradient", "기울기 벡터")],
  ["information", text("Fisher information", "피셔 정보 행렬")],
  ["extremes", text("check for separation", "완전 분리 확인값")],
  ["negatives", text("histogram of scores without the outcome", "결과가 없는 환자의 점수 분포")],
  ["eventsByDay", text("events by group and day", "집단과 날짜별 사건 수")],
  ["censoredByDay", text("ends of follow-up by group and day", "집단과 날짜별 추적 종료 수")],
  ["followedToEnd", text("patients followed to the last day, by group", "마지막 날까지 추적된 집단별 환자 수")],
  ["hospitalsByGroup", text("whether each group has patients", "집단별 환자 유무")],
  ["expectedEvents", text("expected events by group", "집단별 기대 사건 수")],
  ["logRankCovariance", text("covariance of the log-rank test", "로그순위 검정의 공분산")],
  ["cases", text("counts of patients and events", "환자 수와 사건 수")],
  ["foldCases", text("counts of patients and events by fifth", "5등분별 환자 수와 사건 수")],
  ["eventTimeSquares", text("sum of squared times of events", "사건 시간의 제곱합")],
  ["pairs", text("pairs in the right, wrong and equal order", "순서가 맞는 쌍, 틀린 쌍, 같은 쌍의 수")],
  ["pairSquares", text("variance of the share of pairs", "쌍 비율의 분산")],
  ["timeGradient", text("gradient weighted by time", "시간 가중 기울기 벡터")],
  ["timeCross", text("Fisher information weighted by time", "시간 가중 피셔 정보 행렬")],
  ["timeInformation", text("Fisher information weighted by squared time", "시간 제곱 가중 피셔 정보 행렬")],
  ["positives", text("histogram of scores with the outcome", "결과가 있는 환자의 점수 분포")],
]);

const RELEASES: ReadonlyMap<string, Text> = new Map([
  ["headline", text("headline figures of its own", "병원 자체의 주요 수치")],
  ["local-model", text("own model, sealed to the external hospital", "자체 모형(외부 병원만 열 수 있게 봉인)")],
  ["baseline-hazard", text("baseline hazard", "기저 위험")],
]);

export function leftNames(edition: Edition, row: LeftTheHospital): string {
  const parts: string[] = [];
  if (row.vectors.length > 0) parts.push(`${edition.say(text("Masked sums", "가려진 합계 성분"))}: ${nameVectors(edition, row.vectors)}`);
  if (row.releases.length > 0) {
    const names = row.releases.map((release) => edition.say(RELEASES.get(release) ?? text(release, release)));
    parts.push(`${edition.say(text("Own release", "병원 자체 공개"))}: ${names.join(", ")}`);
  }
  return parts.length === 0 ? edition.say(text("Protocol messages without figures", "수치가 없는 절차 메시지")) : parts.join("; ");
}

/** A vector of one of several fits is named `fit/vector`; the fits are counted and their vectors named once. */
function nameVectors(edition: Edition, vectors: readonly string[]): string {
  const kinds = new Set(vectors.map((vector) => vector.slice(vector.lastIndexOf("/") + 1)));
  const fits = new Set(vectors.filter((vector) => vector.includes("/")).map((vector) => vector.slice(0, vector.lastIndexOf("/"))));
  const words = [...kinds].map((kind) => edition.say(VECTORS.get(kind) ?? vectorWords(kind))).join(", ");
  return fits.size < 2 ? words : `${words} ${edition.say(text(`(of ${fits.size} fits)`, `(적합 ${fits.size}건)`))}`;
}
