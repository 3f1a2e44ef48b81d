import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import test from "node:test";
import { generateRows } from "@dure/statistics/testing";
import type { StudyDocument, Variable } from "@dure/study";
import { pickRows, runTogether, testStudy, testTable } from "../testing.ts";

interface KnownAnswer {
  readonly coefficients: readonly number[];
  readonly standardErrors: readonly number[];
  readonly logLikelihood: number;
}
const known = JSON.parse(
  readFileSync(new URL("../../../../statistics/known-answers/generated-terms.json", import.meta.url), "utf8"),
) as KnownAnswer;

const AGE: Variable = { name: "age", role: "feature", type: "number", spline: { knots: [38, 52, 64, 78] } };
const HORMONE: Variable = { name: "hormone", role: "feature", type: "boolean" };
const STAGE: Variable = { name: "stage", role: "feature", type: "category", levels: ["I", "II", "III"], reference: "II" };

function studyOf(features: readonly Variable[], interactions: readonly (readonly string[])[], minimumCell: number): StudyDocument {
  const plain = testStudy({ outcome: "y", features: [] }, { minimumCell });
  return {
    ...plain,
    data: { ...plain.data, variables: [...plain.data.variables, ...features] },
    analysis: { kind: "logistic-regression", standardise: true, ...(interactions.length === 0 ? {} : { interactions }) },
  };
}

/** Three hospitals; patients of the first `rareCount` rows alone are at stage I where that is asked for. */
function hospitals(rareCount?: number) {
  const { columns, rowCount } = generateRows();
  const byNodes = (nodes: number): number => (nodes < 1 ? 0 : nodes < 4 ? 1 : 2);
  const stage = (columns.get("nodes") ?? new Float64Array()).map((nodes, row) =>
    rareCount === undefined ? byNodes(nodes) : row < rareCount ? 0 : 1 + (row % 2),
  );
  const all = new Map([...columns, ["stage", stage]]);
  return [0, 1, 2].map((site) => {
    const rows = Array.from({ length: rowCount }, (_, row) => row).filter((row) => row % 3 === site);
    return testTable({ columns: pickRows(all, rows), keyPrefix: `site-${site}` });
  });
}

test("a spline, a category and their products over three hospitals are those of R's glm", async () => {
  const { end } = await runTogether(studyOf([AGE, HORMONE, STAGE], [["hormone", "stage"]], 0), hospitals());
  assert.ok(end.kind === "done");
  const { terms, logLikelihood } = end.result.analysis;
  assert.deepEqual(
    terms.map(({ name }) => name),
    ["(intercept)", "age", "age'", "age''", "hormone", "stage=I", "stage=III", "hormone:stage=I", "hormone:stage=III"],
  );
  terms.forEach(({ name, estimate, standardError }, j) => {
    const [coefficient = Number.NaN, error = Number.NaN] = [known.coefficients[j], known.standardErrors[j]];
    assert.ok(Math.abs(estimate - coefficient) <= 1e-8 * Math.max(Math.abs(coefficient), error), `${name}: ${estimate}`);
    assert.ok(Math.abs(standardError - error) <= 1e-8 * error, `${name}: standard error ${standardError}`);
  });
  assert.ok(Math.abs(logLikelihood - known.logLikelihood) < 1e-8);
});

test("only the features themselves are described, not their bends and products", async () => {
  const { end } = await runTogether(studyOf([AGE, HORMONE, STAGE], [["hormone", "stage"]], 0), hospitals());
  assert.ok(end.kind === "done");
  assert.deepEqual(
    end.result.analysis.description.map(({ variable }) => variable),
    ["age", "hormone", "stage=I", "stage=III"],
  );
});

test("a reference level of too few patients is refused: the other levels would tell it by subtraction", async () => {
  const stage: Variable = { ...STAGE, reference: "I" };
  const refused = await runTogether(studyOf([stage], [], 5), hospitals(4));
  assert.deepEqual(refused.end.kind === "refused" && refused.end.refusal, { code: "unsupported-column", columns: ["stage=I"] });
  // With the rule off the sums do tell: 600 less those of the other levels are the four.
  const told = await runTogether(studyOf([stage], [], 0), hospitals(4));
  assert.ok(told.end.kind === "done");
  const { description, n } = told.end.result.analysis;
  const others = description.reduce((total, { mean }) => total + mean * n, 0);
  assert.equal(Math.round(n - others), 4);
});

test("a product of which a cell is empty is refused by name, whether the cell has a column or is implied", async () => {
  const crossed = hospitals(60).map((table) => {
    const stage = table.columns.get("stage") ?? new Float64Array();
    const hormone = (table.columns.get("hormone") ?? new Float64Array()).map((value, row) => (stage[row] === 0 ? 0 : value));
    return { ...table, columns: new Map([...table.columns, ["hormone", hormone]]) };
  });
  const withColumn = await runTogether(studyOf([HORMONE, STAGE], [["hormone", "stage"]], 5), crossed);
  assert.deepEqual(withColumn.end.kind === "refused" && withColumn.end.refusal, {
    code: "unsupported-column",
    columns: ["hormone:stage=I", "hormone=1:stage=I"],
  });
  const public0 = await runTogether(studyOf([HORMONE, STAGE], [["hormone", "stage"]], 0), crossed);
  assert.deepEqual(public0.end.kind === "refused" && public0.end.refusal, { code: "constant-column", columns: ["hormone:stage=I"] });
});

test("a level that one hospital alone has is refused: with the rule off its entry of the sum is that hospital's own", async () => {
  const tables = hospitals().map((table, site) => {
    if (site === 0) return table;
    const stage = (table.columns.get("stage") ?? new Float64Array()).map((level) => (level === 2 ? 1 : level));
    return { ...table, columns: new Map([...table.columns, ["stage", stage]]) };
  });
  const refused = await runTogether(studyOf([STAGE], [], 5), tables);
  assert.deepEqual(refused.end.kind === "refused" && refused.end.refusal, { code: "level-at-one-site", columns: ["stage=III"] });
  const told = await runTogether(studyOf([STAGE], [], 0), tables);
  assert.ok(told.end.kind === "done");
  const { description, n } = told.end.result.analysis;
  const own = (tables[0]?.columns.get("stage") ?? new Float64Array()).filter((level) => level === 2).length;
  assert.equal(Math.round((description.find(({ variable }) => variable === "stage=III")?.mean ?? 0) * n), own);
});
