import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { sourceCodeKey } from "@dure/clinical";
import type { ReviewedCode } from "@dure/clinical/vocabulary";
import { type Clock, DureError } from "@dure/kernel";
import type { ClinicalStore } from "../store/clinical-store.ts";
import { openClinicalStore } from "../store/open-clinical-store.ts";
import { loadVocabulary } from "../vocabulary/load-vocabulary.ts";
import { writeAthena } from "../vocabulary/testing-vocabulary.ts";
import { codeLookup } from "../vocabulary/vocabulary-store.ts";
import { exportList, findConcepts, findTargets, importList, publishList, suggestForList } from "./review-map.ts";
import { LEASE_MS, ReviewStore } from "./review-store.ts";

const NOW = 1_700_000_000_000;
const clock: Clock = { nowMs: () => NOW, sleep: async () => undefined };
const LIST = "LOCAL-LAB";

const concepts = [
  { id: 3000963, vocabulary: "LOINC", code: "718-7", domain: "Measurement", standard: "S", name: "Hemoglobin [Mass/volume] in Blood" },
  {
    id: 3004410,
    vocabulary: "LOINC",
    code: "4548-4",
    domain: "Measurement",
    standard: "S",
    name: "Hemoglobin A1c/Hemoglobin.total in Blood",
  },
  {
    id: 3016723,
    vocabulary: "LOINC",
    code: "2160-0",
    domain: "Measurement",
    standard: "S",
    name: "Creatinine [Mass/volume] in Serum or Plasma",
  },
  { id: 1001, vocabulary: "SNOMED", code: "95570007", standard: "S", name: "Kidney stone" },
  { id: 1002, vocabulary: "KCD7", code: "N20.0", name: "Calculus of kidney" },
  { id: 1003, vocabulary: "SNOMED", code: "1", standard: "S", name: "Hemoglobin disorder" },
] as const;

/** Lists alone: nothing is asked of a vocabulary. */
function listsOnly(context: TestContext): { readonly reviews: ReviewStore } {
  const folder = mkdtempSync(join(tmpdir(), "dure-map-lists-"));
  const reviews = new ReviewStore(join(folder, "mapping-review.sqlite"));
  context.after(() => {
    reviews[Symbol.dispose]();
    rmSync(folder, { recursive: true });
  });
  return { reviews };
}

async function fixture(context: TestContext): Promise<{ readonly store: ClinicalStore; readonly reviews: ReviewStore }> {
  const folder = mkdtempSync(join(tmpdir(), "dure-map-review-"));
  const store = await openClinicalStore(join(folder, "clinical.duckdb"));
  const reviews = new ReviewStore(join(folder, "mapping-review.sqlite"));
  const path = writeAthena(join(folder, "athena"), {
    concepts: [...concepts],
    relations: [{ from: 1002, relation: "Maps to", to: 1001 }],
    synonyms: [
      [1002, "신장결석", 4175771],
      [3000963, "혈색소", 4175771],
    ],
  });
  await loadVocabulary({ store, path, clock });
  context.after(async () => {
    reviews[Symbol.dispose]();
    await store.close();
    rmSync(folder, { recursive: true });
  });
  return { store, reviews };
}

const named = (code: string, name: string, frequency: number, info: Readonly<Record<string, string>> = {}) => ({
  code,
  name,
  frequency,
  info,
});

const CODES = [
  named("L1", "Hemoglobin", 900, { korean: "혈색소" }),
  named("L2", "creatinin, serum", 500),
  named("L3", "신장 결석", 40),
  named("L4", "xyzzy", 3),
];

test("names in English and Korean, misspelt too, lead to standard concepts, the most frequent codes first", async (t) => {
  const { store, reviews } = await fixture(t);
  assert.deepEqual(reviews.addCodes(LIST, CODES, "kim", NOW), { added: 4 });
  assert.deepEqual(await suggestForList({ store, reviews, list: LIST, clock }), { codes: 4, suggested: 3 });
  const listed = reviews.codes(LIST, { limit: 10 }, NOW);
  assert.deepEqual(
    listed.map(({ code, status, targets }) => [code, status, targets[0]?.conceptId]),
    [
      ["L1", "AUTO_MAPPED", 3000963], // by its Korean synonym, letter for letter
      ["L2", "UNCHECKED", 3016723],
      ["L3", "UNCHECKED", 1001], // by the Korean synonym of the KCD code, through Maps to
      ["L4", "UNCHECKED", undefined],
    ],
  );
  assert.deepEqual(await suggestForList({ store, reviews, list: LIST, clock }), { codes: 1, suggested: 0 });
  const words = await findConcepts(store, "hemoglobin blood", 3, "Measurement");
  assert.deepEqual(words.map(({ conceptId }) => conceptId).sort(), [3000963, 3004410]); // and no condition
});

test("only what is approved maps, what is ignored is known to have no target, and a non-standard target is refused with what to take", async (t) => {
  const { store, reviews } = await fixture(t);
  reviews.addCodes(LIST, CODES, "kim", NOW);
  const approve = async (code: string, conceptId: number): Promise<void> => {
    const targets = await findTargets(store, [conceptId], "kim", NOW);
    const { revision = 0 } = reviews.find(LIST, code, NOW) ?? {};
    reviews.decide({ list: LIST, code, revision, by: "kim", nowMs: NOW, change: { status: "APPROVED", equivalence: "EQUAL", targets } });
  };
  await approve("L1", 3000963);
  await assert.rejects(
    approve("L3", 1002),
    (error: DureError) => error.code === "map/non-standard-target" && error.message.includes("1001"),
  );
  await assert.rejects(approve("L3", 77), { code: "map/unknown-concept" });
  reviews.decide({
    list: LIST,
    code: "L4",
    revision: 0,
    by: "kim",
    nowMs: NOW,
    change: { status: "IGNORED", comment: "a device's own check" },
  });
  assert.deepEqual(await publishList(store, reviews, LIST, NOW), { rows: 2 });
  const asked = ["L1", "L2", "L4"].map((code) => ({ vocabulary: LIST, code, onDate: "2024-01-01" }));
  const answers = await store.load([], async (session) => ({
    keep: false,
    result: await (await codeLookup(session)).lookUp(session, asked),
  }));
  assert.deepEqual(
    asked.map((code) => answers.get(sourceCodeKey(code))?.targets.map(({ conceptId }) => conceptId)),
    [[3000963], [], []],
  );
  assert.deepEqual(reviews.lists(), [
    {
      list: LIST,
      codes: 4,
      rows: 1443,
      byStatus: { APPROVED: { codes: 1, rows: 900 }, IGNORED: { codes: 1, rows: 3 }, UNCHECKED: { codes: 2, rows: 540 } },
    },
  ]);
});

test("a published target that an imported map names but the vocabulary does not take stops the publication as a whole", async (t) => {
  const { store, reviews } = await fixture(t);
  const content = `source_code,source_concept_id,source_vocabulary_id,source_code_description,target_concept_id,target_vocabulary_id,valid_start_date,valid_end_date,invalid_reason
L1,0,${LIST},Hb,3000963,LOINC,20200101,20221231,
L3,0,${LIST},stone,1002,KCD7,19700101,20991231,
L9,0,OTHER,other,3000963,LOINC,19700101,20991231,
L5,0,${LIST},gone,3000963,LOINC,19700101,20991231,D
`;
  const from = { list: LIST, file: "map.csv", format: "source-to-concept-map" as const, by: "lee", nowMs: NOW };
  assert.deepEqual(importList(reviews, { ...from, content }), { codes: 2 });
  await assert.rejects(publishList(store, reviews, LIST, NOW), { code: "map/non-standard-target" });
  importList(reviews, { ...from, content: content.replace("1002,KCD7", "1001,SNOMED") });
  assert.deepEqual(await publishList(store, reviews, LIST, NOW), { rows: 2 });
  const lookUp = (onDate: string) =>
    store.load([], async (session) => {
      const key = { vocabulary: LIST, code: "L1", onDate };
      return { keep: false, result: (await (await codeLookup(session)).lookUp(session, [key])).get(sourceCodeKey(key))?.targets.length };
    });
  assert.deepEqual([await lookUp("2021-06-01"), await lookUp("2023-06-01")], [1, 0]);
  assert.match(exportList(reviews, LIST, "source-to-concept-map", NOW), /L1,0,LOCAL-LAB,Hb,3000963,,2020-01-01,2022-12-31,/);
});

test("two people cannot decide over each other: a lease, and a revision that is looked at", (t) => {
  const { reviews } = listsOnly(t);
  reviews.addCodes(LIST, CODES, "kim", NOW);
  reviews.lock(LIST, "L1", "kim", NOW);
  assert.throws(() => reviews.lock(LIST, "L1", "lee", NOW + 1), { code: "map/locked" });
  assert.equal(reviews.find(LIST, "L1", NOW)?.lockedBy, "kim");
  const flag = { list: LIST, code: "L1", change: { status: "FLAGGED" as const } };
  assert.throws(() => reviews.decide({ ...flag, revision: 0, by: "lee", nowMs: NOW + 1 }), { code: "map/locked" });
  const later = NOW + LEASE_MS + 1;
  reviews.lock(LIST, "L1", "lee", later);
  assert.equal(reviews.decide({ ...flag, revision: 0, by: "lee", nowMs: later }).revision, 1);
  assert.throws(() => reviews.decide({ ...flag, revision: 0, by: "kim", nowMs: later }), { code: "map/changed-meanwhile" });
  assert.throws(() => reviews.decide({ ...flag, revision: 1, by: "kim", nowMs: later, change: { status: "APPROVED" } }), {
    code: "map/approved-without-target",
  });
  assert.deepEqual(
    reviews.history(LIST, "L1").map(({ revision, by, status }) => [revision, by, status]),
    [
      [0, "kim", "UNCHECKED"],
      [1, "lee", "FLAGGED"],
    ],
  );
  reviews.addCodes(LIST, [named("L1", "Haemoglobin", 1000)], "kim", later);
  const { status, frequency, name } = reviews.find(LIST, "L1", later) ?? assert.fail("the code is there");
  assert.deepEqual([status, frequency, name], ["FLAGGED", 1000, "Haemoglobin"]);
});

test("who opens the lists while somebody else writes them waits", async () => {
  const folder = mkdtempSync(join(tmpdir(), "dure-map-lists-"));
  const path = join(folder, "mapping-review.sqlite");
  new ReviewStore(path)[Symbol.dispose]();
  const holding = `
    const { DatabaseSync } = require("node:sqlite");
    const database = new DatabaseSync(${JSON.stringify(path)}, { timeout: 5000 });
    database.exec("PRAGMA journal_mode = DELETE; BEGIN EXCLUSIVE");
    console.log("held");
    setTimeout(() => database.close(), 600);`;
  const child = spawn(process.execPath, ["-e", holding], { stdio: ["ignore", "pipe", "inherit"] });
  const ended = once(child, "exit");
  await once(child.stdout, "data");
  const startMs = performance.now();
  using waited = new ReviewStore(path);
  assert(performance.now() - startMs > 200);
  assert.deepEqual(waited.lists(), []);
  await ended;
  rmSync(folder, { recursive: true });
});

test("a list goes to Usagi and back without loss, with several targets and further columns", (t) => {
  const { reviews } = listsOnly(t);
  reviews.addCodes(LIST, [named("L1", 'Hb, "total"', 9, { korean: "혈색소" }), CODES[1] ?? assert.fail()], "kim", NOW);
  const target = (conceptId: number, mappingType: "MAPS_TO" | "MAPS_TO_VALUE") => ({
    ...{ conceptId, mappingType, conceptName: "n", domain: "Measurement", createdBy: "kim", createdOnMs: NOW },
  });
  const targets = [target(3000963, "MAPS_TO"), target(9191, "MAPS_TO_VALUE")];
  const change = { status: "APPROVED" as const, equivalence: "WIDER" as const, targets, comment: "두 줄\n의견", assignedReviewer: "lee" };
  reviews.decide({ list: LIST, code: "L1", revision: 0, by: "kim", nowMs: NOW, change });
  const content = exportList(reviews, LIST, "usagi", NOW);
  const strip = (code: ReviewedCode & { readonly revision?: number }) => ({ ...code, revision: 0 });
  const before = reviews.codes(LIST, { limit: 10 }, NOW).map(strip);
  importList(reviews, { list: "COPY", content, file: "usagi.csv", format: "usagi", by: "kim", nowMs: NOW });
  assert.deepEqual(reviews.codes("COPY", { limit: 10 }, NOW).map(strip), before);
  const old = content.replaceAll("MAPS_TO_VALUE", "VALUE").replaceAll("MAPS_TO", "EVENT");
  importList(reviews, { list: "OLD", content: old, file: "usagi.csv", format: "usagi", by: "kim", nowMs: NOW });
  assert.deepEqual(reviews.codes("OLD", { limit: 10 }, NOW).map(strip), before);
});

test("every bad cell of a file is named by row and column, without its content, and nothing is imported", (t) => {
  const { reviews } = listsOnly(t);
  const from = { list: LIST, file: "usagi.csv", format: "usagi" as const, by: "kim", nowMs: NOW };
  const bad = "sourceCode,sourceName,mappingStatus,conceptId\nA,canary,APPROVED,1\n,canary,canary,canary\n";
  assert.throws(
    () => importList(reviews, { ...from, content: bad }),
    (error: unknown) =>
      error instanceof DureError &&
      error.problems.map(({ place }) => `${place.row} ${place.column}`).join() === "2 mappingStatus,2 conceptId,2 sourceCode" &&
      !error.message.includes("canary"),
  );
  assert.throws(() => importList(reviews, { ...from, content: "a,b\n1,2\n" }), { code: "map/missing-column" });
  assert.throws(() => importList(reviews, { ...from, content: 'a,"b\n' }), { code: "map/not-csv" });
  assert.deepEqual(reviews.lists(), []);
});
