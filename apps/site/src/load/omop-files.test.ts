import assert from "node:assert/strict";
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { crc32, deflateRawSync } from "node:zlib";
import { findOmopFiles } from "./omop-files.ts";

const folder = mkdtempSync(join(tmpdir(), "dure-omop-files-"));
after(() => rmSync(folder, { recursive: true, force: true }));
const scratch = join(folder, "scratch");

interface ZipEntry {
  readonly name: string;
  readonly content: Uint8Array;
  /** What the archive says of the size, where it lies. */
  readonly statedBytes?: number;
}

/** A zip archive as PKWARE's APPNOTE has it: local headers with data, the central directory, its end. */
function writeZip(name: string, entries: readonly ZipEntry[]): string {
  const locals: Buffer[] = [];
  const central: Buffer[] = [];
  let offset = 0;
  for (const { name: entryName, content, statedBytes = content.byteLength } of entries) {
    const [data, names] = [deflateRawSync(content), Buffer.from(entryName)];
    const common = Buffer.alloc(26);
    for (const [value, at] of [
      [20, 0],
      [8, 4],
      [names.length, 22],
    ] as const)
      common.writeUInt16LE(value, at);
    for (const [value, at] of [
      [crc32(content), 10],
      [data.length, 14],
      [statedBytes, 18],
    ] as const)
      common.writeUInt32LE(value, at);
    const local = Buffer.concat([Buffer.from("504b0304", "hex"), common, names, data]);
    const tail = Buffer.alloc(14);
    tail.writeUInt32LE(offset, 10);
    central.push(Buffer.concat([Buffer.from("504b01021400", "hex"), common, tail, names]));
    locals.push(local);
    offset += local.length;
  }
  const directory = Buffer.concat(central);
  const end = Buffer.alloc(22);
  end.write("504b0506", "hex");
  for (const [value, at] of [
    [entries.length, 8],
    [entries.length, 10],
  ] as const)
    end.writeUInt16LE(value, at);
  for (const [value, at] of [
    [directory.length, 12],
    [offset, 16],
  ] as const)
    end.writeUInt32LE(value, at);
  const path = join(folder, name);
  writeFileSync(path, Buffer.concat([...locals, directory, end]));
  return path;
}

const PERSON = Buffer.from("person_id,gender_concept_id\n1,8532\n");

test("a zip is unpacked under names of our own, whatever folders it has; what is no table stays packed", async () => {
  const path = writeZip("good.zip", [
    { name: "export/PERSON.csv", content: PERSON },
    { name: "export/readme.txt", content: PERSON },
    { name: "__MACOSX/._PERSON.csv", content: PERSON },
  ]);
  const files = await findOmopFiles(path, scratch);
  assert.deepEqual(
    files.map(({ table, name, form }) => [table, name, form.kind === "csv" ? form.columns : []]),
    [["person", "PERSON.csv", ["person_id", "gender_concept_id"]]],
  );
  assert.deepEqual(readFileSync(files[0]?.path ?? ""), PERSON);
  assert.equal(readdirSync(scratch).length, 1);
});

const REFUSED: readonly (readonly [fact: string, entries: readonly ZipEntry[], code: string])[] = [
  ["a bomb: a table of 1,000 times its packed size", [{ name: "person.csv", content: Buffer.alloc(17 * 2 ** 20) }], "load/zip-too-large"],
  ["more bytes than it states", [{ name: "person.csv", content: Buffer.alloc(5000, "a"), statedBytes: 10 }], "load/broken-archive"],
  ["a path out of the folder", [{ name: "../person.csv", content: PERSON }], "load/broken-archive"],
  ["no table", [{ name: "patients.csv", content: PERSON }], "load/omop-no-tables"],
  [
    "a table twice",
    [
      { name: "a/person.csv", content: PERSON },
      { name: "b/PERSON.CSV", content: PERSON },
    ],
    "load/omop-table-twice",
  ],
];

test("an archive that is none, or too much, is refused by name and writes nothing outside its folder", async () => {
  for (const [fact, entries, code] of REFUSED) {
    await assert.rejects(findOmopFiles(writeZip("bad.zip", entries), scratch), { code }, fact);
  }
  assert.equal(existsSync(join(folder, "person.csv")), false);
  const whole = readFileSync(writeZip("cut.zip", [{ name: "person.csv", content: PERSON }]));
  writeFileSync(join(folder, "cut.zip"), whole.subarray(0, -10));
  await assert.rejects(findOmopFiles(join(folder, "cut.zip"), scratch), { code: "load/broken-archive" });
});
