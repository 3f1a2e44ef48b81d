/** One row rule of a mapping as statements: which rows it takes, why it leaves the others, and the OMOP rows that it makes. */

import {
  CONCEPTS,
  type ConceptName,
  findConcept,
  findValue,
  kindOf,
  type Mapping,
  type MappingRow,
  type OmopTable,
  type ResolvedValue,
} from "@dure/clinical";
import { assert, unreachable } from "@dure/kernel";
import { identifier, integer, join, type Sql, sql } from "../store/clinical-sql.ts";
import { conditionsSql } from "./condition-sql.ts";
import type { StagingNames } from "./staging-names.ts";
import { numberColumns } from "./unit-sql.ts";

export interface RuleContext {
  readonly mapping: Mapping;
  readonly names: StagingNames;
  readonly parameters: Readonly<Record<string, string>>;
  readonly sensitive: readonly ConceptName[];
  readonly file: string;
  /** The schema of the snapshot. */
  readonly schema: string;
  /** Added to the row number to give the id of a row in its table. */
  readonly idOffset: number;
}

export interface Rule {
  readonly name: string;
  readonly table: OmopTable;
  /** Checked in order; the first that holds is the reason. Columns of `s`, the staged file, and `l`, the linked condition. */
  readonly exclusions: readonly { readonly reason: string; readonly holds: Sql }[];
  /** The staged rows, with their link joined. */
  readonly from: Sql;
  /** For `arg_min`-like rules: keep the first row of each person by this date. */
  readonly onePerPersonBy?: Sql;
  readonly inserts: readonly { readonly table: OmopTable; readonly columns: readonly (readonly [name: string, value: Sql])[] }[];
}

/** The statement that counts rows by exclusion number; 0 = taken. */
export const countExcluded = (rule: Rule): Sql => sql`SELECT e, count(*) FROM (${takenRows(rule)}) GROUP BY e ORDER BY e`;

/** The statements that insert. */
export const insertRows = (rule: Rule, schema: string): readonly Sql[] =>
  rule.inserts.map(
    ({ table, columns }) => sql`
      INSERT INTO ${identifier(schema)}.${identifier(table)} (${join(columns.map(([name]) => identifier(name)))})
      SELECT ${join(columns.map(([, value]) => value))} FROM (${takenRows(rule)}) WHERE e = 0`,
  );

/** Rows that are kept by the file, each with the number of the rule's exclusion. */
export function takenRows(rule: Rule): Sql {
  const cases = rule.exclusions.map(({ holds }, i) => sql`WHEN ${holds} THEN ${integer(i + 1)}`);
  const number = cases.length === 0 ? sql`0` : sql`CASE ${join(cases, " ")} ELSE 0 END`;
  const rows = sql`SELECT *, ${number} AS e FROM ${rule.from} WHERE x = 0`;
  if (rule.onePerPersonBy === undefined) return rows;
  const last = integer(rule.exclusions.length + 1);
  return sql`
    SELECT * REPLACE (CASE WHEN e = 0 AND row_number() OVER (PARTITION BY person_id, e = 0 ORDER BY ${rule.onePerPersonBy}, source_row) > 1 THEN ${last} ELSE e END AS e)
    FROM (${rows})`;
}

/** The reasons of `countExcluded`, by number from 1. */
export const reasonsOf = (rule: Rule): readonly string[] => [
  ...rule.exclusions.map(({ reason }) => reason),
  ...(rule.onePerPersonBy === undefined ? [] : ["a later row of a person who has one already"]),
];

export function planRule(row: MappingRow, index: number, context: RuleContext): Rule {
  switch (row.to) {
    case "person":
      return planPerson(row, index, context);
    case "condition":
      return planCondition(row, index, context);
    case "measurement":
    case "observation":
      return planFinding(row, index, context);
    case "recurrence":
      return planRecurrence(row, index, context);
    case "death":
      return planDeath(row, index, context);
    case "visit":
      return planVisit(row, index, context);
    default:
      return unreachable(row);
  }
}

type Row<To extends MappingRow["to"]> = Extract<MappingRow, { readonly to: To }>;

function planPerson(row: Row<"person">, index: number, context: RuleContext): Rule {
  const gender = resolve(row.gender, context);
  const columns: readonly (readonly [string, Sql])[] = [
    ["person_id", sql`person_id`],
    ["gender_concept_id", context.names.value(gender)],
    ["year_of_birth", yearOfBirth(row, context)],
    ["race_concept_id", sql`0`],
    ["ethnicity_concept_id", sql`0`],
    ...sourceColumn("gender_source_value", gender, context),
  ];
  return {
    name: `${index}: person`,
    table: "person",
    exclusions: [],
    from: sql`${context.names.table(context.file)} s`,
    inserts: [{ table: "person", columns }],
  };
}

/** An age in years counts back in years of 365.25 days. */
function yearOfBirth({ yearOfBirth: birth }: Row<"person">, context: RuleContext): Sql {
  const value = (reference: string) => context.names.value(resolve(reference, context));
  if ("date" in birth) return sql`year(${value(birth.date)})`;
  if ("number" in birth) return sql`${value(birth.number)}::INTEGER`;
  return sql`year(${value(birth.at)} - round(${value(birth.age)} * 365.25::DOUBLE)::INTEGER)`;
}

function planCondition(row: Row<"condition">, index: number, context: RuleContext): Rule {
  const columns: readonly (readonly [string, Sql])[] = [
    ["condition_occurrence_id", rowId(context)],
    ["person_id", sql`person_id`],
    ["condition_concept_id", conceptSql(row.concept, context)],
    ["condition_start_date", valueColumn(row.date, context)],
    ["condition_type_concept_id", typeConcept(context)],
    ...(row.source === undefined ? [] : sourceColumn("condition_source_value", resolve(row.source, context), context)),
  ];
  return {
    name: `${index}: condition ${row.id}`,
    table: "condition_occurrence",
    exclusions: [...commonExclusions(row, context), ...conceptExclusions(row.concept, context)],
    from: sql`${context.names.table(context.file)} s`,
    inserts: [{ table: "condition_occurrence", columns }],
  };
}

/** A measurement or an observation: both hold a number or a concept, and both may point at the condition they belong to. */
function planFinding(row: Row<"measurement" | "observation">, index: number, context: RuleContext): Rule {
  const value = resolve(row.value, context);
  const isNumber = kindOf(context.mapping, value) === "number";
  const link =
    row.to === "measurement"
      ? (["measurement_event_id", "meas_event_field_concept_id"] as const)
      : (["observation_event_id", "obs_event_field_concept_id"] as const);
  const columns: readonly (readonly [string, Sql])[] = [
    [`${row.to}_id`, rowId(context)],
    ["person_id", sql`person_id`],
    [`${row.to}_concept_id`, conceptSql(row.concept, context)],
    [`${row.to}_date`, valueColumn(row.date, context)],
    [`${row.to}_type_concept_id`, typeConcept(context)],
    ...(isNumber ? numberColumns(row, context) : ([["value_as_concept_id", context.names.value(value)]] as const)),
    ...sourceColumn("value_source_value", value, context),
    ...(row.of === undefined
      ? []
      : ([
          [link[0], sql`linked_id`],
          [link[1], integer(CONCEPTS["condition-occurrence-id"].id)],
        ] as const)),
  ];
  return {
    name: `${index}: ${row.to} ${typeof row.concept === "string" ? row.concept : row.concept.value}`,
    table: row.to,
    exclusions: [
      ...commonExclusions(row, context),
      ...conceptExclusions(row.concept, context),
      { reason: `${row.value}: missing`, holds: sql`${context.names.value(value)} IS NULL` },
      ...(isNumber ? [] : sensitiveExclusion(context.names.value(value), context)),
      ...linkExclusion(row.of),
    ],
    from: linkedFrom(row.of, context),
    inserts: [{ table: row.to, columns }],
  };
}

function planRecurrence(row: Row<"recurrence">, index: number, context: RuleContext): Rule {
  const id = rowId(context);
  return {
    name: `${index}: recurrence of ${row.of}`,
    table: "episode",
    exclusions: [...commonExclusions(row, context), ...linkExclusion(row.of)],
    from: linkedFrom(row.of, context),
    inserts: [
      {
        table: "episode",
        columns: [
          ["episode_id", id],
          ["person_id", sql`person_id`],
          ["episode_concept_id", integer(CONCEPTS["disease-recurrence"].id)],
          ["episode_start_date", valueColumn(row.date, context)],
          ["episode_object_concept_id", sql`linked_concept_id`],
          ["episode_type_concept_id", typeConcept(context)],
        ],
      },
      {
        table: "episode_event",
        columns: [
          ["episode_id", id],
          ["event_id", sql`linked_id`],
          ["episode_event_field_concept_id", integer(CONCEPTS["condition-occurrence-id"].id)],
        ],
      },
    ],
  };
}

function planDeath(row: Row<"death">, index: number, context: RuleContext): Rule {
  const date = valueColumn(row.date, context);
  return {
    name: `${index}: death`,
    table: "death",
    exclusions: [
      ...commonExclusions(row, context),
      {
        reason: "a death already recorded by an earlier rule",
        holds: sql`person_id IN (SELECT person_id FROM ${identifier(context.schema)}.death)`,
      },
    ],
    from: sql`${context.names.table(context.file)} s`,
    onePerPersonBy: date,
    inserts: [
      {
        table: "death",
        columns: [
          ["person_id", sql`person_id`],
          ["death_date", date],
          ["death_type_concept_id", typeConcept(context)],
        ],
      },
    ],
  };
}

function planVisit(row: Row<"visit">, index: number, context: RuleContext): Rule {
  const start = valueColumn(row.date, context);
  return {
    name: `${index}: visit`,
    table: "visit_occurrence",
    exclusions: [...commonExclusions(row, context), ...conceptExclusions(row.concept, context)],
    from: sql`${context.names.table(context.file)} s`,
    inserts: [
      {
        table: "visit_occurrence",
        columns: [
          ["visit_occurrence_id", rowId(context)],
          ["person_id", sql`person_id`],
          ["visit_concept_id", conceptSql(row.concept, context)],
          ["visit_start_date", start],
          ["visit_end_date", row.end === undefined ? start : sql`coalesce(${valueColumn(row.end, context)}, ${start})`],
          ["visit_type_concept_id", typeConcept(context)],
        ],
      },
    ],
  };
}

interface DatedRow {
  readonly date: string;
  readonly when?: Row<"death">["when"];
  readonly otherwise?: string | undefined;
}

function commonExclusions(row: DatedRow, context: RuleContext): Rule["exclusions"] {
  const find = (reference: string) => findValue(context.mapping, context.file, reference);
  const when =
    row.when === undefined
      ? []
      : [
          {
            reason: row.otherwise ?? "its condition does not hold",
            holds: sql`NOT ${conditionsSql(row.when, { names: context.names, parameters: context.parameters, find })}`,
          },
        ];
  return [...when, { reason: `${row.date}: missing`, holds: sql`${valueColumn(row.date, context)} IS NULL` }];
}

function conceptExclusions(concept: Row<"condition">["concept"], context: RuleContext): Rule["exclusions"] {
  if (typeof concept === "string") return sensitiveExclusion(integer(findConcept(concept).id), context);
  const value = valueColumn(concept.value, context);
  return [{ reason: `${concept.value}: missing`, holds: sql`${value} IS NULL` }, ...sensitiveExclusion(value, context)];
}

const sensitiveExclusion = (concept: Sql, context: RuleContext): Rule["exclusions"] =>
  context.sensitive.length === 0
    ? []
    : [
        {
          reason: "sensitive category",
          holds: sql`${concept} IN (${join(context.sensitive.map((name) => integer(findConcept(name).id)))})`,
        },
      ];

const linkExclusion = (of: string | undefined): Rule["exclusions"] =>
  of === undefined ? [] : [{ reason: `the person has no condition ${of}`, holds: sql`linked_id IS NULL` }];

function linkedFrom(of: string | undefined, context: RuleContext): Sql {
  const staged = context.names.table(context.file);
  if (of === undefined) return sql`${staged} s`;
  return sql`(SELECT s.*, l.condition_occurrence_id AS linked_id, l.condition_concept_id AS linked_concept_id
    FROM ${staged} s LEFT JOIN ${context.names.link(of)} l ON l.person_id = s.person_id)`;
}

/** The code as the source wrote it; never anything but a code of the mapping. */
const sourceColumn = (field: string, value: ResolvedValue, context: RuleContext): readonly (readonly [string, Sql])[] =>
  "codeConcept" in value.value || "codeNumber" in value.value ? [[field, sql`left(${context.names.code(value)}, 50)`]] : [];

const conceptSql = (concept: Row<"condition">["concept"], context: RuleContext): Sql =>
  typeof concept === "string" ? integer(findConcept(concept).id) : valueColumn(concept.value, context);

const typeConcept = (context: RuleContext): Sql => integer(CONCEPTS[context.mapping.recordType].id);
const rowId = (context: RuleContext): Sql => sql`source_row + ${integer(context.idOffset)}`;
const valueColumn = (reference: string, context: RuleContext): Sql => context.names.value(resolve(reference, context));

function resolve(reference: string, context: RuleContext): ResolvedValue {
  const resolved = findValue(context.mapping, context.file, reference);
  assert(resolved !== undefined, "the mapping was checked");
  return resolved;
}
