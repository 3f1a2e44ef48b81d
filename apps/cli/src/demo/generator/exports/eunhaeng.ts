/** Eunhaeng: two semicolon-separated files with a byte order mark; compact dates, decimal commas, Roman grades, KCD codes at each visit. */

import type { SeededRandom } from "@dure/kernel";
import { writeDay } from "../calendar.ts";
import { type Cell, type ExportFile, writeTable } from "../export-file.ts";
import { drawFollowUp, type FollowUpVisit } from "../follow-up.ts";
import { type Patient, RECEPTOR_POSITIVE_FROM } from "../patient.ts";

const GRADE = { 1: "I", 2: "II", 3: "III" } as const;
/** Secondary malignant neoplasms by site, as hospitals code them; C50.x at a visit is the known primary and no recurrence. */
const DISTANT_CODES = ["C78.0", "C78.7", "C79.3", "C79.5"] as const;
const LOCAL_CODES = ["C77.3", "C79.2"] as const;
const PRIMARY_CODES = ["C50.4", "C50.9"] as const;

const date = (day: number | undefined): string => (day === undefined ? "" : writeDay(day, ""));
const receptor = (content: number | undefined): string =>
  content === undefined ? "미검" : content >= RECEPTOR_POSITIVE_FROM ? "양성" : "음성";
const given = (value: boolean | undefined): string => (value === undefined ? "모름" : value ? "투여" : "미투여");

export function exportEunhaeng(patients: readonly Patient[], random: SeededRandom): readonly ExportFile[] {
  const register: Cell[][] = [];
  const visits: Cell[][] = [];
  patients.forEach((patient, index) => {
    const chart = `${500_000 + 11 * index + random.below(11)}`;
    register.push([
      chart,
      patient.female ? "여성" : "남성",
      date(patient.birthDay),
      date(patient.diagnosisDay),
      patient.sizeMm === undefined ? "" : (patient.sizeMm / 10).toFixed(1).replace(".", ","),
      patient.grade === undefined ? "불명" : GRADE[patient.grade],
      patient.positiveNodes ?? "",
      receptor(patient.oestrogenReceptor),
      receptor(patient.progesteroneReceptor),
      given(patient.hormoneTherapy),
      date(patient.deathDay),
    ]);
    for (const visit of drawFollowUp(random, patient)) visits.push([chart, date(visit.day), diagnosisCode(random, visit)]);
  });
  const format = { delimiter: ";", encoding: "utf-8-bom" } as const;
  return [
    writeTable(
      {
        ...format,
        name: "유방암등록.csv",
        columns: ["차트번호", "성", "생일", "진단", "크기(cm)", "등급", "LN양성", "ER판정", "PR판정", "항호르몬제", "사망"],
      },
      register,
    ),
    writeTable({ ...format, name: "재진기록.csv", columns: ["차트번호", "내원일", "상병코드"] }, visits),
  ];
}

function diagnosisCode(random: SeededRandom, visit: FollowUpVisit): string {
  const codes = visit.finding === "distant" ? DISTANT_CODES : visit.finding === "local" ? LOCAL_CODES : PRIMARY_CODES;
  return codes[random.below(codes.length)] ?? codes[0];
}
