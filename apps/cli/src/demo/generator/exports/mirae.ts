/** Mirae: one wide tab-separated file in CP949; whole years of age, sizes in cm, words for grades, one pair of columns a visit. */

import type { SeededRandom } from "@dure/kernel";
import { writeDay } from "../calendar.ts";
import { type Cell, type ExportFile, writeTable } from "../export-file.ts";
import { drawFollowUp, VISITS_MAX } from "../follow-up.ts";
import { ageYears, type Patient, RECEPTOR_POSITIVE_FROM } from "../patient.ts";

const GRADE = { 1: "고분화", 2: "중분화", 3: "저분화" } as const;
const FINDING = { free: "무병", local: "국소재발", distant: "원격전이" } as const;
const VISIT_NUMBERS = Array.from({ length: VISITS_MAX }, (_, i) => i + 1);

const COLUMNS = [
  "환자번호",
  "성별코드",
  "진단시나이",
  "진단일",
  "종양장경_cm",
  "분화도",
  "림프절전이수",
  "에스트로겐수용체",
  "프로게스테론수용체",
  "내분비요법",
  "항암화학요법",
  "폐경여부",
  "사망일",
  ...VISIT_NUMBERS.flatMap((number) => [`추적${number}_일자`, `추적${number}_소견`]),
];

const date = (day: number | undefined): string => (day === undefined ? "" : writeDay(day, "/"));
const receptor = (content: number | undefined): string =>
  content === undefined ? "검사안함" : content >= RECEPTOR_POSITIVE_FROM ? "양성(+)" : "음성(-)";
const given = (value: boolean | undefined): string => (value === undefined ? "확인불가" : value ? "시행" : "미시행");

export function exportMirae(patients: readonly Patient[], random: SeededRandom): readonly ExportFile[] {
  const rows = patients.map((patient, index): readonly Cell[] => {
    const visits = drawFollowUp(random, patient);
    const number = `${20_000_000 + 7 * index + random.below(7)}`;
    return [
      number,
      patient.female ? 2 : 1,
      Math.floor(ageYears(patient)),
      date(patient.diagnosisDay),
      patient.sizeMm === undefined ? "" : (patient.sizeMm / 10).toFixed(1),
      patient.grade === undefined ? "미상" : GRADE[patient.grade],
      patient.positiveNodes ?? "",
      receptor(patient.oestrogenReceptor),
      receptor(patient.progesteroneReceptor),
      given(patient.hormoneTherapy),
      given(patient.chemotherapy),
      patient.postMenopausal ? "폐경" : "폐경전",
      date(patient.deathDay),
      ...VISIT_NUMBERS.flatMap((_, i) => {
        const visit = visits[i];
        return visit === undefined ? ["", ""] : [date(visit.day), FINDING[visit.finding]];
      }),
    ];
  });
  return [writeTable({ name: "유방암_통합.tsv", delimiter: "\t", encoding: "cp949", columns: COLUMNS }, rows)];
}
