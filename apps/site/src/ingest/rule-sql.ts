/** The rules of a mapping by what they make; clinical events are in a file of their own. */

import { CONCEPTS, type MappingRow } from "@dure/clinical";
import { identifier, integer, type Sql, sql } from "../store/clinical-sql.ts";
import { joinByCode, planEvent } from "./event-rule.ts";
import {
  type Columns,
  commonExclusions,
  type JoinedConcept,
  type Joins,
  joins,
  present,
  type Rule,
  type RuleContext,
  sensitiveExclusion,
  timeColumn,
  typeConcept,
  valueColumn,
} from "./rule.ts";

/** @param units the temporary table of unit conversions, for a row whose value is a result. */
export function planRule(row: MappingRow, index: number, context: RuleContext, units?: Sql): Rule {
  switch (row.to) {
    case "person":
      return planPerson(row, index, context);
    case "recurrence":
      return planRecurrence(row, index, context);
    case "death":
      return planDeath(row, index, context);
    case "visit":
      return planVisit(row, index, context);
    case "visit-detail":
      return planVisitDetail(row, index, context);
    case "payer-plan":
      return planPayerPlan(row, index, context);
    default:
      return planEvent(row, index, context, units);
  }
}

type Row<To extends MappingRow["to"]> = Extract<MappingRow, { readonly to: To }>;

function planPerson(row: Row<"person">, index: number, context: RuleContext): Rule {
  const joined = joins(context, undefined);
  const gender = joined.value(row.gender);
  const race = joined.concept(row.race);
  const ethnicity = joined.concept(row.ethnicity);
  if (row.postalCode !== undefined) {
    const zip = valueColumn(row.postalCode, context);
    joined.add(
      (alias) => sql`LEFT JOIN locations ${alias} ON ${alias}.zip = left(s.${zip}, 3)`,
      (alias) => [["linked_location_id", sql`${alias}.location_id`]],
    );
  }
  return {
    name: `${index}: person`,
    table: "person",
    exclusions: [],
    from: joined.from(),
    hasCopies: false,
    codes: joined.codes(),
    inserts: [
      {
        table: "person",
        columns: present([
          ["person_id", sql`person_id`],
          ["gender_concept_id", gender?.concept],
          ["year_of_birth", yearOfBirth(row, context)],
          ["race_concept_id", conceptOrZero(race)],
          ["ethnicity_concept_id", conceptOrZero(ethnicity)],
          ["location_id", row.postalCode === undefined ? undefined : sql`linked_location_id`],
          ["gender_source_value", sourceValue(gender)],
          ["race_source_value", sourceValue(race)],
          ["ethnicity_source_value", sourceValue(ethnicity)],
        ]),
      },
    ],
  };
}

const conceptOrZero = (joined: JoinedConcept | undefined): Sql => (joined === undefined ? sql`0` : sql`coalesce(${joined.concept}, 0)`);
const sourceValue = (joined: JoinedConcept | undefined): Sql | undefined => joined?.sourceValue && sql`left(${joined.sourceValue}, 50)`;

/** An age in years counts back in years of 365.25 days. */
function yearOfBirth({ yearOfBirth: birth }: Row<"person">, context: RuleContext): Sql {
  if ("date" in birth) return sql`year(${valueColumn(birth.date, context)})`;
  if ("number" in birth) return sql`${valueColumn(birth.number, context)}::INTEGER`;
  return sql`year(${valueColumn(birth.at, context)} - round(${valueColumn(birth.age, context)} * 365.25::DOUBLE)::INTEGER)`;
}

function planRecurrence(row: Row<"recurrence">, index: number, context: RuleContext): Rule {
  const joined = joins(context, undefined);
  joined.add(
    (alias) => sql`LEFT JOIN ${context.names.link(row.of)} ${alias} ON ${alias}.person_id = s.person_id`,
    (alias) => [
      ["linked_id", sql`${alias}.condition_occurrence_id`],
      ["linked_concept_id", sql`${alias}.condition_concept_id`],
    ],
  );
  const id = rowId("episode", context);
  return {
    name: `${index}: recurrence of ${row.of}`,
    table: "episode",
    exclusions: [...commonExclusions(row, context), { reason: `the person has no condition ${row.of}`, holds: sql`linked_id IS NULL` }],
    from: joined.from(),
    hasCopies: false,
    codes: [],
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
  const joined = joins(context, undefined);
  const cause = joined.concept(row.cause);
  const columns: Columns = present([
    ["person_id", sql`person_id`],
    ["death_date", date],
    ["death_datetime", timeColumn(row.date, context)],
    ["death_type_concept_id", typeConcept(context)],
    ["cause_concept_id", cause === undefined ? undefined : conceptOrZero(cause)],
    ["cause_source_value", sourceValue(cause)],
    ["cause_source_concept_id", cause?.map?.sourceConcept],
  ]);
  return {
    name: `${index}: death`,
    table: "death",
    exclusions: [
      ...commonExclusions(row, context),
      ...(cause === undefined ? [] : sensitiveExclusion(cause.concept, context)),
      {
        reason: "a death already recorded by an earlier rule",
        holds: sql`person_id IN (SELECT person_id FROM ${identifier(context.schema)}.death)`,
      },
    ],
    from: joined.from(),
    hasCopies: false,
    onePerPersonBy: date,
    codes: joined.codes(),
    inserts: [{ table: "death", columns }],
  };
}

function planVisit(row: Row<"visit">, index: number, context: RuleContext): Rule {
  const joined = joins(context, undefined);
  const concept = joined.concept(row.concept);
  const [from, to] = [joined.concept(row.admittedFrom), joined.concept(row.dischargedTo)];
  joinPlaces(row, joined, context);
  const id = rowId("visit_occurrence", context);
  const key = row.key === undefined ? undefined : valueColumn(row.key, context);
  return {
    name: `${index}: visit`,
    table: "visit_occurrence",
    exclusions: [...commonExclusions(row, context), ...conceptExclusions(row.concept, concept, context)],
    from: joined.from(),
    hasCopies: false,
    codes: joined.codes(),
    inserts: [
      {
        table: "visit_occurrence",
        columns: present([
          ["visit_occurrence_id", id],
          ["person_id", sql`person_id`],
          ["visit_concept_id", conceptOrZero(concept)],
          ...spanColumns("visit", row, context),
          ["visit_type_concept_id", typeConcept(context)],
          ...placeColumns(row),
          ["visit_source_value", typeof row.concept === "string" || concept?.map === undefined ? undefined : sourceValue(concept)],
          ["admitted_from_concept_id", from === undefined ? undefined : conceptOrZero(from)],
          ["admitted_from_source_value", sourceValue(from)],
          ["discharged_to_concept_id", to === undefined ? undefined : conceptOrZero(to)],
          ["discharged_to_source_value", sourceValue(to)],
        ]),
      },
    ],
    ...(key === undefined
      ? {}
      : {
          // Of two visits with one key the first counts: a row is linked once.
          after: (rows) => [
            sql`INSERT INTO visit_links SELECT person_id, ${key}, min(${id}) FROM ${rows} WHERE e = 0 AND ${key} IS NOT NULL
              AND NOT EXISTS (SELECT 1 FROM visit_links v WHERE v.person_id = ${rows}.person_id AND v.link = ${key}) GROUP BY ALL`,
          ],
        }),
  };
}

/** Without a key of the visit, the person's inpatient visit that lasts on the day: the one that began last. */
function planVisitDetail(row: Row<"visit-detail">, index: number, context: RuleContext): Rule {
  const joined = joins(context, undefined);
  const concept = joined.concept(row.concept);
  joinPlaces(row, joined, context);
  const start = valueColumn(row.date, context);
  if (row.visit === undefined) {
    const inpatient = integer(CONCEPTS.inpatient.id);
    joined.add(
      (
        alias,
      ) => sql`ASOF LEFT JOIN (SELECT person_id, visit_occurrence_id, visit_start_date, visit_end_date FROM ${identifier(context.schema)}.visit_occurrence
        WHERE visit_concept_id IN (${inpatient}, 262)) ${alias} ON ${alias}.person_id = s.person_id AND ${alias}.visit_start_date <= s.${start}`,
      (alias) => [["linked_visit", sql`CASE WHEN ${alias}.visit_end_date >= s.${start} THEN ${alias}.visit_occurrence_id END`]],
    );
  } else {
    const link = valueColumn(row.visit, context);
    joined.add(
      (alias) => sql`LEFT JOIN visit_links ${alias} ON ${alias}.person_id = s.person_id AND ${alias}.link = s.${link}`,
      (alias) => [["linked_visit", sql`${alias}.visit_occurrence_id`]],
    );
  }
  return {
    name: `${index}: visit detail`,
    table: "visit_detail",
    exclusions: [
      ...commonExclusions(row, context),
      ...conceptExclusions(row.concept, concept, context),
      { reason: "no visit that it is a part of", holds: sql`linked_visit IS NULL` },
    ],
    from: joined.from(),
    hasCopies: false,
    codes: joined.codes(),
    inserts: [
      {
        table: "visit_detail",
        columns: present([
          ["visit_detail_id", rowId("visit_detail", context)],
          ["person_id", sql`person_id`],
          ["visit_detail_concept_id", conceptOrZero(concept)],
          ...spanColumns("visit_detail", row, context),
          ["visit_detail_type_concept_id", typeConcept(context)],
          ["visit_occurrence_id", sql`linked_visit`],
          ...placeColumns(row),
        ]),
      },
    ],
  };
}

function planPayerPlan(row: Row<"payer-plan">, index: number, context: RuleContext): Rule {
  const joined = joins(context, undefined);
  const payer = joined.concept(row.payer);
  const start = valueColumn(row.date, context);
  const end = row.end === undefined ? start : sql`greatest(coalesce(${valueColumn(row.end, context)}, ${start}), ${start})`;
  return {
    name: `${index}: payer plan`,
    table: "payer_plan_period",
    exclusions: [...commonExclusions(row, context), ...conceptExclusions(row.payer, payer, context)],
    from: joined.from(),
    hasCopies: false,
    codes: joined.codes(),
    inserts: [
      {
        table: "payer_plan_period",
        columns: present([
          ["payer_plan_period_id", rowId("payer_plan_period", context)],
          ["person_id", sql`person_id`],
          ["payer_plan_period_start_date", start],
          ["payer_plan_period_end_date", end],
          ["payer_concept_id", conceptOrZero(payer)],
          ["payer_source_value", sourceValue(payer)],
          ["payer_source_concept_id", payer?.map?.sourceConcept],
        ]),
      },
    ],
  };
}

type PlacedRow = Row<"visit"> | Row<"visit-detail">;

function joinPlaces(row: PlacedRow, joined: Joins, context: RuleContext): void {
  const places = { joined, context };
  if (row.careSite !== undefined) joinByCode({ ...places, reference: row.careSite, table: "care_sites", column: "care_site_id" });
  if (row.provider !== undefined) joinByCode({ ...places, reference: row.provider, table: "providers", column: "provider_id" });
}

const placeColumns = (row: PlacedRow): readonly (readonly [string, Sql | undefined])[] => [
  ["care_site_id", row.careSite === undefined ? undefined : sql`linked_care_site_id`],
  ["provider_id", row.provider === undefined ? undefined : sql`linked_provider_id`],
];

function spanColumns(
  prefix: "visit" | "visit_detail",
  row: PlacedRow,
  context: RuleContext,
): readonly (readonly [string, Sql | undefined])[] {
  const start = valueColumn(row.date, context);
  return [
    [`${prefix}_start_date`, start],
    [`${prefix}_start_datetime`, timeColumn(row.date, context)],
    [`${prefix}_end_date`, row.end === undefined ? start : sql`coalesce(${valueColumn(row.end, context)}, ${start})`],
    [`${prefix}_end_datetime`, timeColumn(row.end, context)],
  ];
}

function conceptExclusions(
  reference: Row<"visit">["concept"],
  joined: JoinedConcept | undefined,
  context: RuleContext,
): Rule["exclusions"] {
  if (joined === undefined) return [];
  const sensitive = sensitiveExclusion(joined.concept, context);
  if (typeof reference === "string") return sensitive;
  return [{ reason: `${reference.value}: missing`, holds: sql`${valueColumn(reference.value, context)} IS NULL` }, ...sensitive];
}

const rowId = (table: Rule["table"], context: RuleContext): Sql =>
  sql`source_row + ${integer(context.reserveIds(table, context.rowsIn) - 1)}`;
