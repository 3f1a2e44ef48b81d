import assert from "node:assert/strict";
import { test } from "node:test";
import type { AnalysisTable } from "@dure/records";
import type { StudyDocument, Variable } from "@dure/study";
import fc from "fast-check";
import type { Analysis, LogisticAnalysis, SiteEvaluation } from "../../result.ts";
import { siteFiguresFor } from "../registry.ts";
import { testStudy, testTable } from "../testing.ts";
import { age, analysisOf, dealRows, imputedStudy, incompleteColumns, runImputed, smoker, stage } from "./testing-missing.ts";

async function fitted(study: StudyDocument, tables: readonly AnalysisTable[]): Promise<LogisticAnalysis & Analysis> {
  const analysis = await analysisOf(study, tables);
  assert.ok(analysis.kind === "logistic-regression");
  return analysis;
}

/** By hand: the mean or the most frequent level of what is there, and a column of 1 where it was put in. */
function fillByHand(columns: ReadonlyMap<string, Float64Array>): ReadonlyMap<string, Float64Array> {
  const filled = new Map(columns);
  for (const name of ["age", "smoker", "stage"]) {
    const column = columns.get(name) ?? new Float64Array();
    const present = [...column].filter((value) => !Number.isNaN(value));
    const counts = new Map(present.map((value) => [value, present.filter((other) => other === value).length]));
    const mean = present.reduce((total, value) => total + value, 0) / present.length;
    const [[mode = 0] = []] = [...counts].sort(([a, m], [b, n]) => n - m || a - b);
    filled.set(
      name,
      column.map((value) => (Number.isNaN(value) ? (name === "age" ? mean : mode) : value)),
    );
    filled.set(
      `${name}_missing`,
      column.map((value) => (Number.isNaN(value) ? 1 : 0)),
    );
  }
  return filled;
}

test("equals the fit of rows that were filled in by hand, over any number of hospitals", async () => {
  await fc.assert(
    fc.asyncProperty(fc.nat(100_000), fc.integer({ min: 1, max: 5 }), async (seed, siteCount) => {
      const columns = incompleteColumns(seed, 400);
      const analysis = await fitted(imputedStudy(), dealRows(columns, siteCount));
      const plain = testStudy({ outcome: "y", features: [] });
      const indicator = (name: string): Variable => ({ name: `${name}_missing`, role: "feature", type: "boolean" });
      const variables = [...plain.data.variables, ...[age, smoker, stage].flatMap((variable) => [variable, indicator(variable.name)])];
      const byHand = await fitted({ ...plain, data: { ...plain.data, variables } }, dealRows(fillByHand(columns), 1));
      assert.deepEqual(
        analysis.terms.map(({ name }) => name.replace(" (missing)", "_missing")),
        byHand.terms.map(({ name }) => name),
      );
      for (const [j, term] of byHand.terms.entries()) {
        const own = analysis.terms[j];
        assert.ok(Math.abs((own?.estimate ?? Number.NaN) - term.estimate) <= 1e-9 * term.standardError, term.name);
        assert.ok(Math.abs((own?.standardError ?? Number.NaN) - term.standardError) <= 1e-9 * term.standardError, `SE of ${term.name}`);
      }
      const missing = [...(columns.get("smoker") ?? [])].filter(Number.isNaN).length;
      assert.deepEqual(analysis.description.find(({ variable }) => variable === "smoker")?.missing, { n: missing });
    }),
    { numRuns: 8 },
  );
});

test("the result says of each variable how much was missing, what was put in, and at how many hospitals it is wholly absent", async () => {
  const [first, ...others] = dealRows(incompleteColumns(1, 800), 4);
  assert.ok(first !== undefined);
  const without = testTable({ columns: new Map([...first.columns, ["stage", new Float64Array(200).fill(Number.NaN)]]), keyPrefix: "w" });
  const analysis = await fitted(imputedStudy({ minimumCell: 5 }), [without, ...others]);
  const { missing } = analysis;
  assert.equal(missing?.method, "single-imputation");
  const stageReport = missing?.variables.find(({ variable }) => variable === "stage");
  assert.equal(stageReport?.hospitalsWithout, 1);
  assert.equal(stageReport?.indicator, "kept");
  assert.ok(["I", "II", "III"].includes(String(stageReport?.filledWith)));
  assert.equal(missing?.variables.find(({ variable }) => variable === "age")?.hospitalsWithout, undefined);
});

test("without a missing value the analysis is as it was, but for a report of nothing", async () => {
  const columns = fillByHand(incompleteColumns(3, 300));
  const study = imputedStudy({ minimumCell: 5 });
  const analysis = await fitted(study, dealRows(columns, 3));
  const { missing: _, ...data } = study.data;
  const plain = await fitted({ ...study, data }, dealRows(columns, 3));
  assert.deepEqual(analysis, { ...plain, missing: { method: "single-imputation", variables: [] } });
});

test("fewer missing rows than the minimum cell are filled in without an indicator, and only told as fewer", async () => {
  const columns = new Map(fillByHand(incompleteColumns(4, 300)));
  columns.set(
    "age",
    (columns.get("age") ?? new Float64Array()).map((value, i) => (i < 4 ? Number.NaN : value)),
  );
  const analysis = await fitted(imputedStudy({ minimumCell: 5 }), dealRows(columns, 3));
  const { missing } = analysis;
  const [report] = missing?.variables ?? [];
  assert.deepEqual({ ...report, filledWith: 0 }, { variable: "age", missing: { lessThan: 5 }, filledWith: 0, indicator: "too-few-rows" });
  assert.ok(!analysis.terms.some(({ name }) => name === "age (missing)"));
});

test("two columns that are missing together, but for fewer rows than the minimum cell, share one indicator", async () => {
  const columns = new Map(fillByHand(incompleteColumns(5, 400)));
  const lost = (i: number): boolean => i % 5 === 0;
  columns.set(
    "age",
    (columns.get("age") ?? new Float64Array()).map((value, i) => (lost(i) ? Number.NaN : value)),
  );
  columns.set(
    "smoker",
    (columns.get("smoker") ?? new Float64Array()).map((value, i) => (lost(i) || i === 1 ? Number.NaN : value)),
  );
  const analysis = await fitted(imputedStudy({ minimumCell: 5 }), dealRows(columns, 3));
  const { missing } = analysis;
  assert.deepEqual(
    missing?.variables.map(({ variable, indicator }) => [variable, indicator]),
    [
      ["age", "kept"],
      ["smoker", "same-rows-as-another"],
    ],
  );
});

test("a column that is missing everywhere, and one that too few rows have, are refused by name", async () => {
  const columns = incompleteColumns(6, 300);
  for (const [kept, code] of [
    [0, "all-missing-column"],
    [4, "unsupported-column"],
  ] as const) {
    const scarce = new Map([...columns, ["stage", new Float64Array(300).map((_, i) => (i < kept ? 1 : Number.NaN))]]);
    const { end } = await runImputed(imputedStudy({ minimumCell: 5 }), dealRows(scarce, 3));
    assert.ok(end.kind === "refused");
    assert.deepEqual(end.refusal, { code, columns: ["stage"] });
  }
});

test("a hospital judges the model on its own rows filled in as those of the model were", async () => {
  const tables = dealRows(incompleteColumns(7, 600), 3);
  const study = imputedStudy({ minimumCell: 5 });
  const { end } = await runImputed(study, tables);
  assert.ok(end.kind === "done" && tables[0] !== undefined);
  const request = {
    site: "a",
    role: "external" as const,
    table: tables[0],
    minimumCell: 5,
    result: end.result,
    releasedModels: () => new Map(),
  };
  const figures = await siteFiguresFor(study)(study, request);
  const evaluation: SiteEvaluation | undefined = figures?.evaluation;
  assert.equal(evaluation?.n, 200);
  assert.ok((evaluation?.auc.federated ?? 0) > 0.5);
});

test("values that one hospital alone lacks get no indicator, and a variable that two hospitals alone have is refused", async () => {
  const columns = fillByHand(incompleteColumns(8, 600));
  const lost = (share: (i: number) => boolean): ReadonlyMap<string, Float64Array> =>
    new Map([...columns, ["age", (columns.get("age") ?? new Float64Array()).map((value, i) => (share(i) ? Number.NaN : value))]]);
  const study = imputedStudy({ minimumCell: 5 });
  const one = await fitted(
    study,
    dealRows(
      lost((i) => i % 4 === 0 && i < 200),
      4,
    ),
  );
  assert.deepEqual(
    one.missing?.variables.map(({ indicator }) => indicator),
    ["one-hospital"],
  );
  const { end } = await runImputed(
    study,
    dealRows(
      lost((i) => i % 4 < 2),
      4,
    ),
  );
  assert.ok(end.kind === "refused");
  assert.deepEqual(end.refusal, { code: "known-at-few-sites", columns: ["age"] });
});
