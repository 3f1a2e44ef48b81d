/** The five hospitals of the demonstration: names, sizes, case mix. All invented. */

import { SeededRandom, type Text, text } from "@dure/kernel";
import { dayNumber } from "./calendar.ts";
import type { ExportFile } from "./export-file.ts";
import { exportBaekdu } from "./exports/baekdu.ts";
import { exportEunhaeng } from "./exports/eunhaeng.ts";
import { exportHangang } from "./exports/hangang.ts";
import { exportMirae } from "./exports/mirae.ts";
import { exportSaebyeok } from "./exports/saebyeok.ts";
import { type CaseMix, drawPatient, type Patient } from "./patient.ts";

export interface DemoHospital {
  readonly siteId: string;
  readonly displayName: Text;
  readonly role: "training" | "external";
  readonly patientCount: number;
  readonly mix: CaseMix;
  /** The hospital's own way of writing its records down. */
  readonly exportFiles: (patients: readonly Patient[], random: SeededRandom) => readonly ExportFile[];
}

/** Any other seed gives other patients of the same hospitals. */
export const DEMO_SEED = 6;

const USUAL: CaseMix = {
  ageMeanYears: 56,
  ageSdYears: 12,
  spread: 0,
  spreadSd: 1,
  aggressiveness: 0,
  aggressivenessSd: 1,
  hormoneTherapyShare: 0.85,
  chemotherapyForNodes: 0.6,
  firstDiagnosisDay: dayNumber(2009, 1, 1),
  lastDiagnosisDay: dayNumber(2017, 6, 30),
  exportDay: dayNumber(2024, 3, 31),
  lostToFollowUpPerYear: 0.012,
};

export const DEMO_HOSPITALS: readonly DemoHospital[] = [
  {
    siteId: "hangang",
    displayName: text("Hangang University Hospital", "한강대학교병원"),
    role: "training",
    patientCount: 8600,
    mix: { ...USUAL, ageMeanYears: 51, chemotherapyForNodes: 0.6 },
    exportFiles: exportHangang,
  },
  {
    siteId: "mirae",
    displayName: text("Mirae Medical Centre", "미래의료원"),
    role: "training",
    patientCount: 4000,
    // A screening centre: small tumours, few nodes, hormone therapy for nearly all; too alike to learn much from alone.
    mix: {
      ...USUAL,
      ageMeanYears: 53,
      spread: -0.6,
      spreadSd: 0.5,
      aggressivenessSd: 0.8,
      chemotherapyForNodes: 1.8,
      hormoneTherapyShare: 0.95,
    },
    exportFiles: exportMirae,
  },
  {
    siteId: "saebyeok",
    displayName: text("Saebyeok General Hospital", "새벽종합병원"),
    role: "training",
    patientCount: 1700,
    // Older patients: deaths from other causes blur the picture.
    mix: { ...USUAL, ageMeanYears: 65, ageSdYears: 10, spread: 0.1, spreadSd: 0.8, chemotherapyForNodes: 0.4, hormoneTherapyShare: 0.75 },
    exportFiles: exportSaebyeok,
  },
  {
    siteId: "eunhaeng",
    displayName: text("Eunhaeng Hospital", "은행병원"),
    role: "training",
    patientCount: 700,
    // Referrals of aggressive tumours only: little difference in grade and receptors to learn from.
    mix: { ...USUAL, ageMeanYears: 49, spread: 0.3, spreadSd: 0.5, aggressiveness: 1, aggressivenessSd: 0.45, lostToFollowUpPerYear: 0.03 },
    exportFiles: exportEunhaeng,
  },
  {
    siteId: "baekdu",
    displayName: text("Baekdu University Hospital", "백두대학교병원"),
    role: "external",
    patientCount: 10_000,
    mix: { ...USUAL, ageMeanYears: 57, chemotherapyForNodes: 0.3, lostToFollowUpPerYear: 0.008 },
    exportFiles: exportBaekdu,
  },
];

/** All patients of a hospital. The same seed gives the same patients, whatever was drawn for other hospitals. */
export function drawPatients(hospital: DemoHospital, seed: number): readonly Patient[] {
  const random = randomFor(hospital, seed, "patients");
  return Array.from({ length: hospital.patientCount }, () => drawPatient(random, hospital.mix));
}

/** The hospital's export of these patients; the same seed gives the same bytes. */
export function exportPatients(hospital: DemoHospital, patients: readonly Patient[], seed: number): readonly ExportFile[] {
  return hospital.exportFiles(patients, randomFor(hospital, seed, "export"));
}

/** A stream of its own for each hospital and purpose. */
function randomFor(hospital: DemoHospital, seed: number, purpose: "patients" | "export"): SeededRandom {
  const stream = 2 * DEMO_HOSPITALS.findIndex((candidate) => candidate.siteId === hospital.siteId) + (purpose === "export" ? 1 : 0);
  return new SeededRandom(seed * 2 * DEMO_HOSPITALS.length + stream);
}
