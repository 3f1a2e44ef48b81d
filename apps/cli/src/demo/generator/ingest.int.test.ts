/** From the generator's truth through each hospital's export, its mapping and OMOP to the research table, and back to the truth. */

import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { copyFile, mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { type Mapping, parseMapping, parseResearchTable } from "@dure/clinical";
import { DureError } from "@dure/kernel";
import { openClinicalStore, readResearchTable } from "@dure/site";
import { ingestExports } from "@dure/site/load";
import { DEMO_HOSPITALS, DEMO_SEED, type DemoHospital, drawPatients, exportPatients } from "./hospitals.ts";
import { ageYears, type Patient, RECEPTOR_POSITIVE_FROM } from "./patient.ts";
import { demoMappingPath } from "./write-exports.ts";

const COLUMNS = ["age", "size_cat", "grade", "nodes", "er_pos", "pr_pos", "hormon", "days", "event", "y5"] as const;
/** Enough to meet every code and every missing value of a hospital. */
const PATIENT_COUNT_MAX = 1500;
const FIVE_YEARS_DAYS = 1826;

/** How much of the age an export keeps. */
const WRITTEN_AGE: Readonly<Record<string, (age: number) => number>> = { mirae: Math.floor, baekdu: (age) => Number(age.toFixed(2)) };

const tableFile = fileURLToPath(new URL("../../../../../tables/breast-registry.yaml", import.meta.url));
const table = parseResearchTable({ file: "breast-registry.yaml", text: await readFile(tableFile, "utf8") });

async function readMapping(siteId: string): Promise<Mapping> {
  const file = demoMappingPath(siteId);
  return parseMapping({ file, text: await readFile(file, "utf8") });
}

/** The research table that a hospital's export gives under a mapping. */
async function readThroughOmop(directory: string, mapping: Mapping) {
  const scratch = await mkdtemp(join(tmpdir(), "dure-demo-store-"));
  const store = await openClinicalStore(join(scratch, "clinical.duckdb"));
  try {
    const keyTable = {
      key: new Uint8Array(32).fill(7),
      random: { kind: "secure" as const, bytes: (n: number) => new Uint8Array(randomBytes(n)) },
    };
    const clock = { nowMs: () => 1_700_000_000_000, sleep: async () => undefined };
    const report = await ingestExports({ store, mapping, directory, keyTable, clock });
    return { report, rows: await readResearchTable(store, table) };
  } finally {
    await store.close();
    await rm(scratch, { recursive: true });
  }
}

async function withExport(hospital: DemoHospital, work: (directory: string, patients: readonly Patient[]) => Promise<void>): Promise<void> {
  const smaller = { ...hospital, patientCount: Math.min(hospital.patientCount, PATIENT_COUNT_MAX) };
  const patients = drawPatients(smaller, DEMO_SEED);
  const directory = await mkdtemp(join(tmpdir(), "dure-demo-export-"));
  try {
    for (const file of exportPatients(smaller, patients, DEMO_SEED)) await writeFile(join(directory, file.name), file.bytes);
    await work(directory, patients);
  } finally {
    await rm(directory, { recursive: true });
  }
}

const isRefusal =
  (...codes: readonly string[]) =>
  (error: unknown): boolean =>
    error instanceof DureError && error.problems.some(({ code }) => codes.includes(code));

/** Copies the export's files, again from the first when there are too few, to the names that a mapping asks for. */
async function renameTo(directory: string, mapping: Mapping): Promise<void> {
  const names = (await readdir(directory)).toSorted();
  for (const [i, { path }] of Object.values(mapping.files).entries()) {
    await copyFile(join(directory, names[i % names.length] ?? ""), join(directory, path));
  }
}

/** The row that the research table must hold; undefined where a value was never recorded. */
function expectedRow(patient: Patient, siteId: string): readonly (number | "")[] | undefined {
  const { sizeMm, grade, positiveNodes, oestrogenReceptor, progesteroneReceptor, hormoneTherapy, diagnosisDay } = patient;
  if (sizeMm === undefined || grade === undefined || positiveNodes === undefined) return undefined;
  if (oestrogenReceptor === undefined || progesteroneReceptor === undefined || hormoneTherapy === undefined) return undefined;
  const eventDay = patient.recurrence?.day ?? patient.deathDay;
  const days = (eventDay ?? patient.lastSeenDay) - diagnosisDay;
  const early = eventDay !== undefined && days <= FIVE_YEARS_DAYS;
  return [
    (WRITTEN_AGE[siteId] ?? ((age: number) => age))(ageYears(patient)),
    sizeMm <= 20 ? 1 : sizeMm <= 50 ? 2 : 3,
    grade,
    positiveNodes,
    Number(oestrogenReceptor >= RECEPTOR_POSITIVE_FROM),
    Number(progesteroneReceptor >= RECEPTOR_POSITIVE_FROM),
    Number(hormoneTherapy),
    days,
    Number(eventDay !== undefined),
    early ? 1 : days > FIVE_YEARS_DAYS ? 0 : "",
  ];
}

/** Surrogate person numbers are random, so the two tables are compared as bags of rows. */
const asBag = (rows: readonly (readonly (number | "")[])[]): readonly string[] => rows.map((row) => row.join(" ")).toSorted();

for (const hospital of DEMO_HOSPITALS) {
  test(`the export of ${hospital.siteId} under its own mapping gives the true rows of the breast registry`, async () => {
    await withExport(hospital, async (directory, patients) => {
      const { report, rows } = await readThroughOmop(directory, await readMapping(hospital.siteId));
      const expected = patients.flatMap((patient) => {
        const row = expectedRow(patient, hospital.siteId);
        return row === undefined ? [] : [row];
      });
      const found = rows.rowKeys.map((_key, i) =>
        COLUMNS.map((name): number | "" => {
          const column = rows.columns.get(name);
          assert(column?.kind === "number");
          return column.missing[i] === 1 ? "" : (column.values[i] ?? Number.NaN);
        }),
      );
      assert.equal(report.personCount, patients.length);
      assert.deepEqual(asBag(found), asBag(expected));
    });
  });

  test(`the export of ${hospital.siteId} under any other hospital's mapping is refused`, async () => {
    await withExport({ ...hospital, patientCount: 50 }, async (directory) => {
      for (const other of DEMO_HOSPITALS.filter(({ siteId }) => siteId !== hospital.siteId)) {
        const mapping = await readMapping(other.siteId);
        await assert.rejects(readThroughOmop(directory, mapping), isRefusal("ingest/missing-file"));
        await renameTo(directory, mapping);
        await assert.rejects(
          readThroughOmop(directory, mapping),
          isRefusal("ingest/missing-column", "ingest/wrong-encoding", "ingest/wrong-delimiter"),
        );
      }
    });
  });
}
