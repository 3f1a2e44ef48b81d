/**
 * What a row of a drug says beyond the event: how much, for how many days, by which route, and whether it was given at all.
 *
 * - An order discontinued before its first dose never was an exposure; after it, the exposure ends on that day. Where the source does
 *   not say when the first dose was, a discontinuation on the first day counts as before it; where it does, no first dose is no exposure.
 * - One course of a drug can be in three tables: ordered, dispensed, administered. Of the rows of one order, person and drug only the
 *   best kind stays, by the mapping's `drugPrecedence`.
 */

import type { MappingRow } from "@dure/clinical";
import { integer, join, type Sql, sql } from "../store/clinical-sql.ts";
import type { EventPlan } from "./event-rule.ts";
import { type Columns, conditionHolds, present, type Rule, typeConcept, valueColumn } from "./rule.ts";

type DrugRow = Extract<MappingRow, { readonly to: "drug" | "event" }>;
type DrugRecord = NonNullable<DrugRow["record"]>;

/** EHR administration record, EHR dispensing record, EHR prescription. */
const TYPE_CONCEPTS: Readonly<Record<DrugRecord, number>> = { administration: 32818, dispense: 32825, order: 32838 };
const PRECEDENCE: readonly DrugRecord[] = ["administration", "dispense", "order"];

export interface DrugColumns {
  readonly end: Sql;
  readonly type: Sql;
  readonly columns: Columns;
}

export function drugColumns(row: DrugRow, plan: EventPlan): DrugColumns {
  const { context, joins } = plan;
  const optional = (reference: string | undefined): Sql | undefined =>
    reference === undefined ? undefined : valueColumn(reference, context);
  const days = optional(row.days ?? row.quantity?.days);
  const route = joins.concept(row.route);
  const doseUnit = joins.value(row.doseUnit, false);
  const discontinued = row.discontinued === undefined ? undefined : conditionHolds(row.discontinued.when, context);
  return {
    end: endSql(row, plan, days),
    type: row.record === undefined ? typeConcept(context) : integer(TYPE_CONCEPTS[row.record]),
    columns: present([
      ["quantity", row.quantity === undefined ? undefined : product(row.quantity, plan)],
      ["days_supply", days === undefined ? undefined : sql`round(${days})::INTEGER`],
      ["sig", row.quantity?.timesADay === undefined ? undefined : directions(row.quantity, plan)],
      ["route_concept_id", route === undefined ? undefined : sql`coalesce(${route.concept}, 0)`],
      ["route_source_value", route?.sourceValue && sql`left(${route.sourceValue}, 50)`],
      ["dose_unit_source_value", doseUnit?.sourceValue && sql`left(${doseUnit.sourceValue}, 50)`],
      ["stop_reason", discontinued === undefined ? undefined : sql`CASE WHEN ${discontinued} THEN 'discontinued' END`],
    ]),
  };
}

type Quantity = NonNullable<DrugRow["quantity"]>;

/** Empty where a declared part is. */
const product = ({ dose, timesADay, days }: Quantity, { context }: EventPlan): Sql =>
  sql`(${[dose, timesADay, days]
    .flatMap((part) => (part === undefined ? [] : [valueColumn(part, context)]))
    .reduce((whole, part) => sql`${whole} * ${part}`)})`;

/** The directions in figures; the prescriber's own words are free text and stay outside. */
function directions({ dose, timesADay, days }: Quantity, { context }: EventPlan): Sql {
  const part = (reference: string | undefined, unit: string) =>
    reference === undefined ? [] : [sql`regexp_replace(${valueColumn(reference, context)}::VARCHAR, '[.]0$', '') || ${unit}`];
  return sql`concat_ws(' x ', ${join([...part(dose, ""), ...part(timesADay, "/d"), ...part(days, " d")])})`;
}

/** The last day: as the source has it, else by the days of supply; never before the first, and not after a discontinuation. */
function endSql(row: DrugRow, { context }: EventPlan, days: Sql | undefined): Sql {
  const start = valueColumn(row.date, context);
  const candidates = [
    ...(row.end === undefined ? [] : [valueColumn(row.end, context)]),
    ...(days === undefined ? [] : [sql`(${start} + greatest(round(${days})::INTEGER - 1, 0))`]),
    start,
  ];
  const end = sql`greatest(coalesce(${join(candidates)}), ${start})`;
  const on = row.discontinued?.on;
  if (row.discontinued === undefined || on === undefined) return end;
  return sql`CASE WHEN ${conditionHolds(row.discontinued.when, context)} THEN greatest(least(${end}, ${valueColumn(on, context)}), ${start}) ELSE ${end} END`;
}

export function drugExclusions(row: DrugRow, { context }: EventPlan): Rule["exclusions"] {
  const better =
    row.order === undefined
      ? []
      : [
          {
            reason: "a better record of the same order",
            holds: sql`coalesce(better_rank < ${integer(rankOf(row, context.mapping.drugPrecedence))}, false)`,
          },
        ];
  if (row.discontinued === undefined) return better;
  const { when, on, firstDose } = row.discontinued;
  const holds = conditionHolds(when, context);
  const stopped = on === undefined ? sql`NULL::DATE` : valueColumn(on, context);
  const never =
    firstDose === undefined
      ? sql`${stopped} <= ${valueColumn(row.date, context)}`
      : sql`(${valueColumn(firstDose, context)} IS NULL OR ${stopped} < ${valueColumn(firstDose, context)})`;
  return [
    { reason: "discontinued before the first dose", holds: sql`(${holds} AND coalesce(${never}, false))` },
    { reason: "discontinued, on no known day", holds: sql`(${holds} AND ${stopped} IS NULL)` },
    ...better,
  ];
}

/** Best kind first: rules are written in this order, so that a worse record finds the better one. */
export const rankOf = (row: DrugRow, precedence: readonly DrugRecord[] = PRECEDENCE): number => {
  const rank = row.record === undefined ? -1 : precedence.indexOf(row.record);
  return rank < 0 ? precedence.length : rank;
};

/** Joins what better records there are of the row's order, and notes the row's own. Columns of `drug_orders`. */
export function joinPrecedence(row: DrugRow, { context, joins, main }: EventPlan): void {
  if (row.order === undefined) return;
  const order = valueColumn(row.order, context);
  const concept = main.map === undefined ? main.concept : sql`j0.concept_id`;
  joins.add(
    (alias) => sql`LEFT JOIN (SELECT person_id, link, concept_id, min(rank) AS rank FROM drug_orders GROUP BY ALL) ${alias}
      ON ${alias}.person_id = s.person_id AND ${alias}.link = s.${order} AND ${alias}.concept_id = ${concept}`,
    (alias) => [["better_rank", sql`${alias}.rank`]],
  );
}

export function precedenceOf(row: DrugRow, { context, main }: EventPlan): Pick<Rule, "after"> {
  if (row.order === undefined) return {};
  const order = valueColumn(row.order, context);
  const rank = integer(rankOf(row, context.mapping.drugPrecedence));
  return {
    after: (rows) => [
      sql`INSERT INTO drug_orders SELECT DISTINCT person_id, ${order}, coalesce(${main.concept}, 0), ${rank} FROM ${rows} WHERE e = 0 AND ${order} IS NOT NULL`,
    ],
  };
}
