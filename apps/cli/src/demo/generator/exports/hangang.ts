/** Hangang: three comma-separated files in UTF-8 with Korean headers; sizes in mm, receptors as P and N, findings as codes of its own. */

import type { SeededRandom } from "@dure/kernel";
import { dayNumber, writeDay } from "../calendar.ts";
import { type Cell, type ExportFile, writeTable } from "../export-file.ts";
import { drawFollowUp } from "../follow-up.ts";
import { type Patient, RECEPTOR_POSITIVE_FROM } from "../patient.ts";

const FINDING = { free: "N0", local: "R1", distant: "R2" } as const;
/** Entries with which the hospital's staff try out their system: real exports hold some, and the mapping must leave them out. */
const TEST_ENTRY_COUNT = 18;

const date = (day: number | undefined): string => (day === undefined ? "" : writeDay(day, "-"));
const receptor = (content: number | undefined): string => (content === undefined ? "" : content >= RECEPTOR_POSITIVE_FROM ? "P" : "N");
const yesNo = (value: boolean | undefined): string => (value === undefined ? "" : value ? "Y" : "N");

export function exportHangang(patients: readonly Patient[], random: SeededRandom): readonly ExportFile[] {
  const basic: Cell[][] = [];
  const pathology: Cell[][] = [];
  const visits: Cell[][] = [];
  patients.forEach((patient, index) => {
    const number = `H${1_000_000 + 13 * index + random.below(13)}`;
    basic.push([number, patient.female ? "여" : "남", date(patient.birthDay), date(patient.deathDay), "환자"]);
    pathology.push([
      number,
      date(patient.diagnosisDay),
      patient.sizeMm ?? "",
      patient.grade ?? "미상",
      patient.positiveNodes ?? "",
      receptor(patient.oestrogenReceptor),
      receptor(patient.progesteroneReceptor),
      yesNo(patient.hormoneTherapy),
      yesNo(patient.chemotherapy),
      yesNo(patient.postMenopausal),
    ]);
    for (const visit of drawFollowUp(random, patient)) visits.push([number, date(visit.day), FINDING[visit.finding]]);
  });
  for (let i = 0; i < TEST_ENTRY_COUNT; i++) basic.push([`T${i + 1}`, "여", date(dayNumber(1990, 1, 1)), "", "시험"]);
  const format = { delimiter: ",", encoding: "utf-8" } as const;
  return [
    writeTable({ ...format, name: "환자기본.csv", columns: ["등록번호", "성별", "생년월일", "사망일자", "구분"] }, basic),
    writeTable(
      {
        ...format,
        name: "병리검사.csv",
        columns: ["등록번호", "진단일자", "종양크기(mm)", "조직학적등급", "양성림프절수", "ER", "PR", "호르몬치료", "항암치료", "폐경"],
      },
      pathology,
    ),
    writeTable({ ...format, name: "추적관찰.csv", columns: ["등록번호", "방문일자", "소견코드"] }, visits),
  ];
}
