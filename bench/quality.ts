/** How long all quality checks take, on an OMOP database generated in SQL: 25 records a person, as in a young hospital's store. */

import { pathToFileURL } from "node:url";
import { defaultChecks } from "@dure/clinical/quality";
import { smallHospital } from "../apps/site/src/quality/testing-hospital-rows.ts";
import { TEST_SCHEMA, type TestDatabase, testDatabase } from "../apps/site/src/quality/testing-omop.ts";
import { identifier, integer, type Sql, sql } from "../apps/site/src/store/clinical-sql.ts";

/** `npm run bench` measures this many and says so; the bound is for a million. */
const PERSONS = 100_000;
const PERSONS_OF_BOUND = 1_000_000;
/** The bound on a 2-core machine. */
const SECONDS_MAX_OF_BOUND = 600;

export interface QualityBenchmark {
  readonly persons: number;
  readonly rows: number;
  readonly checks: number;
  readonly generatedSeconds: number;
  readonly seconds: number;
  /** What this run's share of the bound allows. */
  readonly secondsMax: number;
  /** Of the whole process, generation included. */
  readonly peakBytes: number;
}

export async function benchQuality(persons: number = PERSONS): Promise<QualityBenchmark> {
  await using database = await testDatabase();
  const startMs = performance.now();
  const rows = await generate(database, persons);
  const generatedMs = performance.now();
  const results = await database.run();
  const seconds = (performance.now() - generatedMs) / 1000;
  const peakBytes = process.resourceUsage().maxRSS * 1024;
  const secondsMax = (SECONDS_MAX_OF_BOUND * persons) / PERSONS_OF_BOUND;
  const generatedSeconds = (generatedMs - startMs) / 1000;
  return { persons, rows, checks: results.size, generatedSeconds, seconds, secondsMax, peakBytes };
}

/** Multiplies the ten persons of the tests, with days and concepts spread over ten years; some faults come in. */
async function generate(database: TestDatabase, persons: number): Promise<number> {
  const table = (name: string): Sql => sql`${identifier(TEST_SCHEMA)}.${identifier(name)}`;
  let rowCount = 0;
  await database.change([], async (session) => {
    await smallHospital(session, TEST_SCHEMA);
    const clinical = [
      "person",
      "observation_period",
      "visit_occurrence",
      "condition_occurrence",
      "condition_era",
      "drug_exposure",
      "drug_era",
    ];
    for (const name of [...clinical, "dose_era", "procedure_occurrence", "measurement", "specimen", "death"])
      await session.run(sql`DELETE FROM ${table(name)}`);
    const ids = (perPerson: number): Sql => sql`range(${integer(persons * perPerson)}) AS g(i)`;
    const person = (perPerson: number): Sql => sql`i // ${integer(perPerson)} + 1`;
    const day = sql`DATE '2014-01-01' + CAST(hash(i) % 3650 AS INTEGER)`;
    const fills: readonly Sql[] = [
      sql`${table("person")} (person_id, gender_concept_id, year_of_birth, month_of_birth, day_of_birth, race_concept_id, ethnicity_concept_id)
        SELECT i + 1, CASE WHEN i % 2 = 0 THEN 8507 ELSE 8532 END, 1930 + i % 80, 1 + i % 12, 1 + i % 28, 8515, 38003564 FROM ${ids(1)}`,
      sql`${table("observation_period")} SELECT i + 1, i + 1, DATE '2014-01-01', DATE '2024-01-01', 32817 FROM ${ids(1)}`,
      sql`${table("death")} (person_id, death_date) SELECT i + 1, DATE '2023-01-01' FROM ${ids(1)} WHERE i % 20 = 0`,
      sql`${table("visit_occurrence")} (visit_occurrence_id, person_id, visit_concept_id, visit_start_date, visit_end_date, visit_type_concept_id)
        SELECT i, ${person(3)}, 9202, ${day}, ${day}, 32817 FROM ${ids(3)}`,
      sql`${table("condition_occurrence")} (condition_occurrence_id, person_id, condition_concept_id, condition_start_date, condition_end_date,
        condition_type_concept_id, visit_occurrence_id, condition_source_value, condition_source_concept_id)
        SELECT i, ${person(6)}, CASE WHEN i % 50 = 0 THEN 200962 ELSE 201826 END, ${day}, ${day}, 32817, i // 2, concat('C', i % 5000), 2100000001 FROM ${ids(6)}`,
      sql`${table("condition_era")} SELECT i, ${person(4)}, 201826, ${day}, ${day}, 1 FROM ${ids(4)}`,
      sql`${table("drug_exposure")} (drug_exposure_id, person_id, drug_concept_id, drug_exposure_start_date, drug_exposure_end_date,
        verbatim_end_date, drug_type_concept_id, days_supply, visit_occurrence_id, drug_source_value)
        SELECT i, ${person(6)}, 1125315, ${day}, ${day} + 6, ${day} + 6, 32817, 7, i // 2, concat('D', i % 5000) FROM ${ids(6)}`,
      sql`${table("procedure_occurrence")} (procedure_occurrence_id, person_id, procedure_concept_id, procedure_date, procedure_type_concept_id)
        SELECT i, ${person(2)}, 2100000004, ${day}, 32817 FROM ${ids(2)}`,
      sql`${table("measurement")} (measurement_id, person_id, measurement_concept_id, measurement_date, measurement_type_concept_id,
        value_as_number, unit_concept_id, visit_occurrence_id, measurement_source_value, unit_source_value)
        SELECT i, ${person(6)}, 3004410, ${day}, 32817, 4 + i % 8, 8554, i // 2, concat('L', i % 2000), '%' FROM ${ids(6)}`,
    ];
    for (const fill of fills) await session.run(sql`INSERT INTO ${fill}`);
    for (const name of [...clinical, "procedure_occurrence", "measurement"])
      rowCount += await session.count(sql`SELECT count(*) FROM ${table(name)}`);
  });
  return rowCount;
}

if (process.argv[1] !== undefined && import.meta.url === pathToFileURL(process.argv[1]).href) {
  const bench = await benchQuality(Number(process.argv[2] ?? PERSONS));
  console.log(
    `quality: ${defaultChecks().length} checks on ${bench.persons} persons, ${bench.rows} rows, in ${bench.seconds.toFixed(1)} s ` +
      `(at most ${bench.secondsMax.toFixed(0)} s; generated in ${bench.generatedSeconds.toFixed(0)} s), peak ${Math.round(bench.peakBytes / 1e6)} MB with the generation`,
  );
}
