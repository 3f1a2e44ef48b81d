/** Intakes in processes of their own: killed before and after every persisted step, and at random moments. */

import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { randomInt } from "node:crypto";
import { once } from "node:events";
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { systemClock } from "@dure/machine";
import { contentOf, type IntakeFolder, intakeFolder } from "../testing.ts";

const RESOURCES = 600;
const BATCH_CHANGES = 250;
/**
 * Where each process ends itself, as the one after the other goes on: before `begin` and after it, then before the next batch of three
 * and after it, then before `finish` and after it. Each process begins anew, so that the step it is to do is its second.
 */
const MOMENTS = [0, 1, 2, 3, 2, 3, 2, 3, 2, 3];
const RANDOM_KILLS = 10;
const moduleUrl = (path: string): string => JSON.stringify(new URL(path, import.meta.url).href);

function writeExport(folder: IntakeFolder): string {
  const path = join(folder.path, "export");
  mkdirSync(path);
  const lines = Array.from({ length: RESOURCES }, (_, i) =>
    i % 7 === 0
      ? `{"resourceType":"Patient","id":"${i >> 1}","active":true,"link":[{"type":"replaced-by","other":{"reference":"Patient/s${i % 5}"}}]}`
      : `{"resourceType":"Patient","id":"${i % (RESOURCES - 50)}","birthDate":"19${10 + (i % 90)}"${i % 100 === 1 ? "" : "}"}`,
  );
  writeFileSync(join(path, "Patient.ndjson"), lines.join("\n"));
  return path;
}

/** Ends itself by SIGKILL at the given step, counted from 0: even numbers before a step's transaction, odd ones after it. */
function spawnIntake(folder: IntakeFolder, exportPath: string, killAt = -1) {
  const source = `
    const { openIntakeStore } = await import(${moduleUrl("../intake-duckdb.ts")});
    const { takeInFiles } = await import(${moduleUrl("./take-in-files.ts")});
    const store = await openIntakeStore(${JSON.stringify(folder.storePath)});
    console.log("ready");
    let moment = 0;
    const at = () => { if (moment++ === ${killAt}) process.kill(process.pid, "SIGKILL"); };
    const killing = (work) => async (...given) => { at(); const result = await work(...given); at(); return result; };
    await takeInFiles([${JSON.stringify(exportPath)}], {
      store: { ...store, begin: killing(store.begin), apply: killing(store.apply), finish: killing(store.finish) },
      source: "emr", minimisation: { keepsFreeText: false }, policy: { onFault: "continue", faultsMax: 1000 }, batchChangesMax: ${BATCH_CHANGES},
    });
    await store.close();`;
  return spawn(process.execPath, ["--input-type=module", "-e", source], { cwd: import.meta.dirname, stdio: ["ignore", "pipe", "inherit"] });
}

async function stateOf(folder: IntakeFolder) {
  const store = await folder.open();
  const state = { deliveries: await store.deliveries(), merges: [...(await store.merges("emr"))].sort(), content: await contentOf(store) };
  await store.close();
  return state;
}

async function completed(folder: IntakeFolder, exportPath: string): Promise<void> {
  const child = spawnIntake(folder, exportPath);
  await once(child, "exit");
  assert.equal(child.exitCode, 0);
}

test("an intake killed before and after every persisted step, and at random moments, goes on to the same content and the same counts", async () => {
  await using reference = intakeFolder();
  const exportPath = writeExport(reference);
  const startMs = performance.now();
  await completed(reference, exportPath);
  const wholeMs = performance.now() - startMs;
  const expected = await stateOf(reference);
  const [delivery] = expected.deliveries;
  assert(delivery !== undefined && delivery.faultCount > 0 && delivery.merged > 0 && delivery.replaced > 0 && delivery.isDone);

  await using stepped = intakeFolder();
  for (const moment of MOMENTS) {
    const child = spawnIntake(stepped, exportPath, moment);
    await once(child, "exit");
    assert.equal(child.signalCode, "SIGKILL");
  }
  await completed(stepped, exportPath);
  assert.deepEqual(await stateOf(stepped), expected);

  await using random = intakeFolder();
  for (let i = 0; i < RANDOM_KILLS; i++) {
    const child = spawnIntake(random, exportPath);
    const ended = once(child, "exit");
    await systemClock.sleep(wholeMs * (randomInt(300, 1000) / 1000));
    child.kill("SIGKILL");
    await ended;
  }
  await completed(random, exportPath);
  assert.deepEqual(await stateOf(random), expected);
});
