/** A load in a process of its own, side by side with a reading. */

import assert from "node:assert/strict";
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { test } from "node:test";
import { systemClock } from "@dure/machine";
import { readResearchTable } from "../store/clinical-table.ts";
import { openClinicalStore, openClinicalStoreWaiting } from "../store/open-clinical-store.ts";
import { ingestExports } from "./ingest-exports.ts";
import { mappingOf, researchTable, type TestFolder, testClock, testFolder, testKeyTable } from "./testing.ts";
import { generateHospital, type Hospital } from "./testing-hospital.ts";

const table = researchTable("breast-registry");
const before = generateHospital(21, 300);
const after = generateHospital(22, 3000);
const moduleUrl = (path: string): string => JSON.stringify(new URL(path, import.meta.url).href);

/** A process that loads the exports of a folder: it says `holding` when it has the store, and loads when it is told to. */
function spawnLoader(folder: TestFolder): ChildProcess {
  const source = `
    const { openClinicalStoreWaiting } = await import(${moduleUrl("../store/open-clinical-store.ts")});
    const { ingestExports } = await import(${moduleUrl("./ingest-exports.ts")});
    const { mappingOf, testKeyTable } = await import(${moduleUrl("./testing.ts")});
    const { generateHospital } = await import(${moduleUrl("./testing-hospital.ts")});
    const { systemClock } = await import("@dure/machine");
    const mapping = mappingOf(generateHospital(1, 0).mapping);
    const store = await openClinicalStoreWaiting(${JSON.stringify(folder.store.path)}, systemClock);
    console.log("holding");
    await new Promise((resolve) => process.stdin.once("data", resolve));
    process.stdin.destroy();
    await ingestExports({ store, mapping, directory: ${JSON.stringify(folder.path)}, keyTable: testKeyTable, clock: systemClock });
    await store.close();`;
  return spawn(process.execPath, ["--input-type=module", "-e", source], { cwd: import.meta.dirname, stdio: ["pipe", "pipe", "inherit"] });
}

const said = (child: ChildProcess): Promise<unknown> => once(child.stdout ?? assert.fail("its output is read"), "data");

function put(folder: TestFolder, hospital: Hospital): void {
  for (const [name, content] of Object.entries(hospital.files)) folder.write(name, content);
}

/** The table's rows without their surrogate keys, in an order of their own. */
async function rowsOf(path: string): Promise<readonly string[]> {
  const store = await openClinicalStoreWaiting(path, systemClock);
  const { columns, rowKeys } = await readResearchTable(store, table);
  await store.close();
  return asBag(
    rowKeys.map((_, i) =>
      [...columns].map(([name, column]) => [name, column.kind === "number" && column.missing[i] === 0 ? column.values[i] : undefined]),
    ),
  );
}

const expectedRows = ({ expected }: Hospital): readonly string[] => asBag([...expected.values()].map((row) => Object.entries(row)));

const asBag = (rows: readonly (readonly (readonly unknown[])[])[]): readonly string[] =>
  rows.map((row) => JSON.stringify([...row].sort(([a], [b]) => String(a).localeCompare(String(b))))).sort();

/** A store that holds the first hospital, closed, in a folder that holds the exports of the second. */
async function loadedFolder(): Promise<TestFolder> {
  const folder = await testFolder();
  put(folder, before);
  const mapping = mappingOf(before.mapping);
  await ingestExports({ store: folder.store, mapping, directory: folder.path, keyTable: testKeyTable, clock: testClock });
  await folder.store.close();
  put(folder, after);
  return folder;
}

test("a reading and a load in two processes wait for each other, and the reading sees one snapshot or the other", async () => {
  await using folder = await loadedFolder();
  const lengths = [before, after].map((hospital) => expectedRows(hospital).length);
  const child = spawnLoader(folder);
  const ended = once(child, "exit");
  await said(child);
  await assert.rejects(openClinicalStore(folder.store.path), { code: "store/in-use" });
  const seen: number[] = [];
  const readOften = async (): Promise<void> => {
    do seen.push((await rowsOf(folder.store.path)).length);
    while (child.exitCode === null);
  };
  const reading = readOften(); // begins while the load has the store
  child.stdin?.write("load\n");
  await Promise.all([ended, reading]);
  assert.equal(child.exitCode, 0);
  assert(seen.every((length) => lengths.includes(length)));
  assert.deepEqual(await rowsOf(folder.store.path), expectedRows(after));
});
