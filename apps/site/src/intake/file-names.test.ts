/** Exports name their files after patients: whoever took them in sees these names, below the folder given, and nobody else does. */

import assert from "node:assert/strict";
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { inspect } from "node:util";
import { systemClock } from "@dure/machine";
import { confirmedPolicy, fhirSite } from "../fhir-load/testing-fhir.ts";
import type { SqlSession } from "../store/clinical-session.ts";
import { identifier, sql } from "../store/clinical-sql.ts";
import { takeInFiles } from "./fhir/take-in-files.ts";
import { takeInHl7Files } from "./hl7v2/take-files.ts";
import { emrSource, resultMessage } from "./hl7v2/testing-sender.ts";

const PLANTED = /kanaria/i;

test("a file's name stays with its delivery: it is in no row, no load report and no fault of the load", async () => {
  await using site = await fhirSite();
  const [fhir, messages] = [join(site.folder.path, "fhir"), join(site.folder.path, "hl7")];
  mkdirSync(join(fhir, "2024"), { recursive: true });
  mkdirSync(join(messages, "2024"), { recursive: true });
  writeFileSync(join(fhir, "2024", "Kanaria_7f3a.ndjson"), `${PATIENT}\n${VISIT}\nno JSON\n`);
  writeFileSync(join(fhir, "Kanaria.txt"), "a note");
  writeFileSync(join(messages, "2024", "Kanaria.hl7"), `${resultMessage("A1")}PID|lost\r`);

  const taking = { store: site.intake, source: "emr", minimisation: { keepsFreeText: false } };
  const taken = await takeInFiles([fhir], { ...taking, policy: { onFault: "continue", faultsMax: 9 } });
  const [read] = await takeInHl7Files({ ...emrSource, store: site.intake, paths: [messages], clock: systemClock });
  const deliveries = await site.intake.deliveries();
  assert.deepEqual([taken.ignored, read?.name], [["Kanaria.txt"], "2024/Kanaria.hl7"]);
  assert.deepEqual(
    deliveries.map(({ name, faults }) => [name, faults.map(({ place }) => place.file)]),
    ["2024/Kanaria_7f3a.ndjson", "2024/Kanaria.hl7"].map((name) => [name, [name]]),
  );
  assert.equal(inspect([taken, read, deliveries], { depth: 9 }).includes(site.folder.path), false);

  const report = await site.load(confirmedPolicy("orders-count"));
  assert.equal(report.personCount, 1);
  assert.doesNotMatch(inspect(report, { depth: 20, maxArrayLength: null }), PLANTED);
  for (const resourceType of ["Patient", "Encounter", "Observation"]) {
    for await (const batch of site.intake.resources("emr", resourceType)) assert.doesNotMatch(JSON.stringify(batch), PLANTED);
  }
  const tables = await site.folder.store.read(everyTable);
  assert(tables.length > 40);
  for (const { table, text } of tables) assert.doesNotMatch(text, PLANTED, table);
  await assert.rejects(site.load(undefined), (cause) => !PLANTED.test(inspect(cause, { depth: 9 })));
});

const PATIENT = JSON.stringify({ resourceType: "Patient", id: "p1", gender: "female", birthDate: "1970-03-05" });
const VISIT = JSON.stringify({
  ...{ resourceType: "Encounter", id: "e1", status: "finished", class: { code: "AMB" }, subject: { reference: "Patient/p1" } },
  period: { start: "2024-03-02T23:30:00Z", end: "2024-03-03T00:30:00Z" },
});

async function everyTable(session: SqlSession) {
  const names = await session.rows(sql`SELECT schema_name, table_name FROM duckdb_tables() WHERE schema_name <> 'vocabulary'`);
  const read = names.map(async ([schema, table]) => {
    const [row] = await session.rows(
      sql`SELECT string_agg(t::VARCHAR, chr(10)) FROM ${identifier(String(schema))}.${identifier(String(table))} t`,
    );
    return { table: String(table), text: String(row?.[0] ?? "") };
  });
  return Promise.all(read);
}
