/**
 * A folder of DICOM files into the site's own, without who the patients were: each image that may be taken is written anew and entered into
 * the catalogue. What is refused or broken is counted and left; the rest goes on. The same folder twice changes nothing, and a taking that
 * was killed goes on where it was: an image is entered after its file is there.
 */

import { createHash } from "node:crypto";
import { mkdirSync, readFileSync, renameSync, statSync, writeFileSync } from "node:fs";
import { opendir } from "node:fs/promises";
import { dirname, join, relative } from "node:path";
import { deidentify, isBigEndianSet, keyedUid, type Refusal } from "@dure/clinical/dicom";
import { DureError, type Problem, text } from "@dure/kernel";
import { namingFullDisk } from "@dure/machine";
import { ImageCatalogue } from "./image-catalogue.ts";
import { IMAGE_BYTES_MAX, type ImageFile, readImage } from "./read-image.ts";

export interface TakeImages {
  readonly folder: string;
  /** Where the site keeps its images and `images.sqlite`. */
  readonly imagesFolder: string;
  readonly cataloguePath: string;
  /** 32 bytes: the site's key for UIDs, days and pseudonyms. */
  readonly key: Uint8Array;
  readonly onProgress?: (fileCount: number) => void;
  readonly signal?: AbortSignal;
}

/** Counts only, but for the names of files that could not be read. filesIn = taken + replaced + unchanged + refused + faults. */
export interface TakeImagesReport {
  readonly filesIn: number;
  readonly taken: number;
  readonly replaced: number;
  readonly unchanged: number;
  readonly refused: Readonly<Partial<Record<Refusal, number>>>;
  readonly faultCount: number;
  /** The first ones. */
  readonly faults: readonly Problem[];
}

const FAULTS_LISTED_MAX = 100;
const OWNER_ONLY = 0o600;

/** @throws DureError `store/disk-full`; a file that cannot be read is a fault of the report. */
export async function takeImages(take: TakeImages): Promise<TakeImagesReport> {
  mkdirSync(take.imagesFolder, { recursive: true, mode: 0o700 });
  using catalogue = new ImageCatalogue(take.cataloguePath);
  const counts = { filesIn: 0, taken: 0, replaced: 0, unchanged: 0, faultCount: 0 };
  const refused: Partial<Record<Refusal, number>> = {};
  const faults: Problem[] = [];
  for await (const path of filesBelow(take.folder)) {
    take.signal?.throwIfAborted();
    counts.filesIn++;
    try {
      const outcome = namingFullDisk(() => takeOne(take, catalogue, path));
      if (outcome === "taken" || outcome === "replaced" || outcome === "unchanged") counts[outcome]++;
      else refused[outcome] = (refused[outcome] ?? 0) + 1;
    } catch (cause) {
      if (!(cause instanceof DureError) || cause.code === "store/disk-full") throw cause;
      counts.faultCount++;
      if (faults.length < FAULTS_LISTED_MAX) faults.push(...cause.problems);
    }
    take.onProgress?.(counts.filesIn);
  }
  return { ...counts, refused, faults };
}

function takeOne(take: TakeImages, catalogue: ImageCatalogue, path: string): "taken" | "replaced" | "unchanged" | Refusal {
  const file = relative(take.folder, path);
  if (statSync(path).size > IMAGE_BYTES_MAX) throw new DureError(tooManyBytes(file));
  const bytes = new Uint8Array(readFileSync(path));
  const image = readImage(bytes, file);
  if (image.refusal !== undefined) return image.refusal;
  const uid = (original: string): string => keyedUid(take.key, original);
  const [study, series, instance] = [uid(image.studyUid), uid(image.seriesUid), uid(image.sopInstanceUid)];
  const ownPath = join(study, series, `${instance}.dcm`);
  writeWhole(
    join(take.imagesFolder, ownPath),
    deidentify(image.dataSet, { key: take.key, patientNumber: image.patientNumber }, littleEndianPixels(image)),
  );
  return catalogue.put({
    instanceUid: instance,
    studyUid: study,
    seriesUid: series,
    patientNumber: image.patientNumber,
    modality: image.modality,
    bodyPart: image.bodyPart,
    studyDate: image.studyDate ?? null,
    rows: image.rows,
    columns: image.columns,
    frames: image.frames,
    path: ownPath,
    sourceSha256: createHash("sha256").update(bytes).digest("hex"),
  });
}

function littleEndianPixels({ dataSet }: ImageFile): Uint8Array | undefined {
  const element = dataSet.elements["x7fe00010"];
  if (element === undefined || !isBigEndianSet(dataSet)) return undefined;
  const pixels = Buffer.from(dataSet.byteArray.subarray(element.dataOffset, element.dataOffset + element.length));
  return dataSet.uint16("x00280100") === 16 ? pixels.swap16() : pixels;
}

/** A kill leaves the whole file or none under its name. */
function writeWhole(path: string, bytes: Uint8Array): void {
  mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
  writeFileSync(`${path}.unfinished`, bytes, { mode: OWNER_ONLY, flush: true });
  renameSync(`${path}.unfinished`, path);
}

async function* filesBelow(folder: string): AsyncGenerator<string> {
  for await (const entry of await opendir(folder, { recursive: true })) {
    // An index of a medium, and what file systems leave behind, are no images.
    if (entry.isFile() && entry.name !== "DICOMDIR" && !entry.name.startsWith(".")) yield join(entry.parentPath, entry.name);
  }
}

const tooManyBytes = (file: string): Problem => ({
  code: "dicom/too-large",
  severity: "error",
  place: { file },
  what: text(`The file is larger than ${IMAGE_BYTES_MAX} bytes.`, `파일이 ${IMAGE_BYTES_MAX}바이트보다 큽니다.`),
  remedy: text("Export the image as one file for each frame.", "프레임마다 파일 하나로 내보내 주십시오."),
});
