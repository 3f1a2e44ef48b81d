/** Images of a site's folder: `images/` holds the de-identified files, `images.sqlite` what they are. */

import { hkdfSync } from "node:crypto";
import { join } from "node:path";
import type { TensorSize } from "@dure/clinical/dicom";
import type { Clock } from "@dure/kernel";
import { readKey, readSettings, sitePaths } from "../home/site-home.ts";
import { findPersonIds } from "../ingest/person-keys.ts";
import { openDuckdbClinicalStore } from "../store/clinical-duckdb.ts";
import { ImageCatalogue } from "./image-catalogue.ts";
import { type TakeImagesReport, takeImages } from "./take-images.ts";
import { type TensorTableReport, writeTensorTable } from "./tensor-table.ts";

const KEY_BYTES = 32;
const WAIT_MS_MAX = 10_000;

export const imagePaths = (home: string): { readonly cataloguePath: string; readonly imagesFolder: string } => ({
  cataloguePath: join(sitePaths(home).root, "images.sqlite"),
  imagesFolder: join(sitePaths(home).root, "images"),
});

export interface HomeWork {
  readonly home: string;
  readonly onProgress?: (done: number) => void;
  readonly signal?: AbortSignal;
}

/** UIDs, days and pseudonyms hang on the key of the person table: whoever has it knows the patients anyway. */
export function takeImagesIntoHome({ home, folder, ...rest }: HomeWork & { readonly folder: string }): Promise<TakeImagesReport> {
  readSettings(home);
  const key = new Uint8Array(hkdfSync("sha256", readKey(sitePaths(home).personKey), new Uint8Array(), "dure images", KEY_BYTES));
  return takeImages({ ...imagePaths(home), folder, key, ...rest });
}

export interface HomeTensors extends HomeWork {
  readonly outPath: string;
  readonly size: TensorSize;
  readonly modality?: string;
  readonly clock: Clock;
}

/** The key table lies in the DuckDB file, whichever engine keeps the snapshots. */
export async function writeTensorsOfHome({ home, clock, ...rest }: HomeTensors): Promise<TensorTableReport> {
  readSettings(home);
  const paths = imagePaths(home);
  const numbers = patientNumbers(paths.cataloguePath);
  const store = await openDuckdbClinicalStore(sitePaths(home).clinical, { clock, waitMsMax: WAIT_MS_MAX });
  const personIds = await store
    .read((session) => findPersonIds(session, readKey(sitePaths(home).personKey), numbers))
    .finally(() => store.close());
  return writeTensorTable({ ...paths, personIds, ...rest });
}

function patientNumbers(cataloguePath: string): readonly string[] {
  using catalogue = new ImageCatalogue(cataloguePath);
  const numbers = new Set<string>();
  for (const { patientNumber } of catalogue.images()) numbers.add(patientNumber);
  return [...numbers];
}
