import assert from "node:assert/strict";
import { appendFileSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { gzipSync } from "node:zlib";
import { DureError } from "@dure/kernel";
import type { IntakeStore } from "../intake-store.ts";
import { contentOf, intakeFolder } from "../testing.ts";
import { ITEM_BYTES_MAX, readLines } from "./read-lines.ts";
import { type BundlePart, splitBundle } from "./split-bundle.ts";
import { type FaultPolicy, takeInFiles } from "./take-in-files.ts";

const takingIn = (store: IntakeStore, policy: FaultPolicy = { onFault: "continue", faultsMax: 100 }) => ({
  store,
  source: "emr",
  minimisation: { keepsFreeText: false },
  policy,
});

const line = (id: string, fields: object = {}): string => JSON.stringify({ resourceType: "Patient", id, ...fields });
const entryOf = (resource: object, fields: object = {}): object => ({ resource, ...fields });

async function* inBlocks(bytes: Buffer, size: number): AsyncGenerator<Buffer> {
  for (let start = 0; start < bytes.length; start += size) yield bytes.subarray(start, start + size);
}

test("lines end with LF, CR or CRLF, wherever the blocks of the stream are cut", async () => {
  const bytes = Buffer.from("\ufeffa\nb\r\n\r\nc\rd\n\n\re");
  for (let size = 1; size <= bytes.length; size++) {
    if (size < 3) continue; // a stream's first block holds its first three bytes
    const found: string[] = [];
    for await (const lines of readLines(inBlocks(bytes, size))) found.push(...lines.map(({ number, bytes: own }) => `${number}${own}`));
    assert.deepEqual(found, ["1a", "2b", "4c", "5d", "8e"], `blocks of ${size}`);
  }
});

test("a bundle's entries are found by braces and quotes alone, wherever the blocks are cut", async () => {
  const entries = [{ resource: { a: '}]"\\', entry: [{ x: [1] }] } }, { b: "두레" }, {}];
  const bundle = { note: ["entry"], type: "collection", entry: entries, timestamp: "entry" };
  for (const json of [JSON.stringify(bundle), JSON.stringify(bundle, undefined, 2)]) {
    for (const size of [3, 5, 7, 64, 4096]) {
      const parts: BundlePart[] = [];
      for await (const part of splitBundle(inBlocks(Buffer.from(json), size))) parts.push(part);
      const found = parts.flatMap((part) => (part.kind === "entry" ? [JSON.parse(part.json ?? "")] : []));
      assert.deepEqual(found, entries);
      const head = parts.at(-1);
      assert.deepEqual(head?.kind === "head" && [JSON.parse(head.json ?? ""), head.isWhole], [{ ...bundle, entry: [] }, true]);
    }
  }
});

test("each bad line is named by file and line, and the others are taken in", async () => {
  await using folder = intakeFolder();
  const store = await folder.open();
  const export_ = join(folder.path, "export");
  mkdirSync(join(export_, "nested"), { recursive: true });
  const lines = [
    `\ufeff${line("a")}`,
    "",
    '{"resourceType":"Patient","id":"CANARY', // cut
    JSON.stringify({ resourceType: "Condition", id: "CANARY" }),
    '{"resourceType":"Patient","id":12345678901234567890,"name":[{"text":"CANARY"}]}',
    line("b", { name: [{ text: "CANARY" }] }),
    line("", { id: undefined }),
    "[1]",
    '"CANARY"',
    JSON.stringify({ id: "CANARY" }),
  ];
  const bytes = Buffer.concat([Buffer.from(`${lines.join("\r\n")}\n`), Buffer.from([0x22, 0xff, 0x22])]);
  writeFileSync(join(export_, "Patient.000.ndjson"), bytes);
  writeFileSync(join(export_, "nested", "other.ndjson.gz"), gzipSync(`{"resourceType":"Patientt","id":"x"}\n${line("c")}\n`));
  writeFileSync(join(export_, "log.ndjson"), "{}\n");

  const report = await takeInFiles([export_], takingIn(store));
  assert.deepEqual(report.ignored, ["log.ndjson"]);
  const [first, other] = report.deliveries;
  assert.deepEqual(
    first?.faults.map(({ code, place }) => [place.file, place.line, code]),
    [
      ["Patient.000.ndjson", 3, "intake/malformed-json"],
      ["Patient.000.ndjson", 4, "intake/wrong-type"],
      ["Patient.000.ndjson", 7, "intake/no-id"],
      ["Patient.000.ndjson", 8, "intake/not-a-resource"],
      ["Patient.000.ndjson", 9, "intake/not-a-resource"],
      ["Patient.000.ndjson", 10, "intake/not-a-resource"],
      ["Patient.000.ndjson", 11, "intake/not-utf8"],
    ],
  );
  assert.deepEqual([first?.itemsIn, first?.added, first?.faultCount], [10, 3, 7]);
  assert.deepEqual(
    other?.faults.map(({ code }) => code),
    ["intake/unknown-type"],
  );
  assert.deepEqual(
    (await contentOf(store)).map((content) => JSON.parse(content.slice(2)).id),
    ["12345678901234567890", "a", "b", "c"],
  );
  assert(!JSON.stringify([report, await contentOf(store)]).includes("CANARY"));
});

test("a file that is written to while it is read is no delivery, and is taken in anew once it stands", async () => {
  await using folder = intakeFolder();
  const store = await folder.open();
  const path = join(folder.path, "Patient.ndjson");
  writeFileSync(path, `${line("a")}\n`);
  const grow = () => appendFileSync(path, `${line("b")}\n`);
  await assert.rejects(takeInFiles([path], { ...takingIn(store), onProgress: grow }), { code: "intake/changed" });
  const { deliveries } = await takeInFiles([path], takingIn(store));
  assert.deepEqual([deliveries[0]?.isDone, (await store.counts("emr"))[0]?.count], [true, 2]);
});

test("under `stop` the fault is the next item: corrected, the same file's successor goes on", async () => {
  await using folder = intakeFolder();
  const store = await folder.open();
  const path = join(folder.path, "a.ndjson");
  writeFileSync(path, `${line("a")}\n{\n${line("c")}\n`);
  const stopping = takingIn(store, { onFault: "stop", faultsMax: 0 });
  for (let i = 0; i < 2; i++) await assert.rejects(takeInFiles([path], stopping), { code: "intake/malformed-json" });
  assert.deepEqual(await store.counts("emr"), [{ resourceType: "Patient", count: 1 }]);
  await assert.rejects(takeInFiles([path], takingIn(store, { onFault: "continue", faultsMax: 0 })), { code: "intake/too-many-faults" });
  const report = await takeInFiles([path], takingIn(store));
  assert.deepEqual([report.deliveries[0]?.itemsIn, report.deliveries[0]?.faultCount], [3, 1]);
});

test("bundles of every type: what they put, delete and merge, with references by id", async () => {
  await using folder = intakeFolder();
  const store = await folder.open();
  const write = (name: string, content: object | string): string => {
    const path = join(folder.path, name);
    writeFileSync(path, typeof content === "string" ? content : JSON.stringify(content));
    return path;
  };
  const encounter = { resourceType: "Encounter", subject: { reference: "urn:uuid:p" } };
  const transaction = write("transaction.json", {
    entry: [entryOf(encounter, { fullUrl: "urn:uuid:e" }), entryOf({ resourceType: "Patient" }, { fullUrl: "urn:uuid:p" })],
    resourceType: "Bundle",
    timestamp: "2026-01-01T00:00:00Z",
    type: "transaction",
  });
  const single = write("single.json", line("s"));
  await takeInFiles([transaction, single], takingIn(store));
  assert.deepEqual(await contentOf(store, "Encounter"), [
    `2026-01-01T00:00:00.000000000Z: {"resourceType":"Encounter","subject":{"reference":"Patient/p"},"id":"e"}`,
  ]);

  const history = write("history.json", {
    resourceType: "Bundle",
    type: "history",
    timestamp: "2026-01-02T00:00:00Z",
    entry: [
      { request: { method: "DELETE", url: "Encounter/e" } },
      entryOf({ resourceType: "Patient", id: "s", link: [{ type: "replaced-by", other: { reference: "Patient/p" } }] }),
      entryOf({ resourceType: "OperationOutcome", id: "o" }),
    ],
  });
  const { deliveries } = await takeInFiles([history], takingIn(store));
  const { itemsIn, deleted, replaced, merged, faults } = deliveries[0] ?? assert.fail("one delivery");
  assert.deepEqual([itemsIn, deleted, replaced, merged], [4, 1, 1, 1]);
  assert.deepEqual(
    faults.map(({ code, severity, place }) => [code, severity, place.path]),
    [["intake/operation-outcome", "warning", "entry[2]"]],
  );
  assert.deepEqual([...(await store.merges("emr"))], [["s", "p"]]);
  assert.deepEqual(await store.counts("emr"), [{ resourceType: "Patient", count: 2 }]);
});

test("a file cut short, one that is no archive, one with an endless line: named, and the other files are in", async () => {
  await using folder = intakeFolder();
  const store = await folder.open();
  const put = (name: string, content: string | Uint8Array): string => {
    writeFileSync(join(folder.path, name), content);
    return join(folder.path, name);
  };
  const bundle = JSON.stringify({ resourceType: "Bundle", type: "collection", entry: [entryOf({ resourceType: "Patient", id: "a" })] });
  const paths = [
    put("cut.json", bundle.slice(0, -3)),
    put(
      "cut.ndjson.gz",
      gzipSync(Array.from({ length: 500 }, (_, i) => line(`g${i}`, { active: Math.sin(i) })).join("\n")).subarray(0, 3000),
    ),
    put("no.ndjson.gz", "plain"),
    put("long.ndjson", `${" ".repeat(ITEM_BYTES_MAX + 1)}\n${line("l")}`),
    put("good.ndjson", line("good")),
  ];
  const fault: unknown = await takeInFiles(paths, takingIn(store)).catch((cause: unknown) => cause);
  assert(fault instanceof DureError);
  assert.deepEqual(
    fault.problems.map(({ code, place }) => [place.file, code]),
    [
      ["cut.json", "intake/cut-short"],
      ["cut.ndjson.gz", "intake/cut-short"],
      ["no.ndjson.gz", "intake/unreadable"],
    ],
  );
  const names = (await contentOf(store)).map((content) => JSON.parse(content.slice(2)).id);
  assert(names.includes("good") && names.includes("l") && !names.includes("a"));
  assert.deepEqual(
    (await store.deliveries()).find(({ name }) => name === "long.ndjson")?.faults.map(({ code }) => code),
    ["intake/too-long"],
  );
  await assert.rejects(takeInFiles(paths, { ...takingIn(store), asOf: "2026-01-31" }), { code: "intake/bad-instant" });
  await assert.rejects(takeInFiles([join(folder.path, "absent.ndjson"), put("a.csv", "")], takingIn(store)), (error) => {
    assert(error instanceof DureError);
    assert.deepEqual(
      error.problems.map(({ code }) => code),
      ["intake/missing", "intake/unknown-format"],
    );
    return true;
  });
});

test("nothing of what is left out is on the disk", async () => {
  await using folder = intakeFolder();
  const store = await folder.open();
  const path = join(folder.path, "a.ndjson");
  writeFileSync(
    path,
    `${line("a", { name: [{ family: "CANARYNAME" }], telecom: [{ value: "CANARYPHONE" }] })}\n{"resourceType":"Patient","id":"CANARYID"`,
  );
  await takeInFiles([path], takingIn(store));
  await store.close();
  const bytes = readFileSync(folder.storePath);
  assert.equal(bytes.includes("CANARY"), false);
});
