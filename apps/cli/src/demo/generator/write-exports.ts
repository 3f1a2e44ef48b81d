/** The thin shell of the generator: one directory a hospital, filled with its export. */

import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { DEMO_HOSPITALS, type DemoHospital, drawPatients, exportPatients } from "./hospitals.ts";

export interface DemoExport {
  readonly hospital: DemoHospital;
  /** Holds the files that the hospital's mapping names. */
  readonly directory: string;
  readonly mappingPath: string;
  readonly bytes: number;
}

/** The mapping document of a demonstration hospital, in the repository's examples. */
export const demoMappingPath = (siteId: string): string =>
  fileURLToPath(new URL(`../../../../../examples/demo-hospitals/${siteId}/mapping.yaml`, import.meta.url));

/** Draws all patients and writes `directory/SITE/FILE`; existing files are overwritten. */
export async function writeDemoExports(directory: string, seed: number): Promise<readonly DemoExport[]> {
  const written: DemoExport[] = [];
  for (const hospital of DEMO_HOSPITALS) {
    const siteDirectory = join(directory, hospital.siteId);
    await mkdir(siteDirectory, { recursive: true });
    const files = exportPatients(hospital, drawPatients(hospital, seed), seed);
    for (const file of files) await writeFile(join(siteDirectory, file.name), file.bytes);
    const bytes = files.reduce((sum, file) => sum + file.bytes.byteLength, 0);
    written.push({ hospital, directory: siteDirectory, mappingPath: demoMappingPath(hospital.siteId), bytes });
  }
  return written;
}
