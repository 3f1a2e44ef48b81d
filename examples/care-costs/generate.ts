/**
 * Invented patients with a year of care behind them, for the examples of generalised linear models: nobody of them exists.
 * `node examples/care-costs/generate.ts FILE.csv` writes a row a patient, the same for the same seed.
 */

import { writeFileSync } from "node:fs";
import { SeededRandom } from "@dure/kernel";

const HOSPITALS = ["hangang", "baekdu", "mirae", "saebyeok", "eunhaeng", "sorae"] as const;
const PATIENTS = 2400;
const SEED = 11;

type Row = Readonly<Record<string, string | number>>;

function patientRow(random: SeededRandom): Row {
  const hospital = Math.min(5, Math.floor(6 * random.uniform() ** 1.3));
  const age = Math.round(63 + 12 * random.normal());
  const female = Number(random.uniform() < 0.48);
  const stage = random.below(3);
  const diabetes = Number(random.uniform() < 0.15 + 0.002 * Math.max(0, age - 50));
  const months = 3 + random.below(22);
  const severity = 0.015 * (age - 63) + 0.25 * stage + 0.35 * diabetes + 0.12 * (hospital - 2);
  const frailty = -(Math.log(1 - random.uniform()) + Math.log(1 - random.uniform())) / 2;
  return {
    hospital: HOSPITALS[hospital] ?? "hangang",
    age,
    female,
    stage: `S${stage + 1}`,
    diabetes,
    months,
    admissions: poissonDraw(random, 0.12 * months * frailty * Math.exp(severity)),
    cost: Math.round((2200 * Math.exp(0.6 * severity) * -(Math.log(1 - random.uniform()) + Math.log(1 - random.uniform()))) / 2) + 40,
    hba1c: Math.round(10 * (5.6 + 1.4 * diabetes + 0.01 * (age - 63) + 0.6 * random.normal())) / 10,
  };
}

function poissonDraw(random: SeededRandom, mean: number): number {
  let count = -1;
  for (let product = 1; product > Math.exp(-mean); count++) product *= 1 - random.uniform();
  return count;
}

const random = new SeededRandom(SEED);
const rows = Array.from({ length: PATIENTS }, () => patientRow(random));
const names = Object.keys(rows[0] ?? {});
const lines = [names.join(","), ...rows.map((row) => names.map((name) => row[name]).join(","))];
writeFileSync(process.argv[2] ?? "care.csv", `${lines.join("\n")}\n`);
