import assert from "node:assert/strict";
import { test } from "node:test";
import { DureError } from "@dure/kernel";
import type { FhirResource } from "../fhir/resource-change.ts";
import { compileView, readResource } from "./evaluate.ts";
import { parseViewDefinition } from "./parse.ts";

const parse = (text: string) => parseViewDefinition({ file: "view.yaml", text });
const rowsOf = (view: string, ...resources: FhirResource[]) => resources.flatMap(compileView(parse(view)).rowsOf);

const codesOf = (work: () => unknown): readonly string[] => {
  try {
    work();
  } catch (cause) {
    if (cause instanceof DureError) return cause.problems.map(({ code }) => code);
    throw cause;
  }
  return [];
};

const pressure: FhirResource = {
  resourceType: "Observation",
  id: "o1",
  subject: { reference: "Patient/p1" },
  component: [
    { code: { coding: [{ code: "8480-6" }] }, valueQuantity: { value: 121, unit: "mmHg" } },
    { code: { coding: [{ code: "8462-4" }] }, valueQuantity: { value: 79, unit: "mmHg" } },
  ],
};

test("an iteration gives a row for each element, beside what stands outside of it", () => {
  const view = `
    resource: Observation
    select:
      - column:
          - { name: patient, path: subject.getReferenceKey(Patient) }
      - forEach: component
        column:
          - { name: part, path: "%rowIndex", type: integer }
          - { name: code, path: code.coding.code.first() }
          - { name: value, path: value.ofType(Quantity).value, type: decimal }`;
  assert.deepEqual(rowsOf(view, pressure, { resourceType: "Patient", id: "p1" }), [
    { patient: "p1", part: 0, code: "8480-6", value: 121 },
    { patient: "p1", part: 1, code: "8462-4", value: 79 },
  ]);
});

test("forEachOrNull keeps a resource without elements, with one row of nulls", () => {
  const view = `
    resource: Patient
    select:
      - column: [{ name: id, path: getResourceKey() }]
      - forEachOrNull: contact
        column: [{ name: gender, path: gender }]`;
  assert.deepEqual(rowsOf(view, { resourceType: "Patient", id: "a" }), [{ id: "a", gender: null }]);
});

test("repeat follows the paths to the bottom, parents first", () => {
  const view = `
    resource: QuestionnaireResponse
    select: [{ repeat: [item, answer.item], column: [{ name: link, path: linkId }] }]`;
  const item = [{ linkId: "1", item: [{ linkId: "1.1", answer: [{ item: [{ linkId: "1.1.1" }] }] }] }, { linkId: "2" }];
  assert.deepEqual(
    rowsOf(view, { resourceType: "QuestionnaireResponse", id: "q", item }).map(({ link }) => link),
    ["1", "1.1", "1.1.1", "2"],
  );
});

test("a constant keeps its type: a date equals a date", () => {
  const view = `
    resource: Patient
    constant: [{ name: leap, valueDate: "1980-02-29" }]
    where: [{ path: birthDate = %leap }]
    select: [{ column: [{ name: id, path: id }] }]`;
  const born = (id: string, birthDate: string): FhirResource => ({ resourceType: "Patient", id, birthDate });
  assert.deepEqual(rowsOf(view, born("a", "1980-02-29"), born("b", "1980-02-28")), [{ id: "a" }]);
});

test("a decimal read from text keeps the digits that say how well it is known", () => {
  const view = `
    resource: Observation
    select: [{ column: [{ name: low, path: value.ofType(Quantity).value.lowBoundary(), type: decimal }] }]`;
  const read = (value: string) =>
    readResource(`{"resourceType":"Observation","id":"o","valueQuantity":{"value":${value}}}`) as FhirResource;
  assert.deepEqual(
    rowsOf(view, read("2"), read("2.0"), read("2.00")).map(({ low }) => low),
    [1.5, 1.95, 1.995],
  );
});

test("all problems of a definition are told at once", () => {
  const view = `
    resource: Patient
    where: [{ path: "id = %nobody" }]
    select:
      - column: [{ name: id, path: id }, { name: id, path: "a..b" }]
      - unionAll:
          - column: [{ name: x, path: id }]
          - column: [{ name: y, path: id }]`;
  assert.deepEqual(
    codesOf(() => parse(view)),
    ["view/unknown-constant", "view/bad-path", "view/union-columns", "view/doubled-column"],
  );
  assert.deepEqual(
    codesOf(() => parse("resource: Patient\nselect: [{ forEach: name, repeat: [item] }]")),
    ["view/bad-value"],
  );
  assert.deepEqual(
    codesOf(() => parse("resource: Patient\nconstant: [{ name: a }]\nselect: [{ column: [] }]")),
    ["view/bad-value"],
  );
});

test("what cannot be one cell or one truth is refused by column or path, without any value", () => {
  const patient: FhirResource = {
    resourceType: "Patient",
    id: "canary-id",
    generalPractitioner: [{ display: "canary-1" }, { display: "canary-2" }],
  };
  const refuse = (view: string, code: string): void => {
    assert.throws(
      () => rowsOf(view, patient),
      (error: unknown) =>
        error instanceof DureError && error.code === code && !/canary/.test(JSON.stringify(error.problems) + String(error.cause)),
    );
  };
  refuse("resource: Patient\nselect: [{ column: [{ name: gp, path: generalPractitioner.display }] }]", "view/several-values");
  refuse("resource: Patient\nwhere: [{ path: id }]\nselect: [{ column: [{ name: id, path: id }] }]", "view/not-boolean");
  refuse("resource: Patient\nselect: [{ column: [{ name: n, path: generalPractitioner.display + 1 }] }]", "view/path-failed");
});
