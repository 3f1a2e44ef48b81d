/** The listener on loopback with a real store: answers, limits, repetition, restart. */

import assert from "node:assert/strict";
import { once } from "node:events";
import test from "node:test";
import { systemClock } from "@dure/machine";
import { contentOf, type IntakeFolder, intakeFolder } from "../testing.ts";
import { type Listener, type ListenerLimits, startListener } from "./listener.ts";
import { emrSource, openSender, resultMessage } from "./testing-sender.ts";

const logged: Readonly<Record<string, string | number>>[] = [];

const listenOn = (folder: IntakeFolder, limits: Partial<ListenerLimits> = {}): Promise<Listener> =>
  startListener({
    ...emrSource,
    open: folder.open,
    host: "127.0.0.1",
    port: 0,
    limits,
    language: "en",
    clock: systemClock,
    log: (entry) => logged.push(entry),
  });

test("a message is answered AA when it is stored; a repetition and a late older one are AA and change nothing; a correction replaces", {
  timeout: 20_000,
}, async () => {
  await using folder = intakeFolder();
  const listener = await listenOn(folder);
  await using sender = await openSender(listener.port);
  assert.equal(await sender.ask(resultMessage("C1")), "AA");
  assert.equal(await sender.ask(resultMessage("C1")), "AA");
  assert.equal(listener.counts().repeated, 1);
  assert.equal(await sender.ask(resultMessage("C1", { value: "14.1", status: "C", at: "20240301120000" })), "AA");
  assert.equal(await sender.ask(resultMessage("C1", { value: "9.9", at: "20240301090000" })), "AA");
  assert.equal(await sender.ask(resultMessage("C2", { status: "F" })), "AA");
  assert.equal(await sender.ask(resultMessage("C2", { status: "W", at: "20240301130000" })), "AA");
  await listener.close();
  const [observation, ...others] = await contentOf(await folder.open(), "Observation");
  assert.match(observation ?? "", /"status":"corrected".*"value":14\.1/);
  assert.deepEqual(others, []);
});

test("each refusal has its code, and says nothing of the message", { timeout: 20_000 }, async () => {
  await using folder = intakeFolder();
  const listener = await listenOn(folder, { messageBytesMax: 2_000 });
  await using sender = await openSender(listener.port);
  const refusals: readonly (readonly [string, string, string, string])[] = [
    ["PID|1||1000042", "AR", "100", "hl7/no-header"],
    [resultMessage("C1").replace("ORU^R01", "ZZZ^Z01"), "AR", "200", "hl7/unknown-type"],
    [resultMessage("C1").replace("1000042", ""), "AE", "101", "hl7/no-patient"],
    [resultMessage("C1", { at: "29990101" }), "AE", "102", "hl7/future-time"],
    [resultMessage("C1", { more: "|||EBCDIC" }), "AE", "103", "hl7/unknown-charset"],
    [resultMessage("C1").replace("Haemoglobin", "혈색소"), "AE", "101", "hl7/undeclared-charset"],
    [resultMessage("C1").replace("F\r", `${"x".repeat(3_000)}\r`), "AR", "207", "hl7/too-large"],
  ];
  for (const [message, code, number, problem] of refusals) {
    sender.send(message);
    const [, msa, err] = await sender.answer();
    assert.deepEqual([msa?.[1], err?.[3]?.split("^")[0], err?.[5]], [code, number, problem], problem);
    assert.doesNotMatch((err ?? []).join("|"), /1000042|13\.4|혈색소/);
  }
  assert.equal(await sender.ask(resultMessage("S1").replace("ORU^R01", "SIU^S12")), "AA");
  assert.deepEqual(listener.counts().excluded, { scheduling: 1 });
  assert.doesNotMatch(JSON.stringify(logged), /1000042|13\.4/);
  await listener.close();
});

test("enhanced mode answers as MSH-15 and MSH-16 ask", { timeout: 20_000 }, async () => {
  await using folder = intakeFolder();
  const listener = await listenOn(folder);
  await using sender = await openSender(listener.port);
  sender.send(resultMessage("E1", { more: "AL|AL" }));
  sender.send(resultMessage("E2", { more: "AL|NE" }));
  sender.send(resultMessage("E3", { more: "ER|ER" }));
  sender.send(resultMessage("E4", { more: "NE|AL" }));
  const codes: string[] = [];
  for (let count = 0; count < 4; count += 1) {
    const [, msa] = await sender.answer();
    codes.push(`${msa?.[2]} ${msa?.[1]}`);
  }
  assert.deepEqual(codes, ["E1 CA", "E1 AA", "E2 CA", "E4 AA"]);
  await listener.close();
});

test("messages in pieces, several at once, with rubbish between them, are each answered in order", { timeout: 20_000 }, async () => {
  await using folder = intakeFolder();
  const listener = await listenOn(folder);
  await using sender = await openSender(listener.port);
  const stream = Buffer.from(["M1", "M2", "M3"].map((id) => `\r\n\u000b${resultMessage(id)}\u001c\r`).join("rubbish"));
  for (let at = 0; at < stream.length; at += 37) sender.send(stream.subarray(at, at + 37));
  const ids = [await sender.answer(), await sender.answer(), await sender.answer()].map(([, msa]) => `${msa?.[1]} ${msa?.[2]}`);
  assert.deepEqual(ids, ["AA M1", "AA M2", "AA M3"]);
  await listener.close();
});

test("a sender too many, too slow or silent loses its connection, and only it", { timeout: 20_000 }, async () => {
  await using folder = intakeFolder();
  const listener = await listenOn(folder, { connectionsMax: 3, messageMs: 150, idleMs: 600 });
  await using good = await openSender(listener.port);
  await using slow = await openSender(listener.port);
  await using silent = await openSender(listener.port);
  await using tooMany = await openSender(listener.port);
  await once(tooMany.socket, "close");
  slow.send(Buffer.from("\u000bMSH|^~\\&|"));
  await once(slow.socket, "close");
  assert.equal(await good.ask(resultMessage("G1")), "AA");
  await once(silent.socket, "close");
  assert.deepEqual(
    logged.slice(-3).map(({ reason }) => reason),
    ["connections-max", "message-too-slow", "idle"],
  );
  await listener.close();
});

test("closing answers what was read; a restarted listener goes on in the same delivery", { timeout: 20_000 }, async () => {
  await using folder = intakeFolder();
  const first = await listenOn(folder);
  await using sender = await openSender(first.port);
  for (const id of ["A1", "A2", "A3", "A4"]) sender.send(resultMessage(id));
  const [, msa] = await sender.answer();
  assert.deepEqual(msa?.slice(1), ["AA", "A1"]);
  await first.close();
  const second = await listenOn(folder);
  await using again = await openSender(second.port);
  assert.equal(await again.ask(resultMessage("A1")), "AA");
  await second.close();
  const store = await folder.open();
  const deliveries = await store.deliveries();
  assert.deepEqual(
    deliveries.map(({ name, faultCount }) => [name, faultCount]),
    [["mllp", 0]],
  );
});

test("where the store cannot be had the answer asks to send again, and then it is taken", { timeout: 20_000 }, async () => {
  await using folder = intakeFolder();
  const held = await folder.open();
  const listener = await listenOn(folder);
  await using sender = await openSender(listener.port);
  assert.equal(await sender.ask(resultMessage("B1")), "AR");
  await held.close();
  assert.equal(await sender.ask(resultMessage("B1")), "AA");
  await listener.close();
});
