/** A study in plain words, for a steward who reads no formula: what is asked, of whom, with which of our data, and what is done with it. */

import { type Text, text } from "@dure/kernel";
import type { StudyDocument, TreatmentEffect, Variable } from "@dure/study";

const purposes = {
  statistics: text("statistics", "통계 작성"),
  "scientific-research": text("scientific research", "과학적 연구"),
  "public-interest-archiving": text("archiving in the public interest", "공익적 기록 보존"),
} as const;

const analyses: Readonly<Record<StudyDocument["analysis"]["kind"], Text>> = {
  "logistic-regression": text(
    "A logistic regression: how the features together predict the outcome.",
    "로지스틱 회귀: 여러 특성이 함께 결과를 얼마나 예측하는지 봅니다.",
  ),
  cox: text(
    "A Cox regression: how the features change the rate of the event over time.",
    "콕스 회귀: 특성이 시간에 따른 사건 발생률에 미치는 영향을 봅니다.",
  ),
  "kaplan-meier": text(
    "Survival curves by group: what share of the patients has not had the event by each day. Hospitals give counts by day only.",
    "집단별 생존 곡선: 날짜별로 사건이 아직 발생하지 않은 환자의 비율을 봅니다. 병원은 날짜별 환자 수만 제공합니다.",
  ),
  describe: text(
    "A description of the patients: counts, means and quartiles of the features, by group.",
    "환자 기술 통계: 특성의 수, 평균, 사분위수를 집단별로 봅니다.",
  ),
  "incidence-rates": text(
    "Incidence rates: how many events there were per person-time, by group.",
    "발생률: 관찰한 인년당 사건이 몇 건 발생했는지 집단별로 봅니다.",
  ),
  "generalised-linear-model": text(
    "A regression model: how the features together explain the outcome.",
    "회귀 모형: 여러 특성이 함께 결과를 얼마나 설명하는지 봅니다.",
  ),
  "cumulative-incidence": text(
    "Cumulative incidence by cause: what share of the patients has had each kind of event by each day. Hospitals give counts by day only.",
    "원인별 누적 발생률: 날짜별로 각 종류의 사건이 발생한 환자의 비율을 봅니다. 병원은 날짜별 환자 수만 제공합니다.",
  ),
  "treatment-effect": text(
    "The effect of a treatment: how the outcome differs between treated and untreated patients who are otherwise alike.",
    "치료 효과: 다른 조건이 비슷한 환자들 사이에서 치료 여부에 따라 결과가 얼마나 다른지 봅니다.",
  ),
  "meta-analysis": text(
    "A meta-analysis: each hospital fits a model on its own rows; only pooled sums of the models' coefficients are seen.",
    "메타분석: 병원마다 자기 자료로 모형을 만들고, 모형 계수를 합친 값만 봅니다.",
  ),
  "boosted-trees": text("Boosted decision trees that predict the outcome.", "결과를 예측하는 부스팅 결정 나무를 만듭니다."),
  network: text("A neural network that predicts the outcome.", "결과를 예측하는 신경망을 학습합니다."),
};

const roles: Readonly<Record<Variable["role"], Text>> = {
  outcome: text("outcome", "결과"),
  feature: text("feature", "특성"),
  time: text("follow-up time", "추적 기간"),
  event: text("event", "사건"),
  group: text("group", "집단"),
  entry: text("start of follow-up", "추적 시작"),
  person: text("patient", "환자"),
  offset: text("offset", "오프셋"),
  weight: text("weight", "가중치"),
  treatment: text("treatment", "치료"),
  stratum: text("stratum", "층"),
  subgroup: text("subgroup", "하위 집단"),
  "negative-control": text("outcome that the treatment cannot cause", "치료와 무관한 음성 대조 결과"),
};

/** One sentence or line each, in the order in which a person would ask. */
export function studyInPlainWords(study: StudyDocument): readonly Text[] {
  const { minimumSites } = study.privacy.secureSum;
  const purpose = purposes[study.purpose];
  const analysis = analyses[study.analysis.kind];
  return [
    text(`Title: ${study.title}`, `제목: ${study.title}`),
    text(`Purpose: ${purpose.en}.`, `목적: ${purpose.ko}.`),
    analysis,
    text(
      `Patients: every row of the research table "${study.data.table}"${includeWords(study).en}.`,
      `대상: 연구용 표 "${study.data.table}"의 모든 행${includeWords(study).ko}.`,
    ),
    ...study.data.variables.map(variableWords),
    ...termWords(study),
    ...treatmentWords(study),
    ...missingWords(study),
    text(
      `Rows never leave this hospital. The coordinator sees only sums over at least ${minimumSites} hospitals.`,
      `환자 행은 병원 밖으로 나가지 않습니다. 코디네이터는 최소 ${minimumSites}개 병원의 합계만 봅니다.`,
    ),
    cellWords(study.privacy.minimumCell),
  ];
}

function includeWords(study: StudyDocument): Text {
  const { include } = study.data;
  return include === undefined ? text("", "") : text(` for which ${include}`, ` 중 ${include} 인 행`);
}

function variableWords(variable: Variable): Text {
  const role = roles[variable.role];
  const { name, levels, spline, reference = levels?.[0] } = variable;
  const from = variable.from === undefined || variable.from === name ? "" : ` = ${variable.from}`;
  const among = levels === undefined ? text("", "") : text(`: ${levels.join(", ")}`, `: ${levels.join(", ")}`);
  // Of an event one level says that there was none: read in another order it would turn a study around.
  const none =
    variable.role !== "event" || levels === undefined ? text("", "") : text(`; no event: ${reference}`, `; 사건 없음: ${reference}`);
  const bent = spline === undefined ? text("", "") : text(", as a curve", ", 곡선으로 봄");
  return text(
    `  ${name}${from} (${role.en}${among.en}${none.en}${bent.en})`,
    `  ${name}${from} (${role.ko}${among.ko}${none.ko}${bent.ko})`,
  );
}

function missingWords({ data: { missing } }: StudyDocument): readonly Text[] {
  switch (missing?.method ?? "complete-case") {
    case "complete-case":
      return [];
    case "single-imputation":
      return [
        text(
          "Patients who lack a feature stay in: its mean or most frequent level over the hospitals is put in, and the model is told where.",
          "특성이 결측인 환자도 포함합니다. 병원 전체의 평균이나 가장 흔한 수준을 채우고, 채운 곳을 모형에 알립니다.",
        ),
      ];
    case "multiple-imputation":
      return [
        text(
          "Patients who lack a feature stay in: it is drawn several times from models of the other variables over the hospitals. What is drawn stays in the hospital.",
          "특성이 결측인 환자도 포함합니다. 병원 전체에서 구한 다른 변수의 모형으로 여러 번 뽑아 채우며, 뽑은 값은 병원 밖으로 나가지 않습니다.",
        ),
      ];
  }
}

/** What the model does with them beyond one effect each. */
function termWords({ analysis }: StudyDocument): readonly Text[] {
  const products = "interactions" in analysis ? (analysis.interactions ?? []) : [];
  if (products.length === 0) return [];
  const list = products.map((names) => names.join(" × ")).join(", ");
  return [text(`  Effects that depend on each other: ${list}`, `  서로 영향을 주는 특성: ${list}`)];
}

const estimators: Readonly<Record<TreatmentEffect["estimators"][number], Text>> = {
  iptw: text("weights by the inverse probability of the treatment that they had", "받은 치료의 확률의 역수로 가중"),
  overlap: text("weights by the probability of the other treatment", "받지 않은 치료의 확률로 가중"),
  aipw: text("weights and a model of the outcome together", "가중치와 결과 모형을 함께 사용"),
  "g-computation": text("a model of the outcome under either treatment", "치료별 결과 모형으로 예측"),
};

/** How patients are made alike. */
function treatmentWords({ analysis }: StudyDocument): readonly Text[] {
  if (analysis.kind !== "treatment-effect") return [];
  const [en, ko] = [
    analysis.estimators.map((own) => estimators[own].en).join("; "),
    analysis.estimators.map((own) => estimators[own].ko).join("; "),
  ];
  const own = analysis.siteTerms
    ? text(", each hospital's own readiness to treat taken out inside it", ", 병원마다 다른 치료 경향은 병원 안에서 보정")
    : text("", "");
  return [
    text(`  Patients are made alike by: ${en}`, `  환자를 비슷하게 맞추는 방법: ${ko}`),
    text(`  Who is treated is modelled over all hospitals together${own.en}.`, `  치료 여부의 모형은 모든 병원이 함께 만듭니다${own.ko}.`),
  ];
}

const cellWords = (minimumCell: number): Text =>
  minimumCell === 0
    ? text("No smallest cell: the study says that its data are public.", "최소 셀 없음: 공개 자료를 쓰는 연구라고 되어 있습니다.")
    : text(`No figure about fewer than ${minimumCell} patients is shown.`, `환자 ${minimumCell}명 미만에 대한 수치는 보이지 않습니다.`);
