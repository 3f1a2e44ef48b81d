/** What other processes and a full disk can do to the store: refuse a load by name, and nothing else. */

import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { test } from "node:test";
import { ingestExports } from "./ingest-exports.ts";
import { mappingOf, testClock, testFolder, testKeyTable } from "./testing.ts";
import { generateHospital } from "./testing-hospital.ts";

/** Runs a module in a process whose files may not grow beyond so many KiB; prints what it printed. */
function runChild(source: string, fileKib?: number): string {
  const limit = fileKib === undefined ? "" : `trap '' XFSZ; ulimit -f ${fileKib}; `;
  const result = spawnSync("bash", ["-c", `${limit}exec "$0" --input-type=module -e "$1"`, process.execPath, source], {
    encoding: "utf8",
    cwd: import.meta.dirname,
  });
  return `${result.stdout}${result.stderr}`;
}

const moduleUrl = (path: string): string => JSON.stringify(new URL(path, import.meta.url).href);

test("a second process is refused the store by name", async () => {
  await using folder = await testFolder();
  const said = runChild(`
    const { openClinicalStore } = await import(${moduleUrl("../store/open-clinical-store.ts")});
    await openClinicalStore(${JSON.stringify(folder.store.path)}).then(() => console.log("opened"), (error) => console.log(error.code));`);
  assert.equal(said.trim(), "store/in-use");
});

test("a full disk refuses the load by name, and the previous snapshot stands", async () => {
  await using folder = await testFolder();
  const small = generateHospital(11, 20);
  for (const [name, content] of Object.entries(small.files)) folder.write(name, content);
  const first = await ingestExports({
    store: folder.store,
    mapping: mappingOf(small.mapping),
    directory: folder.path,
    keyTable: testKeyTable,
    clock: testClock,
  });
  await folder.store.close();
  const said = runChild(
    `
    const { openClinicalStore } = await import(${moduleUrl("../store/open-clinical-store.ts")});
    const { ingestExports } = await import(${moduleUrl("./ingest-exports.ts")});
    const { mappingOf, testClock, testKeyTable } = await import(${moduleUrl("./testing.ts")});
    const { generateHospital } = await import(${moduleUrl("./testing-hospital.ts")});
    import { writeFileSync } from "node:fs";
    const large = generateHospital(12, 6000);
    for (const [name, content] of Object.entries(large.files)) writeFileSync(${JSON.stringify(folder.path)} + "/" + name, content);
    const store = await openClinicalStore(${JSON.stringify(folder.store.path)});
    const options = { store, mapping: mappingOf(large.mapping), directory: ${JSON.stringify(folder.path)}, keyTable: testKeyTable, clock: testClock };
    console.log(await ingestExports(options).then(() => "loaded", (error) => error.code ?? error.message));
    const snapshots = await store.snapshots();
    console.log(snapshots.map(({ hash }) => hash).join());`,
    FILE_KIB,
  );
  assert.deepEqual(said.trim().split("\n"), ["store/disk-full", first.snapshotHash]);
});

/** Enough for the first snapshot and for the exports, too little for the second snapshot. */
const FILE_KIB = 3000;
