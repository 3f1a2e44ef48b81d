import assert from "node:assert/strict";
import { test } from "node:test";
import { Releasable } from "../index.ts";
import type { Influence, SumLayout } from "../layout.ts";
import { type ContributionRequest, effectiveRows, gateContribution } from "./contribution.ts";
import { differencingCheck } from "./differencing.ts";
import { gateRelease } from "./own-release.ts";
import { supportProblems } from "./support.ts";

const layout: SumLayout = { vectors: [{ name: "gradient", length: 2, encoding: "wide", bound: 100 }] };

const influence: Influence = {
  what: "logistic regression",
  rowCount: 200,
  totalRowCount: 1000,
  parameterCount: 8,
  weightSum: 40,
  weightSquareSum: 10,
  linearPredictorMax: 4,
};

function request(change: {
  readonly influence?: Partial<Influence>;
  readonly policy?: Partial<ContributionRequest["policy"]>;
  readonly gradient?: readonly number[];
  readonly rowCount?: number;
  readonly classCounts?: readonly number[];
}): ContributionRequest {
  return {
    layout,
    contribution: {
      vectors: new Map([["gradient", Float64Array.from(change.gradient ?? [1.5, -2])]]),
      influence: [influence, { ...influence, ...change.influence }],
    },
    siteCount: 5,
    policy: { minimumCell: 5, sumCountMax: 60, sumCountUsed: 3, ...change.policy },
    rowCount: change.rowCount ?? 200,
    classCounts: change.classCounts ?? [140, 60],
  };
}

function detailOf(asked: ContributionRequest): string {
  const answer = gateContribution(asked);
  if (answer.kind === "released") return "released";
  assert.equal(answer.code, "not-taking-part");
  assert.equal(answer.detail, answer.problem.code);
  return answer.detail;
}

const publicData = { minimumCell: 0 };

/** One row a way to be refused: the change, the detail, and whether it is still refused on public data (k = 0). */
const table: readonly (readonly [string, Parameters<typeof request>[0], string, "always" | "with-cell"])[] = [
  ["the last allowed sum is used", { policy: { sumCountUsed: 60 } }, "gate/sums-used-up", "always"],
  ["a linear predictor beyond 30", { influence: { linearPredictorMax: 30.001 } }, "gate/linear-predictor-too-large", "always"],
  ["an undefined linear predictor", { influence: { linearPredictorMax: Number.NaN } }, "gate/linear-predictor-too-large", "always"],
  ["a NaN entry", { gradient: [0, Number.NaN] }, "encoding/not-a-number", "always"],
  ["an infinite entry", { gradient: [Number.NEGATIVE_INFINITY, 0] }, "encoding/infinite", "always"],
  ["an entry beyond its bound", { gradient: [0, 100.5] }, "encoding/beyond-bound", "always"],
  ["fewer rows than k", { rowCount: 4 }, "gate/too-few-rows", "with-cell"],
  ["no rows", { rowCount: 0, classCounts: [0, 0] }, "gate/too-few-rows", "with-cell"],
  ["fewer rows than k in a class", { classCounts: [196, 4] }, "gate/too-few-in-a-class", "with-cell"],
  ["one class only", { classCounts: [200, 0] }, "gate/too-few-in-a-class", "with-cell"],
  ["one row with all the weight", { influence: { weightSum: 1, weightSquareSum: 1 } }, "gate/few-rows-dominate", "with-cell"],
  ["fewer effective rows than 2p", { influence: { weightSum: 15.9, weightSquareSum: 15.9 } }, "gate/few-rows-dominate", "with-cell"],
  [
    "fewer than 10 effective rows",
    { influence: { parameterCount: 2, weightSum: 9.9, weightSquareSum: 9.9 } },
    "gate/few-rows-dominate",
    "with-cell",
  ],
  ["weights that are all zero", { influence: { weightSum: 0, weightSquareSum: 0 } }, "gate/few-rows-dominate", "with-cell"],
  ["undefined weights", { influence: { weightSum: Number.NaN, weightSquareSum: 1 } }, "gate/few-rows-dominate", "with-cell"],
  ["infinite weights", { influence: { weightSum: Number.POSITIVE_INFINITY, weightSquareSum: 1 } }, "gate/few-rows-dominate", "with-cell"],
  [
    "more coefficients than a third of all rows",
    { influence: { parameterCount: 8, totalRowCount: 23 } },
    "gate/too-many-parameters",
    "with-cell",
  ],
];

for (const [name, change, detail, when] of table) {
  test(`the gate holds back ${name}`, () => {
    assert.equal(detailOf(request(change)), detail);
  });

  test(`on public data ${name} is ${when === "always" ? "still held back" : "let through"}`, () => {
    const open = request({ ...change, policy: { ...change.policy, ...publicData } });
    assert.equal(detailOf(open), when === "always" ? detail : "released");
  });
}

test("what lies exactly on every limit is let through", () => {
  const limits = { parameterCount: 8, totalRowCount: 24, weightSum: 16, weightSquareSum: 16, linearPredictorMax: 30 };
  assert.equal(
    detailOf(request({ influence: limits, rowCount: 5, classCounts: [5, 5], gradient: [100, -100], policy: { sumCountUsed: 59 } })),
    "released",
  );
});

test("survival, which has no classes, asks for k rows only", () => {
  const { classCounts, ...survival } = request({ rowCount: 5 });
  assert.ok(classCounts);
  assert.equal(detailOf(survival), "released");
});

test("a chosen coefficient vector that isolates one patient is held back, though its gradient looks like any other", () => {
  const scores = Float64Array.from({ length: 500 }, (_, row) => (row === 137 ? 0 : 25 + (row % 7) / 10));
  const weights = scores.map((eta) => 1 / (1 + Math.exp(-eta)) / (1 + Math.exp(eta)));
  const chosen: Influence = {
    ...influence,
    weightSum: weights.reduce((sum, w) => sum + w, 0),
    weightSquareSum: weights.reduce((sum, w) => sum + w * w, 0),
    linearPredictorMax: scores.reduce((most, eta) => Math.max(most, Math.abs(eta)), 0),
  };
  const effective = effectiveRows(chosen) ?? Number.NaN;
  assert.ok(effective > 1 && effective < 1.000001);
  assert.equal(detailOf(request({ influence: chosen })), "gate/few-rows-dominate");
});

test("n rows of weight 1 are n effective rows, exactly", () => {
  for (let n = 1; n <= 2000; n++) assert.equal(effectiveRows({ weightSum: n, weightSquareSum: n }), n);
});

test("effective rows survive weights whose square would overflow", () => {
  assert.equal(effectiveRows({ weightSum: 2 ** 600, weightSquareSum: 2 ** 1000 }), 2 ** 200);
});

test("the ledger learns which rules were applied", () => {
  const answer = gateContribution(request({}));
  assert.ok(answer.kind === "released");
  assert.deepEqual(answer.released.rules, ["sum 4 of 60", "linear-predictor 30", "bound", "minimum-cell 5", "influence"]);
});

test("only the gate makes a Releasable", () => {
  const answer = gateContribution(request({}));
  assert.ok(answer.kind === "released");
  assert.ok(Releasable.isReleasable(answer.released));
  // @ts-expect-error the constructor is private
  assert.throws(() => new Releasable(Symbol("the gate's key"), 1, []), TypeError);
  // @ts-expect-error an object of the same shape is none: the class has a private field
  const forged: Releasable<number> = { value: 1, rules: [] };
  assert.equal(Releasable.isReleasable(forged), false);
  assert.equal(Releasable.isReleasable(Object.create(Releasable.prototype)), false);
  assert.throws(() => Object.assign(answer.released, { value: new Uint8Array(1) }), TypeError);
});

const headline = { release: "headline", granted: ["headline"], value: { n: 120, events: 33 }, cells: [120, 33, 87], minimumCell: 5 };

test("an own release passes when it was granted and every cell holds k", () => {
  const answer = gateRelease(headline);
  assert.ok(answer.kind === "released");
  assert.deepEqual(answer.released.value, headline.value);
});

for (const [name, change, detail] of [
  ["was not granted", { granted: ["local-model"] }, "gate/release-not-granted"],
  ["has a cell below k", { cells: [120, 4, 116] }, "gate/release-cell-too-small"],
  ["has a cell that is no number", { cells: [Number.NaN] }, "gate/release-cell-too-small"],
  ["holds a NaN", { value: { n: Number.NaN, events: 33 } }, "gate/release-not-json"],
] as const) {
  test(`an own release that ${name} is held back as not-taking-part`, () => {
    const answer = gateRelease({ ...headline, ...change });
    assert.ok(answer.kind === "refused");
    assert.equal(answer.code, "not-taking-part");
    assert.equal(answer.detail, detail);
  });
}

const keys = (from: number, to: number): string[] =>
  Array.from({ length: to - from }, (_, i) => `row-${String(from + i).padStart(4, "0")}`);

test("a table that differs from an earlier one by 1 to k - 1 rows is refused, wherever they lie", () => {
  const earlier = [keys(500, 600), keys(0, 100)];
  const kinds = [keys(0, 101), keys(0, 104), keys(1, 100), keys(2, 102), keys(4, 100)].map(
    (table) => differencingCheck(table, earlier, 5).kind,
  );
  assert.deepEqual(kinds, ["refused", "refused", "refused", "refused", "refused"]);
});

test("the same rows again, k rows more, k rows exchanged in all, and public data are accepted", () => {
  const earlier = [keys(0, 100)];
  assert.equal(differencingCheck(keys(0, 100), earlier, 5).kind, "accepted");
  assert.equal(differencingCheck(keys(0, 105), earlier, 5).kind, "accepted");
  assert.equal(differencingCheck(keys(3, 103), earlier, 5).kind, "accepted");
  assert.equal(differencingCheck([], earlier, 5).kind, "accepted");
  assert.equal(differencingCheck(keys(0, 101), earlier, 0).kind, "accepted");
});

test("row keys that are not ascending are no table", () => {
  assert.throws(() => differencingCheck(["b", "a"], [], 5), RangeError);
  assert.throws(() => differencingCheck(["a", "a"], [], 5), RangeError);
});

test("a level needs k rows in each class, a numeric column k rows off its mode", () => {
  const level = (column: string, name: string, ...countsByClass: number[]) =>
    ({ kind: "level", column, level: name, countsByClass }) as const;
  const columns = [level("grade", "3", 40, 5), level("grade", "4", 40, 4), level("female", "true", 90, 80), level("female", "false", 4, 9)];
  const numeric = [
    { kind: "numeric", column: "nodes", differingCount: 4 } as const,
    { kind: "numeric", column: "age", differingCount: 5 } as const,
  ];
  assert.deepEqual(supportProblems([...columns, ...numeric], 5), [
    { column: "grade", level: "4" },
    { column: "female", level: "false" },
    { column: "nodes" },
  ]);
  assert.deepEqual(supportProblems([...columns, ...numeric], 0), []);
});
