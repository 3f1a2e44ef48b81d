/** Four sets of FHIR that others published, from file to snapshot. */

import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { sharedData } from "@dure/kernel/testing";
import { takeInFiles } from "../intake/fhir/take-in-files.ts";
import { confirmedPolicy, fhirSite } from "./testing-fhir.ts";

interface SharedSet {
  readonly what: string;
  readonly path: string;
  /** Resources used, of the types of which any is. */
  readonly used: Readonly<Record<string, number>>;
  /** Why others are not, over all types. */
  readonly excluded: Readonly<Record<string, number>>;
  readonly tables: Readonly<Record<string, number>>;
}

const SETS: readonly SharedSet[] = [
  {
    what: "a bulk export of ten patients",
    path: "clinical/fhir-bulk-10-patients/bulk-10-patients-no-observation.tar.xz",
    used: {
      ...{ Patient: 13, Encounter: 1215, Condition: 555, AllergyIntolerance: 11, Procedure: 2056, MedicationRequest: 1745 },
      ...{ Immunization: 161, Practitioner: 43, Organization: 43, Location: 44 },
    },
    excluded: {
      "no reference to the resource that it describes": 43,
      "a device without a date of use": 16,
      "free text, kept out of OMOP": 1215,
    },
    tables: {
      ...{ person: 13, visit_occurrence: 1215, condition_occurrence: 555, observation: 26, procedure_occurrence: 2056 },
      ...{ drug_exposure: 1906, provider: 43, care_site: 87 },
    },
  },
  {
    what: "collections of ten patients",
    path: "clinical/fhir-bundles-synthea/pathling-10-patients.tar.xz",
    used: {
      ...{ Patient: 10, Encounter: 372, Condition: 246, Observation: 1554, Procedure: 531, ImagingStudy: 1, MedicationRequest: 101 },
      ...{ MedicationAdministration: 2, Immunization: 167, Practitioner: 25, Organization: 25 },
    },
    excluded: {
      "better evidence of the same drug": 2,
      "billing, planning or administration": 891,
      "read with the resource that it describes": 191,
    },
    tables: {
      ...{ person: 10, visit_occurrence: 372, condition_occurrence: 246, measurement: 1619, observation: 1118, procedure_occurrence: 532 },
      ...{ drug_exposure: 270, provider: 25, care_site: 25 },
    },
  },
  {
    what: "transactions and batches of seventeen patients",
    path: "clinical/fhir-bundles-synthea/fhir-data-pipes-synthea-hiv-14-patients-small.tar.xz",
    used: {
      ...{ Patient: 17, Encounter: 880, Condition: 17, Observation: 3485, Immunization: 907 },
      ...{ Practitioner: 1191, Organization: 1191, Location: 1191 },
    },
    excluded: {
      "no reference to the resource that it describes": 1191,
      "billing, planning or administration": 1777,
      "read with the resource that it describes": 880,
      "free text, kept out of OMOP": 880,
    },
    tables: {
      ...{ person: 17, visit_occurrence: 880, condition_occurrence: 17, measurement: 376, observation: 3109, drug_exposure: 907 },
      ...{ provider: 1191, care_site: 2382 },
    },
  },
  {
    what: "NDJSON of nine patients",
    path: "clinical/fhir-ndjson-pathling",
    used: { Patient: 9, Condition: 71, Observation: 1502 },
    excluded: { "no OMOP table for this type": 1 },
    tables: { person: 9, condition_occurrence: 71, measurement: 1502, observation: 83 },
  },
];

for (const { what, path, used, excluded, tables } of SETS) {
  const shared = sharedData(path);
  test(`${what} loads end to end, every resource accounted for`, { skip: shared === undefined ? "no shared data" : false }, async () => {
    await using site = await fhirSite();
    const unpacked = join(site.folder.path, "export");
    mkdirSync(unpacked);
    if (path.endsWith(".xz")) execFileSync("tar", ["xJf", shared ?? "", "-C", unpacked]);
    await takeInFiles([path.endsWith(".xz") ? unpacked : (shared ?? "")], {
      ...{ store: site.intake, source: "emr", minimisation: { keepsFreeText: false } },
      policy: { onFault: "stop", faultsMax: 0 },
    });
    const report = await site.load(confirmedPolicy("orders-count"));
    const inputs = report.contributors[0]?.inputs ?? [];
    for (const { input, rowsIn, rowsUsed, excluded: left } of inputs) {
      assert.equal(rowsIn, rowsUsed + left.reduce((sum, { rowCount }) => sum + rowCount, 0), input);
    }
    assert.deepEqual(Object.fromEntries(inputs.flatMap(({ input, rowsUsed }) => (rowsUsed === 0 ? [] : [[input, rowsUsed]]))), used);
    const sums = (pairs: readonly (readonly [string, number])[]) => {
      const totals: Record<string, number> = {};
      for (const [name, count] of pairs) totals[name] = (totals[name] ?? 0) + count;
      return totals;
    };
    assert.deepEqual(
      sums(inputs.flatMap(({ excluded: left }) => left.map(({ reason, rowCount }) => [reason, rowCount] as const))),
      excluded,
    );
    assert.deepEqual(sums(inputs.flatMap(({ rowsOutByTable }) => Object.entries(rowsOutByTable))), tables);
    const failed = report.contributors[0]?.requirements?.filter(({ outcome }) => outcome === "fail").map(({ requirement }) => requirement);
    assert.deepEqual(failed, ["f2o-025", "f2o-026", "f2o-132"], "what only the site's policy can declare");
  });
}
