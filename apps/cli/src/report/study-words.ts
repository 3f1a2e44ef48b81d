/** Plain words for studies on the research tables that ship with the product; any other study is shown by its own names. */

import { type Text, text } from "@dure/kernel";
import type { StudyWords } from "./report-options.ts";

/** What is needed of a study document. */
export interface StudyForWords {
  readonly title: string;
  readonly data: { readonly table: string; readonly variables: readonly { readonly name: string; readonly role: string }[] };
}

const BREAST_VARIABLES: ReadonlyMap<string, Text> = new Map([
  ["age10", text("Age, per 10 years", "나이, 10세 증가당")],
  ["size_ord", text("Tumour size, per category (≤20, 21–50, >50 mm)", "종양 크기, 한 범주 증가당 (≤20, 21–50, >50 mm)")],
  ["grade3", text("Grade 3, against 1–2", "조직학적 등급 3 (1–2 대비)")],
  ["lnodes", text("Positive lymph nodes, log(1 + count)", "양성 림프절 수, log(1 + 개수)")],
  ["age", text("Age", "나이")],
  ["size_cat", text("Tumour size", "종양 크기")],
  ["grade", text("Grade", "조직학적 등급")],
  ["nodes", text("Positive lymph nodes", "양성 림프절 수")],
  ["er_pos", text("Oestrogen receptor positive", "에스트로겐 수용체(ER) 양성")],
  ["pr_pos", text("Progesterone receptor positive", "프로게스테론 수용체(PR) 양성")],
  ["hormon", text("Hormone therapy", "호르몬 치료")],
  ["y5", text("Recurrence or death within five years", "5년 이내 재발 또는 사망")],
]);

const BREAST_TITLE = text(
  "Recurrence or death within five years of primary breast cancer",
  "원발성 유방암 진단 후 5년 이내 재발 또는 사망",
);

const BREAST_QUESTION = text(
  "Can what is known at diagnosis – age, tumour size, grade, lymph nodes, hormone receptors and hormone therapy – tell which patients will have a recurrence or die within five years?",
  "진단 시점에 알 수 있는 정보(나이, 종양 크기, 조직학적 등급, 림프절, 호르몬 수용체, 호르몬 치료)로 5년 이내에 재발하거나 사망할 환자를 예측할 수 있는가?",
);

/** Words for the breast registry; for other tables the document's own title and names. */
export function studyWords(study: StudyForWords): StudyWords {
  const outcomeVariable = study.data.variables.find((variable) => variable.role === "outcome" || variable.role === "event")?.name ?? "";
  const ofBreasts = study.data.table === "breast-registry";
  const isTreatment = study.data.variables.some((variable) => variable.role === "treatment");
  if (ofBreasts && outcomeVariable === "y5" && !isTreatment) {
    return {
      title: BREAST_TITLE,
      question: BREAST_QUESTION,
      outcome: text("recurrence or death within five years", "5년 이내 재발 또는 사망"),
      outcomeVariable,
      variables: BREAST_VARIABLES,
    };
  }
  const title = text(study.title, study.title);
  return {
    title,
    question: title,
    outcome: text(outcomeVariable, outcomeVariable),
    outcomeVariable,
    variables: ofBreasts && isTreatment ? BREAST_VARIABLES : new Map(),
  };
}
