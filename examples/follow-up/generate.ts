/**
 * Invented patients in follow-up, for the examples of survival analyses: nobody of them exists. `node examples/follow-up/generate.ts FOLDER`
 * writes two CSV files, the same for the same seed.
 *
 * visits.csv: a row from each visit to the next (`from_day`, `to_day`], so that `treated` and `marker` may change; some patients come late.
 * patients.csv: a row a patient. Both end with `outcome`: none, relapse or death.
 */

import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { SeededRandom } from "@dure/kernel";

const HOSPITALS = ["hangang", "baekdu", "mirae", "saebyeok"] as const;
const PATIENTS = 1600;
const SEED = 4;

type Row = Readonly<Record<string, string | number>>;

function patientRows(patient: number, random: SeededRandom): readonly Row[] {
  const age = Math.round(61 + 10 * random.normal());
  const stage = 1 + random.below(3);
  const hospital = HOSPITALS[Math.min(3, Math.floor(4 * random.uniform() ** 1.3))] ?? "hangang";
  const start = random.uniform() < 0.25 ? 7 * random.below(30) : 0;
  const end = start + 60 + random.below(1400);
  const treatedFrom = random.uniform() < 0.6 ? start + 30 * random.below(12) : Number.POSITIVE_INFINITY;
  const rows: Row[] = [];
  for (let day = start; day < end; ) {
    const treated = day >= treatedFrom ? 1 : 0;
    const marker = Math.round(10 * (4 + stage / 2 + random.normal())) / 10;
    const next = Math.min(end, day + 90 + random.below(60));
    const risk = Math.exp(0.02 * (age - 61) + 0.4 * (stage - 2) - 0.5 * treated + 0.15 * (marker - 5));
    const relapse = -Math.log(1 - random.uniform()) / (0.0006 * risk);
    const death = -Math.log(1 - random.uniform()) / (0.0003 * Math.exp(0.05 * (age - 61)));
    const first = day + Math.ceil(Math.min(relapse, death));
    const outcome = first > next ? "none" : relapse < death ? "relapse" : "death";
    rows.push({
      patient: `P${patient}`,
      hospital,
      from_day: day,
      to_day: Math.min(first, next),
      age,
      stage: `S${stage}`,
      treated,
      marker,
      outcome,
    });
    if (outcome !== "none") break;
    day = next;
  }
  return rows;
}

/** From the first visit on, as of that visit. */
function onePerPatient(rows: readonly Row[]): readonly Row[] {
  const [first, last] = [rows[0], rows.at(-1)];
  if (first === undefined || last === undefined) return [];
  const days = Number(last["to_day"]) - Number(first["from_day"]);
  const { from_day: _, to_day: __, ...rest } = first;
  return [{ ...rest, days, outcome: last["outcome"] ?? "none" }];
}

function csv(rows: readonly Row[]): string {
  const names = Object.keys(rows[0] ?? {});
  return `${[names.join(","), ...rows.map((row) => names.map((name) => row[name]).join(","))].join("\n")}\n`;
}

const folder = process.argv[2] ?? "follow-up";
const random = new SeededRandom(SEED);
const patients = Array.from({ length: PATIENTS }, (_, patient) => patientRows(patient + 1, random));
mkdirSync(folder, { recursive: true });
writeFileSync(join(folder, "visits.csv"), csv(patients.flat()));
writeFileSync(join(folder, "patients.csv"), csv(patients.flatMap(onePerPatient)));
