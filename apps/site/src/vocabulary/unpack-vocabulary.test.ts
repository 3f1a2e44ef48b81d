import assert from "node:assert/strict";
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { crc32, deflateRawSync } from "node:zlib";
import { openClinicalStore } from "../store/open-clinical-store.ts";
import { loadVocabulary } from "./load-vocabulary.ts";
import { writeAthena } from "./testing-vocabulary.ts";
import { unpackVocabulary } from "./unpack-vocabulary.ts";

function inFolder(context: TestContext): string {
  const folder = mkdtempSync(join(tmpdir(), "dure-unpack-"));
  context.after(() => rmSync(folder, { recursive: true }));
  return folder;
}

/** A zip of one disk, deflated. `claimedBytes` in place of an entry's true size. Source: PKWARE APPNOTE.TXT, section 4.3. */
function zipOf(entries: readonly (readonly [name: string, content: Buffer, claimedBytes?: number])[]): Buffer {
  const [locals, central]: [Buffer[], Buffer[]] = [[], []];
  let offset = 0;
  for (const [name, content, claimedBytes = content.length] of entries) {
    const packed = deflateRawSync(content);
    const fields = Buffer.alloc(26);
    fields.writeUInt16LE(20, 0);
    fields.writeUInt16LE(8, 4);
    fields.writeUInt32LE(crc32(content), 10);
    fields.writeUInt32LE(packed.length, 14);
    fields.writeUInt32LE(claimedBytes, 18);
    fields.writeUInt16LE(Buffer.byteLength(name), 22);
    locals.push(Buffer.from("PK\u0003\u0004"), fields, Buffer.from(name), packed);
    const tail = Buffer.alloc(14);
    tail.writeUInt32LE(offset, 10);
    central.push(Buffer.from("PK\u0001\u0002"), Buffer.from([20, 0]), fields, tail, Buffer.from(name));
    offset += 30 + Buffer.byteLength(name) + packed.length;
  }
  const end = Buffer.alloc(18);
  end.writeUInt16LE(entries.length, 4);
  end.writeUInt16LE(entries.length, 6);
  end.writeUInt32LE(Buffer.concat(central).length, 8);
  end.writeUInt32LE(offset, 12);
  return Buffer.concat([...locals, ...central, Buffer.from("PK\u0005\u0006"), end]);
}

test("a zip from Athena loads as it came, in whatever folder its files lie, and leaves nothing beside the store", async (t) => {
  const folder = inFolder(t);
  const files = writeAthena(join(folder, "athena"), { concepts: [{ id: 1, vocabulary: "KCD7", code: "N20.1" }] });
  const entries = readdirSync(files).map((name) => [`vocabulary_download/${name}`, readFileSync(join(files, name))] as const);
  const zip = join(folder, "download.zip");
  writeFileSync(
    zip,
    zipOf([
      ...entries,
      ["__MACOSX/CONCEPT.csv", Buffer.from("x")],
      ["cpt.sh", Buffer.from("x")],
      ["../../escape/DOMAINS.csv", Buffer.from("x")],
    ]),
  );
  const path = join(folder, "clinical.duckdb");
  const store = await openClinicalStore(path);
  mkdirSync(`${path}.vocabulary`); // as a killed load leaves it
  writeFileSync(`${path}.vocabulary/concept.csv`, "half");
  const clock = { nowMs: () => 0, sleep: async () => undefined };
  const steps = new Set<string>();
  await assert.rejects(loadVocabulary({ store, path: zip, clock }), { code: "vocabulary/archive-broken" }); // `..` in a name
  writeFileSync(zip, zipOf([...entries, ["__MACOSX/CONCEPT.csv", Buffer.from("x")], ["cpt.sh", Buffer.from("x")]]));
  await assert.rejects(loadVocabulary({ store, path: zip, clock, signal: AbortSignal.abort() }), { name: "AbortError" });
  const report = await loadVocabulary({ store, path: zip, clock, onProgress: ({ step }) => steps.add(step) });
  await store.close();
  assert.equal(report.version, "v5.0 27-FEB-26");
  assert.deepEqual([...steps], ["unpacking", "reading", "checking", "resolving"]);
  assert.equal(existsSync(`${path}.vocabulary`), false);
});

test("an archive that is broken, a bomb, or holds a table twice is refused by name", async (t) => {
  const folder = inFolder(t);
  const refused = async (bytes: Buffer, code: string): Promise<void> => {
    const zip = join(folder, "bad.zip");
    writeFileSync(zip, bytes);
    await assert.rejects(unpackVocabulary(zip, { into: join(folder, "out") }), { code }, code);
  };
  const concept = Buffer.from("concept_id\n".repeat(1000));
  await refused(Buffer.from("no zip at all"), "vocabulary/archive-broken");
  await refused(zipOf([["CONCEPT.csv", concept]]).subarray(0, 60), "vocabulary/archive-broken");
  await refused(zipOf([["CONCEPT.csv", concept, 50]]), "vocabulary/archive-broken"); // unpacks to more than it says
  await refused(zipOf([["CONCEPT.csv", Buffer.alloc(17 * 2 ** 20)]]), "vocabulary/archive-too-large");
  await refused(zipOf(Array.from({ length: 20 }, (_, i) => [`${i}/CONCEPT.csv`, concept])), "vocabulary/two-files");
  const tables = [
    "CONCEPT",
    "CONCEPT_ANCESTOR",
    "CONCEPT_SYNONYM",
    "CONCEPT_RELATIONSHIP",
    "VOCABULARY",
    "DOMAIN",
    "RELATIONSHIP",
    "DRUG_STRENGTH",
  ];
  const huge = [...tables, "CONCEPT_CLASS", "SOURCE_TO_CONCEPT_MAP", "CONCEPT_CPT4"].flatMap((name) => [
    [`${name}.csv`, concept, 2 ** 32 - 2] as const,
  ]);
  await refused(zipOf(huge), "vocabulary/archive-too-large");
  await assert.rejects(unpackVocabulary(join(folder, "nowhere.zip"), { into: join(folder, "out") }), { code: "vocabulary/not-there" });
});
