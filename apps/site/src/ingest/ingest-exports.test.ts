import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import type { Mapping } from "@dure/clinical";
import { DureError } from "@dure/kernel";
import { sql } from "../store/clinical-sql.ts";
import { snapshotSchema } from "../store/clinical-store.ts";
import { readResearchTable } from "../store/clinical-table.ts";
import { openClinicalStore } from "../store/open-clinical-store.ts";
import { type IngestOptions, ingestExports } from "./ingest-exports.ts";
import type { FileReport, LoadReport } from "./load-report.ts";
import { findHospitalNumber, findPersonIds } from "./person-keys.ts";
import { mappingOf, researchTable, type TestFolder, testClock, testFolder, testKeyTable } from "./testing.ts";
import { generateHospital, type Hospital } from "./testing-hospital.ts";

const table = researchTable("breast-registry");

function put(folder: TestFolder, hospital: Hospital): Mapping {
  for (const [name, content] of Object.entries(hospital.files)) folder.write(name, content);
  return mappingOf(hospital.mapping);
}

const load = (folder: TestFolder, mapping: Mapping, options: Partial<IngestOptions> = {}): Promise<LoadReport> =>
  ingestExports({ store: folder.store, mapping, directory: folder.path, keyTable: testKeyTable, clock: testClock, ...options });

const total = (counts: readonly { readonly rowCount: number }[]): number => counts.reduce((sum, { rowCount }) => sum + rowCount, 0);

function assertBalanced(file: FileReport): void {
  for (const rule of file.rules) {
    assert.equal(rule.rowsIn, rule.rowsOut + total(rule.excluded));
    assert.equal(file.rowsIn, rule.rowsOut + total(rule.excluded) + total(file.excluded));
  }
}

test("four files in four manners give the research table that the generator expects, row by row", async () => {
  await using folder = await testFolder();
  const hospital = generateHospital(1, 400);
  await load(folder, put(folder, hospital));
  const rows = await readResearchTable(folder.store, table);
  const ids = await folder.store.read((session) => findPersonIds(session, testKeyTable.key, [...hospital.expected.keys()]));
  assert.equal(rows.rowKeys.length, hospital.expected.size);
  assert.deepEqual(rows.rowKeys, [...rows.rowKeys].sort());
  for (const [number, expected] of hospital.expected) {
    const i: number = rows.rowKeys.indexOf(ids.get(number) ?? "");
    const found = [...rows.columns].map(([name, column]): [string, number | undefined] => {
      assert(column.kind === "number");
      return [name, column.missing[i] === 1 ? undefined : column.values[i]];
    });
    assert.deepEqual(Object.fromEntries(found), expected);
  }
});

test("for every file and rule, rows in = rows out + rows excluded by reason, and rows out are in the store", async () => {
  await using folder = await testFolder();
  for (const [seed, patientCount] of [
    [2, 0],
    [3, 1],
    [4, 250],
  ] as const) {
    const report = await load(folder, put(folder, generateHospital(seed, patientCount)), { optOut: ["H1003", "H1007", "nobody"] });
    const stored = new Map<string, number>();
    for (const file of report.files) {
      assertBalanced(file);
      for (const [name, count] of Object.entries(file.rowsOutByTable)) stored.set(name, (stored.get(name) ?? 0) + count);
    }
    assert.equal(report.observationPeriods.rowsIn, report.personCount);
    for (const [name, count] of stored) {
      const found = await folder.store.read((session) =>
        session.rows({ kind: "sql", parts: [`SELECT count(*) FROM ${snapshotSchema(report.snapshot)}.${name}`] }),
      );
      assert.equal(Number(found[0]?.[0]), count, name);
    }
  }
});

test("who opted out is in no table and in no count, and the report says how many rows that left out", async () => {
  await using folder = await testFolder();
  const hospital = generateHospital(5, 60);
  const mapping = put(folder, hospital);
  const [number = ""] = hospital.expected.keys();
  const before = await load(folder, mapping);
  const ids = await folder.store.read((session) => findPersonIds(session, testKeyTable.key, [number]));
  const after = await load(folder, mapping, { optOut: [` ${number} `] });
  assert.equal(after.personCount, before.personCount - 1);
  for (const file of after.files)
    assert(file.excluded.some(({ reason, rowCount }) => reason === "opted out" && rowCount > 0) || file.file === "events");
  const rows = await readResearchTable(folder.store, table);
  assert.equal(rows.rowKeys.includes(ids.get(number) ?? ""), false);
  assert.equal(rows.rowKeys.length, hospital.expected.size - 1);
  const left = await folder.store.read((session) =>
    session.rows(sql`SELECT count(*) FROM snapshot_2.visit_occurrence WHERE person_id = ${ids.get(number) ?? ""}::BIGINT`),
  );
  assert.equal(Number(left[0]?.[0]), 0);
});

test("rows of a sensitive category never enter the store", async () => {
  await using folder = await testFolder();
  const report = await load(folder, put(folder, generateHospital(6, 40)), { sensitive: { concepts: ["hormone-therapy"] } });
  const rule = report.files[0]?.rules.find(({ rule }) => rule.includes("hormone-therapy"));
  assert.equal(rule?.rowsOut, 0);
  assert(rule.excluded.some(({ reason }) => reason === "sensitive category"));
  const rows = await readResearchTable(folder.store, table);
  assert.equal(rows.rowKeys.length, 0);
});

test("rows of a sensitive code in a column of the source never enter the store, and a column that is not there is refused", async () => {
  await using folder = await testFolder();
  const mapping = put(folder, generateHospital(6, 40));
  const cells = [{ file: "events", column: "KIND", startsWith: ["r", "m"] }];
  const report = await load(folder, mapping, { sensitive: { concepts: [], cells } });
  const events = report.files.find(({ file }) => file === "events");
  assert((events?.excluded.find(({ reason }) => reason === "sensitive category")?.rowCount ?? 0) > 0);
  assert.equal(events?.rowsOutByTable.episode, 0);
  for (const [file, code] of [
    ["events", "ingest/missing-column"],
    ["nothing", "ingest/unknown-sensitive-file"],
  ] as const) {
    const sensitive = { concepts: [], cells: [{ file, column: "DISEASE", startsWith: ["B20"] }] };
    await assert.rejects(load(folder, mapping, { sensitive }), { code });
  }
});

test("CDM_SOURCE says whose records these are and when they were loaded, and a later load of the same rows is the same snapshot", async () => {
  await using folder = await testFolder();
  const mapping = put(folder, generateHospital(13, 10));
  await load(folder, mapping, { holder: "Generated hospital foundation" });
  const rows = await folder.store.read((session) =>
    session.rows(
      sql`SELECT cdm_source_name, cdm_source_abbreviation, cdm_holder, cdm_release_date::VARCHAR, cdm_version, cdm_version_concept_id, vocabulary_version FROM snapshot_1.cdm_source`,
    ),
  );
  assert.deepEqual(rows, [["Generated hospital", "generated", "Generated hospital foundation", "2023-11-14", "5.4", 756265, "none"]]);
  const later = { ...testClock, nowMs: () => testClock.nowMs() + 86_400_000 };
  assert.equal((await load(folder, mapping, { clock: later })).unchanged, true);
});

test("the same exports twice are one snapshot; changed ones are the next, with the same surrogates, and the old one stays", async () => {
  await using folder = await testFolder();
  const hospital = generateHospital(7, 50);
  const mapping = put(folder, hospital);
  const first = await load(folder, mapping);
  const again = await load(folder, mapping);
  assert.deepEqual([again.snapshot, again.unchanged, again.newPersonCount], [1, true, 0]);
  assert.equal(again.snapshotHash, first.snapshotHash);
  const next = await load(folder, put(folder, generateHospital(7, 55)));
  assert.deepEqual([next.snapshot, next.unchanged, next.newPersonCount], [2, false, 5]);
  const old = await readResearchTable(folder.store, table, { snapshotNumber: 1 });
  const now = await readResearchTable(folder.store, table);
  assert.equal(old.snapshot.hash, first.snapshotHash);
  for (const key of old.rowKeys) assert(now.rowKeys.includes(key));
});

test("the store holds no hospital number in the clear, and the right key finds the patient again", async () => {
  await using folder = await testFolder();
  const hospital = generateHospital(8, 30);
  await load(folder, put(folder, hospital));
  const ids = await folder.store.read((session) => findPersonIds(session, testKeyTable.key, ["H1001"]));
  const personId = ids.get("H1001") ?? "";
  assert.match(personId, /^\d{15}$/);
  assert.equal(await folder.store.read((session) => findHospitalNumber(session, testKeyTable.key, personId)), "H1001");
  await assert.rejects(
    folder.store.read((session) => findHospitalNumber(session, new Uint8Array(32), personId)),
    { name: "DureError", code: "store/wrong-key" },
  );
  await folder.store.close();
  assert.equal(readFileSync(`${folder.path}/clinical.duckdb`).includes("H1001"), false);
  const reopened = await openClinicalStore(`${folder.path}/clinical.duckdb`);
  assert.equal((await reopened.snapshots()).length, 1);
  await reopened.close();
});

test("a load under another key is refused and changes nothing", async () => {
  await using folder = await testFolder();
  const mapping = put(folder, generateHospital(9, 10));
  await load(folder, mapping);
  await assert.rejects(load(folder, mapping, { keyTable: { ...testKeyTable, key: new Uint8Array(32) } }), { code: "store/wrong-key" });
  assert.equal((await folder.store.snapshots()).length, 1);
});

test("a statement over the open store reaches no other file", async () => {
  await using folder = await testFolder();
  folder.write("other.csv", "a\n1\n");
  await assert.rejects(
    folder.store.read((session) => session.rows(sql`SELECT * FROM read_csv(${`${folder.path}/other.csv`})`)),
    /disabled by configuration/,
  );
  await assert.rejects(
    folder.store.read((session) => session.run(sql`SET enable_external_access = true`)),
    /configuration|locked/i,
  );
});

test("an aborted load changes nothing and says so by its reason", async () => {
  await using folder = await testFolder();
  const mapping = put(folder, generateHospital(10, 10));
  const controller = new AbortController();
  const stopped = load(folder, mapping, { signal: controller.signal, onProgress: ({ kind }) => kind === "writing" && controller.abort() });
  await assert.rejects(stopped, { name: "AbortError" });
  assert.deepEqual(await folder.store.snapshots(), []);
});

test("a parameter that is missing or not allowed is one named problem", async () => {
  await using folder = await testFolder();
  const mapping = mappingOf(readFileSync(new URL("../../../../examples/mappings/metabric/mapping.yaml", import.meta.url), "utf8"));
  await assert.rejects(load(folder, mapping), { code: "ingest/bad-parameter" });
  await assert.rejects(
    load(folder, mapping, { parameters: { cohort: "6" } }),
    (error) => error instanceof DureError && error.problems.length === 1,
  );
});
