import assert from "node:assert/strict";
import { test } from "node:test";
import { DureError, SeededRandom } from "@dure/kernel";
import type { AnalysisTable } from "@dure/records";
import type { Variable } from "@dure/study";
import { pickRows, testTable } from "../testing.ts";
import { type GlmStudyOptions, glmStudy, runGlm } from "./testing-glm.ts";

const number = (name: string): Variable => ({ name, role: "feature", type: "number" });
const yes = (name: string): Variable => ({ name, role: "feature", type: "boolean" });

type Columns = Readonly<Record<string, (i: number, random: SeededRandom) => number>>;

/** Rows dealt to hospitals in turn. */
function hospitals(columns: Columns, { rowCount = 300, siteCount = 3 } = {}): readonly AnalysisTable[] {
  const random = new SeededRandom(5);
  const all = new Map(Object.keys(columns).map((name) => [name, new Float64Array(rowCount)]));
  for (let i = 0; i < rowCount; i++) {
    for (const [name, draw] of Object.entries(columns)) all.get(name)?.fill(draw(i, random), i, i + 1);
  }
  return Array.from({ length: siteCount }, (_, site) => {
    const rows = Array.from({ length: rowCount }, (_, row) => row).filter((row) => row % siteCount === site);
    return testTable({ columns: pickRows(all, rows), keyPrefix: `site-${site}` });
  });
}

const x = (_: number, random: SeededRandom): number => random.normal();
const coin = (_: number, random: SeededRandom): number => random.below(2);
const few = (i: number): number => Number(i < 3);
const count = (_: number, random: SeededRandom): number => random.below(4);
const steady = (i: number): number => 5 + (i % 2);
const linear = { family: "linear" } as const;
const logistic = { family: "logistic" } as const;
const poisson = { family: "poisson" } as const;

interface Refusal {
  readonly why: string;
  readonly code: string;
  readonly at: readonly string[];
  readonly columns: Columns;
  readonly study: Partial<GlmStudyOptions> & Pick<GlmStudyOptions, "analysis">;
  readonly of?: { readonly rowCount?: number; readonly siteCount?: number };
}

const refusals: readonly Refusal[] = [
  {
    why: "a column that is the same for all",
    code: "constant-column",
    at: ["z"],
    columns: { y: x, x, z: () => 7 },
    study: { analysis: linear, features: [number("x"), number("z")] },
  },
  {
    why: "an outcome that is the same for all",
    code: "constant-column",
    at: ["y"],
    columns: { y: () => 7, x },
    study: { analysis: linear },
  },
  {
    why: "a column that follows from another",
    code: "collinear-column",
    at: ["z"],
    columns: { y: x, x: (i) => i, z: (i) => 3 - 2 * i },
    study: { analysis: linear, features: [number("x"), number("z")] },
  },
  { why: "one class", code: "one-class", at: ["y"], columns: { y: () => 1, x }, study: { analysis: logistic } },
  { why: "counts that are all 0", code: "no-events", at: ["y"], columns: { y: () => 0, x }, study: { analysis: poisson } },
  {
    why: "more columns than rows",
    code: "too-many-columns",
    at: [],
    columns: { y: x, x, z: x },
    study: { analysis: linear, features: [number("x"), number("z")] },
    of: { rowCount: 3 },
  },
  {
    why: "more columns than a third of the rows",
    code: "too-many-columns",
    at: [],
    columns: { y: x, x, z: x },
    study: { analysis: linear, features: [number("x"), number("z")], minimumCell: 1 },
    of: { rowCount: 8 },
  },
  {
    why: "a column that splits the classes",
    code: "separated",
    at: ["x"],
    columns: { y: (i) => i % 2, x: (i) => (i % 2) + (i % 7) / 10 },
    study: { analysis: logistic },
  },
  {
    why: "a level without a single count",
    code: "separated",
    at: ["z"],
    columns: { z: (i) => Number(i % 5 === 0), y: (i) => (i % 5 === 0 ? 0 : 1 + (i % 3)) },
    study: { analysis: poisson, features: [yes("z")] },
  },
  {
    why: "counts that vary less than Poisson's",
    code: "no-overdispersion",
    at: ["y"],
    columns: { y: steady, x },
    study: { analysis: { family: "negative-binomial" } },
  },
  {
    why: "an outcome that the columns give exactly",
    code: "perfect-fit",
    at: ["y"],
    columns: { x: (i) => i, y: (i) => 3 * i - 1 },
    study: { analysis: linear },
  },
  {
    why: "clusters of four hospitals",
    code: "too-few-sites",
    at: [],
    columns: { y: x, x },
    study: { analysis: { ...linear, errors: "site-clustered" }, minimumCell: 5 },
    of: { siteCount: 4 },
  },
  {
    why: "a level of three patients",
    code: "unsupported-column",
    at: ["z"],
    columns: { y: x, z: few },
    study: { analysis: linear, features: [yes("z")], minimumCell: 5 },
  },
  {
    why: "a level with three counts above 0",
    code: "unsupported-column",
    at: ["z"],
    columns: { z: (i) => Number(i % 2 === 0), y: (i) => (i % 2 === 0 ? few(i / 2) : 1 + (i % 3)) },
    study: { analysis: poisson, features: [yes("z")], minimumCell: 5 },
  },
  {
    why: "a level at one hospital",
    code: "level-at-one-site",
    at: ["z"],
    columns: { y: x, z: (i) => Number(i % 3 === 0 && i % 2 === 0) },
    study: { analysis: linear, features: [yes("z")], minimumCell: 5 },
  },
  {
    why: "a column that varies within one hospital",
    code: "varies-at-one-site",
    at: ["z"],
    columns: { y: x, x, z: (i, random) => (i % 3 === 0 ? random.normal() : i % 3) },
    study: { analysis: { ...linear, siteEffects: "fixed" }, features: [number("x"), number("z")], minimumCell: 5 },
  },
  {
    why: "fifths that are too small",
    code: "fold-too-small",
    at: [],
    columns: { y: coin, x },
    study: { analysis: { ...logistic, penalty: { kind: "ridge" } }, minimumCell: 20 },
    of: { rowCount: 120 },
  },
];

for (const { why, code, at, columns, study, of } of refusals) {
  test(`${why}: ${code}${at.length > 0 ? ` at ${at.join(", ")}` : ""}, and no half result`, async () => {
    const { end } = await runGlm(glmStudy({ outcome: "y", features: [number("x")], ...study }), hospitals(columns, of));
    assert.deepEqual(end.kind === "refused" ? end.refusal : end.result.analysis.outcome, { code, columns: at });
  });
}

const unusable: readonly {
  why: string;
  code: string;
  column: string;
  columns: Columns;
  study: Partial<GlmStudyOptions> & Pick<GlmStudyOptions, "analysis">;
}[] = [
  {
    why: "an outcome that is no count",
    code: "outcome-not-a-count",
    column: "y",
    columns: { y: (i) => i / 2, x },
    study: { analysis: poisson },
  },
  {
    why: "a count below 0",
    code: "outcome-not-a-count",
    column: "y",
    columns: { y: (i) => i - 1, x },
    study: { analysis: { family: "negative-binomial" } },
  },
  {
    why: "an amount of 0",
    code: "outcome-not-positive",
    column: "y",
    columns: { y: (i) => i, x },
    study: { analysis: { family: "gamma" } },
  },
  {
    why: "a weight of 0",
    code: "weight-not-positive",
    column: "w",
    columns: { y: x, x, w: (i) => i % 9 },
    study: { analysis: linear, weight: "w" },
  },
  {
    why: "a negative weight",
    code: "weight-not-positive",
    column: "w",
    columns: { y: count, x, w: (i) => 1 - 2 * (i % 2) },
    study: { analysis: poisson, weight: "w" },
  },
];

for (const { why, code, column, columns, study } of unusable) {
  test(`${why} keeps the hospital out under federation/${code}, which names the column and no value`, async () => {
    await assert.rejects(runGlm(glmStudy({ outcome: "y", features: [number("x")], ...study }), hospitals(columns)), (error) => {
      assert.ok(error instanceof DureError);
      assert.equal(error.code, `federation/${code}`);
      assert.deepEqual(error.problems[0]?.place, { column });
      assert.match(error.problems[0]?.what.ko ?? "", /[가-힣]/);
      return true;
    });
  });
}
