import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { defaultChecks, summariseResults } from "@dure/clinical/quality";
import { sharedData } from "@dure/kernel/testing";
import { fillFromFiles, testDatabase } from "./testing-omop.ts";

const gibleed = sharedData("clinical/eunomia-gibleed-5.3-parquet");
const synthea = sharedData("clinical/eunomia-synthea27nj/Synthea27Nj_5.4.zip");
const skipWithout = (path: string | undefined) => ({ skip: path === undefined ? "no shared data" : false });

test("the known faults of GiBleed are found", skipWithout(gibleed), async () => {
  await using database = await testDatabase();
  await fillFromFiles(database, gibleed ?? "");
  const results = await database.run();
  const violated = (id: string) => results.get(id)?.counts?.violatedCount;
  assert.deepEqual(
    {
      periodsOfNobody: violated("field_isforeignkey_observation_period_person_id"),
      conditionsOfNoVisit: violated("field_isforeignkey_condition_occurrence_visit_occurrence_id"),
      drugsOfNoVisit: violated("field_isforeignkey_drug_exposure_visit_occurrence_id"),
      unknownRaces: violated("field_isforeignkey_person_race_concept_id"),
    },
    { periodsOfNobody: 2649, conditionsOfNoVisit: 64_717, drugsOfNoVisit: 66_970, unknownRaces: 2243 },
  );
  const without = (table: string) => violated(`table_measurepersoncompleteness_${table}`);
  assert.deepEqual(
    [without("visit_occurrence"), without("procedure_occurrence"), without("measurement"), without("observation")],
    [1804, 101, 8, 2023],
  );
  assert.equal(results.size, defaultChecks().length);
  assert.equal(summariseResults([...results.values()]).error, 0);
});

test("every check of Synthea27Nj has an answer", skipWithout(synthea), async () => {
  await using database = await testDatabase();
  const folder = join(database.folder, "synthea");
  mkdirSync(folder);
  execFileSync("unzip", ["-q", "-j", synthea ?? "", "-x", "__MACOSX/*", "-d", folder]);
  await fillFromFiles(database, folder);
  const results = await database.run();
  const { total, error } = summariseResults([...results.values()]);
  assert.deepEqual({ total, error }, { total: defaultChecks().length, error: 0 });
  assert.deepEqual(results.get("table_measurepersoncompleteness_drug_era")?.counts, { violatedCount: 28, denominatorCount: 28 });
});
