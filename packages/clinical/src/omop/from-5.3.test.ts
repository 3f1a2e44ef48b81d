import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { sharedData } from "@dure/kernel/testing";
import { isOmopTable, omopFields } from "./cdm.ts";
import { DROPPED_TABLES, NEWLY_REQUIRED_FIELDS, RENAMED_FIELDS, renamedField, versionOfColumns } from "./from-5.3.ts";
import { isIdentifying } from "./identifying-fields.ts";

const [old, now] = ["5.3", "5.4"].map((version) => sharedData(`clinical/omop-cdm/OMOP_CDMv${version}_Field_Level.csv`));
const skip = old === undefined || now === undefined ? "no shared data" : false;

test("every field of v5.3 has a field of v5.4 with its type, by the list of renames alone", { skip }, () => {
  const types = new Map(fieldsOf(now).map(({ table, field, type }) => [`${table}.${field}`, type]));
  const unknown = fieldsOf(old).filter(({ table, field, type }) => {
    if (DROPPED_TABLES.includes(table)) return false;
    assert(isOmopTable(table), table);
    const wider = types.get(`${table}.${renamedField(table, field)}`);
    return wider !== type && !(table === "device_exposure" && field === "unique_device_id" && wider === "varchar(255)");
  });
  assert.deepEqual(unknown, []);
});

test("no rename is of a field that v5.3 does not have or v5.4 still has", { skip }, () => {
  const [before, after] = [old, now].map((path) => new Set(fieldsOf(path).map(({ table, field }) => `${table}.${field}`)));
  for (const [table, renames] of Object.entries(RENAMED_FIELDS)) {
    for (const [from, to] of Object.entries(renames)) {
      assert(before?.has(`${table}.${from}`), from);
      assert(!after?.has(`${table}.${from}`), from);
      assert(!before?.has(`${table}.${to}`), to);
    }
  }
});

test("what v5.4 requires and v5.3 has not is listed", { skip }, () => {
  const before = new Set(fieldsOf(old).map(({ table, field }) => `${table}.${field}`));
  const tables = new Set(fieldsOf(old).map(({ table }) => table));
  const added = fieldsOf(now).filter(({ table, field, required }) => required && tables.has(table) && !before.has(`${table}.${field}`));
  assert.deepEqual(
    added.map(({ table, field }) => `${table}.${field}`).sort(),
    NEWLY_REQUIRED_FIELDS.filter((field) => tables.has(field.split(".")[0] ?? "")).sort(),
  );
});

test("the columns tell the version where a name changed", () => {
  assert.equal(versionOfColumns("visit_detail", ["visit_detail_id", "visit_detail_parent_id"]), "5.3");
  assert.equal(versionOfColumns("visit_occurrence", ["discharged_to_concept_id"]), "5.4");
  assert.equal(versionOfColumns("person", ["person_id"]), undefined);
});

test("no required field is withheld", () => {
  for (const table of ["person", "visit_occurrence", "location", "provider", "drug_exposure", "device_exposure"] as const) {
    for (const [name, { required }] of omopFields(table)) assert(!(required && isIdentifying(table, name)), name);
  }
  assert(isIdentifying("person", "person_source_value"));
});

interface SpecifiedField {
  readonly table: string;
  readonly field: string;
  readonly type: string;
  readonly required: boolean;
}

/** Table, field, required and type are the first columns, and none of them holds a comma. */
function fieldsOf(path: string | undefined): readonly SpecifiedField[] {
  const lines = readFileSync(path ?? "", "utf8")
    .replace(/^\uFEFF/, "")
    .split(/\r?\n/);
  return lines.slice(1).flatMap((line) => {
    const match = /^"?([a-z_]+)"?,"?"?"?([a-z_0-9]+)"?"?"?,"?(Yes|No)"?,"?([a-z]+(?:\([A-Za-z0-9]+\))?)"?,/i.exec(line);
    if (match === null) return [];
    const [, table = "", field = "", required, type = ""] = match;
    return [{ table: table.toLowerCase(), field: field.toLowerCase(), type: type.toLowerCase(), required: required === "Yes" }];
  });
}
