import assert from "node:assert/strict";
import { test } from "node:test";
import { type JsonValue, SeededRandom } from "@dure/kernel";
import { CompensatedVector, logistic } from "@dure/numerics";
import type { AnalysisTable } from "@dure/records";
import type { MissingValues, StudyDocument } from "@dure/study";
import fc from "fast-check";
import { coordinatorPartFor } from "../../coordinator/registry.ts";
import type { Analysis, Term } from "../../result.ts";
import { siteFiguresFor, sitePartFor } from "../registry.ts";
import { testTable } from "../testing.ts";
import { drawUniform, rowWords } from "./row-draws.ts";
import { age, analysisOf, dealRows, imputedStudy, incompleteColumns, runImputed, smoker } from "./testing-missing.ts";

const missing = (imputations: number, iterations: number, seed = 5): MissingValues => ({
  method: "multiple-imputation",
  imputations,
  iterations,
  seed,
});

const termsOf = (analysis: Analysis): readonly Term[] => ("terms" in analysis ? (analysis.terms as readonly Term[]) : []);

function assertSameTerms(actual: Analysis, expected: Analysis, share: number): void {
  assert.equal(termsOf(actual).length, termsOf(expected).length);
  for (const [j, term] of termsOf(expected).entries()) {
    const own = termsOf(actual)[j];
    const tolerance = share * term.standardError;
    assert.ok(
      Math.abs((own?.estimate ?? Number.NaN) - term.estimate) <= tolerance,
      `${term.name}: ${own?.estimate} against ${term.estimate}`,
    );
    assert.ok(Math.abs((own?.standardError ?? Number.NaN) - term.standardError) <= tolerance, `SE of ${term.name}`);
  }
}

test("federated equals pooled: the same seed gives the same imputations however the rows lie", async () => {
  await fc.assert(
    fc.asyncProperty(fc.nat(100_000), fc.integer({ min: 2, max: 5 }), async (seed, siteCount) => {
      const columns = incompleteColumns(seed, 300);
      const study = imputedStudy({ missing: missing(2, 2, seed) });
      const pooled = await analysisOf(study, dealRows(columns, 1));
      const federated = await analysisOf(study, dealRows(columns, siteCount));
      assertSameTerms(federated, pooled, 1e-8);
      assert.deepEqual(
        federated.missing?.variables,
        pooled.missing?.variables.map((variable) => variable),
      );
    }),
    { numRuns: 5 },
  );
});

test("it is so under a minimum cell too, and for a linear model with an interaction", async () => {
  const columns = new Map(incompleteColumns(8, 400));
  const random = new SeededRandom(1);
  columns.set(
    "y",
    Float64Array.from({ length: 400 }, (_, i) => 0.1 * (columns.get("y")?.[i] ?? 0) + random.normal()),
  );
  const base = imputedStudy({ minimumCell: 5, missing: missing(2, 2) });
  const study: StudyDocument = {
    ...base,
    data: {
      ...base.data,
      variables: base.data.variables.map((variable) => (variable.name === "y" ? { ...variable, type: "number" } : variable)),
    },
    analysis: { kind: "generalised-linear-model", family: "linear", errors: "model", interactions: [["age", "smoker"]] },
  };
  assertSameTerms(await analysisOf(study, dealRows(columns, 4)), await analysisOf(study, dealRows(columns, 3)), 1e-8);
});

test("another seed draws other values, and the same seed the same to the byte", async () => {
  const tables = dealRows(incompleteColumns(2, 300), 3);
  const [first, again, other] = await Promise.all(
    [5, 5, 6].map((seed) => analysisOf(imputedStudy({ missing: missing(3, 2, seed) }), tables)),
  );
  assert.deepEqual(again, first);
  assert.notDeepEqual(termsOf(other as Analysis), termsOf(first as Analysis));
});

test("a process that starts anew in any round contributes the same vectors", async () => {
  const study = imputedStudy({ missing: missing(2, 2) });
  const tables = dealRows(incompleteColumns(3, 240), 2);
  const { states } = await runImputed(study, tables);
  const [table] = tables;
  assert.ok(table !== undefined);
  const running = sitePartFor({ ...study });
  for (const state of states) {
    const kept = await running.contribute(state, table);
    const fresh = await sitePartFor({ ...study }).contribute(state, { ...table });
    assert.deepEqual([...fresh.vectors], [...kept.vectors]);
  }
});

test("a Cox regression imputes with the event and the cumulative hazard, and pools hazard ratios without tests that have no rule", async () => {
  const random = new SeededRandom(4);
  const columns = new Map(incompleteColumns(4, 400));
  columns.set(
    "days",
    Float64Array.from({ length: 400 }, (_, i) => -500 * Math.log(1 - random.uniform()) * (columns.get("y")?.[i] === 1 ? 0.7 : 1)),
  );
  const base = imputedStudy({ minimumCell: 5, missing: missing(3, 2) });
  const variables = base.data.variables.map((variable) => (variable.name === "y" ? { ...variable, role: "event" as const } : variable));
  const study: StudyDocument = {
    ...base,
    data: { ...base.data, variables: [{ name: "days", role: "time", type: "number" }, ...variables] },
    analysis: { kind: "cox", ties: "efron", strata: "site", at: [365] },
  };
  const analysis = await analysisOf(study, dealRows(columns, 3));
  assert.ok(analysis.kind === "cox");
  assert.equal(analysis.tests, undefined);
  assert.equal(analysis.concordance, undefined);
  for (const { estimate, hazardRatio } of analysis.terms) assert.ok(Math.abs(hazardRatio.estimate - Math.exp(estimate)) < 1e-12);
  assert.deepEqual(
    analysis.missing?.variables.map(({ variable, model }) => [variable, model]),
    [
      ["age", "linear"],
      ["smoker", "logistic"],
      ["stage", "nested-dichotomies"],
    ],
  );
});

test("where nothing is missing in enough rows to be drawn, the values are filled in once", async () => {
  const columns = new Map(incompleteColumns(5, 300));
  for (const name of ["smoker", "stage"])
    columns.set(
      name,
      (columns.get(name) ?? new Float64Array()).map((value) => (Number.isNaN(value) ? 0 : value)),
    );
  columns.set(
    "age",
    (columns.get("age") ?? new Float64Array()).map((value, i) => (i < 11 ? Number.NaN : Number.isNaN(value) ? 60 : value)),
  );
  const { missing: report } = await analysisOf(imputedStudy({ minimumCell: 5, missing: missing(3, 2) }), dealRows(columns, 3));
  assert.deepEqual(
    report?.variables.map(({ variable, missing: count, model }) => [variable, count, model]),
    [["age", { n: 11 }, undefined]],
  );
});

test("a variable that one hospital lacks for all its patients is named with the number of such hospitals, and drawn there", async () => {
  const [first, ...others] = dealRows(incompleteColumns(6, 800), 4);
  assert.ok(first !== undefined);
  const without: AnalysisTable = { ...first, columns: new Map([...first.columns, ["stage", new Float64Array(200).fill(Number.NaN)]]) };
  const analysis = await analysisOf(imputedStudy({ minimumCell: 5, missing: missing(3, 2) }), [without, ...others]);
  const report = analysis.missing?.variables.find(({ variable }) => variable === "stage");
  assert.equal(report?.hospitalsWithout, 1);
  assert.equal("n" in analysis ? analysis.n : 0, 800);
});

test("an imputation model without enough complete rows is refused by name", async () => {
  const columns = new Map(incompleteColumns(7, 60));
  columns.set(
    "age",
    (columns.get("age") ?? new Float64Array()).map((value, i) => (i < 51 ? Number.NaN : Number.isNaN(value) ? 60 + i : value)),
  );
  const { end } = await runImputed(imputedStudy({ features: [age, smoker], minimumCell: 5, missing: missing(2, 2) }), dealRows(columns, 3));
  assert.ok(end.kind === "refused");
  assert.deepEqual(end.refusal, { code: "too-few-complete-rows", columns: ["age"] });
});

test("hospitals show counts and no model of their own", async () => {
  const study = imputedStudy({ missing: missing(2, 1) });
  const tables = dealRows(incompleteColumns(9, 300), 3);
  const { end } = await runImputed(study, tables);
  assert.ok(end.kind === "done" && tables[0] !== undefined);
  const request = {
    site: "a",
    role: "training" as const,
    table: tables[0],
    minimumCell: 0,
    result: end.result,
    releasedModels: () => new Map(),
  };
  const figures = await siteFiguresFor(study)(study, request);
  assert.deepEqual(figures?.evaluation.auc, {});
  assert.equal(figures?.evaluation.n, 100);
});

/**
 * y = 1 + x + e; x is missing where y is large, with probability 0.7, and never elsewhere: at random given y, and complete cases are those with small y. Over
 * 100 replicates of 400 rows the mean error of the pooled slope has a standard error near 0.007; 4.5 of them are a false alarm once in
 * 150,000 runs, and the seeds are fixed. Complete cases lie some 0.25 below the truth.
 */
test("of values missing at random multiple imputation gives the truth and its intervals cover it, complete cases do not", async () => {
  const replicates = 100;
  const errors = { multiple: [] as number[], complete: [] as number[] };
  let covered = 0;
  for (let replicate = 0; replicate < replicates; replicate++) {
    const tables = dealRows(dependentMissing(1000 + replicate), 2);
    const multiple = termsOf(await analysisOf(slopeStudy(missing(5, 3, replicate)), tables)).find(({ name }) => name === "x");
    const complete = termsOf(await analysisOf(slopeStudy(undefined), tables.map(withoutMissing))).find(({ name }) => name === "x");
    errors.multiple.push((multiple?.estimate ?? Number.NaN) - 1);
    errors.complete.push((complete?.estimate ?? Number.NaN) - 1);
    if ((multiple?.ci95[0] ?? 9) <= 1 && 1 <= (multiple?.ci95[1] ?? -9)) covered++;
  }
  const mean = (values: readonly number[]): number => values.reduce((total, value) => total + value, 0) / values.length;
  const errorOfMean = (values: readonly number[]): number =>
    Math.sqrt(mean(values.map((value) => (value - mean(values)) ** 2)) / values.length);
  assert.ok(Math.abs(mean(errors.multiple)) <= 4.5 * errorOfMean(errors.multiple), `bias ${mean(errors.multiple)}`);
  assert.ok(mean(errors.complete) < -10 * errorOfMean(errors.complete), `bias of complete cases ${mean(errors.complete)}`);
  // 0.95 ± 4.5 √(0.95 × 0.05 / 100)
  assert.ok(covered >= 85, `${covered} of 100 intervals`);
});

function dependentMissing(seed: number): ReadonlyMap<string, Float64Array> {
  const random = new SeededRandom(seed);
  const rows = Array.from({ length: 400 }, () => {
    const x = random.normal();
    const y = 1 + x + random.normal();
    return { y, x: y > 1.5 && random.uniform() < 0.7 ? Number.NaN : x };
  });
  return new Map([
    ["y", Float64Array.from(rows, ({ y }) => y)],
    ["x", Float64Array.from(rows, ({ x }) => x)],
  ]);
}

function slopeStudy(method: MissingValues | undefined): StudyDocument {
  const { data, ...base } = imputedStudy({ features: [{ name: "x", role: "feature", type: "number" }] });
  const { missing: _, ...plain } = data;
  const variables = plain.variables.map((variable) => (variable.name === "y" ? { ...variable, type: "number" as const } : variable));
  return {
    ...base,
    data: { ...plain, variables, split: {}, ...(method === undefined ? {} : { missing: method }) },
    analysis: { kind: "generalised-linear-model", family: "linear", errors: "model" },
  };
}

function withoutMissing(table: AnalysisTable): AnalysisTable {
  const rows = Array.from({ length: table.rowCount }, (_, i) => i).filter((row) => !Number.isNaN(table.columns.get("x")?.[row]));
  return testTable({
    columns: new Map([...table.columns].map(([name, values]) => [name, Float64Array.from(rows, (row) => values[row] ?? 0)])),
  });
}

test("draws of neighbouring rows, visits and imputations are uniform and independent of each other (fixed keys, 5 standard errors)", () => {
  const keys = Array.from({ length: 2000 }, (_, i) => `row-${i}`);
  const words = rowWords({ studyId: "study", seed: 1, tableHash: "a", rowKeys: keys });
  const place = (imputation: number, visit: number, draw: number) => ({ imputation, visit, draw });
  const series = (at: ReturnType<typeof place>): readonly number[] => keys.map((_, row) => drawUniform(words, row, at) - 0.5);
  const base = series(place(0, 0, 0));
  const scale = 5 / Math.sqrt(keys.length);
  assert.ok(Math.abs(base.reduce((total, value) => total + value, 0) / keys.length) <= scale * Math.sqrt(1 / 12));
  const shifted = [...base.slice(1), base[0] ?? 0];
  for (const other of [shifted, series(place(1, 0, 0)), series(place(0, 1, 0)), series(place(0, 0, 1)), series(place(1, 1, 0))]) {
    const product = base.reduce((total, value, i) => total + value * (other[i] ?? 0), 0) / keys.length;
    assert.ok(Math.abs(product) <= scale / 12, `${product}`);
  }
  // Keys, study and seed may be known outside; without the table's hash they repeat nothing.
  const elsewhere = rowWords({ studyId: "study", seed: 1, tableHash: "b", rowKeys: keys });
  assert.ok(keys.every((_, row) => drawUniform(elsewhere, row, place(0, 0, 0)) !== drawUniform(words, row, place(0, 0, 0))));
  assert.ok(base.every((value) => value > -0.5 && value < 0.5));
});

/** What an attacker who holds every sum of a run learns of the one row that lacks a value. */
async function sumsOf(study: StudyDocument, tables: readonly AnalysisTable[]): Promise<readonly ReadonlyMap<string, Float64Array>[]> {
  const coordinator = coordinatorPartFor(study);
  const sites = tables.map((table) => ({ table, part: sitePartFor({ ...study }) }));
  const opened: ReadonlyMap<string, Float64Array>[] = [];
  let state: JsonValue = coordinator.begin(tables.map((_, i) => `site ${i}`));
  for (;;) {
    const sums = new Map(coordinator.layout(state).vectors.map(({ name, length }) => [name, new CompensatedVector(length)]));
    for (const { part, table } of sites)
      for (const [name, values] of (await part.contribute(state, table)).vectors) sums.get(name)?.add(values);
    const vectors = new Map([...sums].map(([name, sum]) => [name, sum.values]));
    opened.push(vectors);
    const absorbed = coordinator.absorb(state, { siteCount: tables.length, vectors });
    if (absorbed.kind !== "continue") return opened;
    state = absorbed.state;
  }
}

test("a row that alone lacks a value is not told by the difference of two imputations; without a minimum cell it is", async () => {
  const random = new SeededRandom(12);
  const rowCount = 200;
  const column = (draw: () => number): Float64Array => Float64Array.from({ length: rowCount }, draw);
  const weight = column(() => 70 + 10 * random.normal());
  const columns = new Map([
    ["age", column(() => 60 + 10 * random.normal())],
    ["weight", weight],
    ["y", column(() => (random.uniform() < logistic(0.2) ? 1 : 0))],
  ]);
  columns.get("age")?.fill(Number.NaN, 17, 18);
  // Of weight enough rows are missing: its models are asked for, with age among their columns.
  weight.fill(Number.NaN, 100, 120);
  const features = [age, { name: "weight", role: "feature", type: "number" }] as const;
  const attack = async (minimumCell: number): Promise<number | undefined> => {
    const opened = await sumsOf(imputedStudy({ features, minimumCell, missing: missing(2, 1) }), dealRows(columns, 3));
    // Of the weight's model over (1, age, y, weight): Σ age and Σ age × weight differ by the drawn age of one row alone.
    const products = opened
      .map((vectors) => vectors.get("imputationProducts"))
      .filter((values) => values !== undefined)
      .at(-1);
    if (products === undefined) return undefined;
    const half = products.length / 2;
    const [first, second] = [products.slice(0, half), products.slice(half)];
    const [ages, crossed] = [1, 6].map((cell) => (first[cell] ?? 0) - (second[cell] ?? 0));
    return ages === 0 || ages === undefined ? undefined : (crossed ?? 0) / ages;
  };
  const present = weight.filter((value) => !Number.isNaN(value));
  const mean = present.reduce((total, value) => total + value, 0) / present.length;
  const deviation = Math.sqrt(present.reduce((total, value) => total + (value - mean) ** 2, 0) / present.length);
  const told = await attack(0);
  assert.ok(Math.abs((told ?? 0) * deviation + mean - (weight[17] ?? 0)) < 1e-6, `without a minimum cell: ${told}`);
  assert.equal(await attack(5), undefined);
  assert.equal(
    (await runImputed(imputedStudy({ features, minimumCell: 5, missing: missing(2, 1) }), dealRows(columns, 3))).end.kind,
    "done",
  );
});
