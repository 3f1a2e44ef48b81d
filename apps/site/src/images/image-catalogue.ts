/**
 * Which images a site has taken: one row an instance, in a SQLite file of the site's folder. Patient numbers stand in it until a load gives
 * each image its person, so it is as private as the intake store and never read by a study.
 */

import { closeSync, openSync } from "node:fs";
import { DatabaseSync } from "node:sqlite";

const OWNER_ONLY = 0o600;
const BUSY_MS = 5_000;

export interface TakenImage {
  /** Keyed, as in the de-identified file. */
  readonly instanceUid: string;
  readonly studyUid: string;
  readonly seriesUid: string;
  readonly patientNumber: string;
  readonly modality: string;
  readonly bodyPart: string;
  /** ISO day as the archive has it; the day in the file is shifted. */
  readonly studyDate: string | null;
  readonly rows: number;
  readonly columns: number;
  readonly frames: number;
  /** Below the folder of images. */
  readonly path: string;
  /** Of the source file. */
  readonly sourceSha256: string;
}

export class ImageCatalogue implements Disposable {
  readonly #database: DatabaseSync;

  constructor(path: string) {
    if (path !== ":memory:") closeSync(openSync(path, "a", OWNER_ONLY)); // the engine would make it as the process's mask says
    this.#database = new DatabaseSync(path, { timeout: BUSY_MS }); // a load reads it while images are taken
    this.#database.exec(`
      PRAGMA journal_mode = WAL;
      PRAGMA synchronous = FULL;
      CREATE TABLE IF NOT EXISTS image (
        instance_uid TEXT PRIMARY KEY, study_uid TEXT NOT NULL, series_uid TEXT NOT NULL, patient_number TEXT NOT NULL, modality TEXT NOT NULL,
        body_part TEXT NOT NULL, study_date TEXT, rows INTEGER NOT NULL, columns INTEGER NOT NULL, frames INTEGER NOT NULL, path TEXT NOT NULL,
        source_sha256 TEXT NOT NULL
      ) STRICT;`);
  }

  /** Added, replaced by another content of the same instance, or already there as it is. */
  put(image: TakenImage): "taken" | "replaced" | "unchanged" {
    const known = this.#database.prepare("SELECT source_sha256 FROM image WHERE instance_uid = ?").get(image.instanceUid);
    if (known?.["source_sha256"] === image.sourceSha256) return "unchanged";
    this.#database
      .prepare("INSERT OR REPLACE INTO image VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)")
      .run(
        image.instanceUid,
        image.studyUid,
        image.seriesUid,
        image.patientNumber,
        image.modality,
        image.bodyPart,
        image.studyDate,
        image.rows,
        image.columns,
        image.frames,
        image.path,
        image.sourceSha256,
      );
    return known === undefined ? "taken" : "replaced";
  }

  /** By study, series and instance; one row at a time. */
  *images(): Generator<TakenImage> {
    const rows = this.#database.prepare(`
      SELECT instance_uid AS instanceUid, study_uid AS studyUid, series_uid AS seriesUid, patient_number AS patientNumber, modality,
        body_part AS bodyPart, study_date AS studyDate, rows, columns, frames, path, source_sha256 AS sourceSha256
      FROM image ORDER BY study_uid, series_uid, instance_uid`);
    for (const row of rows.iterate()) yield row as unknown as TakenImage; // STRICT columns of these names, written by `put`
  }

  [Symbol.dispose](): void {
    this.#database.close();
  }
}
