/** Words that several parts of the quality report use. */

import type { CheckResult, NotApplicableReason, Severity } from "@dure/clinical/quality";
import { placeOf, wordsOf } from "@dure/clinical/quality";
import { type Language, type Text, text } from "@dure/kernel";
import { formatInteger } from "../format.ts";
import type { FaultGroup } from "./groups.ts";

export const SEVERITY_WORDS: Readonly<Record<Severity, { readonly label: Text; readonly meaning: Text }>> = {
  fatal: {
    label: text("Fatal", "치명적"),
    meaning: text(
      "The data break the structure of OMOP; analyses go wrong or stop.",
      "자료가 OMOP 구조에 어긋나 분석이 틀리거나 멈춥니다.",
    ),
  },
  convention: {
    label: text("Convention", "규칙 위반"),
    meaning: text(
      "A rule of OMOP is broken; patients are missed when hospitals are compared.",
      "OMOP 규칙에 어긋나 병원 간 비교에서 환자가 빠질 수 있습니다.",
    ),
  },
  characterization: {
    label: text("Unlikely", "의심 값"),
    meaning: text(
      "The structure is sound, but the records look unlikely; look before you use them.",
      "구조는 맞지만 값이 이상해 보입니다. 사용하기 전에 확인해 주십시오.",
    ),
  },
};

export const REASON_WORDS: Readonly<Record<NotApplicableReason, Text>> = {
  "table-missing": text("the table is not there", "테이블이 없음"),
  "field-missing": text("the field is not there", "필드가 없음"),
  "table-empty": text("the table is empty", "테이블이 비어 있음"),
  "field-unpopulated": text("no row has a value in the field", "필드에 값이 있는 행이 없음"),
  "concept-absent": text("the concept does not occur", "개념이 나타나지 않음"),
  "no-conditions": text("there are no diagnoses", "진단이 없음"),
};

/** At least one decimal; a small share never prints as 0. */
export function formatShare(percent: number): string {
  if (percent === 0) return "0 %";
  if (percent < 0.1) return "<0.1 %";
  return percent > 99.9 && percent < 100 ? ">99.9 %" : `${percent.toFixed(1)} %`;
}

/** `64,717 of 65,332 (99.1 %)`: never a share without its count. */
export function formatFaults({ counts }: CheckResult, percent: number, language: Language): string {
  if (counts === undefined) return "–";
  const [violated, all] = [formatInteger(counts.violatedCount), formatInteger(counts.denominatorCount)];
  return language === "ko" ? `${all} 중 ${violated} (${formatShare(percent)})` : `${violated} of ${all} (${formatShare(percent)})`;
}

/** Field, and the concept with its name where the check is of one. */
export function describePlace({ check, conceptName }: CheckResult): string {
  const concept = check.conceptIds === undefined ? "" : ` ${conceptName ?? check.conceptIds.join(", ")}`;
  return `${check.field ?? placeOf(check)}${concept === "" ? "" : `:${concept}`}`;
}

/** What to do about rows that point at nothing depends on what they should point at. */
const REFERENCE_REMEDIES: Readonly<Record<string, Text>> = {
  person: text(
    "Exclude rows of patients that are not loaded, with a reason, or load the patients' file in full.",
    "적재되지 않은 환자의 행은 사유를 적어 제외하거나, 환자 파일을 모두 적재해 주십시오.",
  ),
  visit_occurrence: text(
    "Load the visits of the same period. Where a row has no visit, leave the field empty: 0 points at nothing too.",
    "같은 기간의 방문을 적재해 주십시오. 방문이 없는 행은 비워 두십시오. 0도 존재하지 않는 방문을 가리킵니다.",
  ),
  visit_detail: text(
    "Leave the field empty where there is no visit detail: 0 points at nothing too.",
    "방문 상세가 없으면 비워 두십시오. 0도 존재하지 않는 행을 가리킵니다.",
  ),
  provider: text(
    "Load the providers, or leave the field empty: 0 points at nothing too.",
    "의료진을 적재하거나 비워 두십시오. 0도 존재하지 않는 행을 가리킵니다.",
  ),
  concept: text(
    "The vocabulary that is loaded lacks these concepts: download it from Athena with all vocabularies that the data use, and load it.",
    "적재된 용어집에 이 개념이 없습니다. 자료에 쓰인 모든 용어집을 포함해 Athena에서 내려받아 적재해 주십시오.",
  ),
};

const VOCABULARY_INCOMPLETE = text(
  "The vocabulary that is loaded is incomplete: load a whole download from Athena.",
  "적재된 용어집이 완전하지 않습니다. Athena에서 내려받은 전체 용어집을 적재해 주십시오.",
);

export function remedyOf({ name, target }: FaultGroup): Text {
  if (target === undefined) return wordsOf(name).remedy;
  const isOfVocabulary = ["concept_class", "domain", "vocabulary", "relationship"].includes(target);
  return REFERENCE_REMEDIES[target] ?? (isOfVocabulary ? VOCABULARY_INCOMPLETE : wordsOf(name).remedy);
}

export const TITLE: Text = text("Data quality report", "데이터 품질 보고서");
