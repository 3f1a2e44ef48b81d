/**
 * How fast FHIR NDJSON becomes OMOP rows, and in how much memory: generated resources on disk, taken in, mapped, joined, hashed and committed.
 *
 *   node bench/fhir.ts [RESOURCES]
 *
 * ends with status 1 where the peak of either step is not under the bound, which holds for any number of resources.
 */

import { randomBytes } from "node:crypto";
import { once } from "node:events";
import { createWriteStream } from "node:fs";
import { mkdir, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { draftPolicy, isDecidedByPolicy, MAPPED_TYPES, parseFhirPolicy } from "@dure/clinical/fhir";
import { SeededRandom, sha256, utf8 } from "@dure/kernel";
import { fhirContributor } from "../apps/site/src/fhir-load/fhir-contributor.ts";
import { takeInFiles } from "../apps/site/src/intake/fhir/take-in-files.ts";
import { openIntakeForLoad, openIntakeStore } from "../apps/site/src/intake/intake-duckdb.ts";
import { buildSnapshot } from "../apps/site/src/load/build-snapshot.ts";
import { openClinicalStore } from "../apps/site/src/store/open-clinical-store.ts";
import { answerIfAsked, type Cost, isMain, startCost, tellCost, workApart } from "./own-process.ts";
import { bothOf, endByPeaks, type TwoSteps } from "./peak-memory.ts";

/** The bound on a 2-core machine, from file to snapshot. */
const RESOURCES_PER_SECOND_MIN = 10_000;
const EXPORT = "export";
const EVENTS_PER_PATIENT = 200;

export interface FhirBenchmark extends TwoSteps {
  readonly resources: number;
  readonly resourcesPerSecond: number;
  readonly resourcesPerSecondMin: number;
}

/** @param resources about so many: a whole number of patients */
export async function benchFhir(resources = 100_000): Promise<FhirBenchmark> {
  const directory = await mkdtemp(join(tmpdir(), "dure-bench-"));
  try {
    await mkdir(join(directory, EXPORT));
    const count = await writeExport(join(directory, EXPORT), Math.ceil(resources / (EVENTS_PER_PATIENT + 21)));
    const intake = await workApart<Cost>(import.meta.url, directory, "intake");
    const load = await workApart<Cost>(import.meta.url, directory, "load");
    const cost = bothOf(intake, load);
    const resourcesPerSecond = Math.round(count / cost.seconds);
    console.log(`fhir: intake ${tellCost(cost.intake, count)}\nfhir: load ${tellCost(cost.load, count)}`);
    console.log(
      `fhir: ${count} resources in ${tellCost(cost, count)} = ${resourcesPerSecond} resources/s (at least ${RESOURCES_PER_SECOND_MIN})`,
    );
    return { ...cost, resources: count, resourcesPerSecond, resourcesPerSecondMin: RESOURCES_PER_SECOND_MIN };
  } finally {
    await rm(directory, { recursive: true, force: true });
  }
}

const work = (directory: string, step: string): Promise<Cost> => (step === "intake" ? takeIn(directory) : load(directory));

async function takeIn(directory: string): Promise<Cost> {
  const store = await openIntakeStore(join(directory, "intake.duckdb"));
  const cost = startCost();
  await takeInFiles([join(directory, EXPORT)], {
    ...{ store, source: "emr", minimisation: { keepsFreeText: false } },
    policy: { onFault: "stop", faultsMax: 0 },
  });
  await store.close();
  return cost();
}

async function load(directory: string): Promise<Cost> {
  const clock = { nowMs: () => Date.now(), sleep: async () => undefined };
  const random = { kind: "secure" as const, bytes: (length: number) => new Uint8Array(randomBytes(length)) };
  const store = await openClinicalStore(join(directory, "clinical.duckdb"));
  const intake = await openIntakeForLoad(join(directory, "intake.duckdb"));
  const cost = startCost();
  const onRead = (): Promise<void> => intake.close(); // as a load of a site's folder does
  await buildSnapshot(store, [fhirContributor({ intake, source: "emr", policy: policy(), policyFile: "emr.yaml", onRead })], {
    keyTable: { key: random.bytes(32), random },
    source: { name: "bench", abbreviation: "bench", holder: "bench", etlReference: "bench" },
    document: { id: "bench", version: 1, hash: sha256(utf8("bench")) },
    periodRule: { rule: "first-to-last-event" },
    clock,
  });
  await store.close();
  return cost();
}

function policy() {
  const text = draftPolicy({
    source: "emr",
    profile: "orders-count",
    counts: MAPPED_TYPES.filter(isDecidedByPolicy).map((resourceType) => ({ resourceType, intent: "any", status: "(none)", count: 1 })),
    on: "2024-01-01",
    timeZone: "Asia/Seoul",
    identifierSystems: [],
  });
  return { ...parseFhirPolicy({ file: "emr.yaml", text }), confirmed: { by: "the benchmark", on: "2024-01-01", reason: "to measure" } };
}

const LABS = ["718-7", "2160-0", "6690-2", "777-3", "2951-2", "2823-3", "1742-6", "1920-8", "2345-7", "4548-4"];

/** For each patient 20 encounters and 200 events: 60 % results, 15 % pressures, 15 % diagnoses, 10 % orders. */
async function writeExport(directory: string, patients: number): Promise<number> {
  const random = new SeededRandom(1);
  const two = (value: number): string => String(value).padStart(2, "0");
  const day = (): string => `${2015 + random.below(9)}-${two(1 + random.below(12))}-${two(1 + random.below(28))}`;
  const at = (): string => `${day()}T${two(random.below(24))}:${two(random.below(60))}:00+09:00`;
  const types = ["Patient", "Encounter", "Observation", "Condition", "MedicationRequest"] as const;
  const files = new Map(types.map((type) => [type, createWriteStream(join(directory, `${type}.000.ndjson`))]));
  let count = 0;
  const write = async (type: (typeof types)[number], fields: Readonly<Record<string, unknown>>): Promise<void> => {
    const line = JSON.stringify({ resourceType: type, id: `${type.toLowerCase()}-${++count}-4c9a-9ad1-d51b`, ...fields });
    const file = files.get(type);
    if (file?.write(`${line}\n`) === false) await once(file, "drain");
  };
  for (let p = 0; p < patients; p++) {
    const id = `patient-${p}-77aa-41c0`;
    await write("Patient", { id, gender: random.below(2) === 0 ? "female" : "male", birthDate: `${1930 + random.below(70)}-04-02` });
    const subject = { reference: `Patient/${id}` };
    for (let e = 0; e < 20; e++) {
      const visit = `encounter-${p}-${e}-8e1f`;
      const encounter = { reference: `Encounter/${visit}` };
      const start = at();
      await write("Encounter", { id: visit, status: "finished", class: { code: "AMB" }, subject, period: { start, end: start } });
      for (let i = 0; i < EVENTS_PER_PATIENT / 20; i++) await writeEvent(write, { random, at, of: { subject, encounter } });
    }
  }
  for (const file of files.values()) {
    file.end();
    await once(file, "finish");
  }
  return count;
}

interface EventWriter {
  readonly random: SeededRandom;
  readonly at: () => string;
  readonly of: { readonly subject: unknown; readonly encounter: unknown };
}

type Write = (type: "Observation" | "Condition" | "MedicationRequest", fields: Readonly<Record<string, unknown>>) => Promise<void>;

async function writeEvent(write: Write, { random, at, of }: EventWriter): Promise<void> {
  const kind = random.below(20);
  const coded = (system: string, code: string) => ({ coding: [{ system, code, display: "as the vocabulary calls it" }] });
  const category = (code: string) => [coded("http://terminology.hl7.org/CodeSystem/observation-category", code)];
  const quantity = (value: number, code: string) => ({ value, unit: code, system: "http://unitsofmeasure.org", code });
  if (kind < 12) {
    await write("Observation", {
      ...{ status: "final", category: category("laboratory"), code: coded("http://loinc.org", LABS[random.below(LABS.length)] ?? "") },
      ...{ ...of, effectiveDateTime: at(), issued: at(), valueQuantity: quantity(random.below(2000) / 10, "g/dL") },
      referenceRange: [{ low: quantity(12, "g/dL"), high: quantity(16, "g/dL") }],
    });
  } else if (kind < 15) {
    const component = [
      { code: coded("http://loinc.org", "8480-6"), valueQuantity: quantity(90 + random.below(80), "mm[Hg]") },
      { code: coded("http://loinc.org", "8462-4"), valueQuantity: quantity(50 + random.below(50), "mm[Hg]") },
    ];
    const code = coded("http://loinc.org", "85354-9");
    await write("Observation", { status: "final", category: category("vital-signs"), code, ...of, effectiveDateTime: at(), component });
  } else if (kind < 18) {
    const code = coded("http://www.hl7korea.or.kr/CodeSystem/kostat-kcd-8", `N${random.below(99)}.${random.below(9)}`);
    await write("Condition", { code, ...of, recordedDate: at() });
  } else {
    await write("MedicationRequest", {
      ...{ status: "active", intent: "order", ...of, authoredOn: at() },
      medicationCodeableConcept: coded("http://www.hl7korea.or.kr/CodeSystem/kpis-kdcode", String(8_806_000_000_000 + random.below(3000))),
      dispenseRequest: { quantity: { value: 21, code: "{tbl}" }, expectedSupplyDuration: { value: 7, code: "d" } },
    });
  }
}

if (!(await answerIfAsked(import.meta.url, work)) && isMain(import.meta.url)) {
  const { intake, load } = await benchFhir(Number(process.argv[2] ?? 100_000));
  endByPeaks({ "fhir intake": intake, "fhir load": load });
}
