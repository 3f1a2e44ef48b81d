import assert from "node:assert/strict";
import { statSync } from "node:fs";
import { test } from "node:test";
import type { ResourceChange } from "@dure/clinical/fhir";
import { sha256 } from "@dure/kernel";
import fc from "fast-check";
import type { IntakeStore } from "./intake-store.ts";
import { contentOf, intakeFolder, merge, patient, put, remove } from "./testing.ts";

const day = (number: number): string => `2026-01-0${number}T00:00:00.000000000Z`;

async function deliver(store: IntakeStore, name: string, changes: readonly ResourceChange[], source = "emr") {
  const { number } = await store.begin({ source, name, sha256: sha256(name) });
  await store.apply(number, { changes, faults: [], position: changes.length });
  return store.finish(number);
}

test("versions decide what stands, whatever the order of arrival; equal ones let the later stand", async () => {
  await using folder = intakeFolder();
  const store = await folder.open();
  assert.equal(statSync(folder.storePath).mode & 0o777, 0o600);

  const first = await deliver(store, "1", [put(patient("a"), day(2)), put(patient("b"), day(2)), put(patient("c"), day(2))]);
  assert.deepEqual([first.itemsIn, first.added], [3, 3]);
  const second = await deliver(store, "2", [
    put(patient("a", { gender: "male" }), day(1)), // older
    put(patient("b"), day(2)), // the same again
    put(patient("c", { gender: "female" }), "2026-01-02T09:00:00+09:00"), // the same instant, another content
  ]);
  assert.deepEqual([second.itemsIn, second.outdated, second.replaced], [3, 2, 1]);
  assert.deepEqual(await contentOf(store), [
    `${day(2)}: {"resourceType":"Patient","id":"a"}`,
    `${day(2)}: {"resourceType":"Patient","id":"b"}`,
    `${day(2)}: {"resourceType":"Patient","id":"c","gender":"female"}`,
  ]);

  const third = await deliver(store, "3", [remove("a", day(3)), put(patient("a"), day(2)), remove("b", day(1)), remove("z", day(1))]);
  assert.deepEqual([third.itemsIn, third.deleted, third.outdated], [4, 2, 2]);
  assert.deepEqual(await store.counts("emr"), [{ resourceType: "Patient", count: 2 }]);
  const named = ["a", "b", "y"].map((id) => ({ resourceType: "Patient", id }));
  assert.deepEqual([...(await store.find("emr", named))], [["Patient/b", patient("b")]]);
  const fourth = await deliver(store, "4", [put(patient("a"), day(4)), put(patient("z"), day(1))]);
  assert.deepEqual([fourth.added, fourth.outdated], [2, 0]);
  assert.deepEqual(await store.counts("other"), []);
});

test("a version that the source does not name is decided by the order of arrival", async () => {
  await using folder = intakeFolder();
  const store = await folder.open();
  const report = await deliver(store, "1", [
    put(patient("a"), day(2)),
    put(patient("a", { gender: "male" }), ""),
    put(patient("a", { gender: "male" }), ""),
    put(patient("a", { gender: "female" }), day(1)),
  ]);
  assert.deepEqual([report.added, report.replaced, report.outdated], [1, 2, 1]);
  assert.deepEqual(await contentOf(store), [`${day(1)}: {"resourceType":"Patient","id":"a","gender":"female"}`]);
});

test("merges are followed to the last survivor, and one that would close a circle is a named fault", async () => {
  await using folder = intakeFolder();
  const store = await folder.open();
  const first = await deliver(store, "1", [merge("a", "b", day(1)), merge("d", "b", day(1)), merge("a", "b", day(1))]);
  assert.deepEqual([first.merged, first.outdated], [2, 1]);
  const second = await deliver(store, "2", [
    merge("b", "c", day(2)),
    merge("c", "a", day(3)),
    merge("e", "e", day(3)),
    merge("d", "a", day(1)),
    merge("d", "x", "2025-12-31T00:00:00Z"),
  ]);
  assert.deepEqual([second.merged, second.faultCount, second.outdated, second.itemsIn], [2, 2, 1, 5]);
  assert.deepEqual(
    second.faults.map(({ code, place }) => [code, place.file]),
    [
      ["intake/merge-cycle", "2"],
      ["intake/merge-cycle", "2"],
    ],
  );
  assert.deepEqual([...(await store.merges("emr"))].sort(), [
    ["a", "c"],
    ["b", "c"],
    ["d", "c"],
  ]);
});

test("a delivery goes on at its position, and one that was taken in is known by its content", async () => {
  await using folder = intakeFolder();
  const store = await folder.open();
  const delivery = { source: "emr", name: "a.ndjson", sha256: sha256("a") };
  const { number } = await store.begin(delivery);
  await store.apply(number, { changes: [put(patient("a"), day(1))], faults: [], position: 7 });
  await store.close();

  const again = await folder.open();
  assert.deepEqual(await again.begin(delivery), { number, position: 7, isDone: false });
  await again.finish(number);
  assert.deepEqual(await again.begin({ ...delivery, name: "renamed.ndjson" }), { number, position: 7, isDone: true });
  const stream = { source: "emr", name: "mllp" };
  const { number: streamNumber } = await again.begin(stream);
  await again.apply(streamNumber, { changes: [], faults: [], position: 3 });
  await again.finish(streamNumber);
  assert.deepEqual(await again.begin(stream), { number: streamNumber, position: 3, isDone: false });
  assert.deepEqual(
    (await again.deliveries()).map(({ name, isDone }) => [name, isDone]),
    [
      ["a.ndjson", true],
      ["mllp", false],
    ],
  );
  await assert.rejects(folder.open(), { code: "store/in-use" });
});

test("a store that refuses a batch keeps what it had", async () => {
  await using folder = intakeFolder();
  const store = await folder.open();
  const { number } = await store.begin({ source: "emr", name: "1", sha256: sha256("1") });
  const broken = { kind: "put", resource: { resourceType: "Patient" }, version: day(1) } as ResourceChange;
  await assert.rejects(store.apply(number, { changes: [put(patient("a"), day(1)), broken], faults: [], position: 2 }));
  assert.deepEqual(await store.begin({ source: "emr", name: "1", sha256: sha256("1") }), { number, position: 0, isDone: false });
  assert.deepEqual(await store.counts("emr"), []);
});

const changes = fc.array(
  fc.record({
    kind: fc.constantFrom("put", "put", "delete"),
    id: fc.constantFrom("a", "b", "c"),
    day: fc.integer({ min: 1, max: 4 }),
    fill: fc.nat(2),
  }),
  { maxLength: 24 },
);

test("any split into batches and any repetition give the same content as one batch, and every item is counted", async () => {
  await using folder = intakeFolder();
  const store = await folder.open();
  let run = 0;
  await fc.assert(
    fc.asyncProperty(changes, fc.nat(24), async (drawn, cut) => {
      const list = drawn.map(({ kind, id, day: at, fill }) => (kind === "put" ? put(patient(id, { fill }), day(at)) : remove(id, day(at))));
      const [whole, parted] = [`whole-${++run}`, `parted-${run}`];
      const one = await deliver(store, whole, list, whole);
      const [a, b] = [
        await deliver(store, `${parted}-a`, list.slice(0, cut), parted),
        await deliver(store, `${parted}-b`, list.slice(cut), parted),
      ];
      assert.equal(one.itemsIn, list.length);
      for (const field of ["added", "replaced", "deleted", "outdated"] as const) assert.equal(a[field] + b[field], one[field]);
      assert.deepEqual(await contentOf(store, "Patient", parted), await contentOf(store, "Patient", whole));
    }),
    { numRuns: 12 },
  );
});
