import assert from "node:assert/strict";
import { test } from "node:test";
import { checkOmopRow } from "./check-row.ts";

const death = { person_id: 1n, death_date: "2024-02-29" };

test("a row with its required fields is a row, and what it leaves out is null", () => {
  const checked = checkOmopRow("death", death);
  assert(checked.kind === "row");
  assert.deepEqual([checked.row.person_id, checked.row.death_date, checked.row.cause_concept_id], [1n, "2024-02-29", null]);
});

test("every broken field is told with its rule", () => {
  const refusals: readonly (readonly [Readonly<Record<string, unknown>>, readonly string[]])[] = [
    [{ death_date: "2024-02-29" }, ["person_id required"]],
    [{ ...death, person_id: 1.5 }, ["person_id integer"]],
    [{ ...death, death_date: "2023-02-29" }, ["death_date date"]],
    [{ ...death, death_date: "2023-13-01" }, ["death_date date"]],
    [{ ...death, death_date: 20230101 }, ["death_date text"]],
    [{ ...death, death_datetime: "2023-01-01 24:00:00" }, ["death_datetime datetime"]],
    [{ ...death, cause_source_value: "x".repeat(51) }, ["cause_source_value text-too-long"]],
    [{ ...death, nickname: "", person_id: null }, ["nickname unknown-field", "person_id required"]],
  ];
  for (const [row, expected] of refusals) {
    const checked = checkOmopRow("death", row);
    assert(checked.kind === "broken");
    assert.deepEqual(
      checked.fields.map(({ field, rule }) => `${field} ${rule}`),
      expected,
    );
  }
});

test("a number must be finite and a datetime may use T or a space", () => {
  const measurement = {
    ...{ measurement_id: 1n, person_id: 1n, measurement_concept_id: 0, measurement_date: "2020-01-01", measurement_type_concept_id: 0 },
  };
  assert.equal(checkOmopRow("measurement", { ...measurement, value_as_number: Number.NaN }).kind, "broken");
  assert.equal(
    checkOmopRow("measurement", { ...measurement, value_as_number: 1.5, measurement_datetime: "2020-01-01T23:59:59" }).kind,
    "row",
  );
});
