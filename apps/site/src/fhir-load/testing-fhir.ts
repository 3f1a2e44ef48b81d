/** For tests: resources taken in, a small vocabulary, and one load of them by the way every load takes. */

import { copyFileSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type OmopTable, omopFields } from "@dure/clinical";
import {
  ALLERGY_CONCEPT_IDS,
  draftPolicy,
  type FhirPolicy,
  type FhirResource,
  isDecidedByPolicy,
  MAPPED_TYPES,
  type PolicyProfile,
  parseFhirPolicy,
} from "@dure/clinical/fhir";
import type { LoadReport } from "../ingest/load-report.ts";
import { testClock, testKeyTable } from "../ingest/testing.ts";
import { openIntakeStore } from "../intake/intake-duckdb.ts";
import type { IntakeStore } from "../intake/intake-store.ts";
import { buildSnapshot } from "../load/build-snapshot.ts";
import { identifier, join as joinSql, sql } from "../store/clinical-sql.ts";
import { type ClinicalStore, snapshotSchema } from "../store/clinical-store.ts";
import { openClinicalStore } from "../store/open-clinical-store.ts";
import { loadVocabulary } from "../vocabulary/load-vocabulary.ts";
import { type TestConcept, type TestRelation, writeAthena } from "../vocabulary/testing-vocabulary.ts";
import { fhirContributor } from "./fhir-contributor.ts";

export interface FhirSite extends AsyncDisposable {
  readonly folder: { readonly path: string; readonly store: ClinicalStore };
  readonly intake: IntakeStore;
  readonly put: (resources: readonly FhirResource[], version?: string) => Promise<void>;
  readonly load: (policy: FhirPolicy | undefined, optOut?: readonly string[]) => Promise<LoadReport>;
  /** The rows of a table of the last snapshot, each as its filled columns without the ids of rows and persons. */
  readonly rows: (table: OmopTable) => Promise<readonly Readonly<Record<string, unknown>>[]>;
}

export async function fhirSite(): Promise<FhirSite> {
  const path = mkdtempSync(join(tmpdir(), "dure-fhir-"));
  copyFileSync(await storeWithVocabulary(), join(path, "clinical.duckdb"));
  const store = await openClinicalStore(join(path, "clinical.duckdb"));
  const intake = await openIntakeStore(join(path, "intake.duckdb"));
  let deliveries = 0;
  return {
    folder: { path, store },
    intake,
    put: async (resources, version = "2024-05-01T00:00:00.000000000Z") => {
      const { number } = await intake.begin({ source: "emr", name: `delivery-${++deliveries}` });
      const changes = resources.map((resource) => ({ kind: "put" as const, resource, version }));
      await intake.apply(number, { changes, faults: [], position: changes.length });
      await intake.finish(number);
    },
    load: (policy, optOut = []) =>
      buildSnapshot(store, [fhirContributor({ intake, source: "emr", policy, policyFile: "emr.yaml" })], {
        keyTable: testKeyTable,
        optOut,
        source: { name: "test", abbreviation: "test", holder: "test", etlReference: "test" },
        document: { id: "emr", version: 1, hash: `sha256:${"0".repeat(64)}` as LoadReport["snapshotHash"] },
        periodRule: { rule: "first-to-last-event" },
        exportDate: "2024-06-01",
        clock: testClock,
      }),
    rows: async (table) => {
      const number = (await store.snapshots()).at(-1)?.number ?? 0;
      const names = omopFields(table)
        .map(([name]) => name)
        .filter((name) => name !== "person_id" && name !== `${table}_id`);
      const columns = names.map((name) => sql`${identifier(name)}::VARCHAR`);
      const rows = await store.read((session) =>
        session.rows(sql`SELECT ${joinSql(columns)} FROM ${identifier(snapshotSchema(number))}.${identifier(table)} ORDER BY ALL`),
      );
      return rows.map((row) => Object.fromEntries(names.flatMap((name, i) => (row[i] === null ? [] : [[name, row[i]] as const]))));
    },
    [Symbol.asyncDispose]: async () => {
      await intake.close();
      await store.close();
      rmSync(path, { recursive: true, force: true });
    },
  };
}

let prepared: Promise<string> | undefined;

/** A store file with the vocabulary below, made once for all tests of a process. */
function storeWithVocabulary(): Promise<string> {
  prepared ??= prepare();
  return prepared;
}

async function prepare(): Promise<string> {
  const folder = mkdtempSync(join(tmpdir(), "dure-fhir-vocabulary-"));
  process.once("exit", () => rmSync(folder, { recursive: true, force: true }));
  const store = await openClinicalStore(join(folder, "clinical.duckdb"));
  const path = writeAthena(join(folder, "athena"), { concepts: CONCEPTS, relations: RELATIONS });
  await loadVocabulary({ store, path, isPart: true, clock: testClock });
  await store.close();
  return join(folder, "clinical.duckdb");
}

/** A policy for the source `emr` over every type, with `changes` on top. */
export function confirmedPolicy(profile: PolicyProfile, changes: Partial<FhirPolicy> = {}): FhirPolicy {
  const types = MAPPED_TYPES.filter(isDecidedByPolicy);
  const text = draftPolicy({
    source: "emr",
    profile,
    counts: types.map((resourceType) => ({ resourceType, intent: "any", status: "(none)", count: 1 })),
    on: "2024-01-01",
    timeZone: "Asia/Seoul",
    identifierSystems: [],
  });
  const confirmed = { by: "a data steward", on: "2024-01-02", reason: "for tests" };
  return { ...parseFhirPolicy({ file: "emr.yaml", text }), confirmed, ...changes };
}

const standard = (id: number, vocabulary: string, code: string, domain: string): TestConcept => ({
  ...{ id, vocabulary, code, domain, standard: "S" as const },
});

/** Ids as the guide's own maps have them where they are below 50,000,000; the rest are invented. */
const CONCEPTS: readonly TestConcept[] = [
  standard(3027018, "LOINC", "8867-4", "Measurement"),
  standard(3004249, "LOINC", "8480-6", "Measurement"),
  standard(3012888, "LOINC", "8462-4", "Measurement"),
  standard(3036277, "LOINC", "8302-2", "Measurement"),
  standard(3025315, "LOINC", "29463-7", "Measurement"),
  standard(90000001, "LOINC", "72166-2", "Observation"),
  standard(437663, "SNOMED", "386661006", "Condition"),
  standard(440674, "SNOMED", "90560007", "Condition"),
  standard(4195970, "SNOMED", "312824007", "Observation"),
  standard(4051039, "SNOMED", "233404000", "Procedure"),
  standard(4026477, "SNOMED", "227493005", "Observation"),
  standard(1728416, "RxNorm", "7980", "Drug"),
  standard(90000002, "RxNorm", "313782", "Drug"),
  standard(40213143, "CVX", "171", "Drug"),
  standard(8713, "UCUM", "g/dL", "Unit"),
  standard(9529, "UCUM", "kg", "Unit"),
  standard(8876, "UCUM", "mm[Hg]", "Unit"),
  standard(8541, "UCUM", "/min", "Unit"),
  standard(90000003, "SNOMED", "119297000", "Specimen"),
  standard(90000004, "SNOMED", "14106009", "Device"),
  { id: 90000005, vocabulary: "KCD7", code: "N20.1", domain: "Condition" },
  standard(201916, "SNOMED", "31054009", "Condition"),
  { id: 90000006, vocabulary: "ICD10CM", code: "M10.9", domain: "Condition" },
  standard(1147165, "CDM", "observation.observation_id", "Metadata"),
  ...ALLERGY_CONCEPT_IDS.map((id) => standard(id, "SNOMED", `allergy-${id}`, "Observation")),
  ...[32817, 32818, 32823, 32825, 32827, 32830, 32836, 32838, 32840, 32848, 32856, 32865, 32882].map((id) =>
    standard(id, "Type Concept", `type-${id}`, "Type Concept"),
  ),
];

const RELATIONS: readonly TestRelation[] = [
  { from: 90000005, relation: "Maps to", to: 201916 },
  { from: 90000006, relation: "Maps to", to: 440674 },
];
