/** Files and folders of messages: resumed by position, read once, every message accounted for. */

import assert from "node:assert/strict";
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import test from "node:test";
import { DureError } from "@dure/kernel";
import { systemClock } from "@dure/machine";
import type { IntakeStore } from "../intake-store.ts";
import { contentOf, intakeFolder } from "../testing.ts";
import { readTerms } from "./site-terms.ts";
import { takeInHl7Files } from "./take-files.ts";
import { emrSource, resultMessage } from "./testing-sender.ts";

test("a folder's files are taken in whole, each message once: converted, left out by reason or refused", async () => {
  await using intake = intakeFolder();
  const folder = join(intake.path, "messages");
  mkdirSync(join(folder, "more"), { recursive: true });
  writeFileSync(
    join(folder, "a.hl7"),
    `FHS|^~\\&|\r${resultMessage("A1")}${resultMessage("A2").replace("ORU^R01", "SIU^S12")}PID|lost\r\nFTS|1\r`,
  );
  writeFileSync(
    join(folder, "more", "b.txt"),
    `PID|1\n${resultMessage("B1").replaceAll("\r", "\n")}${resultMessage("B2").replaceAll("\r", "\r\n")}`,
  );
  writeFileSync(join(folder, ".hidden"), "not a message");
  const store = await intake.open();
  const take = () => takeInHl7Files({ ...emrSource, store, paths: [folder], clock: systemClock });
  const reports = await take();
  assert.deepEqual(
    reports.map(({ messages }) => messages),
    [
      { read: 2, converted: 1, excluded: { scheduling: 1 }, refused: 0, withFaults: 0 },
      { read: 3, converted: 2, excluded: {}, refused: 1, withFaults: 0 },
    ],
  );
  assert.deepEqual(
    reports.map(({ delivery }) => delivery.faults.map(({ code, place }) => [code, place.row])),
    [[], [["hl7/no-header", 1]]],
  );
  const before = await contentOf(store, "Observation");
  assert.equal(before.length, 3);
  assert.ok((await take()).every(({ messages }) => messages.read === 0));
  assert.deepEqual(await contentOf(store, "Observation"), before);
});

test("a process that stopped between two batches goes on behind the first, and the end is the same", async () => {
  await using whole = intakeFolder();
  await using stopped = intakeFolder();
  const path = join(whole.path, "many.hl7");
  writeFileSync(path, Array.from({ length: 1_500 }, (_, index) => resultMessage(`N${index % 700}`, { value: String(index) })).join(""));
  const wholeStore = await whole.open();
  const [expected] = await takeInHl7Files({ ...emrSource, store: wholeStore, paths: [path], clock: systemClock });
  assert.equal(expected?.messages.read, 1_500);
  const store = await stopped.open();
  let batches = 0;
  const breaking: IntakeStore = {
    ...store,
    apply: (number, batch) => (++batches > 1 ? Promise.reject(new Error("the process ended")) : store.apply(number, batch)),
  };
  await assert.rejects(takeInHl7Files({ ...emrSource, store: breaking, paths: [path], clock: systemClock }));
  const [rest] = await takeInHl7Files({ ...emrSource, store, paths: [path], clock: systemClock });
  assert.equal(rest?.messages.read, 500);
  assert.deepEqual(await contentOf(store, "Observation"), await contentOf(wholeStore, "Observation"));
});

test("a path that is not there is named before anything is read; wrong words of the site are named all at once", async () => {
  await using intake = intakeFolder();
  const store = await intake.open();
  await assert.rejects(takeInHl7Files({ ...emrSource, store, paths: [intake.path, join(intake.path, "none")], clock: systemClock }), {
    code: "hl7/no-such-file",
  });
  assert.deepEqual(await store.deliveries(), []);
  assert.throws(
    () => readTerms({ zone: "KST", charset: "euckr", codingSystems: ["X"], diagnosisTypes: ["X=maybe"] }),
    (cause: unknown) =>
      cause instanceof DureError && cause.problems.length === 4 && cause.problems.every(({ code }) => code === "hl7/bad-option"),
  );
  const { terms } = readTerms({ codingSystems: ["LAB1=urn:example:lab"], diagnosisTypes: ["X=provisional"] });
  assert.deepEqual(
    [terms.codingSystems["LAB1"], terms.diagnosisCertainty["X"], terms.diagnosisCertainty["W"], terms.zone],
    [...["urn:example:lab", "provisional", "provisional", "+09:00"]],
  );
});
