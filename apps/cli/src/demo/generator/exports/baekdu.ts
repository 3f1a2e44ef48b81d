/** Baekdu: an English tumour registry in three tab-separated files; day-first dates, decimal ages, receptor contents, ICD-O-like grades. */

import type { SeededRandom } from "@dure/kernel";
import { writeDayFirst } from "../calendar.ts";
import { type Cell, type ExportFile, writeTable } from "../export-file.ts";
import { drawFollowUp } from "../follow-up.ts";
import { ageYears, type Patient } from "../patient.ts";

const FINDING = { free: "NED", local: "LOCOREGIONAL", distant: "METASTATIC" } as const;

const known = (value: boolean | undefined): string => (value === undefined ? "Unknown" : value ? "Yes" : "No");

export function exportBaekdu(patients: readonly Patient[], random: SeededRandom): readonly ExportFile[] {
  const cases: Cell[][] = [];
  const contacts: Cell[][] = [];
  const deaths: Cell[][] = [];
  patients.forEach((patient, index) => {
    const id = `BD${String(40_000 + 3 * index + random.below(3)).padStart(6, "0")}`;
    const inMillimetres = random.uniform() < 0.5;
    cases.push([
      id,
      patient.female ? "FEMALE" : "MALE",
      ageYears(patient).toFixed(2),
      writeDayFirst(patient.diagnosisDay),
      patient.sizeMm === undefined ? "" : inMillimetres ? patient.sizeMm : (patient.sizeMm / 10).toFixed(1),
      patient.sizeMm === undefined ? "" : inMillimetres ? "MM" : "CM",
      patient.grade === undefined ? "GX" : `G${patient.grade}`,
      patient.positiveNodes ?? "NK",
      patient.oestrogenReceptor ?? "NK",
      patient.progesteroneReceptor ?? "NK",
      known(patient.hormoneTherapy),
      known(patient.chemotherapy),
    ]);
    for (const visit of drawFollowUp(random, patient)) contacts.push([id, writeDayFirst(visit.day), FINDING[visit.finding]]);
    if (patient.deathDay !== undefined) deaths.push([id, writeDayFirst(patient.deathDay)]);
  });
  const format = { delimiter: "\t", encoding: "utf-8" } as const;
  return [
    writeTable(
      {
        ...format,
        name: "cases.tsv",
        columns: [
          "CaseID",
          "Gender",
          "AgeAtDiagnosis",
          "DateOfDiagnosis",
          "Diameter",
          "DiameterUnit",
          "Differentiation",
          "NodesInvolved",
          "ER_fmol_mg",
          "PR_fmol_mg",
          "EndocrineTherapy",
          "Chemotherapy",
        ],
      },
      cases,
    ),
    writeTable({ ...format, name: "contacts.tsv", columns: ["CaseID", "ContactDate", "DiseaseStatus"] }, contacts),
    writeTable({ ...format, name: "deaths.tsv", columns: ["CaseID", "DateOfDeath"] }, deaths),
  ];
}
