/** All default checks, put together from the definition of the CDM and the figures of OHDSI's thresholds. */

import { OMOP_TABLES, type OmopTable, omopFields, omopTables } from "../omop/cdm.ts";
import type { FieldDefinition } from "../omop/definition.ts";
import { type CheckRule, DEFAULT_SOURCE, type PlausibleBound, type QualityCheck } from "./check.ts";
import { type CheckName, checkNames } from "./check-types.ts";
import {
  SEX_OF_CONCEPTS,
  SEX_OF_DESCENDANTS,
  SEX_OF_DESCENDANTS_THRESHOLD_PERCENT,
  SEX_THRESHOLD_PERCENT,
  UNIT_THRESHOLD_PERCENT,
  UNITS_OF_MEASUREMENTS,
} from "./default-concepts.ts";
import * as figures from "./default-figures.ts";

/** The checks of OMOP CDM v5.4 in OHDSI's order of kinds. Pure: the same list at every call. */
export function defaultChecks(): readonly QualityCheck[] {
  const checks = [...tableChecks(), ...fieldChecks(), ...conceptChecks()];
  const place = new Map(checkNames.map((name, i) => [name, i]));
  return checks.toSorted((a, b) => (place.get(a.name) ?? 0) - (place.get(b.name) ?? 0));
}

interface Field {
  readonly table: OmopTable;
  readonly field: string;
  /** `table.field`. */
  readonly path: string;
  readonly definition: FieldDefinition;
}

function tableChecks(): readonly QualityCheck[] {
  const check = (name: CheckName, table: string, thresholdPercent: number | undefined): QualityCheck => ({
    ...{ name, table, thresholdSource: DEFAULT_SOURCE, rule: PLAIN },
    ...withPercent(thresholdPercent),
  });
  return [
    ...omopTables.map((table) => check("cdmTable", table, undefined)),
    ...figures.PERSON_COMPLETENESS.flatMap(([percent, tables]) =>
      tables.split(" ").map((table) => check("measurePersonCompleteness", table, percent)),
    ),
    check("measureConditionEraCompleteness", "condition_era", 0),
    check("measureObservationPeriodOverlap", "observation_period", 0),
  ];
}

function fieldChecks(): readonly QualityCheck[] {
  return allFields().flatMap((field) => [...conformanceChecks(field), ...completenessChecks(field), ...plausibilityChecks(field)]);
}

function conformanceChecks(at: Field): readonly QualityCheck[] {
  const { path, definition } = at;
  const references = figures.OTHER_REFERENCES[path] ?? definition.references;
  const domain = figures.OTHER_DOMAINS[path] ?? definition.domain ?? "";
  const conceptClass = figures.OTHER_CLASSES[path] ?? definition.conceptClass;
  return [
    fieldCheck(at, "cdmField", undefined),
    ...(definition.required ? [fieldCheck(at, "isRequired", 0)] : []),
    ...(definition.type === "integer" && !notInteger.has(path) ? [fieldCheck(at, "cdmDatatype", 0)] : []),
    ...(definition.primaryKey === true ? [fieldCheck(at, "isPrimaryKey", 0)] : []),
    ...(references === undefined ? [] : [fieldCheck(at, "isForeignKey", 0, referenceRule(references))]),
    ...(domain === "" ? [] : [fieldCheck(at, "fkDomain", 0, { kind: "domain", domain })]),
    ...(conceptClass === undefined ? [] : [fieldCheck(at, "fkClass", 0, { kind: "concept-class", conceptClass })]),
    ...(standardConcepts.has(path) ? [fieldCheck(at, "isStandardValidConcept", 0)] : []),
  ];
}

function completenessChecks(at: Field): readonly QualityCheck[] {
  const { path, field, definition } = at;
  const standardConceptField = figures.CONCEPT_OF_SOURCE_VALUE[path] ?? field.replace(/_source_value$/, "_concept_id");
  return [
    fieldCheck(at, "measureValueCompleteness", figures.VALUE_COMPLETENESS_PERCENT[definition.required ? "required" : "optional"]),
    ...withThreshold(at, "standardConceptRecordCompleteness", standardCompleteness),
    ...withThreshold(at, "sourceConceptRecordCompleteness", sourceCompleteness),
    ...withThreshold(at, "sourceValueCompleteness", sourceValues, { kind: "source-value", standardConceptField }),
  ];
}

function plausibilityChecks(at: Field): readonly QualityCheck[] {
  const { table, definition } = at;
  const isDate = definition.type === "date" || definition.type === "datetime";
  const isEvent = isDate && figures.EVENT_TABLES.includes(table);
  const plausible = (name: CheckName, rule: CheckRule = PLAIN) => fieldCheck(at, name, figures.PLAUSIBLE_PERCENT, rule);
  const [low, high] = boundsOf(at, isEvent);
  return [
    ...(low === undefined ? [] : [plausible("plausibleValueLow", { kind: "bound", bound: low })]),
    ...(high === undefined ? [] : [plausible("plausibleValueHigh", { kind: "bound", bound: high })]),
    ...orderChecks(at, isEvent),
    ...(isDate && isDuringLife(at) ? [plausible("plausibleDuringLife")] : []),
    ...withThreshold(at, "withinVisitDates", withinVisit),
    ...(isEvent ? [plausible("plausibleAfterBirth")] : []),
    ...(isEvent && table !== "death" ? [plausible("plausibleBeforeDeath")] : []),
  ];
}

/** That an end lies after its start, said from both sides, and that a start lies after birth. */
function orderChecks(at: Field, isEvent: boolean): readonly QualityCheck[] {
  const { table, path } = at;
  if (table === "cdm_source") return sourceOrder(at);
  const spanPercent = spans.get(table);
  const end = spanPercent === undefined ? undefined : endOf(at);
  const start = spanPercent === undefined ? undefined : startOf(at);
  const isOfEra = table === "dose_era";
  const beforeEnd =
    end === undefined || spanPercent === undefined
      ? []
      : [fieldCheck(at, "plausibleStartBeforeEnd", spanPercent, { kind: "ends", field: end })];
  if (start !== undefined && !isOfEra) {
    const percent = isEvent ? figures.PLAUSIBLE_PERCENT : 0;
    return [...beforeEnd, fieldCheck(at, "plausibleTemporalAfter", percent, { kind: "after", table, field: start })];
  }
  if (!isEvent || path === "measurement.measurement_datetime") return beforeEnd;
  const birth: CheckRule = { kind: "after", table: "person", field: "birth_datetime" };
  return [...beforeEnd, fieldCheck(at, "plausibleTemporalAfter", figures.PLAUSIBLE_PERCENT, birth)];
}

/** A database is released after its source. */
function sourceOrder(at: Field): readonly QualityCheck[] {
  const [source, cdm] = ["source_release_date", "cdm_release_date"];
  if (at.field === source) return [fieldCheck(at, "plausibleStartBeforeEnd", 0, { kind: "ends", field: cdm })];
  if (at.field === cdm) return [fieldCheck(at, "plausibleTemporalAfter", 0, { kind: "after", table: at.table, field: source })];
  return [];
}

/** The end that belongs to a start: `…_start_date` and `…_end_date`; a procedure's start is plain `procedure_date`. */
function endOf({ table, field }: Field): string | undefined {
  const end =
    table === "procedure_occurrence" ? field.replace(/^procedure_date/, "procedure_end_date") : field.replace("_start_date", "_end_date");
  return end !== field && Object.hasOwn(OMOP_TABLES[table].fields, end) ? end : undefined;
}

function startOf({ table, field }: Field): string | undefined {
  if (field === "verbatim_end_date") return "drug_exposure_start_date";
  const start =
    table === "procedure_occurrence" ? field.replace(/^procedure_end_date/, "procedure_date") : field.replace("_end_date", "_start_date");
  return start !== field && Object.hasOwn(OMOP_TABLES[table].fields, start) ? start : undefined;
}

/** Of an era the start only. */
const isDuringLife = ({ table, field }: Field): boolean =>
  figures.DURING_LIFE.includes(table) && !(table.endsWith("_era") && field.endsWith("_end_date"));

function boundsOf(
  { path, definition }: Field,
  isEvent: boolean,
): readonly [low: PlausibleBound | undefined, high: PlausibleBound | undefined] {
  const dates = figures.OTHER_DATES[path] ?? (isEvent ? "event" : undefined);
  if (dates !== undefined)
    return [
      { kind: "date", value: figures.EARLIEST[dates] },
      { kind: "days-from-today", days: 1 },
    ];
  const number = (value: number | undefined): PlausibleBound | undefined => (value === undefined ? undefined : { kind: "number", value });
  const high = path === "person.year_of_birth" ? ({ kind: "years-from-this-year", years: 1 } as const) : number(figures.HIGHEST[path]);
  return definition.type === "date" ? [undefined, undefined] : [number(figures.LOWEST[path]), high];
}

function conceptChecks(): readonly QualityCheck[] {
  const bySex = (
    name: CheckName,
    group: (typeof SEX_OF_CONCEPTS)[number],
    conceptIds: readonly number[],
    percent: number,
  ): QualityCheck => ({
    ...{ name, table: group.table, field: group.field, conceptIds, thresholdPercent: percent, thresholdSource: DEFAULT_SOURCE },
    rule: { kind: "sex", sex: group.sex },
  });
  return [
    ...SEX_OF_CONCEPTS.flatMap((group) => group.conceptIds.map((id) => bySex("plausibleGender", group, [id], SEX_THRESHOLD_PERCENT))),
    ...SEX_OF_DESCENDANTS.map((group) =>
      bySex("plausibleGenderUseDescendants", group, group.conceptIds, SEX_OF_DESCENDANTS_THRESHOLD_PERCENT),
    ),
    ...UNITS_OF_MEASUREMENTS.flatMap(([unitConceptIds, conceptIds]) =>
      conceptIds.map(
        (id): QualityCheck => ({
          ...{ name: "plausibleUnitConceptIds", table: "measurement", field: "measurement_concept_id", conceptIds: [id] },
          ...{ thresholdPercent: UNIT_THRESHOLD_PERCENT, thresholdSource: DEFAULT_SOURCE, rule: { kind: "units", unitConceptIds } },
        }),
      ),
    ),
  ];
}

const PLAIN: CheckRule = { kind: "plain" };

const withPercent = (thresholdPercent: number | undefined) => (thresholdPercent === undefined ? {} : { thresholdPercent });

const allFields = (): readonly Field[] =>
  omopTables.flatMap((table) => omopFields(table).map(([field, definition]) => ({ table, field, path: `${table}.${field}`, definition })));

const fieldCheck = (at: Field, name: CheckName, thresholdPercent: number | undefined, rule: CheckRule = PLAIN): QualityCheck => ({
  ...{ name, table: at.table, field: at.field, thresholdSource: DEFAULT_SOURCE, rule },
  ...withPercent(thresholdPercent),
});

function withThreshold(
  at: Field,
  name: CheckName,
  percents: ReadonlyMap<string, number>,
  rule: CheckRule = PLAIN,
): readonly QualityCheck[] {
  const percent = percents.get(at.path);
  return percent === undefined ? [] : [fieldCheck(at, name, percent, rule)];
}

function referenceRule(target: string): CheckRule {
  const [table = "", field = ""] = target.split(".");
  return { kind: "references", table, field };
}

const percentsOf = (lists: readonly (readonly [percent: number, fields: string])[]): ReadonlyMap<string, number> =>
  new Map(lists.flatMap(([percent, fields]) => fields.split(" ").map((field) => [field, percent] as const)));

const standardCompleteness = percentsOf(figures.STANDARD_CONCEPT_COMPLETENESS);
const sourceCompleteness = percentsOf(figures.SOURCE_CONCEPT_COMPLETENESS);
const sourceValues = percentsOf(figures.SOURCE_VALUE_COMPLETENESS);
const withinVisit = percentsOf(figures.WITHIN_VISIT);
const notInteger = new Set(figures.NOT_CHECKED_AS_INTEGER.split(" "));
const spans: ReadonlyMap<string, number> = new Map(
  figures.SPANS.flatMap(([percent, tables]) => tables.map((table) => [table, percent] as const)),
);
const standardConcepts = new Set(
  [...standardCompleteness.keys(), ...figures.OTHER_STANDARD_CONCEPTS.split(" ")].filter(
    (path) => !figures.NOT_CHECKED_AS_STANDARD.split(" ").includes(path),
  ),
);
