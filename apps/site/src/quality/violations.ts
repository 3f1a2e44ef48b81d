/**
 * The rows at fault of each check as one query of their ids: what a data manager looks up, and what the counts below must agree with.
 * A check that is about a whole table or field has no rows.
 */

import type { QualityCheck } from "@dure/clinical/quality";
import { identifier, integer, join, type Sql, sql } from "../store/clinical-sql.ts";
import { type ConditionContext, fromTable, rowCondition } from "./row-conditions.ts";

export const GENDER_CONCEPTS = { male: 8507, female: 8532 } as const;

/**
 * The ids, in order and each once, as texts in the first column; undefined where a check has no rows.
 *
 * @param idField the table's key, or `person_id` where it has none
 */
export function violatingRows(check: QualityCheck, idField: string, context: ConditionContext): Sql | undefined {
  const condition = rowCondition(check, context);
  const selection =
    condition === undefined
      ? otherSelection(check, context.schema)
      : { from: fromTable(context.schema, check.table, new Set(condition.joins)), where: condition.violates };
  if (selection === undefined) return undefined;
  const value = sql`t.${identifier(selection.id ?? idField)}`;
  return sql`SELECT DISTINCT CAST(${value} AS VARCHAR) AS id, ${value} AS place ${selection.from}
    WHERE (${selection.where}) AND ${value} IS NOT NULL ORDER BY place`;
}

interface Selection {
  readonly from: Sql;
  readonly where: Sql;
  readonly id?: string;
}

function otherSelection(check: QualityCheck, schema: string): Selection | undefined {
  const { name, table, field = "person_id", rule, conceptIds = [] } = check;
  const of = (name: string): Sql => sql`${identifier(schema)}.${identifier(name)}`;
  const from = sql`FROM ${of(table)} t`;
  const value = sql`t.${identifier(field)}`;
  const ofConcept = (condition: Sql): Selection => ({
    from,
    where: sql`EXISTS (SELECT 1 FROM ${of("concept")} c WHERE c.concept_id = ${value} AND ${conceptAtFault(condition)})`,
  });
  const ofSex = (concepts: Sql): Selection => ({
    from: fromTable(schema, table, new Set(["person"])),
    where: sql`${value} IN (${concepts}) AND p.gender_concept_id <> ${integer(GENDER_CONCEPTS[rule.kind === "sex" ? rule.sex : "male"])}`,
  });
  const persons = (source: string, has: string): Selection => ({
    ...{ from: sql`FROM ${of(source)} t`, id: "person_id" },
    where: sql`NOT EXISTS (SELECT 1 FROM ${of(has)} x WHERE x.person_id = t.person_id)`,
  });
  switch (name) {
    case "measurePersonCompleteness":
      return persons("person", table);
    case "measureConditionEraCompleteness":
      return persons("condition_occurrence", table);
    case "measureObservationPeriodOverlap":
      return { from: sql`FROM ${periodsWithEarlierEnd(schema)} t`, where: OVERLAPS, id: "person_id" };
    case "isPrimaryKey":
      return {
        from,
        where: sql`${value} IN (SELECT ${identifier(field)} FROM ${of(table)} GROUP BY ${identifier(field)} HAVING count(*) > 1)`,
      };
    case "isForeignKey":
      return rule.kind === "references" ? { from, where: pointsAtNothing(value, schema, rule) } : undefined;
    case "fkDomain":
    case "fkClass":
    case "isStandardValidConcept":
      return ofConcept(conceptFault(check));
    case "sourceValueCompleteness":
      return rule.kind === "source-value" ? { from, where: sql`t.${identifier(rule.standardConceptField)} = 0` } : undefined;
    case "plausibleGender":
      return ofSex(join(conceptIds.map(integer)));
    case "plausibleGenderUseDescendants":
      return ofSex(descendantsOf(conceptIds, schema));
    case "plausibleUnitConceptIds":
      return rule.kind === "units"
        ? { from, where: sql`${value} IN (${join(conceptIds.map(integer))}) AND ${otherUnit(rule.unitConceptIds)}` }
        : undefined;
    default:
      return undefined;
  }
}

export const pointsAtNothing = (value: Sql, schema: string, target: { readonly table: string; readonly field: string }): Sql =>
  sql`${value} IS NOT NULL AND NOT EXISTS (
    SELECT 1 FROM ${identifier(schema)}.${identifier(target.table)} x WHERE x.${identifier(target.field)} = ${value})`;

/** Of a concept `c` other than 0. Files write an empty standard_concept and invalid_reason as an empty text or as nothing at all. */
export function conceptFault({ rule }: QualityCheck): Sql {
  if (rule.kind === "domain") return sql`c.domain_id <> ${rule.domain}`;
  if (rule.kind === "concept-class") return sql`c.concept_class_id <> ${rule.conceptClass}`;
  return sql`(coalesce(c.standard_concept, '') <> 'S' OR coalesce(c.invalid_reason, '') <> '')`;
}

export const conceptAtFault = (fault: Sql): Sql => sql`c.concept_id <> 0 AND ${fault}`;

/** The concepts and all that descend from them. */
export const descendantsOf = (conceptIds: readonly number[], schema: string): Sql =>
  sql`SELECT descendant_concept_id FROM ${identifier(schema)}.concept_ancestor WHERE ancestor_concept_id IN (${join(conceptIds.map(integer))})`;

/** Rows of a unit check: a number, with a unit in the source. */
export const HAS_UNIT_AND_NUMBER: Sql = sql`t.value_as_number IS NOT NULL AND t.unit_source_value IS NOT NULL`;

function otherUnit(unitConceptIds: readonly number[]): Sql {
  const isOther =
    unitConceptIds.length === 0 ? sql`t.unit_concept_id IS NOT NULL` : sql`t.unit_concept_id NOT IN (${join(unitConceptIds.map(integer))})`;
  return sql`${HAS_UNIT_AND_NUMBER} AND ${isOther}`;
}

/** Each period with the latest end of the person's earlier ones. */
export const periodsWithEarlierEnd = (schema: string): Sql => sql`(
  SELECT person_id, observation_period_start_date AS start_date, max(observation_period_end_date) OVER (
    PARTITION BY person_id ORDER BY observation_period_start_date, observation_period_end_date, observation_period_id
    ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING) AS earlier_end
  FROM ${identifier(schema)}.observation_period)`;

/** Also a period that begins on the day after another one ends. */
export const OVERLAPS: Sql = sql`t.start_date <= t.earlier_end + 1`;
