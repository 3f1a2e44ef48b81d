import assert from "node:assert/strict";
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { DuckDBInstance } from "@duckdb/node-api";
import { imageFile } from "@dure/clinical/dicom/testing";
import { hashJson } from "@dure/kernel";
import { sharedData } from "@dure/kernel/testing";
import { resolvePersons } from "../ingest/person-keys.ts";
import { testClock, testKeyTable } from "../ingest/testing.ts";
import { buildSnapshot } from "../load/build-snapshot.ts";
import type { Contributor } from "../load/contributor.ts";
import { identifier, sql } from "../store/clinical-sql.ts";
import { openClinicalStore } from "../store/open-clinical-store.ts";
import { decodeFrames } from "./decode-frames.ts";
import { ImageCatalogue } from "./image-catalogue.ts";
import { imageContributor } from "./image-contributor.ts";
import { readImage } from "./read-image.ts";
import { takeImages } from "./take-images.ts";
import { writeTensorTable } from "./tensor-table.ts";

interface Folder {
  readonly path: string;
  readonly put: (name: string, bytes: Uint8Array) => void;
  readonly take: () => ReturnType<typeof takeImages>;
  readonly cataloguePath: string;
  readonly imagesFolder: string;
}

async function inFolder(work: (folder: Folder) => Promise<void>): Promise<void> {
  const path = mkdtempSync(join(tmpdir(), "dure-images-"));
  mkdirSync(join(path, "in", "deeper"), { recursive: true });
  const [cataloguePath, imagesFolder] = [join(path, "images.sqlite"), join(path, "images")];
  try {
    await work({
      path,
      put: (name, bytes) => writeFileSync(join(path, "in", name), bytes),
      take: () => takeImages({ folder: join(path, "in"), imagesFolder, cataloguePath, key: new Uint8Array(32).fill(3) }),
      cataloguePath,
      imagesFolder,
    });
  } finally {
    rmSync(path, { recursive: true, force: true });
  }
}

const NOTHING = { filesIn: 0, taken: 0, replaced: 0, unchanged: 0, refused: {}, faultCount: 0, faults: [] };

test("every file of a folder is taken, refused by reason or a named fault, and the same folder again changes nothing", () =>
  inFolder(async ({ put, take, cataloguePath, imagesFolder }) => {
    put("a.dcm", imageFile({ patient: "1" }));
    put("deeper/b", imageFile({ patient: "1", instance: "1.2.3.1.1.2" }));
    put("ultrasound.dcm", imageFile({ patient: "2", modality: "US", instance: "1.2.3.1.1.3" }));
    put("written.dcm", imageFile({ patient: "2", burnedIn: "YES", instance: "1.2.3.1.1.4" }));
    put("cut.dcm", imageFile({ patient: "3", instance: "1.2.3.1.1.5" }).subarray(0, -4));
    put("nobody.dcm", imageFile({ patient: "", instance: "1.2.3.1.1.6" }));
    put("readme.txt", Buffer.from("canary"));
    const { faults, ...first } = await take();
    const refused = { "burned-in-possible-modality": 1, "burned-in-annotation": 1 };
    assert.deepEqual(first, { filesIn: 7, taken: 2, replaced: 0, unchanged: 0, refused, faultCount: 3 });
    assert.deepEqual(faults.map(({ code, place }) => [place.file, code]).sort(), [
      ["cut.dcm", "dicom/cut-short"],
      ["nobody.dcm", "dicom/no-identity"],
      ["readme.txt", "dicom/not-dicom"],
    ]);
    assert(!JSON.stringify(faults).includes("canary"));
    const kept = readdirSync(imagesFolder, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
    assert.equal(kept.length, 2);
    for (const { parentPath, name } of kept) {
      assert.equal(statSync(join(parentPath, name)).mode & 0o777, 0o600);
      assert(!readFileSync(join(parentPath, name)).includes("canary"));
    }
    const again = await take();
    assert.deepEqual([again.taken, again.replaced, again.unchanged], [0, 0, 2]);
    put("a.dcm", imageFile({ patient: "1", pixels: [[5]] }));
    assert.equal((await take()).replaced, 1);
    using catalogue = new ImageCatalogue(cataloguePath);
    assert.deepEqual([...catalogue.images()].map(({ rows }) => rows).sort(), [1, 2]);
  }));

test("a taking that ends in the middle goes on where it was", () =>
  inFolder(async ({ path, put, take, cataloguePath, imagesFolder }) => {
    for (let i = 0; i < 6; i++) put(`${i}.dcm`, imageFile({ instance: `1.2.3.1.1.${i}` }));
    const controller = new AbortController();
    const options = { folder: join(path, "in"), imagesFolder, cataloguePath, key: new Uint8Array(32).fill(3), signal: controller.signal };
    await assert.rejects(takeImages({ ...options, onProgress: (count) => (count === 3 ? controller.abort() : undefined) }), {
      name: "AbortError",
    });
    const { taken, unchanged } = await take();
    assert.deepEqual([taken, unchanged], [3, 3]);
  }));

/** Persons with these numbers. */
const persons = (numbers: readonly string[]): Contributor => ({
  name: "persons",
  filePaths: [],
  contribute: async ({ session, schema, keyTable }) => {
    await session.run(sql`CREATE TEMP TABLE numbers (number VARCHAR)`);
    await session.append(
      "numbers",
      ["text"],
      numbers.map((number) => [number]),
    );
    await resolvePersons(session, keyTable, sql`SELECT number FROM numbers`);
    await session.run(sql`
      INSERT INTO ${identifier(schema)}.person (person_id, gender_concept_id, year_of_birth, race_concept_id, ethnicity_concept_id)
      SELECT person_id, 8507, 1980, 0, 0 FROM person_ids`);
    await session.run(sql`DROP TABLE person_ids`);
    return { contributor: "persons", inputs: [], mapped: [] };
  },
});

test("taken images are rows of IMAGE_OCCURRENCE by series, and a new image makes a new snapshot", () =>
  inFolder(async ({ path, put, take, cataloguePath }) => {
    put("a", imageFile({ patient: "1", instance: "1.2.3.1.1.1" }));
    put("b", imageFile({ patient: "1", instance: "1.2.3.1.1.2" }));
    put("c", imageFile({ patient: "2", study: "1.2.3.2", series: "1.2.3.2.1", instance: "1.2.3.2.1.1" }));
    put("d", imageFile({ patient: "9", study: "1.2.3.9", series: "1.2.3.9.1", instance: "1.2.3.9.1.1" }));
    put("e", imageFile({ patient: "3", study: "1.2.3.3", series: "1.2.3.3.1", instance: "1.2.3.3.1.1", date: "20240230" }));
    await take();
    const store = await openClinicalStore(join(path, "clinical.duckdb"));
    const load = () =>
      buildSnapshot(store, [persons(["1", "2", "3"]), imageContributor({ cataloguePath })], {
        keyTable: testKeyTable,
        optOut: ["2"],
        source: { name: "Images", abbreviation: "images", holder: "A hospital", etlReference: "test" },
        document: { id: "plan", version: 1, hash: hashJson(1) },
        periodRule: { rule: "first-to-last-event" },
        clock: testClock,
      });
    try {
      const report = await load();
      const [input] = report.contributors?.find(({ contributor }) => contributor === "images")?.inputs ?? [];
      assert.deepEqual(
        { rowsIn: input?.rowsIn, rowsUsed: input?.rowsUsed, excluded: input?.excluded },
        {
          rowsIn: 4,
          rowsUsed: 1,
          excluded: [
            { reason: "no day of the study", rowCount: 1 },
            { reason: "patient opted out", rowCount: 1 },
            { reason: "person has no other record", rowCount: 1 },
          ],
        },
      );
      const rows = await store.read((session) =>
        session.rows(
          sql`SELECT image_count, image_occurrence_date, modality_source_value, local_path LIKE '2.25.%' FROM snapshot_1.image_occurrence`,
        ),
      );
      assert.deepEqual(rows, [[2, "2024-02-29", "CT", true]]);
      assert((await load()).unchanged);
      put("f", imageFile({ patient: "3", study: "1.2.3.4", series: "1.2.3.4.1", instance: "1.2.3.4.1.1" }));
      await take();
      assert.equal((await load()).snapshot, 2);
    } finally {
      await store.close();
    }
  }));

test("tensors come out by person, rescaled, turned round and resized; who is in no snapshot is left out", () =>
  inFolder(async ({ path, put, take, cataloguePath, imagesFolder }) => {
    put("a", imageFile({ patient: "1", modality: "CR", photometric: "MONOCHROME1" }));
    put("b", imageFile({ patient: "2", modality: "CR", study: "1.2.4", instance: "1.2.4.1" }));
    put("c", imageFile({ patient: "1", modality: "CT", study: "1.2.5", instance: "1.2.5.1" }));
    await take();
    const outPath = join(path, "tensors.parquet");
    const personIds = new Map([["1", "100000000000001"]]);
    const report = await writeTensorTable({
      cataloguePath,
      imagesFolder,
      outPath,
      size: { rows: 1, columns: 2 },
      modality: "CR",
      personIds,
    });
    assert.deepEqual(report, { imagesIn: 2, imagesUsed: 1, rowsOut: 1, withoutPerson: 1, faultCount: 0, faults: [] });
    const connection = await (await DuckDBInstance.create(":memory:")).connect();
    const read = await connection.runAndReadAll(`SELECT person_id, frame, height, width, hex(pixels) FROM read_parquet('${outPath}')`);
    // Pixels 0 1 / 2 3, over their own range 0 to 1, column means 1/3 and 2/3, turned round.
    const pixels = Buffer.from(Float32Array.of(2 / 3, 1 / 3).buffer)
      .toString("hex")
      .toUpperCase();
    assert.deepEqual(read.getRowsJS(), [["100000000000001", 0, 1, 2, pixels]]);
    assert.equal(statSync(outPath).mode & 0o777, 0o600);
    assert.deepEqual(
      readdirSync(path).filter((name) => name.startsWith("tensors")),
      ["tensors.parquet"],
    );
  }));

test("an empty folder is no fault", () => inFolder(async ({ take }) => assert.deepEqual(await take(), NOTHING)));

const shared = sharedData("clinical/dicom");

test("lossless forms of one image decode to the same values", { skip: shared === undefined ? "no shared data" : false }, async () => {
  const folder = mkdtempSync(join(tmpdir(), "dure-pydicom-"));
  try {
    const { spawnSync } = await import("node:child_process");
    const names = ["MR_small_RLE", "MR_small_bigendian", "MR_small_implicit", "MR_small_jp2klossless", "MR_small_jpeg_ls_lossless"];
    const archive = join(shared ?? "", "pydicom-test-files.tar.xz");
    const unpacked = spawnSync("tar", ["xJf", archive, "-C", folder, ...names.map((name) => `test_files/${name}.dcm`)]);
    assert.equal(unpacked.status, 0);
    const valuesOf = async (path: string): Promise<readonly number[]> => {
      const { dataSet } = readImage(new Uint8Array(readFileSync(path)), "image");
      const frames = [];
      for await (const frame of decodeFrames(dataSet, "image")) frames.push(...frame);
      return frames;
    };
    const expected = await valuesOf(join(shared ?? "", "MR_small.dcm"));
    assert.equal(expected.length, 64 * 64);
    for (const name of names) assert.deepEqual(await valuesOf(join(folder, "test_files", `${name}.dcm`)), expected, name);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
});
