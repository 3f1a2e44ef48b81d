/**
 * Taken images as a table of tensors for a model: one row a frame, keyed by the person's surrogate, in one Parquet file of the site.
 *
 * Pixels are 32-bit floats in little-endian order, rows × columns, 0 to 1, row by row: `tensor.ts` of the clinical package says how. What
 * cannot be decoded is left out and told. Memory holds one image, and the engine's own buffers.
 */

import { readFileSync } from "node:fs";
import { chmod, rename, rm } from "node:fs/promises";
import { join as joinPath } from "node:path";
import { DuckDBInstance } from "@duckdb/node-api";
import { type StoredFrame, type TensorSize, toTensor } from "@dure/clinical/dicom";
import { DureError, type Problem } from "@dure/kernel";
import { diskFull } from "@dure/machine";
import type dicomParser from "dicom-parser";
import { type AppendValue, duckdbSession } from "../store/clinical-session.ts";
import { renderSql, sql, textLiteral } from "../store/clinical-sql.ts";
import { decodeFrames } from "./decode-frames.ts";
import { ImageCatalogue, type TakenImage } from "./image-catalogue.ts";
import { readImage } from "./read-image.ts";

export interface TensorTable {
  readonly cataloguePath: string;
  readonly imagesFolder: string;
  readonly outPath: string;
  readonly size: TensorSize;
  /** Only images of this modality, such as `CR`. */
  readonly modality?: string;
  /** The surrogates of patient numbers: images of others are left out and counted. */
  readonly personIds: ReadonlyMap<string, string>;
  readonly onProgress?: (imageCount: number) => void;
  readonly signal?: AbortSignal;
}

/** imagesIn = imagesUsed + withoutPerson + faultCount. */
export interface TensorTableReport {
  readonly imagesIn: number;
  readonly imagesUsed: number;
  readonly rowsOut: number;
  readonly withoutPerson: number;
  readonly faultCount: number;
  readonly faults: readonly Problem[];
}

const FAULTS_LISTED_MAX = 100;
const OWNER_ONLY = 0o600;
const MEMORY_MAX = "512MB";
/** Rows that wait for the engine: at 224 × 224, 13 MB. */
const BATCH_ROWS = 64;

type Row = readonly AppendValue[];
const TYPES = ["text", "text", "text", "text", "integer", "integer", "integer", "blob"] as const;

/** @throws DureError `store/disk-full`; nothing is left behind then. */
export async function writeTensorTable(table: TensorTable): Promise<TensorTableReport> {
  const scratchPath = `${table.outPath}.unfinished`;
  const enginePath = `${table.outPath}.rows.duckdb`;
  const counts = { imagesIn: 0, imagesUsed: 0, rowsOut: 0, withoutPerson: 0, faultCount: 0 };
  const faults: Problem[] = [];
  const instance = await DuckDBInstance.create(enginePath, { memory_limit: MEMORY_MAX });
  const connection = await instance.connect();
  try {
    await chmod(enginePath, OWNER_ONLY);
    const session = duckdbSession(connection);
    await session.run(sql`
      CREATE TABLE tensor (person_id VARCHAR, image_study_uid VARCHAR, image_series_uid VARCHAR, image_instance_uid VARCHAR, frame INTEGER,
        height INTEGER, width INTEGER, pixels BLOB)`);
    let batch: Row[] = [];
    const flush = async (): Promise<void> => {
      await session.append("tensor", TYPES, batch);
      batch = [];
    };
    for await (const rows of rowsOf(table, counts, faults)) {
      batch.push(...rows);
      counts.rowsOut += rows.length;
      if (batch.length >= BATCH_ROWS) await flush();
    }
    await flush();
    const order = sql`SELECT * FROM tensor ORDER BY person_id, image_study_uid, image_series_uid, image_instance_uid, frame`;
    await connection.run(renderSql(sql`COPY (${order}) TO ${textLiteral(scratchPath)} (FORMAT parquet, COMPRESSION zstd)`).text);
    await chmod(scratchPath, OWNER_ONLY);
    await rename(scratchPath, table.outPath);
    return { ...counts, faults };
  } catch (cause) {
    throw cause instanceof Error && /no space left|file too large|could not write/i.test(cause.message) ? diskFull(cause) : cause;
  } finally {
    connection.closeSync();
    instance.closeSync();
    await Promise.all([scratchPath, enginePath, `${enginePath}.wal`].map((path) => rm(path, { force: true })));
  }
}

async function* rowsOf(
  table: TensorTable,
  counts: { -readonly [Name in Exclude<keyof TensorTableReport, "faults">]: number },
  faults: Problem[],
): AsyncGenerator<readonly Row[]> {
  using catalogue = new ImageCatalogue(table.cataloguePath);
  for (const image of catalogue.images()) {
    table.signal?.throwIfAborted();
    if (table.modality !== undefined && image.modality !== table.modality) continue;
    counts.imagesIn++;
    const personId = table.personIds.get(image.patientNumber);
    if (personId === undefined) counts.withoutPerson++;
    else {
      try {
        yield await framesOf(table, image, personId);
        counts.imagesUsed++;
      } catch (cause) {
        if (!(cause instanceof DureError)) throw cause;
        counts.faultCount++;
        if (faults.length < FAULTS_LISTED_MAX) faults.push(...cause.problems);
      }
    }
    table.onProgress?.(counts.imagesIn);
  }
}

async function framesOf({ imagesFolder, size }: TensorTable, image: TakenImage, personId: string): Promise<readonly Row[]> {
  const { dataSet, rows, columns } = readImage(new Uint8Array(readFileSync(joinPath(imagesFolder, image.path))), image.path);
  const described = describe(dataSet);
  const out: Row[] = [];
  let frame = 0;
  for await (const values of decodeFrames(dataSet, image.path)) {
    const tensor = toTensor({ rows, columns, values, ...described }, size);
    const pixels = new Uint8Array(tensor.buffer, tensor.byteOffset, tensor.byteLength);
    out.push([personId, image.studyUid, image.seriesUid, image.instanceUid, frame++, size.rows, size.columns, pixels]);
  }
  return out;
}

/** Rescale, window and polarity of the whole image; what functional groups say of single frames is not read, and such an image takes its own range. */
function describe(dataSet: dicomParser.DataSet): Omit<StoredFrame, "rows" | "columns" | "values"> {
  const [center, width] = [dataSet.floatString("x00281050"), dataSet.floatString("x00281051")];
  const voiFunction = (dataSet.string("x00281056") ?? "LINEAR").trim();
  const hasWindow = center !== undefined && width !== undefined && width >= 1 && voiFunction !== "SIGMOID";
  return {
    rescaleSlope: dataSet.floatString("x00281053") ?? 1,
    rescaleIntercept: dataSet.floatString("x00281052") ?? 0,
    ...(hasWindow ? { window: { center, width, isExact: voiFunction === "LINEAR_EXACT" } } : {}),
    isInverted: (dataSet.string("x00280004") ?? "").trim() === "MONOCHROME1",
  };
}
