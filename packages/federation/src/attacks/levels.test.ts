/**
 * Levels as a way to a row: one that a single patient has, two that are one but for a single patient, and one that a single hospital has.
 *
 * The attacker is whoever sees the opened sums. Every kind whose features are a design matrix is tried.
 */

import assert from "node:assert/strict";
import { test } from "node:test";
import { SeededRandom } from "@dure/kernel";
import { packedIndex, packedLength } from "@dure/numerics";
import type { StudyDocument, Variable } from "@dure/study";
import { coxStudy } from "../site/cox/testing-cox.ts";
import { glmStudy } from "../site/glm/testing-glm.ts";
import { testStudy } from "../site/testing.ts";
import { treatmentStudy } from "../site/treatment-effect/testing-treatment.ts";
import { dealOut, openedVector, refusalOf, type WatchedRun, watchRun } from "./testing-attacks.ts";

type Row = Readonly<Record<string, number>>;
type Columns = Readonly<Record<"age" | "marker" | "one" | "other", number>>;

const SITES = 3;
const patient = 37;

/** `one` and `other` are two variables of a yes or no; `change` says what they are instead. */
function rowsOf(change: (columns: Columns, row: number) => Partial<Columns>): readonly Row[] {
  const random = new SeededRandom(5);
  return Array.from({ length: 360 }, (_, row) => {
    const columns = {
      age: Math.round(60 + 9 * random.normal()),
      marker: random.normal(),
      one: random.below(2),
      other: random.below(2),
    };
    const outcome = {
      y: random.below(2),
      days: 1 + Math.floor(-400 * Math.log(1 - random.uniform())),
      event: Number(random.uniform() < 0.7),
      treated: random.below(2),
    };
    return { ...outcome, ...columns, ...change(columns, row) };
  });
}

const names = ["age", "marker", "one", "other"];
const booleans = ["one", "other"];
const features: readonly Variable[] = names.map((name) => ({
  name,
  role: "feature",
  type: booleans.includes(name) ? "boolean" : "number",
}));

const kinds: Readonly<Record<string, (minimumCell: number) => StudyDocument>> = {
  "logistic-regression": (minimumCell) => testStudy({ outcome: "y", features: names, booleans }, { minimumCell }),
  "generalised-linear-model": (minimumCell) => glmStudy({ analysis: { family: "logistic" }, outcome: "y", features, minimumCell }),
  "cox by strata": (minimumCell) => coxStudy(names, { minimumCell, booleans }),
  "cox on a grid": (minimumCell) => coxStudy(names, { minimumCell, booleans, grid: { timeBinDays: 30, horizonDays: 1500 } }),
  "treatment-effect": (minimumCell) => treatmentStudy({ outcome: { name: "y", type: "boolean" }, features, minimumCell }),
};

/** Σ x_i x_j over all rows of all hospitals, in the columns' own units: linear in what the second round of moments opens. */
function productOf(run: WatchedRun, i: number, j: number): number {
  const opened = run.opened.find(({ sum }) => sum.vectors.has("products")) ?? assert.fail("no products were opened");
  const { centre, counts } = opened.state as unknown as {
    readonly centre: { readonly means: readonly number[]; readonly scales: readonly number[] };
    readonly counts: { readonly n?: number; readonly rows?: number; readonly arms?: readonly [number, number] };
  };
  const n = counts.n ?? counts.rows ?? (counts.arms?.[0] ?? 0) + (counts.arms?.[1] ?? 0);
  const at = (name: string, index: number): number => opened.sum.vectors.get(name)?.[index] ?? assert.fail(`no ${name}`);
  const [mi = 0, mj = 0, si = 1, sj = 1] = [centre.means[i], centre.means[j], centre.scales[i], centre.scales[j]];
  const cell = packedIndex(names.length, Math.min(i, j), Math.max(i, j));
  assert.equal(opened.sum.vectors.get("products")?.length, packedLength(names.length));
  return si * sj * at("products", cell) + mi * sj * at("deviations", j) + mj * si * at("deviations", i) + n * mi * mj;
}

const places = Object.fromEntries(names.map((name, i) => [name, i])) as Readonly<Record<string, number>>;
const sumWith = (run: WatchedRun, name: string, level: string): number => productOf(run, places[name] ?? 0, places[level] ?? 0);

/** Age and marker of whoever has `one` and not `other`, if `other` lies within it. */
const readDifference = (run: WatchedRun): readonly number[] => {
  const sums = openedVector(run, "sums") ?? assert.fail("no sums were opened");
  const count = (sums[places["one"] ?? 0] ?? 0) - (sums[places["other"] ?? 0] ?? 0);
  return ["age", "marker"].map((name) => (sumWith(run, name, "one") - sumWith(run, name, "other")) / count);
};

function isClose(read: readonly number[], row: Row | undefined): void {
  const [age = Number.NaN, marker = Number.NaN] = read;
  assert.ok(
    Math.abs(age - (row?.["age"] ?? 0)) < 1e-6 && Math.abs(marker - (row?.["marker"] ?? 0)) < 1e-6,
    "the patient's columns are read",
  );
}

for (const [kind, studyOf] of Object.entries(kinds)) {
  const run = (minimumCell: number, rows: readonly Row[]): Promise<WatchedRun> => watchRun(studyOf(minimumCell), dealOut(rows, SITES));

  test(`${kind}: a level of one patient gives the patient's columns away with the gate off, and is refused with it on`, async () => {
    const rows = rowsOf((_, row) => ({ one: row === patient ? 1 : 0 }));
    const open = await run(0, rows);
    if (kind !== "treatment-effect") isClose([sumWith(open, "age", "one"), sumWith(open, "marker", "one")], rows[patient]);
    else assert.equal(refusalOf(open), "level-in-one-arm");
    const guarded = await run(5, rows);
    assert.equal(refusalOf(guarded), "unsupported-column");
    assert.equal(guarded.opened.length, 1, "nothing but counts was opened");
  });

  test(`${kind}: two levels that are one but for a patient give the patient's columns away with the gate off, and are refused`, async () => {
    const rows = rowsOf(({ one }, row) => ({ one: row === patient ? 1 : one, other: row === patient ? 0 : one }));
    isClose(readDifference(await run(0, rows)), rows[patient]);
    const guarded = await run(5, rows);
    assert.ok(guarded.end.kind === "refused");
    assert.deepEqual(guarded.end.refusal, { code: "unsupported-column", columns: booleans });
    assert.equal(guarded.opened.length, 1);
  });

  test(`${kind}: two levels of which each patient has one, but for a few, are refused; but for many they are not`, async () => {
    const without = (few: number) => rowsOf(({ one }, row) => ({ other: row < few ? one : 1 - one }));
    for (const few of [1, 4]) assert.equal(refusalOf(await run(5, without(few))), "unsupported-column", `${few} patients`);
    const many = rowsOf(({ one }, row) => ({ other: row % 9 === 0 ? one : 1 - one }));
    assert.equal(refusalOf(await run(5, many)), "not refused");
  });

  test(`${kind}: a level that one hospital alone has is that hospital's own with the gate off, and is refused`, async () => {
    const rows = rowsOf(({ one }, row) => ({ one: row % SITES === 0 ? one : 0 }));
    const own = rows.filter((row, i) => i % SITES === 0 && row["one"] === 1);
    const read = sumWith(await run(0, rows), "age", "one");
    assert.ok(Math.abs(read - own.reduce((total, row) => total + (row["age"] ?? 0), 0)) < 1e-6, "the hospital's ages are read");
    const guarded = await run(5, rows);
    assert.ok(guarded.end.kind === "refused");
    assert.deepEqual(guarded.end.refusal, { code: "level-at-one-site", columns: ["one"] });
    assert.equal(guarded.opened.length, 1);
  });
}

test("cox by strata: a column that varies within one hospital alone, though others have either side, is refused", async () => {
  const sides = [(one: number) => one, () => 0, () => 1];
  const rows = rowsOf(({ one }, row) => ({ one: sides[row % SITES]?.(one) ?? one }));
  const run = await watchRun(coxStudy(names, { minimumCell: 5, booleans }), dealOut(rows, SITES));
  assert.ok(run.end.kind === "refused" && run.opened.length === 1);
  assert.deepEqual(run.end.refusal, { code: "varies-at-one-site", columns: ["one"] });
});

test("one patient in several rows is one patient where two levels are compared", async () => {
  const rows = rowsOf(({ one }, row) => ({ one: row >= 30 && row < 48 ? 1 : one, other: row >= 30 && row < 48 ? 0 : one })).map(
    (row, i) => ({ ...row, cause: row["event"] ?? 0, entry: 0, person: i }),
  );
  const study = coxStudy(names, { minimumCell: 5, booleans, visits: { cause: "1" } });
  const outcome = async (personOf: (row: number) => number): Promise<string> =>
    refusalOf(
      await watchRun(
        study,
        dealOut(
          rows.map((row, i) => {
            const own = personOf(i);
            // Their rows follow one another, the event in none but the last.
            const visit = own === i ? 0 : Math.floor((i - 30) / SITES);
            return own === i ? row : { ...row, person: own, entry: 100 * visit, days: 100 * visit + 100, cause: 0 };
          }),
          SITES,
        ),
      ),
    );
  assert.equal(await outcome((row) => row), "not refused", "eighteen patients");
  assert.equal(await outcome((row) => (row >= 30 && row < 48 ? 1000 + (row % SITES) : row)), "unsupported-column", "three patients");
});
