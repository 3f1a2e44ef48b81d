/** What people read about each kind of check, in English and Korean. */

import { text } from "@dure/kernel";
import type { CheckName, CheckWords } from "./check-types.ts";

export const CHECK_WORDS: Readonly<Record<CheckName, CheckWords>> = {
  cdmTable: {
    label: text("table is there", "테이블 존재"),
    fault: text("The table of OMOP CDM v5.4 is not in the database.", "OMOP CDM v5.4의 테이블이 데이터베이스에 없습니다."),
    remedy: text("Create the table, even if it stays empty.", "비어 있더라도 테이블을 만들어 주십시오."),
  },
  measurePersonCompleteness: {
    label: text("persons without a record", "기록이 없는 환자"),
    fault: text("Persons without any row in this table, of all persons.", "전체 환자 중 이 테이블에 행이 하나도 없는 환자입니다."),
    remedy: text(
      "Check that the whole export was loaded and that its patient numbers match those of the patients' file.",
      "내보내기 파일이 모두 적재되었는지, 환자번호가 환자 파일의 번호와 일치하는지 확인해 주십시오.",
    ),
  },
  measureConditionEraCompleteness: {
    label: text("persons without a condition era", "진단 기간이 없는 환자"),
    fault: text(
      "Persons with a diagnosis but without a condition era, of all persons with a diagnosis.",
      "진단이 있는 환자 중 진단 기간(condition era)이 없는 환자입니다.",
    ),
    remedy: text("Build the eras anew: load again.", "기간 테이블을 다시 만들어 주십시오. 다시 적재하면 만들어집니다."),
  },
  measureObservationPeriodOverlap: {
    label: text("overlapping observation periods", "겹치는 관찰 기간"),
    fault: text(
      "Persons with observation periods that overlap or follow each other without a gap, of all persons with a period.",
      "관찰 기간이 있는 환자 중 관찰 기간이 서로 겹치거나 바로 이어지는 환자입니다.",
    ),
    remedy: text("Merge such periods into one by the rule of the mapping.", "매핑의 관찰 기간 규칙에서 이런 기간을 하나로 합쳐 주십시오."),
  },
  cdmField: {
    label: text("field is there", "필드 존재"),
    fault: text("The field of OMOP CDM v5.4 is not in the table.", "OMOP CDM v5.4의 필드가 테이블에 없습니다."),
    remedy: text(
      "Add the column; where CDM 5.3 named it otherwise, rename it.",
      "열을 추가해 주십시오. CDM 5.3에서 이름이 달랐다면 이름을 바꿔 주십시오.",
    ),
  },
  isRequired: {
    label: text("required value missing", "필수 값 누락"),
    fault: text("Rows without a value in a required field, of all rows.", "전체 행 중 필수 필드에 값이 없는 행입니다."),
    remedy: text(
      "Fill the field in the mapping, or exclude such rows with a reason.",
      "매핑에서 값을 채우거나, 사유를 적어 해당 행을 제외해 주십시오.",
    ),
  },
  cdmDatatype: {
    label: text("not a whole number", "정수가 아님"),
    fault: text("Rows whose value is not a whole number, of all rows.", "전체 행 중 값이 정수가 아닌 행입니다."),
    remedy: text("Correct the column's type and the value's mapping.", "열의 형식과 값의 매핑을 고쳐 주십시오."),
  },
  isPrimaryKey: {
    label: text("key used twice", "중복된 키"),
    fault: text("Rows whose key another row has too, of all rows.", "전체 행 중 다른 행과 키가 같은 행입니다."),
    remedy: text(
      "Look for an export that was loaded twice or joined wrongly.",
      "내보내기가 두 번 적재되었거나 잘못 결합되지 않았는지 확인해 주십시오.",
    ),
  },
  isForeignKey: {
    label: text("points at nothing", "참조 대상 없음"),
    fault: text("Rows that point at a row that is not there, of all rows.", "전체 행 중 존재하지 않는 행을 가리키는 행입니다."),
    remedy: text(
      "Load what is missing: the visits or providers of the same period, or, for concepts, the vocabulary that lacks them.",
      "빠진 자료를 적재해 주십시오. 같은 기간의 방문이나 의료진, 개념의 경우에는 해당 용어집입니다.",
    ),
  },
  fkDomain: {
    label: text("concept of another domain", "다른 도메인의 개념"),
    fault: text(
      "Rows whose concept belongs to another domain than the field's, of all rows.",
      "전체 행 중 개념의 도메인이 필드의 도메인과 다른 행입니다.",
    ),
    remedy: text(
      "Map the code to a concept of this domain, or the row to another table.",
      "코드를 이 도메인의 개념에 매핑하거나, 행을 다른 테이블로 보내 주십시오.",
    ),
  },
  fkClass: {
    label: text("concept of another class", "다른 분류의 개념"),
    fault: text(
      "Rows whose concept is of another class than the field asks for, of all rows.",
      "전체 행 중 개념의 분류가 필드가 요구하는 분류와 다른 행입니다.",
    ),
    remedy: text("Use the ingredient that the drug descends from.", "약물의 상위 성분 개념을 사용해 주십시오."),
  },
  isStandardValidConcept: {
    label: text("concept not standard or not valid", "표준이 아니거나 유효하지 않은 개념"),
    fault: text(
      "Rows whose concept is not a standard, valid one, of all rows. Unmapped rows (0) are counted elsewhere.",
      "전체 행 중 개념이 표준 개념이 아니거나 유효하지 않은 행입니다. 매핑되지 않은 행(0)은 따로 집계합니다.",
    ),
    remedy: text(
      "Map again with the present vocabulary: concepts are replaced from release to release.",
      "현재 용어집으로 다시 매핑해 주십시오. 개념은 판마다 대체될 수 있습니다.",
    ),
  },
  measureValueCompleteness: {
    label: text("value missing", "값 누락"),
    fault: text("Rows without a value in the field, of all rows.", "전체 행 중 필드에 값이 없는 행입니다."),
    remedy: text(
      "Check whether the source has the value and the mapping leaves it out.",
      "원자료에 값이 있는데 매핑에서 빠진 것은 아닌지 확인해 주십시오.",
    ),
  },
  standardConceptRecordCompleteness: {
    label: text("not mapped (concept 0)", "매핑되지 않음(개념 0)"),
    fault: text(
      "Rows with the standard concept 0, of all rows (for units: of the rows with a number).",
      "전체 행 중 표준 개념이 0인 행입니다. 단위는 숫자 값이 있는 행 중에서 집계합니다.",
    ),
    remedy: text(
      "Map the most frequent unmapped codes first: dure site map.",
      "가장 많이 쓰인 미매핑 코드부터 매핑해 주십시오: dure site map",
    ),
  },
  sourceConceptRecordCompleteness: {
    label: text("source concept 0", "원천 개념 0"),
    fault: text("Rows with the source concept 0, of all rows.", "전체 행 중 원천 개념이 0인 행입니다."),
    remedy: text(
      "Name the source's vocabulary in the mapping and load that vocabulary.",
      "매핑에 원천 용어집을 적고 그 용어집을 적재해 주십시오.",
    ),
  },
  sourceValueCompleteness: {
    label: text("source codes not mapped", "매핑되지 않은 원천 코드"),
    fault: text(
      "Different source codes with a row of concept 0, of all different source codes.",
      "서로 다른 원천 코드 중 개념 0인 행이 있는 코드입니다.",
    ),
    remedy: text("Map them by frequency: dure site map.", "많이 쓰인 순서로 매핑해 주십시오: dure site map"),
  },
  plausibleValueLow: {
    label: text("value too low", "너무 낮은 값"),
    fault: text("Rows below the lowest plausible value, of the rows with a value.", "값이 있는 행 중 가능한 최솟값보다 낮은 행입니다."),
    remedy: text(
      "Look for place-holders such as 1900-01-01 or 0, and for wrong units.",
      "1900-01-01이나 0 같은 대체값, 잘못된 단위가 있는지 확인해 주십시오.",
    ),
  },
  plausibleValueHigh: {
    label: text("value too high", "너무 높은 값"),
    fault: text("Rows above the highest plausible value, of the rows with a value.", "값이 있는 행 중 가능한 최댓값보다 높은 행입니다."),
    remedy: text(
      "Look for place-holders such as 2999-12-31, and for wrong units.",
      "2999-12-31 같은 대체값, 잘못된 단위가 있는지 확인해 주십시오.",
    ),
  },
  plausibleTemporalAfter: {
    label: text("date before what it follows", "앞선 날짜보다 이른 날짜"),
    fault: text(
      "Rows whose date lies before the date that it must follow (a start, or birth), of all rows.",
      "전체 행 중 시작일이나 출생일처럼 앞서야 하는 날짜보다 이른 행입니다.",
    ),
    remedy: text("Check the date formats and which date column was mapped.", "날짜 형식과 매핑한 날짜 열을 확인해 주십시오."),
  },
  plausibleDuringLife: {
    label: text("over 60 days after death, of all rows", "사망 60일 이후(전체 행 기준)"),
    fault: text(
      "Rows dated more than 60 days after the person's death, of the rows of persons who died.",
      "사망한 환자의 행 중 사망 60일이 지난 날짜의 행입니다.",
    ),
    remedy: text("Check the source of the death date, and records entered late.", "사망일의 출처와 늦게 입력된 기록을 확인해 주십시오."),
  },
  withinVisitDates: {
    label: text("outside its visit", "방문 기간 밖"),
    fault: text(
      "Rows dated over a week before or after their visit, of the rows with a visit.",
      "방문이 연결된 행 중 방문 기간에서 일주일 넘게 벗어난 행입니다.",
    ),
    remedy: text(
      "Check which visit the rows are linked to: an order is not a result.",
      "어떤 방문에 연결했는지 확인해 주십시오. 처방일과 결과일은 다릅니다.",
    ),
  },
  plausibleAfterBirth: {
    label: text("before birth", "출생 이전"),
    fault: text("Rows dated before the person's birth, of the rows with a date.", "날짜가 있는 행 중 환자의 출생 이전인 행입니다."),
    remedy: text(
      "Check birth dates: the century in a resident number is its seventh digit.",
      "출생일을 확인해 주십시오. 주민등록번호의 세기는 일곱째 자리로 정해집니다.",
    ),
  },
  plausibleBeforeDeath: {
    label: text("over 60 days after death, of rows with a date", "사망 60일 이후(날짜가 있는 행 기준)"),
    fault: text(
      "Rows dated more than 60 days after the person's death, of the rows with a date of persons who died.",
      "사망한 환자의 날짜가 있는 행 중 사망 60일이 지난 행입니다.",
    ),
    remedy: text("Check the source of the death date, and records entered late.", "사망일의 출처와 늦게 입력된 기록을 확인해 주십시오."),
  },
  plausibleStartBeforeEnd: {
    label: text("end before start", "시작보다 이른 종료"),
    fault: text(
      "Rows that end before they start, of the rows with both dates.",
      "두 날짜가 모두 있는 행 중 종료일이 시작일보다 이른 행입니다.",
    ),
    remedy: text("Check whether the two date columns are exchanged.", "두 날짜 열이 서로 바뀌지 않았는지 확인해 주십시오."),
  },
  plausibleGender: {
    label: text("other sex than expected", "성별 불일치"),
    fault: text(
      "Rows of this concept in persons not of its sex, of all rows of the concept.",
      "이 개념의 행 중 환자의 성별이 개념의 성별과 다른 행입니다.",
    ),
    remedy: text(
      "Check the mapping of the code, then the sex of these persons.",
      "먼저 코드의 매핑을, 그다음 해당 환자의 성별을 확인해 주십시오.",
    ),
  },
  plausibleGenderUseDescendants: {
    label: text("other sex than expected (group)", "성별 불일치(개념 묶음)"),
    fault: text(
      "Rows of these concepts and all below them in persons not of their sex, of all such rows.",
      "이 개념과 하위 개념의 행 중 환자의 성별이 개념의 성별과 다른 행입니다.",
    ),
    remedy: text(
      "Check the mapping of the codes, then the sex of these persons.",
      "먼저 코드의 매핑을, 그다음 해당 환자의 성별을 확인해 주십시오.",
    ),
  },
  plausibleUnitConceptIds: {
    label: text("unusual unit", "통상적이지 않은 단위"),
    fault: text(
      "Results of this test in another unit than its usual ones, of its results with a number and a unit in the source.",
      "숫자 값과 원천 단위가 있는 이 검사의 결과 중 통상적인 단위가 아닌 행입니다.",
    ),
    remedy: text(
      "Map the unit, or the local test to the concept that is reported in this unit.",
      "단위를 매핑하거나, 이 단위로 보고되는 검사 개념에 원내 검사를 매핑해 주십시오.",
    ),
  },
};
