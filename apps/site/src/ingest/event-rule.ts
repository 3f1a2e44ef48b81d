/**
 * A clinical event: one row of the source becomes rows of the table that the concept's domain names.
 *
 * A code of a vocabulary decides by its domain, never the file it stood in (a laboratory code can be a procedure); a concept that the
 * mapping names itself stands where the mapping says. A code without a concept stays, as concept 0, where the mapping expected it.
 */

import { CONCEPTS, kindOf, type MappingRow, type OmopTable, omopFields } from "@dure/clinical";
import { identifier, integer, type Sql, sql } from "../store/clinical-sql.ts";
import { drugColumns, drugExclusions, joinPrecedence, precedenceOf } from "./drug-rule.ts";
import { convertedSql, joinUnits, resultColumns, resultOf } from "./result-sql.ts";
import {
  type Columns,
  commonExclusions,
  type JoinedConcept,
  type Joins,
  joins,
  present,
  type Rule,
  type RuleContext,
  resolve,
  sensitiveExclusion,
  timeColumn,
  typeConcept,
  valueColumn,
} from "./rule.ts";
import { numberColumns } from "./unit-sql.ts";

export type EventRow = Extract<
  MappingRow,
  { readonly to: "condition" | "drug" | "procedure" | "device" | "specimen" | "measurement" | "observation" | "event" }
>;
type EventKind = Exclude<EventRow["to"], "event">;

/** Names of the columns that differ by more than a prefix. */
const KINDS: Readonly<Record<EventKind, { readonly table: OmopTable; readonly start: string; readonly end?: string }>> = {
  condition: { table: "condition_occurrence", start: "condition_start_date", end: "condition_end_date" },
  drug: { table: "drug_exposure", start: "drug_exposure_start_date", end: "drug_exposure_end_date" },
  procedure: { table: "procedure_occurrence", start: "procedure_date", end: "procedure_end_date" },
  device: { table: "device_exposure", start: "device_exposure_start_date", end: "device_exposure_end_date" },
  specimen: { table: "specimen", start: "specimen_date" },
  measurement: { table: "measurement", start: "measurement_date" },
  observation: { table: "observation", start: "observation_date" },
};
const EVENT_KINDS = Object.keys(KINDS) as readonly EventKind[]; // the keys of the constant just above

export interface EventPlan {
  readonly row: EventRow;
  readonly context: RuleContext;
  readonly joins: Joins;
  readonly main: JoinedConcept;
  /** The temporary table of unit conversions of this rule; undefined where its value is no result. */
  readonly units: Sql | undefined;
}

export function planEvent(row: EventRow, index: number, context: RuleContext, units: Sql | undefined): Rule {
  const joined = joins(context, row.concept);
  const main = joined.concept(row.concept) ?? { concept: sql`0` };
  const plan: EventPlan = { row, context, joins: joined, main, units };
  const home: EventKind = row.to === "event" ? row.unmapped : row.to;
  const key = typeof row.concept === "object" ? `${context.file}.${row.concept.value}` : "";
  const copies = main.map === undefined ? 1 : (context.lookedUp.get(key)?.copies ?? 1);
  joinOthers(plan);
  const columns = eventColumns(plan, home);
  const kinds = main.map === undefined ? [home] : EVENT_KINDS;
  if (main.map !== undefined)
    joined.add(
      () => sql``,
      () => [
        ["copy", sql`coalesce(${identifier("j0")}.position, 0)`],
        ["kind", kindSql(home)],
      ],
    );
  const inserts = kinds.map((kind) => {
    const { table } = KINDS[kind];
    const first = context.reserveIds(table, context.rowsIn * copies);
    const id =
      copies === 1 ? sql`source_row + ${integer(first - 1)}` : sql`(source_row - 1) * ${integer(copies)} + copy + ${integer(first)}`;
    const fields = new Set(omopFields(table).map(([name]) => name));
    return {
      table,
      columns: [[`${table}_id`, id] as const, ...columns(kind).filter(([name]) => fields.has(name))],
      ...(main.map === undefined ? {} : { holds: sql`kind = ${kind}` }),
    };
  });
  return {
    name: `${index}: ${row.to} ${nameOf(row)}`,
    table: KINDS[home].table,
    exclusions: exclusions(plan),
    from: joined.from(),
    hasCopies: main.map !== undefined,
    inserts,
    codes: [...joined.codes(), ...unitCodes(row, context)],
    ...(row.to === "drug" || row.to === "event" ? precedenceOf(row, plan) : {}),
  };
}

/** A result's unit is a code, too: of UCUM. */
function unitCodes(row: EventRow, context: RuleContext): Rule["codes"] {
  const result = resultOf(row, context);
  if (result === undefined) return [];
  const code = sql`CASE WHEN ${context.names.value(result)} IS NOT NULL THEN ${context.names.unit(result)} END`;
  return [{ vocabulary: "UCUM", list: "UCUM", code, concept: sql`unit_concept`, equivalence: sql`'EQUAL'` }];
}

function nameOf(row: EventRow): string {
  if (row.to === "condition" && row.id !== undefined) return row.id;
  const concept = typeof row.concept === "string" ? row.concept : row.concept.value;
  return concept.startsWith("#") && "value" in row && row.value !== undefined ? row.value.replace(/^#\d+ /, "") : concept;
}

/** The domain decides where the vocabulary knows the code; a domain without a table of its own is an observation. */
const kindSql = (home: EventKind): Sql => {
  const domain = sql`${identifier("j0")}.domain_id`;
  return sql`CASE WHEN ${domain} IS NULL OR ${identifier("j0")}.concept_id = 0 THEN ${home} WHEN ${domain} IN ('Condition', 'Drug', 'Procedure', 'Device', 'Specimen', 'Measurement', 'Observation') THEN lower(${domain})
    WHEN starts_with(${domain}, 'Condition') THEN 'condition' ELSE 'observation' END`;
};

/** The visit, the provider, the condition that the row belongs to. */
function joinOthers(plan: EventPlan): void {
  const { row, context, joins: joined } = plan;
  const result = resultOf(row, context);
  if (result !== undefined) joinUnits(plan, result);
  if (row.to === "drug" || row.to === "event") joinPrecedence(row, plan);
  if (row.visit !== undefined) {
    const link = valueColumn(row.visit, context);
    joined.add(
      (alias) => sql`LEFT JOIN visit_links ${alias} ON ${alias}.person_id = s.person_id AND ${alias}.link = s.${link}`,
      (alias) => [["linked_visit", sql`${alias}.visit_occurrence_id`]],
    );
  }
  if (row.provider !== undefined) joinByCode({ joined, reference: row.provider, table: "providers", column: "provider_id", context });
  if ("of" in row && row.of !== undefined) {
    const table = context.names.link(row.of);
    joined.add(
      (alias) => sql`LEFT JOIN ${table} ${alias} ON ${alias}.person_id = s.person_id`,
      (alias) => [["linked_id", sql`${alias}.condition_occurrence_id`]],
    );
  }
}

/** A care site or a provider by the code that the source has for it. */
export function joinByCode(options: {
  readonly joined: Joins;
  readonly reference: string;
  readonly table: "providers" | "care_sites";
  readonly column: "provider_id" | "care_site_id";
  readonly context: RuleContext;
}): void {
  const code = options.context.names.code(resolve(options.reference, options.context));
  options.joined.add(
    (alias) => sql`LEFT JOIN ${identifier(options.table)} ${alias} ON ${alias}.code = s.${code}`,
    (alias) => [[`linked_${options.column}`, sql`${alias}.${identifier(options.column)}`]],
  );
}

/** Every column that an event can have; each table takes those of its fields. */
function eventColumns(plan: EventPlan, home: EventKind): (kind: EventKind) => Columns {
  const { row, context, joins: joined, main } = plan;
  const start = valueColumn(row.date, context);
  const end = row.end === undefined ? undefined : valueColumn(row.end, context);
  const source = row.to === "condition" && row.source !== undefined ? joined.value(row.source) : main.map === undefined ? undefined : main;
  const status = "status" in row ? joined.concept(row.status) : undefined;
  const drug = row.to === "drug" || row.to === "event" ? drugColumns(row, plan) : undefined;
  const values = valueColumns(plan);
  return (kind) => {
    const names = KINDS[kind];
    const ends = kind === "drug" ? (drug?.end ?? sql`greatest(coalesce(${end ?? start}, ${start}), ${start})`) : end;
    return present([
      ["person_id", sql`person_id`],
      [`${kind}_concept_id`, main.map === undefined ? main.concept : sql`coalesce(${main.concept}, 0)`],
      [names.start, start],
      [names.start.replace(/_date$/, "_datetime"), timeColumn(row.date, context)],
      ...(names.end === undefined
        ? []
        : ([
            [names.end, ends],
            [names.end.replace(/_date$/, "_datetime"), kind === "drug" ? undefined : timeColumn(row.end, context)],
          ] as const)),
      [`${kind}_type_concept_id`, kind === "drug" && drug !== undefined ? drug.type : typeConcept(context)],
      [`${kind}_source_value`, source?.sourceValue === undefined ? undefined : sql`left(${source.sourceValue}, 50)`],
      [`${kind}_source_concept_id`, main.map?.sourceConcept],
      ["visit_occurrence_id", row.visit === undefined ? undefined : sql`linked_visit`],
      ["provider_id", row.provider === undefined ? undefined : sql`linked_provider_id`],
      ["condition_status_concept_id", status === undefined ? undefined : sql`coalesce(${status.concept}, 0)`],
      ["condition_status_source_value", status?.sourceValue && sql`left(${status.sourceValue}, 50)`],
      ...values(kind === home ? home : kind),
      ...(drug?.columns ?? []),
      ...amountColumns(plan, kind),
    ]);
  };
}

/** A count of things: whole in the tables of procedures and devices. */
function amountColumns({ row, context }: EventPlan, kind: EventKind): readonly (readonly [string, Sql])[] {
  if (!("quantity" in row) || typeof row.quantity !== "string") return [];
  const amount = valueColumn(row.quantity, context);
  return [["quantity", kind === "specimen" || kind === "drug" ? amount : sql`round(${amount})::INTEGER`]];
}

function valueColumns(plan: EventPlan): (kind: EventKind) => readonly (readonly [string, Sql | undefined])[] {
  const { row, context, joins: joined, main } = plan;
  if (!("value" in row) || row.value === undefined) return () => (main.map === undefined ? [] : [["value_as_concept_id", main.map.value]]);
  const value = resolve(row.value, context);
  const kind = kindOf(context.mapping, value);
  const word = joined.value(row.word);
  const asConcept = kind === "concept" || kind === "code" ? joined.value(row.value) : word;
  const number =
    kind === "result"
      ? resultColumns(plan, value)
      : kind === "number" && (row.to === "measurement" || row.to === "observation")
        ? numberColumns({ ...row, value: row.value }, context)
        : [];
  const listed = "codeNumber" in value.value ? context.names.code(value) : asConcept?.sourceValue;
  const linked = "of" in row && row.of !== undefined;
  const fromCode = main.map?.value;
  const concept =
    asConcept === undefined ? fromCode : fromCode === undefined ? asConcept.concept : sql`coalesce(${asConcept.concept}, ${fromCode})`;
  const bound = (reference: string | undefined): Sql | undefined => {
    if (reference === undefined) return undefined;
    const own = valueColumn(reference, context);
    return kind === "result" ? convertedSql(own) : own;
  };
  return (target) => [
    ...number,
    ["value_as_concept_id", concept],
    ["range_low", bound(row.low)],
    ["range_high", bound(row.high)],
    ["value_source_value", listed === undefined ? undefined : sql`left(${listed}, 50)`],
    [target === "measurement" ? "measurement_event_id" : "observation_event_id", linked ? sql`linked_id` : undefined],
    [
      target === "measurement" ? "meas_event_field_concept_id" : "obs_event_field_concept_id",
      linked ? integer(CONCEPTS["condition-occurrence-id"].id) : undefined,
    ],
  ];
}

function exclusions(plan: EventPlan): Rule["exclusions"] {
  const { row, context, joins: joined, main } = plan;
  const reference = typeof row.concept === "object" ? row.concept.value : "";
  const missing =
    typeof row.concept === "string"
      ? []
      : [{ reason: `${nameless(reference)}: missing`, holds: sql`${main.map?.code ?? main.concept} IS NULL` }];
  return [
    ...commonExclusions(row, context),
    ...missing,
    ...sensitiveExclusion(main.concept, context),
    ...valueExclusions(plan),
    ...(row.to === "drug" || row.to === "event" ? drugExclusions(row, plan) : []),
    ...("of" in row && row.of !== undefined ? [{ reason: `the person has no condition ${row.of}`, holds: sql`linked_id IS NULL` }] : []),
    ...("value" in row && row.value !== undefined ? sensitiveValue(joined.value(row.word)?.concept, context) : []),
  ];
}

const sensitiveValue = (concept: Sql | undefined, context: RuleContext): Rule["exclusions"] =>
  concept === undefined ? [] : sensitiveExclusion(concept, context);

function valueExclusions({ row, context, joins: joined, units }: EventPlan): Rule["exclusions"] {
  if (!("value" in row) || row.value === undefined) return [];
  const value = resolve(row.value, context);
  const kind = kindOf(context.mapping, value);
  const itself = context.names.value(value);
  const missing = `${nameless(row.value)}: missing`;
  if (kind === "concept") return [{ reason: missing, holds: sql`${itself} IS NULL` }, ...sensitiveExclusion(itself, context)];
  if (kind === "code") {
    const code = joined.value(row.value);
    return [{ reason: missing, holds: sql`${itself} IS NULL` }, ...(code === undefined ? [] : sensitiveExclusion(code.concept, context))];
  }
  if (kind !== "result") return [{ reason: missing, holds: sql`${itself} IS NULL` }];
  const word = joined.value(row.word);
  const hasWord =
    word === undefined
      ? sql`false`
      : sql`coalesce(${word.map === undefined ? word.concept : sql`nullif(${word.concept}, 0)`} IS NOT NULL, false)`;
  return [
    { reason: missing, holds: sql`NOT ${context.names.filled(value)} AND NOT ${hasWord}` },
    { reason: `${nameless(row.value)}: neither a number nor a listed word`, holds: sql`${itself} IS NULL AND NOT ${hasWord}` },
    ...(units === undefined
      ? []
      : UNIT_REASONS.map((reason) => ({
          reason: `${nameless(row.value ?? "")}: ${reason}`,
          holds: sql`coalesce(${itself} IS NOT NULL AND unit_reason = ${reason}, false)`,
        }))),
  ];
}

/** Why a number cannot be stored in the unit that its concept has. */
const UNIT_REASONS = [
  "unit missing",
  "not a unit",
  "another quantity",
  "molar mass needed",
  "valence needed",
  "not a linear scale",
] as const;

/** A name that the program made of a column or of a code in the row. */
const nameless = (name: string): string => name.replace(/^#\d+(?:-\d+)? /, "");
