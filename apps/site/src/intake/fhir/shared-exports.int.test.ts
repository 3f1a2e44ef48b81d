/** Three sets of FHIR that others published, taken in completely. */

import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { sharedData } from "@dure/kernel/testing";
import { intakeFolder } from "../testing.ts";
import { takeInFiles } from "./take-in-files.ts";

const policy = { onFault: "continue", faultsMax: 0 } as const;
const minimisation = { keepsFreeText: false };

interface SharedSet {
  readonly what: string;
  readonly path: string;
  readonly isArchive: boolean;
  /** Distinct type and id, counted over the same files by a script in Python that only parses JSON. */
  readonly counts: Readonly<Record<string, number>>;
  readonly itemsIn: number;
  readonly ignored: readonly string[];
}

const SETS: readonly SharedSet[] = [
  {
    what: "a bulk export of ten patients",
    path: "clinical/fhir-bulk-10-patients/bulk-10-patients-no-observation.tar.xz",
    isArchive: true,
    counts: {
      AllergyIntolerance: 11,
      Condition: 555,
      Device: 16,
      DocumentReference: 1215,
      Encounter: 1215,
      Immunization: 161,
      Location: 44,
      MedicationRequest: 1745,
      Organization: 43,
      Patient: 13,
      Practitioner: 43,
      PractitionerRole: 43,
      Procedure: 2056,
    },
    itemsIn: 7160,
    ignored: ["log.ndjson"],
  },
  {
    what: "collections of ten patients",
    path: "clinical/fhir-bundles-synthea/pathling-10-patients.tar.xz",
    isArchive: true,
    counts: {
      CarePlan: 22,
      CareTeam: 22,
      Claim: 475,
      Condition: 246,
      DiagnosticReport: 191,
      Encounter: 372,
      ExplanationOfBenefit: 372,
      ImagingStudy: 1,
      Immunization: 167,
      MedicationAdministration: 2,
      MedicationRequest: 103,
      Observation: 1554,
      Organization: 25,
      Patient: 10,
      Practitioner: 25,
      Procedure: 531,
    },
    itemsIn: 4120,
    ignored: [],
  },
  {
    what: "transactions and batches of seventeen patients",
    path: "clinical/fhir-bundles-synthea/fhir-data-pipes-synthea-hiv-14-patients-small.tar.xz",
    isArchive: true,
    counts: {
      Claim: 880,
      Condition: 17,
      DiagnosticReport: 880,
      DocumentReference: 880,
      Encounter: 880,
      ExplanationOfBenefit: 880,
      Immunization: 907,
      Location: 1191,
      Observation: 3485,
      Organization: 1191,
      Patient: 17,
      Practitioner: 1191,
      PractitionerRole: 1191,
      Provenance: 17,
    },
    itemsIn: 13_607,
    ignored: ["sample_data_small/README.md"],
  },
  {
    what: "NDJSON of nine patients",
    path: "clinical/fhir-ndjson-pathling",
    isArchive: false,
    counts: { Condition: 71, Observation: 1502, Patient: 9, Questionnaire: 1 },
    itemsIn: 1583,
    ignored: [],
  },
];

for (const { what, path, isArchive, counts, itemsIn, ignored } of SETS) {
  const shared = sharedData(path);
  test(`${what} is taken in to the last resource, and nothing of it twice`, {
    skip: shared === undefined ? "no shared data" : false,
  }, async () => {
    await using folder = intakeFolder();
    const export_ = join(folder.path, "export");
    mkdirSync(export_);
    if (isArchive) execFileSync("tar", ["xJf", shared ?? "", "-C", export_]);
    const store = await folder.open();
    const options = { store, source: "emr", minimisation, policy };
    const report = await takeInFiles([isArchive ? export_ : (shared ?? "")], options);
    assert.deepEqual(report.ignored, ignored);
    assert.equal(
      report.deliveries.reduce((sum, delivery) => sum + delivery.itemsIn, 0),
      itemsIn,
    );
    const found = await store.counts("emr");
    assert.deepEqual(Object.fromEntries(found.map(({ resourceType, count }) => [resourceType, count])), counts);

    const again = await takeInFiles([isArchive ? export_ : (shared ?? "")], options);
    assert.deepEqual([again.deliveries.length, again.known.length], [0, report.deliveries.length]);
    assert.deepEqual(await store.counts("emr"), found);
  });
}
