/** The original METABRIC and Rotterdam files, through OMOP, against the core tables of the shared data. */

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { dirname } from "node:path";
import { test } from "node:test";
import { sharedData } from "@dure/kernel/testing";
import { readResearchTable } from "../store/clinical-table.ts";
import { ingestExports } from "./ingest-exports.ts";
import { findPersonIds } from "./person-keys.ts";
import { exampleMapping, researchTable, testClock, testFolder, testKeyTable } from "./testing.ts";

const COLUMNS = ["age", "size_cat", "grade", "nodes", "er_pos", "pr_pos", "hormon", "days", "event", "y5"];

const hospitals = [
  ...["1", "2", "3", "4", "5"].map((cohort) => ({ core: `core_METABRIC-${cohort}.csv`, mapping: "metabric", parameters: { cohort } })),
  { core: "core_ROTTERDAM.csv", mapping: "rotterdam", parameters: {} },
];

for (const { core, mapping, parameters } of hospitals) {
  const path = sharedData(`studies/breast/${core}`);
  test(`the original files give ${core} row by row through OMOP`, { skip: path === undefined ? "no shared data" : false }, async () => {
    assert(path !== undefined);
    await using folder = await testFolder();
    const report = await ingestExports({
      ...{ store: folder.store, mapping: exampleMapping(mapping), parameters, directory: dirname(path) },
      ...{ keyTable: testKeyTable, clock: testClock },
    });
    assert.equal(report.personCount, report.newPersonCount);
    const table = await readResearchTable(folder.store, researchTable("breast-registry"));
    const expected = readCore(path);
    const ids = await folder.store.read((session) => findPersonIds(session, testKeyTable.key, [...expected.keys()]));
    const rowOf = new Map(table.rowKeys.map((key, i) => [key, i]));
    assert.equal(table.rowKeys.length, expected.size);
    for (const [number, row] of expected) {
      const i = rowOf.get(ids.get(number) ?? "");
      assert(i !== undefined, "every person of the core table is in the research table");
      const found = COLUMNS.map((name) => {
        const column = table.columns.get(name);
        assert(column?.kind === "number");
        return column.missing[i] === 1 ? "" : column.values[i];
      });
      assert.deepEqual(found, row);
    }
  });
}

/** By hospital number. */
function readCore(path: string): ReadonlyMap<string, readonly (number | "")[]> {
  const [header = "", ...lines] = readFileSync(path, "utf8").trim().split("\n");
  const names = header.trim().split(",");
  return new Map(
    lines.map((line) => {
      const cells = line.trim().split(",");
      const cell = (name: string) => cells[names.indexOf(name)] ?? "";
      return [cell("id").replace(/^ROT-/, ""), COLUMNS.map((name) => (cell(name) === "" ? "" : Number(cell(name))))];
    }),
  );
}
