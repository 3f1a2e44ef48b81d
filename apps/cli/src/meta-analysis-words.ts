/** Which hospitals a meta-analysis pools, and what kept the others out, in words. */

import type { MetaAnalysis } from "@dure/federation/coordinator";
import { type Text, text } from "@dure/kernel";

const REASONS: ReadonlyMap<string, Text> = new Map([
  ["too-few-rows", text("too few patients", "환자 수 부족")],
  ["too-few-events", text("too few events", "사건 수 부족")],
  ["one-class", text("one outcome only", "한 가지 결과만 있음")],
  ["no-events", text("no event", "사건 없음")],
  ["constant-column", text("a variable without variation", "값이 모두 같은 변수")],
  ["collinear-column", text("a variable that follows from the others", "다른 변수로 결정되는 변수")],
  ["separated", text("separation", "완전 분리")],
  ["not-converged", text("the fit did not settle", "적합이 수렴하지 않음")],
  ["unsupported-column", text("a level of fewer patients than the minimum cell", "최소 셀보다 환자가 적은 수준")],
  ["other", text("another reason", "기타 사유")],
]);

/** Never which hospital: only sums over hospitals are known. */
export function leftOutWords({ fitted, left }: MetaAnalysis["hospitals"]): Text {
  const count = left.reduce((total, { hospitals }) => total + hospitals, 0);
  if (count === 0) {
    return text(`The own fits of all ${fitted} hospitals entered.`, `${fitted}개 병원 모두의 자체 모형이 포함되었습니다.`);
  }
  const list = (language: "en" | "ko"): string =>
    left.map(({ reason, hospitals }) => `${REASONS.get(reason)?.[language] ?? reason} ${hospitals}`).join(", ");
  return text(
    `The own fits of ${fitted} hospitals entered; ${count} had none (${list("en")}), and their patients are in no figure.`,
    `${fitted}개 병원의 자체 모형이 포함되었습니다. ${count}개 병원은 자체 모형이 없어(${list("ko")}) 그 환자는 어떤 수치에도 포함되지 않았습니다.`,
  );
}
