/** How fast NDJSON comes into the intake store: generated laboratory results of some 900 bytes, parsed, minimised, compared and committed. */

import { createWriteStream } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { SeededRandom } from "@dure/kernel";
import { takeInFiles } from "../apps/site/src/intake/fhir/take-in-files.ts";
import { openIntakeStore } from "../apps/site/src/intake/intake-duckdb.ts";

const RESOURCES = 200_000;
/** A share of the 10,000 a second from NDJSON to OMOP. */
const RESOURCES_PER_SECOND_MIN = 25_000;

export interface FhirIntakeBenchmark {
  readonly resources: number;
  readonly seconds: number;
  readonly cpuSeconds: number;
  readonly resourcesPerSecond: number;
  readonly resourcesPerSecondMin: number;
  readonly residentBytesMax: number;
}

/** Prints and returns resources per second, from a file on disk to the last commit. */
export async function benchFhirIntake(): Promise<FhirIntakeBenchmark> {
  const directory = await mkdtemp(join(tmpdir(), "dure-bench-"));
  const store = await openIntakeStore(join(directory, "intake.duckdb"));
  try {
    const path = join(directory, "Observation.ndjson");
    await writeObservations(path);
    const [startMs, startCpu] = [performance.now(), process.cpuUsage()];
    await takeInFiles([path], {
      store,
      source: "bench",
      minimisation: { keepsFreeText: false },
      policy: { onFault: "stop", faultsMax: 0 },
    });
    const seconds = (performance.now() - startMs) / 1000;
    const { user, system } = process.cpuUsage(startCpu);
    const result = {
      resources: RESOURCES,
      seconds,
      cpuSeconds: (user + system) / 1e6,
      resourcesPerSecond: Math.round(RESOURCES / seconds),
      resourcesPerSecondMin: RESOURCES_PER_SECOND_MIN,
      residentBytesMax: process.resourceUsage().maxRSS * 1024,
    };
    console.log(
      `fhir-intake: ${RESOURCES} resources in ${seconds.toFixed(2)} s (${result.cpuSeconds.toFixed(2)} s of processor) = ${result.resourcesPerSecond} a second (at least ${RESOURCES_PER_SECOND_MIN}), ${Math.round(result.residentBytesMax / 1e6)} MB`,
    );
    return result;
  } finally {
    await store.close();
    await rm(directory, { recursive: true, force: true });
  }
}

async function writeObservations(path: string): Promise<void> {
  const random = new SeededRandom(1);
  const hex = (digits: number): string =>
    Array.from({ length: digits / 8 }, () =>
      random
        .below(2 ** 32)
        .toString(16)
        .padStart(8, "0"),
    ).join("");
  const out = createWriteStream(path);
  for (let start = 0; start < RESOURCES; start += 10_000) {
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

if (process.argv[1] !== undefined && import.meta.url === pathToFileURL(process.argv[1]).href) await benchFhirIntake();
