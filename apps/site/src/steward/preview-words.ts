/** What each vector and each own release holds, in a sentence for a steward who reads no formula. */

import { type Text, text } from "@dure/kernel";
import type { StudyDocument } from "@dure/study";

/** By the vector's name, or by what stands behind the slash where each fitted model has its own. */
const vectors: Readonly<Record<string, Text>> = {
  classes: text("patients without and with the outcome", "결과가 없는 환자 수와 있는 환자 수"),
  excluded: text("rows left out, by reason", "사유별 제외 행 수"),
  support: text("patients by level of each variable", "변수 수준별 환자 수"),
  foldClasses: text("the same by fifth of the patients", "환자를 다섯으로 나눈 묶음별 결과 유무 환자 수"),
  foldSupport: text("patients by level, by fifth of the patients", "환자를 다섯으로 나눈 묶음별 변수 수준 환자 수"),
  sums: text("total of each variable", "변수별 합계"),
  squares: text("total of each variable's squares", "변수별 제곱의 합계"),
  deviations: text("total distance from the common mean", "공통 평균과의 차이의 합계"),
  products: text("totals of products of two variables", "두 변수의 곱의 합계"),
  logLikelihood: text("how well the present model fits", "현재 모형의 적합도"),
  gradient: text("in which direction the model should move", "모형을 움직일 방향"),
  information: text("how sure that direction is", "그 방향의 확실성"),
  extremes: text("patients whom the model is almost certain about", "모형이 거의 확신하는 환자 수"),
  cases: text("patients, and those with the event", "환자 수와 사건이 발생한 환자 수"),
  foldCases: text("the same by fifth of the patients", "환자를 다섯으로 나눈 묶음별 환자 수와 사건 수"),
  eventTimeSquares: text("total of the squared follow-up times of patients with the event", "사건이 발생한 환자의 추적 기간 제곱의 합계"),
  pairs: text(
    "pairs of this hospital's patients that the model puts in the right and the wrong order",
    "이 병원 환자 두 명씩의 쌍 가운데 모형이 순서를 맞힌 수와 틀린 수",
  ),
  pairSquares: text("how uncertain the share of such pairs is", "그 비율의 불확실성"),
  timeGradient: text("whether the effect of a variable changes over time", "변수의 영향이 시간에 따라 변하는 정도"),
  timeCross: text("how that goes with the effects themselves", "그 변화와 영향 자체의 관계"),
  timeInformation: text("how sure that is", "그 변화의 확실성"),
  negatives: text("patients without the outcome, by predicted risk", "결과가 없는 환자의 예측 위험 분포"),
  positives: text("patients with the outcome, by predicted risk", "결과가 있는 환자의 예측 위험 분포"),
  hospitalsByLevel: text("whether this hospital has patients at each level", "이 병원에 수준별 환자가 있는지 여부"),
  patientsByPair: text(
    "whether this hospital has enough patients who tell two levels apart",
    "두 수준을 서로 구분하는 환자가 이 병원에 충분한지 여부",
  ),
  squaredErrors: text("how far predicted risks are from what happened, in total", "예측 위험과 실제 결과의 차이의 합계"),
  subgroups: text("patients with and without the outcome, by subgroup", "하위 집단별 결과 유무 환자 수"),
  patientsByCell: text("patients by group and stratum", "집단과 층별 환자 수"),
  eventsByCell: text("events by group and stratum", "집단과 층별 사건 수"),
  patientsWithEvent: text("patients with the event, by group and stratum", "집단과 층별 사건이 발생한 환자 수"),
  hospitalsByCell: text("whether this hospital has patients of each group and stratum", "이 병원에 집단과 층별 환자가 있는지 여부"),
  personTime: text("total days of follow-up, by group and stratum", "집단과 층별 추적 일수의 합계"),
  groupSizes: text("patients by group", "집단별 환자 수"),
  levelCounts: text("patients by level of each variable, by group", "집단별, 변수 수준별 환자 수"),
  numberSupport: text("patients by whether they differ in a number, by group", "집단별로 숫자 값이 서로 다른 환자 수"),
  hospitalsByNumber: text("whether this hospital has values of each number, by group", "이 병원에 집단별 숫자 값이 있는지 여부"),
  squaredDeviations: text("total of the squared distances from it", "그 차이의 제곱의 합계"),
  valuesByBin: text("patients by interval of each number, near its quartiles", "사분위수 부근 숫자 구간별 환자 수"),
  valuesByGroup: text("patients by interval of each number, by group", "집단별, 숫자 구간별 환자 수"),
  eventsByDay: text("patients with the event, by group and day of the event", "집단과 사건 발생일별 환자 수"),
  censoredByDay: text("patients whose follow-up ended without it, by group and day", "집단과 추적 종료일별 사건 없는 환자 수"),
  causesByDay: text("patients with each kind of event, by group and day of the event", "사건의 종류, 집단, 발생일별 환자 수"),
  rows: text("rows, where a patient may have several", "행 수(한 환자가 여러 행을 가질 수 있는 경우)"),
  eventsByBin: text("patients with the event, by day", "사건 발생일별 환자 수"),
  leftByBin: text("patients whose follow-up ended without it, by day", "추적 종료일별 사건 없는 환자 수"),
  enteredByBin: text("patients who came, or whose values changed, by day", "추적을 시작했거나 값이 바뀐 환자 수(날짜별)"),
  eventsByInterval: text("patients with the event, by interval of several days", "여러 날을 묶은 구간별 사건 발생 환자 수"),
  leftByInterval: text("patients whose follow-up ended without it, by interval", "구간별 추적이 끝난 환자 수"),
  enteredByInterval: text("patients who came, or whose values changed, by interval", "구간별로 추적을 시작했거나 값이 바뀐 환자 수"),
  riskWeights: text(
    "total predicted hazard of the patients still followed, by interval of enough patients",
    "환자가 충분한 구간별, 추적 중인 환자의 예측 위험 합계",
  ),
  riskSums: text("totals of their variables, weighted by it, by interval", "구간별, 그 위험으로 가중한 변수 합계"),
  tiedWeights: text("total predicted hazard of the patients with the event, by interval", "구간별, 사건이 발생한 환자의 예측 위험 합계"),
  tiedSums: text("totals of their variables, weighted by it, by interval", "구간별, 사건이 발생한 환자의 가중한 변수 합계"),
  eventSums: text("total of each variable over the patients with the event", "사건이 발생한 환자의 변수별 합계"),
  spread: text("totals of products of two variables, weighted by hazard", "위험으로 가중한 두 변수의 곱의 합계"),
  followedToEnd: text("patients followed beyond the last day, by group", "마지막 날 이후까지 추적된 집단별 환자 수"),
  hospitalsByGroup: text("whether this hospital has patients of each group", "이 병원에 집단별 환자가 있는지 여부"),
  expectedEvents: text(
    "events expected in each group if all groups of this hospital were alike",
    "이 병원의 모든 집단이 같다고 볼 때 집단별 기대 사건 수",
  ),
  logRankCovariance: text("how sure these are", "그 기대 수의 확실성"),
  ownFits: text("whether this hospital's rows alone carry the model", "이 병원 자료만으로 모형을 만들 수 있는지 여부"),
  ownFitsLeftOut: text("if not, why", "만들 수 없다면 그 사유"),
  errorExponents: text(
    "size of the standard errors of this hospital's own coefficients, to a power of two",
    "이 병원 자체 계수의 표준오차 크기(2의 거듭제곱 단위)",
  ),
  precisions: text("weight of this hospital's own coefficients", "이 병원 자체 계수의 가중치"),
  weightedEstimates: text("this hospital's own coefficients, weighted", "이 병원 자체 계수에 가중치를 곱한 값"),
  heterogeneity: text(
    "how far this hospital's own coefficients lie from the hospitals' mean",
    "이 병원 자체 계수가 전체 병원 평균에서 벗어난 정도",
  ),
  betweenHospitals: text(
    "the same under a supposed variance between hospitals, until the sums agree with it",
    "병원 간 분산을 가정한 같은 값. 합계와 맞을 때까지 되풀이",
  ),
  rowsAndCases: text("patients, and those with the outcome or event", "환자 수와 결과 또는 사건이 있는 환자 수"),
  missing: text("patients without a value, by variable", "변수별 결측 환자 수"),
  missingTogether: text("patients without a value of two variables at once", "두 변수가 함께 결측인 환자 수"),
  hospitalsByPresence: text("which variables this hospital has and lacks", "이 병원에 있는 변수와 결측이 있는 변수"),
  hospitalsByKnownLevel: text("which levels this hospital has", "이 병원에 있는 수준"),
  modelRows: text("patients that the model of each missing variable can be made of", "결측 변수별 모형에 쓸 수 있는 환자 수"),
  modelMissing: text("patients of these who lack another variable", "그 가운데 다른 변수가 결측인 환자 수"),
  modelColumns: text("patients of these by level of each variable", "그 가운데 변수 수준별 환자 수"),
  modelDifferences: text("by how many patients two such models differ", "두 모형에 쓰인 환자가 다른 수"),
  modelHospitals: text("whether this hospital has such patients", "이 병원에 그런 환자가 있는지 여부"),
  modelColumnHospitals: text("whether it has such patients of each level", "수준별로 그런 환자가 있는지 여부"),
  presentDeviations: text("spread of each variable around the common mean", "공통 평균을 중심으로 한 변수의 퍼짐"),
  imputationProducts: text(
    "totals of products of two variables, seen and drawn values alike",
    "두 변수의 곱의 합계(관찰값과 뽑은 값 모두 포함)",
  ),
  imputationLikelihood: text("how well the models of missing variables fit", "결측 변수 모형의 적합도"),
  imputationGradient: text("in which direction these models should move", "그 모형을 움직일 방향"),
  imputationInformation: text("how sure that direction is", "그 방향의 확실성"),
  imputationExtremes: text("patients whom these models are almost certain about", "그 모형이 거의 확신하는 환자 수"),
  levels: text("patients by level of each variable, where it is known", "값이 있는 환자의 변수 수준별 수"),
  presentSums: text("total of each variable that some patients lack", "결측이 있는 변수의 합계"),
  arms: text("patients, untreated and treated", "비치료 환자 수와 치료 환자 수"),
  hospitalsByArm: text("whether this hospital has untreated and treated patients", "이 병원에 비치료 환자와 치료 환자가 있는지 여부"),
  armOutcomes: text(
    "of these, those with the outcome (of a number: those off its most frequent value)",
    "그 가운데 결과가 발생한 환자 수(숫자이면 최빈값과 다른 환자 수)",
  ),
  jointSupport: text("patients by treatment, level and outcome", "치료 여부, 수준, 결과별 환자 수"),
  controlsByArm: text("patients with each negative control, by treatment", "치료 여부별, 음성 대조 결과가 발생한 환자 수"),
  levelsByArm: text("patients by subgroup and treatment", "하위 집단과 치료 여부별 환자 수"),
  levelOutcomes: text("of these, those with the outcome", "그 가운데 결과가 발생한 환자 수"),
  hospitalsByLevelArm: text(
    "whether this hospital has patients of each subgroup and treatment",
    "이 병원에 하위 집단과 치료 여부별 환자가 있는지 여부",
  ),
  propensityBounds: text("patients whose treatment the model is certain of", "모형이 치료 여부를 확신하는 환자 수"),
  propensitiesByArm: text("patients by probability of treatment, untreated and treated", "치료 확률 구간별 비치료 환자 수와 치료 환자 수"),
  balanceWeights: text("total of the patients' weights, by treatment", "치료 여부별 환자 가중치의 합계"),
  balanceSums: text("weighted total of each variable, by treatment", "치료 여부별, 변수의 가중 합계"),
  balanceSquares: text("weighted total of each variable's squares, by treatment", "치료 여부별, 변수 제곱의 가중 합계"),
  numerators: text("weighted or predicted outcomes, in total", "가중하거나 예측한 결과의 합계"),
  denominators: text("weights of the patients that these are of", "그 환자들의 가중치 합계"),
  weightedEvents: text("weights of patients with the event, by interval of time", "기간별, 사건이 발생한 환자의 가중치 합계"),
  weightedAtRisk: text("weights of patients still followed, by interval of time", "기간별, 추적 중인 환자의 가중치 합계"),
  weightSquaresAtRisk: text("their squares", "그 가중치의 제곱합"),
  hazard: text("how the weighted event rates of the two treatments compare", "두 치료의 가중 사건 발생률 비교"),
  slopes: text("how an effect would move with the model of treatment or outcome", "치료나 결과 모형에 따라 효과가 움직이는 정도"),
  fixedInfluence: text("how uncertain an effect is, if the weights were known", "가중치를 안다고 할 때 효과의 불확실성"),
  influence: text("how uncertain an effect is", "효과의 불확실성"),
  outcomeRows: text(
    "patients, by whether the outcome occurred where it is a yes or a count",
    "환자 수 (결과가 예/아니요 또는 횟수이면 발생 여부별)",
  ),
  foldRows: text("the same by fifth of the patients", "환자를 다섯으로 나눈 묶음별 환자 수"),
  hospitalsVarying: text("whether this hospital's patients differ in each variable", "변수마다 이 병원 환자의 값이 서로 다른지 여부"),
  outcome: text("totals of the outcome, the offset and the weight", "결과, 오프셋, 가중치의 합계"),
  outcomeSpread: text("how much the outcome varies, in total", "결과의 변동 합계"),
  exposure: text("total exposure", "노출량의 합계"),
  outside: text("patients for whom the present model has no mean", "현재 모형으로 평균을 구할 수 없는 환자 수"),
  withoutEffect: text(
    "whether this hospital's patients alone show no effect of the compared variable",
    "이 병원 환자만으로 비교 변수의 효과를 구할 수 없는지 여부",
  ),
  judged: text("how far the finished model is from the outcomes, in total", "완성된 모형과 결과의 차이의 합계"),
  ownEffects: text(
    "how this hospital's effect of the compared variable differs, to be added to the others'",
    "비교 변수의 효과가 이 병원에서 얼마나 다른지 (다른 병원과 합산용)",
  ),
  ownEffectSquares: text("the square of that", "그 제곱"),
  scoreProducts: text("totals of squared distances, for robust standard errors", "강건 표준오차를 위한 차이 제곱의 합계"),
  clusterProducts: text(
    "the square of this hospital's total distance, to be added to the others'",
    "이 병원 차이 합계의 제곱 (다른 병원과 합산용)",
  ),
  deviance: text("how far each model is from the outcomes, in total", "모형별 결과와의 차이 합계"),
  heldOutDeviance: text("the same on the fifth of the patients that the model had not seen", "모형이 보지 않은 5분의 1 환자에서의 같은 값"),
  heldOutOutside: text("patients of that fifth whom the model cannot place", "그 묶음에서 모형이 예측할 수 없는 환자 수"),
};

const unknown = text("sums that the analysis asks for", "분석에 필요한 합계");

export const vectorWords = (name: string): Text => vectors[name.slice(name.lastIndexOf("/") + 1)] ?? unknown;

export const releaseWords = {
  headline: (study: StudyDocument, minimumCell: number): Text =>
    text(
      `in this hospital's name: number of patients and of outcomes, AUC with its standard error, precision, error${askedWords(study).en}${binsWords(minimumCell).en}`,
      `이 병원 이름으로 공개: 환자 수와 결과 발생 수, AUC와 표준오차, 정밀도, 오차${askedWords(study).ko}${binsWords(minimumCell).ko}`,
    ),
  localModel: text(
    "the coefficients of a model fitted on this hospital's patients alone, readable only by the validating hospitals, not by the coordinator",
    "이 병원 환자만으로 구한 모형의 계수. 검증 병원만 읽을 수 있고 코디네이터는 읽을 수 없음",
  ),
  numberFit: text(
    "in this hospital's name: number of patients, how much of the outcome's variance the model explains and whether its means are right; nothing if the patients are fewer than the smallest cell",
    "이 병원 이름으로 공개: 환자 수, 모형이 설명하는 결과의 분산 비율과 예측 평균의 정확도. 환자 수가 최소 셀 미만이면 공개하지 않음",
  ),
  patients: text(
    "in this hospital's name: number of patients; nothing if it is below the smallest cell",
    "이 병원 이름으로 공개: 환자 수. 최소 셀 미만이면 공개하지 않음",
  ),
  counts: text(
    "in this hospital's name: number of patients and of events; nothing if either is below the smallest cell",
    "이 병원 이름으로 공개: 환자 수와 사건 수. 어느 하나라도 최소 셀 미만이면 공개하지 않음",
  ),
  concordance: (study: StudyDocument): Text =>
    text(
      `in this hospital's name: number of patients and of events, how well the model orders its patients (C with its standard error)${askedWords(study).en}, and how well its predicted risks are borne out at the study's times (AUC, Brier score, calibration by risk group); nothing of a time or group with fewer patients than the smallest cell`,
      `이 병원 이름으로 공개: 환자 수와 사건 수, 모형이 환자의 순서를 맞히는 정도(C 지수와 표준오차)${askedWords(study).ko}, 연구에서 정한 시점의 예측 위험 정확도(AUC, 브라이어 점수, 위험군별 보정). 최소 셀 미만인 시점과 위험군은 공개하지 않음`,
    ),
  baselineHazard: (minimumCell: number): Text =>
    minimumCell === 0
      ? text(
          "in this hospital's name: its baseline hazard at the study's times, even where few events lie between two of them",
          "이 병원 이름으로 공개: 연구에서 정한 시점의 기저 위험 (시점 사이의 사건 수와 관계없이)",
        )
      : text(
          `in this hospital's name: its baseline hazard at the study's times, with at least ${minimumCell} events between two of them; it travels with the headline and needs that release too`,
          `이 병원 이름으로 공개: 연구에서 정한 시점의 기저 위험. 시점 사이에 사건이 ${minimumCell}건 이상 있을 때만 공개하며, headline 공개도 함께 허용해야 전달됨`,
        ),
} as const;

/** What the study asks for besides. */
function askedWords(study: StudyDocument): Text {
  const { thresholds, decisionCurve, leaveOneSiteOut } = study.evaluation;
  const subgroups = study.data.variables.filter(({ role }) => role === "subgroup").map(({ name }) => name);
  const parts = [
    ...(thresholds === undefined && decisionCurve !== true ? [] : [text("decisions at thresholds of risk", "위험 기준별 판단 결과")]),
    ...(subgroups.length === 0 ? [] : [text(`the same by ${subgroups.join(", ")}`, `${subgroups.join(", ")}별 성능`)]),
    ...(leaveOneSiteOut === true ? [text("the same of the model without this hospital", "이 병원을 뺀 모형의 성능")] : []),
  ];
  return text(parts.map(({ en }) => `, ${en}`).join(""), parts.map(({ ko }) => `, ${ko}`).join(""));
}

const binsWords = (minimumCell: number): Text =>
  minimumCell === 0
    ? text(", calibration by risk group", ", 위험군별 보정")
    : text(
        `, calibration by risk group of at least ${minimumCell} patients; nothing if any of these is below ${minimumCell}`,
        `, ${minimumCell}명 이상 위험군별 보정. 이 가운데 ${minimumCell}명 미만인 것이 있으면 공개하지 않음`,
      );
