/** How fast NDJSON comes into the intake store: generated laboratory results of some 900 bytes, parsed, minimised, compared and committed. */

import { createWriteStream } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { SeededRandom } from "@dure/kernel";
import { takeInFiles } from "../apps/site/src/intake/fhir/take-in-files.ts";
import { openIntakeStore } from "../apps/site/src/intake/intake-duckdb.ts";
import { answerIfAsked, type Cost, isMain, startCost, tellCost, workApart } from "./own-process.ts";
import { endByPeaks } from "./peak-memory.ts";

const FILE = "Observation.ndjson";
const RESOURCES = 200_000;
/** A share of the 10,000 a second from NDJSON to OMOP. */
const RESOURCES_PER_SECOND_MIN = 25_000;

export interface FhirIntakeBenchmark extends Cost {
  readonly resources: number;
  readonly resourcesPerSecond: number;
  readonly resourcesPerSecondMin: number;
}

/** Prints and returns resources per second, from a file on disk to the last commit. */
export async function benchFhirIntake(resources: number = RESOURCES): Promise<FhirIntakeBenchmark> {
  const directory = await mkdtemp(join(tmpdir(), "dure-bench-"));
  try {
    await writeObservations(join(directory, FILE), resources);
    const cost = await workApart<Cost>(import.meta.url, directory);
    const resourcesPerSecond = Math.round(resources / cost.seconds);
    console.log(
      `fhir-intake: ${resources} resources in ${tellCost(cost, resources)} = ${resourcesPerSecond} a second (at least ${RESOURCES_PER_SECOND_MIN})`,
    );
    return { ...cost, resources, resourcesPerSecond, resourcesPerSecondMin: RESOURCES_PER_SECOND_MIN };
  } finally {
    await rm(directory, { recursive: true, force: true });
  }
}

async function takeIn(directory: string): Promise<Cost> {
  const store = await openIntakeStore(join(directory, "intake.duckdb"));
  const cost = startCost();
  await takeInFiles([join(directory, FILE)], {
    store,
    source: "bench",
    minimisation: { keepsFreeText: false },
    policy: { onFault: "stop", faultsMax: 0 },
  });
  await store.close();
  return cost();
}

async function writeObservations(path: string, resources: number): Promise<void> {
  const random = new SeededRandom(1);
  const hex = (digits: number): string =>
    Array.from({ length: digits / 8 }, () =>
      random
        .below(2 ** 32)
        .toString(16)
        .padStart(8, "0"),
    ).join("");
  const out = createWriteStream(path);
  for (let start = 0; start < resources; start += 10_000) {
    const lines = Array.from({ length: 10_000 }, () => JSON.stringify(observation(hex, random)));
    if (!out.write(`${lines.join("\n")}\n`)) await new Promise<void>((resolve) => out.once("drain", () => resolve()));
  }
  await new Promise<void>((resolve) => out.end(() => resolve()));
}

const observation = (hex: (digits: number) => string, random: SeededRandom) => ({
  resourceType: "Observation",
  id: hex(32),
  meta: { lastUpdated: "2026-01-01T00:00:00.000+09:00", profile: ["http://hl7.org/fhir/StructureDefinition/vitalsigns"] },
  status: "final",
  category: [
    { coding: [{ system: "http://terminology.hl7.org/CodeSystem/observation-category", code: "laboratory", display: "Laboratory" }] },
  ],
  code: { coding: [{ system: "http://loinc.org", code: "2160-0", display: "Creatinine [Mass/volume] in Serum or Plasma" }], text: "Cr" },
  subject: { reference: `Patient/${random.below(20_000)}`, display: "left out" },
  encounter: { reference: `Encounter/${hex(32)}` },
  effectiveDateTime: "2025-12-01T09:30:00+09:00",
  issued: "2025-12-01T10:30:00.000+09:00",
  valueQuantity: { value: (50 + random.below(300)) / 100, unit: "mg/dL", system: "http://unitsofmeasure.org", code: "mg/dL" },
  referenceRange: [{ low: { value: 0.6, unit: "mg/dL" }, high: { value: 1.2, unit: "mg/dL" } }],
});

if (!(await answerIfAsked(import.meta.url, takeIn)) && isMain(import.meta.url))
  endByPeaks({ "fhir-intake": await benchFhirIntake(Number(process.argv[2] ?? RESOURCES)) });
