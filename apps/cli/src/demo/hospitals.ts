/** The five hospitals of the demonstration: invented patients, or the real cohorts in their original files. */

import { fileURLToPath } from "node:url";
import type { Text } from "@dure/kernel";
import { text } from "@dure/kernel";
import type { LocalHospital } from "../federation/local-federation.ts";
import { DEMO_SEED, writeDemoExports } from "./generator/index.ts";

export interface DemoHospitalPlan extends LocalHospital {
  readonly displayName: Text;
}

const RELEASES = ["headline", "local-model"] as const;

/** 15,000 invented patients at four hospitals and 10,000 at a fifth, written down in five ways. */
export async function inventedHospitals(folder: string): Promise<readonly DemoHospitalPlan[]> {
  const exports = await writeDemoExports(folder, DEMO_SEED);
  return exports.map(({ hospital, directory, mappingPath }) => ({
    siteId: hospital.siteId,
    organisation: hospital.displayName.en,
    displayName: hospital.displayName,
    role: hospital.role,
    releases: RELEASES,
    rows: { kind: "exports", directory, mappingPath, parameters: {} },
  }));
}

const mapping = (name: string): string => fileURLToPath(new URL(`../../../../examples/mappings/${name}/mapping.yaml`, import.meta.url));

/** METABRIC's collection cohorts 1 to 4 train, Rotterdam validates. @param directory holds the original files */
export function realCohorts(directory: string): readonly DemoHospitalPlan[] {
  const metabric = ["1", "2", "3", "4"].map(
    (cohort): DemoHospitalPlan => ({
      siteId: `METABRIC-${cohort}`,
      organisation: `METABRIC collection cohort ${cohort}`,
      displayName: text(`METABRIC cohort ${cohort}`, `METABRIC 코호트 ${cohort}`),
      role: "training",
      releases: RELEASES,
      rows: { kind: "exports", directory, mappingPath: mapping("metabric"), parameters: { cohort } },
    }),
  );
  const rotterdam: DemoHospitalPlan = {
    siteId: "ROTTERDAM",
    organisation: "Rotterdam tumour bank",
    displayName: text("Rotterdam", "로테르담"),
    role: "external",
    releases: RELEASES,
    rows: { kind: "exports", directory, mappingPath: mapping("rotterdam"), parameters: {} },
  };
  return [...metabric, rotterdam];
}
