import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { sharedData } from "@dure/kernel/testing";
import { OMOP_TABLES, type OmopRow, omopFields, omopTables } from "./cdm.ts";
import { createOmopTables } from "./ddl.ts";

const tablePath = sharedData("clinical/omop-cdm/OMOP_CDMv5.4_Table_Level.csv");
const fieldPath = sharedData("clinical/omop-cdm/OMOP_CDMv5.4_Field_Level.csv");

test("the model has 39 tables and 432 fields", () => {
  assert.equal(omopTables.length, 39);
  assert.equal(omopTables.flatMap(omopFields).length, 432);
});

test("tables match the OHDSI table-level specification v5.4", { skip: tablePath === undefined ? "no shared data" : false }, () => {
  assert(tablePath !== undefined);
  const specified = readCsv(tablePath).map((row) => [
    row["cdmTableName"],
    { schema: row["schema"], required: row["isRequired"] === "Yes" },
  ]);
  const ours = omopTables.map((name) => [name, { schema: OMOP_TABLES[name].schema, required: OMOP_TABLES[name].required }]);
  assert.deepEqual(Object.fromEntries(ours), Object.fromEntries(specified));
});

test("fields match the OHDSI field-level specification v5.4, one by one and in order", {
  skip: fieldPath === undefined ? "no shared data" : false,
}, () => {
  assert(fieldPath !== undefined);
  const given = (value: string | undefined): string | undefined => (value === "NA" || value === "" ? undefined : value);
  const specified = readCsv(fieldPath).map((row) => ({
    field: `${row["cdmTableName"]}.${row["cdmFieldName"]?.replaceAll('"', "")}`, // the specification quotes the reserved word offset
    type: row["cdmDatatype"]?.toLowerCase().replace("varchar(max)", "text"),
    required: row["isRequired"] === "Yes",
    primaryKey: row["isPrimaryKey"] === "Yes",
    references: row["isForeignKey"] === "Yes" ? `${row["fkTableName"]}.${row["fkFieldName"]}`.toLowerCase() : undefined,
    domain: given(row["fkDomain"]),
    conceptClass: given(row["fkClass"]),
  }));
  const ours = omopTables.flatMap((table) =>
    omopFields(table).map(([name, field]) => ({
      field: `${table}.${name}`,
      type: field.type,
      required: field.required,
      primaryKey: field.primaryKey === true,
      references: field.references,
      domain: field.domain,
      conceptClass: field.conceptClass,
    })),
  );
  const inOrder = omopTables.flatMap((table) => specified.filter(({ field }) => field.startsWith(`${table}.`)));
  assert.equal(inOrder.length, specified.length);
  assert.deepEqual(ours, inOrder);
});

test("every reference points at a field of the model", () => {
  const known = new Set(omopTables.flatMap((table) => omopFields(table).map(([name]) => `${table}.${name}`)));
  const references = omopTables.flatMap((table) => omopFields(table).flatMap(([, field]) => field.references ?? []));
  assert.deepEqual(
    references.filter((reference) => !known.has(reference)),
    [],
  );
});

test("DDL quotes the reserved word offset and gives ids of rows 64 bits", () => {
  const statements = createOmopTables("s");
  const noteNlp = statements.find((statement) => statement.includes('"note_nlp"'));
  const measurement = statements.find((statement) => statement.includes('."measurement"'));
  assert.match(noteNlp ?? "", /"offset" VARCHAR/);
  assert.match(measurement ?? "", /"measurement_event_id" BIGINT, "meas_event_field_concept_id" INTEGER/);
  assert.match(measurement ?? "", /"person_id" BIGINT NOT NULL/);
});

test("row types follow from the definition", () => {
  const row: Pick<OmopRow<"death">, "person_id" | "death_date" | "cause_concept_id"> = {
    person_id: 1n,
    death_date: "2020-01-31",
    cause_concept_id: null,
  };
  // @ts-expect-error a required field is never null
  const broken: Pick<OmopRow<"death">, "death_date"> = { death_date: null };
  assert.notDeepEqual(row, broken);
});

/** RFC 4180 with quotes and line ends inside quotes. */
function readCsv(path: string): readonly Readonly<Record<string, string>>[] {
  const cells = [...readFileSync(path, "utf8").matchAll(/(?:"((?:[^"]|"")*)"|([^,\r\n]*))(,|\r?\n|$)/g)];
  const rows: string[][] = [[]];
  for (const [, quoted, plain, end] of cells) {
    rows.at(-1)?.push(quoted?.replaceAll('""', '"') ?? plain ?? "");
    if (end !== ",") rows.push([]);
  }
  const [header = [], ...body] = rows.filter((row) => row.length > 1);
  return body.map((row) => Object.fromEntries(header.map((name, i) => [name, row[i] ?? ""])));
}
