/** A load that comes while a run has its table: the run goes on with the old snapshot, the next run reads the new one. */

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import type { SiteFacts } from "@dure/federation/protocol";
import { canonicalJson, sha256, utf8 } from "@dure/kernel";
import { systemClock, systemRandom } from "@dure/machine";
import { freezeStudy, parseStudy } from "@dure/study";
import { ingestExports } from "../ingest/ingest-exports.ts";
import { mappingOf, type TestFolder, testClock, testFolder, testKeyTable } from "../ingest/testing.ts";
import { generateHospital } from "../ingest/testing-hospital.ts";
import { FrozenTables } from "../store/frozen-table.ts";
import { openClinicalStoreWaiting } from "../store/open-clinical-store.ts";
import { SiteStore } from "../store/site-store.ts";
import { LedgerWriter } from "./ledger-writer.ts";
import { tableSourceOf } from "./store-source.ts";
import { TableFreezer } from "./table-freezer.ts";

const readRepository = (name: string): Uint8Array =>
  new Uint8Array(readFileSync(fileURLToPath(new URL(`../../../../${name}`, import.meta.url))));

const study = freezeStudy(parseStudy(new TextDecoder().decode(readRepository("examples/studies/breast-recurrence.yaml"))), readRepository);
const tableFile = { name: "tables/breast-registry.yaml", content: readRepository("tables/breast-registry.yaml") };

async function load(folder: TestFolder, seed: number, patientCount: number): Promise<void> {
  const hospital = generateHospital(seed, patientCount);
  for (const [name, content] of Object.entries(hospital.files)) folder.write(name, content);
  const store = await openClinicalStoreWaiting(folder.store.path, systemClock);
  const mapping = mappingOf(hospital.mapping);
  await ingestExports({ store, mapping, directory: folder.path, keyTable: testKeyTable, clock: testClock });
  await store.close();
}

test("a snapshot loaded during a run changes nothing of it, also after a restart; the next run has the new rows", async () => {
  await using folder = await testFolder();
  await folder.store.close();
  await load(folder, 31, 400);
  const store = new SiteStore(":memory:");
  store.putStudy({ hash: study.hash, canonical: canonicalJson(study.canonical), proposal: "{}", roster: "{}", receivedAtMs: 1 }, [
    { sha256: sha256(tableFile.content), ...tableFile },
  ]);
  // The freezer asks for the study and the smallest cell, nothing else.
  const facts = { study, approval: { terms: { minimumCell: 5 } } } as unknown as SiteFacts;
  const newProcess = (): TableFreezer =>
    new TableFreezer({
      store,
      files: new FrozenTables(join(folder.path, "frozen")),
      source: tableSourceOf({ source: { kind: "store" } }, folder.store.path),
      ledger: new LedgerWriter({ store, alliance: "a", siteId: "hospital-1", clock: systemClock, random: systemRandom }),
      siteSecret: utf8("a secret of thirty-two characters"),
      clock: systemClock,
    });
  const first = await newProcess().tableOf("run-1", facts);
  assert.ok(first.rowCount > 50);
  await load(folder, 32, 700);
  assert.deepEqual(await newProcess().tableOf("run-1", facts), first);
  const second = await newProcess().tableOf("run-2", facts);
  assert.notEqual(second.hash, first.hash);
  assert.deepEqual(
    store.frozenTables().map(({ run, snapshot, rowCount }) => [run, snapshot, rowCount]),
    [
      ["run-1", 1, first.rowCount],
      ["run-2", 2, second.rowCount],
    ],
  );
  store.close();
});
