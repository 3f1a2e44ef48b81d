/** Saebyeok: a laboratory system's long tables, one row a test with code and unit, cm and mm mixed; events with time of day. */

import type { SeededRandom } from "@dure/kernel";
import { writeDay } from "../calendar.ts";
import { type Cell, type ExportFile, type TableFormat, writeTable } from "../export-file.ts";
import { drawFollowUp } from "../follow-up.ts";
import type { Patient } from "../patient.ts";

const EVENT = { free: "FU", local: "RLOC", distant: "RMET" } as const;
const FLAG = { yes: 1, no: 0, unknown: 9 } as const;

const day8 = (day: number): string => writeDay(day, "");
const flag = (value: boolean | undefined): number => (value === undefined ? FLAG.unknown : value ? FLAG.yes : FLAG.no);

export function exportSaebyeok(patients: readonly Patient[], random: SeededRandom): readonly ExportFile[] {
  const tables: Record<"patient" | "size" | "score" | "receptor" | "event", Cell[][]> = {
    patient: [],
    size: [],
    score: [],
    receptor: [],
    event: [],
  };
  const stamp = (day: number) =>
    `${writeDay(day, "-")} ${String(8 + random.below(10)).padStart(2, "0")}:${String(random.below(60)).padStart(2, "0")}:00`;
  patients.forEach((patient, index) => {
    const id = `S-${String(3000 + 5 * index + random.below(5)).padStart(6, "0")}`;
    const { sizeMm, grade, positiveNodes, oestrogenReceptor, progesteroneReceptor, deathDay } = patient;
    tables.patient.push([
      id,
      patient.female ? "F" : "M",
      day8(patient.birthDay),
      day8(patient.diagnosisDay),
      flag(patient.hormoneTherapy),
      flag(patient.chemotherapy),
    ]);
    if (sizeMm !== undefined)
      tables.size.push(random.uniform() < 0.6 ? [id, "PTSZ", (sizeMm / 10).toFixed(1), "cm"] : [id, "PTSZ", sizeMm, "mm"]);
    if (grade !== undefined) tables.score.push([id, "HGRD", grade]);
    if (positiveNodes !== undefined) tables.score.push([id, "LNPOS", positiveNodes]);
    if (oestrogenReceptor !== undefined) tables.receptor.push([id, "ERC", ...content(random, oestrogenReceptor)]);
    if (progesteroneReceptor !== undefined) tables.receptor.push([id, "PRC", ...content(random, progesteroneReceptor)]);
    for (const visit of drawFollowUp(random, patient)) tables.event.push([id, stamp(visit.day), EVENT[visit.finding]]);
    if (deathDay !== undefined) tables.event.push([id, stamp(deathDay), "EXP"]);
  });
  const format = (name: string, columns: readonly string[]): TableFormat => ({ name, columns, delimiter: "|", encoding: "utf-8" });
  return [
    writeTable(format("PATIENT.txt", ["PTNO", "SEX", "BIRTH_DT", "DX_DT", "HORM_YN", "CHEMO_YN"]), tables.patient),
    writeTable(format("LAB_SIZE.txt", ["PTNO", "EXAM_CD", "RSLT_NUM", "RSLT_UNIT"]), tables.size),
    writeTable(format("LAB_SCORE.txt", ["PTNO", "EXAM_CD", "RSLT_NUM"]), tables.score),
    writeTable(format("LAB_RECEPTOR.txt", ["PTNO", "EXAM_CD", "RSLT_NUM", "RSLT_UNIT"]), tables.receptor),
    writeTable(format("PT_EVENT.txt", ["PTNO", "EVNT_DTM", "EVNT_CD"]), tables.event),
  ];
}

/** Two analysers, two units for the same thing. */
const content = (random: SeededRandom, fmolPerMg: number): readonly [Cell, string] =>
  random.uniform() < 0.5 ? [fmolPerMg, "fmol/mg"] : [(fmolPerMg / 1000).toFixed(3), "nmol/g"];
