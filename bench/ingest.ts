/** How fast an export becomes OMOP rows: generated laboratory results of 12 columns, checked, converted, hashed and committed. */

import { randomBytes } from "node:crypto";
import { createWriteStream } from "node:fs";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseMapping } from "@dure/clinical";
import { Cp949ToUtf8, encodeCp949, SeededRandom } from "@dure/kernel";
import { ingestExports } from "../apps/site/src/ingest/ingest-exports.ts";
import { openClinicalStore } from "../apps/site/src/store/open-clinical-store.ts";
import { answerIfAsked, type Cost, isMain, startCost, tellCost, workApart } from "./own-process.ts";

const LAB_ROWS = 500_000;
const PATIENTS = 20_000;
/** The bound on a 2-core machine. */
const ROWS_PER_SECOND_MIN = 100_000;

const BENCH_MAPPING = `
dureMapping: 1
id: bench
version: 1
title: { en: Benchmark, ko: 성능 시험 }
recordType: ehr
persons: patients
files:
  patients:
    path: patients.csv
    delimiter: comma
    encoding: utf-8
    person: PATNO
    values:
      born: { date: BIRTH, format: "%Y-%m-%d" }
      sex: { codeConcept: SEX, codes: { F: female, M: male } }
    rows: [{ to: person, gender: sex, yearOfBirth: { date: born } }]
  labs:
    path: labs.csv
    delimiter: comma
    encoding: utf-8
    person: PATNO
    values:
      ordered: { date: ORDERED, format: "%Y-%m-%d" }
      taken: { date: TAKEN, format: "%Y-%m-%d %H:%M" }
      test: { codeConcept: CODE, codes: { L2001: haemoglobin, L3013: creatinine } }
      result: { number: RESULT, minimum: 0, maximum: 10000, unit: { column: UNIT, units: { g/dL: g/dL, g/L: g/L, mg/dL: mg/dL } } }
      low: { number: LOW, unit: "1" }
      high: { number: HIGH, unit: "1" }
      ward: { text: WARD }
      cancelled: { text: DCYN }
      department: { text: DEPT }
    exclude: [{ reason: order was cancelled, when: [{ value: cancelled, is: Y }] }]
    rows: [{ to: measurement, concept: { value: test }, date: taken, value: result }]
observationPeriod:
  rule: { en: First to last result., ko: 첫 검사일부터 마지막 검사일까지. }
  start: [{ value: labs.taken }]
  end: [{ value: labs.taken }]
  withoutEnd: one-day
`;

export interface IngestBenchmark extends Cost {
  readonly rows: number;
  readonly rowsPerSecond: number;
  readonly rowsPerSecondMin: number;
}

/** Prints and returns rows per second of a load, from files on disk to a committed snapshot. */
export async function benchIngest(labRows: number = LAB_ROWS): Promise<IngestBenchmark> {
  const directory = await mkdtemp(join(tmpdir(), "dure-bench-"));
  try {
    await writeExports(directory, labRows);
    const cost = await workApart<Cost & { readonly rows: number }>(import.meta.url, directory);
    const { rows } = cost;
    const result = { ...cost, rowsPerSecond: Math.round(rows / cost.seconds), rowsPerSecondMin: ROWS_PER_SECOND_MIN };
    console.log(
      `ingest: ${rows} rows of up to 12 columns in ${tellCost(cost, rows)} = ${result.rowsPerSecond} rows/s (at least ${ROWS_PER_SECOND_MIN})`,
    );
    return result;
  } finally {
    await rm(directory, { recursive: true, force: true });
  }
}

async function load(directory: string): Promise<Cost & { readonly rows: number }> {
  const store = await openClinicalStore(join(directory, "clinical.duckdb"));
  const mapping = parseMapping({ file: "mapping.yaml", text: BENCH_MAPPING });
  const random = { kind: "secure" as const, bytes: (length: number) => new Uint8Array(randomBytes(length)) };
  const cost = startCost();
  const report = await ingestExports({
    ...{ store, mapping, directory, keyTable: { key: random.bytes(32), random } },
    clock: { nowMs: () => Date.now(), sleep: async () => undefined },
  });
  await store.close();
  return { rows: report.files.reduce((sum, file) => sum + file.rowsIn, 0), ...cost() };
}

/** Megabytes of CP949 that become UTF-8 in a processor second. */
export function benchCp949(): number {
  const chunk = encodeCp949("20000012\t2\t53\t2015/03/04\t2.1\t중분화\t양성(+)\t시행\t똠방각하\r\n".repeat(16_384));
  const [chunkCount, decoder, start] = [64, new Cp949ToUtf8(), process.cpuUsage()];
  for (let i = 0; i < chunkCount; i++) decoder.write(chunk);
  const { user, system } = process.cpuUsage(start);
  const megabytesPerSecond = (chunkCount * chunk.length) / (user + system);
  console.log(`cp949: ${Math.round(megabytesPerSecond)} MB a processor second (at least 50)`);
  return megabytesPerSecond;
}

/** Patients and so many laboratory results, in memory that does not grow with them. */
async function writeExports(directory: string, labRows: number): Promise<void> {
  const random = new SeededRandom(1);
  const two = (value: number) => String(value).padStart(2, "0");
  const day = () => `${2015 + random.below(9)}-${two(1 + random.below(12))}-${two(1 + random.below(28))}`;
  const patients = Array.from(
    { length: PATIENTS },
    (_, i) => `P${i},${1930 + random.below(70)}-${two(1 + random.below(12))}-15,${random.below(2) === 0 ? "F" : "M"}`,
  );
  await writeFile(join(directory, "patients.csv"), `PATNO,BIRTH,SEX\n${patients.join("\n")}\n`);
  const out = createWriteStream(join(directory, "labs.csv"));
  out.write("ORDNO,PATNO,ORDERED,TAKEN,CODE,RESULT,UNIT,LOW,HIGH,WARD,DEPT,DCYN\n");
  for (let start = 0; start < labRows; start += 10_000) {
    const lines = Array.from({ length: 10_000 }, (_, i) => {
      const isHaemoglobin = random.below(2) === 0;
      const result = isHaemoglobin
        ? `L2001,${(80 + random.below(100)) / 10},g/dL,12,16`
        : `L3013,${(50 + random.below(300)) / 100},mg/dL,0.6,1.2`;
      return `${start + i},P${random.below(PATIENTS)},${day()},${day()} ${two(random.below(24))}:${two(random.below(60))},${result},W${random.below(40)},D${random.below(30)},${random.below(50) === 0 ? "Y" : "N"}`;
    });
    if (!out.write(`${lines.join("\n")}\n`)) await new Promise<void>((resolve) => out.once("drain", () => resolve()));
  }
  await new Promise<void>((resolve) => out.end(() => resolve()));
}

if (!(await answerIfAsked(import.meta.url, load)) && isMain(import.meta.url)) {
  benchCp949();
  await benchIngest();
}
