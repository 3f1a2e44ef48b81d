/** What a hospital sends in a run over records in whose exports words were planted: every byte of it, as it goes on the line. */

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { create, toBinary } from "@bufbuild/protobuf";
import { encodeCp949 } from "@dure/kernel";
import { freezeStudy, parseStudy } from "@dure/study";
import { alliance as wire, writeToCoordinator } from "@dure/wire";
import { ingestExports } from "../ingest/ingest-exports.ts";
import { mappingOf, testClock, testFolder, testKeyTable } from "../ingest/testing.ts";
import { generateHospital } from "../ingest/testing-hospital.ts";
import { tableSourceOf } from "./store-source.ts";
import { TestAlliance, TestRun, victim } from "./testing-run.ts";

const readRepository = (name: string): Uint8Array =>
  new Uint8Array(readFileSync(fileURLToPath(new URL(`../../../../${name}`, import.meta.url))));
const study = freezeStudy(parseStudy(new TextDecoder().decode(readRepository("examples/studies/breast-recurrence.yaml"))), readRepository);

const TABLE = { name: "tables/breast-registry.yaml", content: readRepository("tables/breast-registry.yaml") };

const PLANTED = /kanaria|H1\d{3}\b/i;

test("no planted word and no hospital number is in any byte that a hospital sends in a run, or in its ledger", async () => {
  await using folder = await testFolder();
  const hospital = generateHospital(51, 500);
  for (const [name, content] of Object.entries(hospital.files))
    folder.write(name, name === "환자.csv" ? encodeCp949(planted(content)) : content);
  await ingestExports({
    ...{ store: folder.store, mapping: mappingOf(hospital.mapping), directory: folder.path },
    ...{ keyTable: testKeyTable, clock: testClock },
  });
  await folder.store.close();
  const source = tableSourceOf({ source: { kind: "store" } }, folder.store.path);
  const ids = ["hospital-1", "hospital-2", "hospital-3", "hospital-4", "hospital-5"];
  using alliance = new TestAlliance(Object.fromEntries(ids.map((id) => [id, source])));
  const run = new TestRun(alliance, "run-1", alliance.propose(study, undefined, [TABLE]));
  assert.equal((await run.finish()).status, "completed");
  const { sent, store, log } = alliance.site(victim);
  const kinds = new Set(sent.map(({ kind }) => kind));
  for (const kind of ["keys", "shares", "vector", "unmask"] as const) assert.ok(kinds.has(kind), `${[...kinds]}`);
  for (const message of sent) {
    const request = create(wire.PostRequestSchema, { content: { case: "toCoordinator", value: writeToCoordinator(message) } });
    const bytes = Buffer.from(toBinary(wire.PostRequestSchema, request));
    for (const encoding of ["latin1", "utf8", "utf16le"] as const) assert.doesNotMatch(bytes.toString(encoding), PLANTED, message.kind);
  }
  assert.doesNotMatch([...store.ledger()].join("\n"), PLANTED);
  assert.doesNotMatch([...log, run.answer].join("\n"), PLANTED);
});

/** The patients' file with columns that the mapping does not name. */
function planted(content: Uint8Array): string {
  const [header = "", ...rows] = new TextDecoder("euc-kr").decode(content).trimEnd().split("\r\n");
  const planted = rows.map((row, i) => `${row},kanaria${i},kanaria${i}@example.org,9001012${String(i).padStart(6, "0")}`);
  return [`${header},성명,이메일,주민등록번호`, ...planted, ""].join("\r\n");
}
