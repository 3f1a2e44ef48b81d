/**
 * Where drafts wait until all of a source has been read: temporary tables with the FHIR ids as keys, which the load's last step joins to
 * person ids and visits, set-wise. What has no place in OMOP (the hospital number, the ids of resources) stays here and goes with them.
 */

import type { AppendType, AppendValue, SqlSession } from "../store/clinical-session.ts";
import { identifier, join, type Sql, sql } from "../store/clinical-sql.ts";

type Columns = Readonly<Record<string, AppendType>>;

/** `resource` numbers the resources in the order of reading; `row_id` is the OMOP row's. */
const STAGING = {
  fhir_person: {
    resource: "bigint",
    patient: "text",
    hospital_number: "text",
    gender: "integer",
    gender_source: "text",
    year: "integer",
    month: "integer",
    day: "integer",
    race: "integer",
    race_source: "text",
    ethnicity: "integer",
    ethnicity_source: "text",
    zip3: "text",
    provider: "text",
    care_site: "text",
    death_date: "date",
    death_time: "text",
    death_type: "integer",
  },
  /** Numbers of records that were merged away: who opted out under one of them has opted out. */
  fhir_alias: { patient: "text", hospital_number: "text" },
  fhir_visit: {
    resource: "bigint",
    row_id: "bigint",
    detail_id: "bigint",
    encounter: "text",
    part_of: "text",
    patient: "text",
    concept: "integer",
    source_value: "text",
    start_date: "date",
    start_time: "text",
    end_date: "date",
    end_time: "text",
    type: "integer",
    provider: "text",
    care_site: "text",
    admitted: "integer",
    admitted_source: "text",
    discharged: "integer",
    discharged_source: "text",
  },
  fhir_payer: {
    resource: "bigint",
    resource_type: "text",
    row_id: "bigint",
    patient: "text",
    start_date: "date",
    end_date: "date",
    source_value: "text",
  },
  fhir_provider: { row_id: "bigint", provider: "text" },
  fhir_role: { provider: "text", care_site: "text", specialty: "integer", specialty_source: "text" },
  fhir_care_site: { row_id: "bigint", care_site: "text", source_value: "text" },
  /** The code of a Medication or the type of a Device, as JSON, by `Medication/id`. */
  fhir_definition: { key: "text", code: "text" },
  fhir_event: {
    resource: "bigint",
    resource_type: "text",
    row_id: "bigint",
    target: "text",
    patient: "text",
    encounter: "text",
    provider: "text",
    concept: "integer",
    source_concept: "integer",
    source_value: "text",
    start_date: "date",
    start_time: "text",
    end_date: "date",
    end_time: "text",
    type: "integer",
    number: "double",
    operator: "integer",
    value_concept: "integer",
    value_source: "text",
    unit: "integer",
    unit_source_concept: "integer",
    unit_source: "text",
    range_low: "double",
    range_high: "double",
    status: "integer",
    status_source: "text",
    qualifier_source: "text",
    about_row: "bigint",
    evidence: "integer",
    request: "text",
    quantity: "double",
    days_supply: "integer",
    refills: "integer",
    sig: "text",
    is_stopped: "integer",
    route: "integer",
    route_source: "text",
    dose_unit_source: "text",
    anatomic: "integer",
    anatomic_source: "text",
  },
} as const satisfies Readonly<Record<string, Columns>>;

export type StagingTable = keyof typeof STAGING;

type Value<Type extends AppendType> = Type extends "bigint" ? bigint : Type extends "integer" | "double" ? number : string;

/** A row by column; a column left out, or undefined, is empty. */
export type StagedRow<Table extends StagingTable> = {
  readonly [Column in keyof (typeof STAGING)[Table]]?:
    | ((typeof STAGING)[Table][Column] extends infer Type extends AppendType ? Value<Type> : never)
    | undefined;
};

const SQL_TYPES = { bigint: "BIGINT", integer: "INTEGER", double: "DOUBLE", text: "VARCHAR", date: "DATE", blob: "BLOB" } as const;

export async function createStaging(session: SqlSession): Promise<void> {
  for (const [table, columns] of Object.entries(STAGING)) {
    const list = Object.entries(columns).map(([name, type]): Sql => sql`${identifier(name)} ${keyword(SQL_TYPES[type])}`);
    await session.run(sql`CREATE TEMP TABLE ${identifier(table)} (${join(list)})`);
  }
}

export async function appendStaged<Table extends StagingTable>(
  session: SqlSession,
  table: Table,
  rows: readonly StagedRow<Table>[],
): Promise<void> {
  if (rows.length === 0) return;
  const columns: Columns = STAGING[table];
  const names = Object.keys(columns);
  const types = Object.values(columns);
  await session.append(table, types, toTuples(names, rows));
}

function* toTuples(names: readonly string[], rows: Iterable<object>): Iterable<readonly AppendValue[]> {
  for (const row of rows) {
    const cells = row as Readonly<Record<string, AppendValue | undefined>>; // the type of a row maps columns to values
    yield names.map((name) => cells[name] ?? null);
  }
}

const keyword = (word: (typeof SQL_TYPES)[AppendType]): Sql => ({ kind: "sql", parts: [word] });
