/**
 * Condition, drug and dose eras of a snapshot: spans in which one exposure follows another within 30 days.
 *
 * The rules are OMOP's conventions for the derived tables. A condition without an end lasts one day; a drug exposure lasts until its
 * end date, which OMOP requires. Exposures are not stockpiled: two that overlap do not last longer for it.
 * Concept 0 makes no era, since two unmapped rows need not be the same thing. Drugs are taken at the level of their ingredients.
 *
 * Dose eras have one dose a day. It is known where DRUG_STRENGTH gives an amount (amount × quantity / days) or a concentration whose
 * denominator is the quantity's unit (numerator / denominator × quantity / days); an exposure without quantity or days has none.
 *
 * Each is one pass of window functions over the rows sorted by person, concept and start.
 */

import type { SqlSession } from "../store/clinical-session.ts";
import { identifier, integer, type Sql, sql } from "../store/clinical-sql.ts";
import type { EraCounts } from "./snapshot-counts.ts";

const ERA_GAP_DAYS = 30;

/** Fills the three era tables of `schema`, which must be empty. */
export async function buildEras(session: SqlSession, schema: string): Promise<void> {
  const at = inSchema(schema);
  await session.run(conditionEras(at));
  await session.run(sql`CREATE TEMP TABLE ingredient_days AS ${ingredientExposures(at)}`);
  await session.run(drugEras(at));
  await session.run(doseEras(at));
  await session.run(sql`DROP TABLE ingredient_days`);
}

export async function countEras(session: SqlSession, schema: string): Promise<Omit<EraCounts, "built">> {
  const at = inSchema(schema);
  const count = (table: string): Promise<number> => session.count(sql`SELECT count(*) FROM ${at(table)}`);
  return {
    conditionEras: await count("condition_era"),
    drugEras: await count("drug_era"),
    doseEras: await count("dose_era"),
    drugRowsWithoutIngredient: await session.count(sql`
      SELECT count(*) FROM ${at("drug_exposure")} x
      WHERE NOT EXISTS (SELECT 1 FROM (${ingredientsOf(at)}) i WHERE i.drug_concept_id = x.drug_concept_id)`),
  };
}

type InSchema = (table: string) => Sql;
const inSchema =
  (schema: string): InSchema =>
  (table) =>
    sql`${identifier(schema)}.${identifier(table)}`;

const conditionEras = (at: InSchema): Sql => sql`
  INSERT INTO ${at("condition_era")}
    (condition_era_id, person_id, condition_concept_id, condition_era_start_date, condition_era_end_date, condition_occurrence_count)
  SELECT row_number() OVER (ORDER BY person_id, concept_id, min(first)), person_id, concept_id, min(first), max(last), count(*)
  FROM (${numberSpans(
    sql`SELECT person_id, condition_concept_id AS concept_id, condition_start_date AS first,
      coalesce(condition_end_date, condition_start_date + 1) AS last FROM ${at("condition_occurrence")} WHERE condition_concept_id <> 0`,
    sql`person_id, concept_id`,
    ERA_GAP_DAYS,
  )}) GROUP BY person_id, concept_id, span`;

/** Overlapping exposures are joined first: the days between the joined ones are the gap days. */
const drugEras = (at: InSchema): Sql => sql`
  INSERT INTO ${at("drug_era")} (drug_era_id, person_id, drug_concept_id, drug_era_start_date, drug_era_end_date, drug_exposure_count, gap_days)
  SELECT row_number() OVER (ORDER BY person_id, concept_id, min(first)), person_id, concept_id, min(first), max(last), sum(exposures),
    (max(last) - min(first)) - sum(last - first)
  FROM (${numberSpans(
    sql`SELECT person_id, concept_id, min(first) AS first, max(last) AS last, count(*) AS exposures
      FROM (${numberSpans(sql`SELECT person_id, concept_id, first, last FROM ingredient_days`, sql`person_id, concept_id`, 0)})
      GROUP BY person_id, concept_id, span`,
    sql`person_id, concept_id`,
    ERA_GAP_DAYS,
  )}) GROUP BY person_id, concept_id, span`;

const doseEras = (at: InSchema): Sql => sql`
  INSERT INTO ${at("dose_era")} (dose_era_id, person_id, drug_concept_id, unit_concept_id, dose_value, dose_era_start_date, dose_era_end_date)
  SELECT row_number() OVER (ORDER BY person_id, concept_id, unit_concept_id, dose, min(first)), person_id, concept_id, unit_concept_id, dose,
    min(first), max(last)
  FROM (${numberSpans(dailyDoses(at), sql`person_id, concept_id, unit_concept_id, dose`, ERA_GAP_DAYS)})
  GROUP BY person_id, concept_id, unit_concept_id, dose, span`;

/** Adds `span`: rows of one partition whose start is more than `gapDays` after every earlier end begin a new one. */
const numberSpans = (rows: Sql, partition: Sql, gapDays: number): Sql => sql`
  SELECT *, sum(CASE WHEN reached IS NULL OR first > reached + ${integer(gapDays)} THEN 1 ELSE 0 END)
    OVER (PARTITION BY ${partition} ORDER BY first, last) AS span
  FROM (SELECT *, max(last) OVER (PARTITION BY ${partition} ORDER BY first, last ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING) AS reached
    FROM (${rows}))`;

/** A drug's ingredients; an ingredient is its own. */
const ingredientsOf = (at: InSchema): Sql => sql`
  SELECT a.descendant_concept_id AS drug_concept_id, a.ancestor_concept_id AS ingredient_concept_id FROM ${at("concept_ancestor")} a
    JOIN ${at("concept")} c ON c.concept_id = a.ancestor_concept_id
    WHERE c.concept_class_id = 'Ingredient' AND c.vocabulary_id IN ('RxNorm', 'RxNorm Extension') AND c.standard_concept = 'S'
  UNION SELECT concept_id, concept_id FROM ${at("concept")}
    WHERE concept_class_id = 'Ingredient' AND vocabulary_id IN ('RxNorm', 'RxNorm Extension') AND standard_concept = 'S'`;

/** Many sources write a supply of 0 days where they do not know it. */
const ingredientExposures = (at: InSchema): Sql => sql`
  SELECT x.person_id, i.ingredient_concept_id AS concept_id, x.drug_concept_id, x.drug_exposure_start_date AS first,
    x.drug_exposure_end_date AS last, x.quantity, nullif(x.days_supply, 0) AS days_supply, x.drug_exposure_end_date - x.drug_exposure_start_date AS days_between
  FROM ${at("drug_exposure")} x JOIN (${ingredientsOf(at)}) i ON i.drug_concept_id = x.drug_concept_id`;

const dailyDoses = (at: InSchema): Sql => sql`
  SELECT * FROM (
    SELECT e.person_id, e.concept_id, e.first, e.last,
      coalesce(s.amount_unit_concept_id, s.numerator_unit_concept_id) AS unit_concept_id,
      coalesce(s.amount_value, s.numerator_value / coalesce(s.denominator_value, 1)) * e.quantity
        / coalesce(e.days_supply, nullif(e.days_between, 0)) AS dose
    FROM ingredient_days e JOIN ${at("drug_strength")} s ON s.drug_concept_id = e.drug_concept_id AND s.ingredient_concept_id = e.concept_id
    WHERE s.invalid_reason IS NULL)
  WHERE dose > 0 AND unit_concept_id IS NOT NULL`;
