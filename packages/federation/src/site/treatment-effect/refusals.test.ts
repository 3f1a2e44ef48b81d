import assert from "node:assert/strict";
import { test } from "node:test";
import { DureError } from "@dure/kernel";
import type { AnalysisTable } from "@dure/records";
import { generateTreatment } from "@dure/statistics/testing";
import { treatmentEffectCoordinator } from "../../coordinator/treatment-effect/treatment-effect.ts";
import { pickRows, testTable } from "../testing.ts";
import { runTreatment, type TreatmentStudyOptions, treatmentStudy } from "./testing-treatment.ts";

const { columns, rowCount } = generateTreatment();
const y = { name: "y", type: "boolean" } as const;

type Change = (name: string, value: number, row: number) => number;

/** Three hospitals of 300 patients, some values changed. */
function changed(change: Change = (_, value) => value, extra: readonly string[] = []): readonly AnalysisTable[] {
  const names = [...columns.keys(), ...extra];
  const own = new Map(
    names.map((name) => [name, Float64Array.from({ length: rowCount }, (_, row) => change(name, columns.get(name)?.[row] ?? 0, row))]),
  );
  return [0, 1, 2].map((site) => {
    const rows = Array.from({ length: 300 }, (_, i) => 300 * site + i);
    return testTable({ columns: pickRows(own, rows), keyPrefix: `site-${site}` });
  });
}

const treatedOf = (row: number): number => columns.get("treated")?.[row] ?? 0;
const firstTreated = Array.from(columns.get("treated") ?? []).indexOf(1);
const survival = { outcomeModel: "cox" } as const;

interface Case {
  readonly code: string;
  readonly columns: readonly string[];
  readonly study: TreatmentStudyOptions;
  readonly change?: Change;
  readonly extra?: readonly string[];
}

const feature = (name: string, type: "boolean" | "number" = "boolean") => ({ name, type }) as const;
const withFeature = (...features: ReturnType<typeof feature>[]): TreatmentStudyOptions => ({
  outcome: y,
  features: [feature("age", "number"), ...features],
});

const CASES: readonly Case[] = [
  {
    code: "one-arm",
    columns: ["treated"],
    study: { outcome: y, analysis: { siteTerms: false } },
    change: (name, value) => (name === "treated" ? 1 : value),
  },
  {
    code: "arm-at-one-site",
    columns: ["treated"],
    study: { outcome: y, minimumCell: 5, analysis: { siteTerms: false } },
    change: (name, value, row) => (name === "treated" ? Number(row < 100) : value),
  },
  { code: "one-class", columns: ["y"], study: { outcome: y }, change: (name, value) => (name === "y" ? 1 : value) },
  { code: "no-events", columns: ["event"], study: { analysis: survival }, change: (name, value) => (name === "event" ? 0 : value) },
  {
    code: "arm-with-too-few-events",
    columns: ["y"],
    study: { outcome: y, minimumCell: 5 },
    change: (name, value, row) => (name === "y" && treatedOf(row) === 1 ? Number(row < 4) : value),
  },
  {
    code: "arm-with-too-few-events",
    columns: ["event"],
    study: { minimumCell: 5, analysis: survival },
    change: (name, value, row) => (name === "event" && treatedOf(row) === 0 ? Number(row < 4) : value),
  },
  {
    code: "constant-column",
    columns: ["score"],
    study: { outcome: { name: "score", type: "number" }, analysis: { outcomeModel: "linear" } },
    change: (name, value) => (name === "score" ? 7 : value),
  },
  {
    code: "constant-column",
    columns: ["severity"],
    study: withFeature(feature("severity", "number")),
    change: (name, value) => (name === "severity" ? 7 : value),
  },
  {
    code: "collinear-column",
    columns: ["twin"],
    study: withFeature(feature("twin", "number")),
    extra: ["twin"],
    change: (name, value, row) => (name === "twin" ? 2 * (columns.get("age")?.[row] ?? 0) + 1 : value),
  },
  {
    code: "level-in-one-arm",
    columns: ["diabetes"],
    study: withFeature(feature("diabetes")),
    change: (name, value, row) => (name === "diabetes" ? value * treatedOf(row) : value),
  },
  {
    code: "unsupported-column",
    columns: ["rare"],
    study: { ...withFeature(feature("rare")), minimumCell: 5 },
    extra: ["rare"],
    change: (name, value, row) => (name === "rare" ? Number(row % 150 === 0) : value),
  },
  {
    code: "level-at-one-site",
    columns: ["local"],
    study: { ...withFeature(feature("local")), minimumCell: 5 },
    extra: ["local"],
    change: (name, value, row) => (name === "local" ? Number(row < 150) : value),
  },
  {
    code: "varies-at-one-site",
    columns: ["index"],
    study: { ...withFeature(feature("index", "number")), minimumCell: 5 },
    extra: ["index"],
    change: (name, value, row) => (name === "index" ? (row < 300 ? row : Math.floor(row / 300)) : value),
  },
  {
    code: "treatment-separated",
    columns: ["dose"],
    study: withFeature(feature("dose", "number")),
    extra: ["dose"],
    change: (name, value, row) => (name === "dose" ? 10 * treatedOf(row) + (columns.get("age")?.[row] ?? 0) / 100 : value),
  },
  {
    code: "propensity-at-bounds",
    columns: ["treated"],
    study: withFeature(feature("severity", "number")),
    change: (name, value, row) => (name === "severity" && row === firstTreated ? 40 : value),
  },
  {
    code: "monotone-likelihood",
    columns: ["treated"],
    study: { analysis: survival },
    change: (name, value, row) =>
      name === "days"
        ? treatedOf(row) === 1
          ? 2000 + row
          : 1 + (row % 100)
        : name === "event"
          ? Number(treatedOf(row) === 0 || row % 50 === 0)
          : value,
  },
];

for (const { code, columns: named, study, change, extra } of CASES) {
  test(`${code} is told with ${named.join(", ")}, and there is no half result`, async () => {
    const { end } = await runTreatment(treatmentStudy(study), changed(change, extra));
    assert.equal(end.kind, "refused", JSON.stringify(end.kind === "done" ? end.result.analysis.estimates : {}));
    if (end.kind === "refused") assert.deepEqual(end.refusal, { code, columns: named });
  });
}

test("too many columns for the patients, and an arm below the minimum cell, are refused whatever the hospitals let pass", () => {
  const study = treatmentStudy({ outcome: y, minimumCell: 5, analysis: { estimators: ["aipw"] } });
  const part = treatmentEffectCoordinator(study);
  const counted = (change: ReadonlyMap<string, readonly number[]>) => {
    const vectors = part.layout({ phase: "counts" }).vectors.map(({ name, length, bound }): [string, Float64Array] => {
      return [name, Float64Array.from(change.get(name) ?? new Array<number>(length).fill(bound === 1 ? 1 : 7))];
    });
    const absorbed = part.absorb({ phase: "counts" }, { siteCount: 1, vectors: new Map(vectors) });
    return absorbed.kind === "refused" ? absorbed.refusal : assert.fail(absorbed.kind);
  };
  const few = new Map([["arms", [4, 100]]]);
  assert.deepEqual(counted(few), { code: "arm-too-small", columns: ["treated"] });
  const many = new Map([
    ["arms", [14, 15]],
    ["hospitalsByLevel", new Array<number>(8).fill(2)],
  ]);
  assert.deepEqual(counted(many), { code: "too-many-columns", columns: [] });
});

test("an arm whose weights add up to nothing has no mean", async () => {
  const study = treatmentStudy({ outcome: y, analysis: { estimators: ["overlap"] } });
  const { states } = await runTreatment(study, changed());
  const state = states.find(({ phase }) => phase === "totals") ?? assert.fail("an honest run has totals");
  const part = treatmentEffectCoordinator(study);
  const vectors = new Map(part.layout(state).vectors.map(({ name, length }) => [name, new Float64Array(length)]));
  const absorbed = part.absorb(state, { siteCount: 3, vectors });
  assert.deepEqual(absorbed, { kind: "refused", refusal: { code: "weights-not-positive", columns: ["treated"] } });
});

const HOSPITAL_CASES: readonly (readonly [code: string, column: string | undefined, study: TreatmentStudyOptions, change: Change])[] = [
  ["one-arm", "treated", { outcome: y }, (name, value, row) => (name === "treated" && row < 300 ? 1 : value)],
  [
    "arm-too-small",
    "treated",
    { outcome: y, minimumCell: 5 },
    (name, value, row) => (name === "treated" && row < 300 ? Number(row > 8) : value),
  ],
  [
    "too-few-rows-for-columns",
    undefined,
    { outcome: y, minimumCell: 5, features: Array.from({ length: 170 }, (_, i) => feature(`age${i}`, "number")) },
    (_, value) => value,
  ],
  [
    "too-few-outcomes",
    "y",
    { outcome: y, analysis: { estimators: ["g-computation"] } },
    (name, value, row) => (name === "y" && row < 300 ? 0 : value),
  ],
  ["negative-time", "days", { analysis: survival }, (name, value, row) => (name === "days" && row === 7 ? -1 : value)],
  ["event-not-boolean", "event", { analysis: survival }, (name, value, row) => (name === "event" && row === 7 ? 2 : value)],
  [
    "negative-outcome",
    "visits",
    { outcome: { name: "visits", type: "number" }, analysis: { outcomeModel: "poisson" } },
    (name, value, row) => (name === "visits" && row === 7 ? -1 : value),
  ],
];

for (const [code, column, study, change] of HOSPITAL_CASES) {
  test(`a hospital keeps out by itself: ${code}, in both languages and without a value`, async () => {
    await assert.rejects(
      runTreatment(
        treatmentStudy(study),
        changed(
          change,
          study.features?.map(({ name }) => name),
        ),
      ),
      (error) => {
        assert.ok(error instanceof DureError);
        const [problem] = error.problems;
        assert.equal(problem?.code, `federation/${code}`);
        assert.equal(problem?.place.column, column);
        assert.match(problem?.what.ko ?? "", /[가-힣]/);
        return true;
      },
    );
  });
}

test("with truncation, or by overlap weights, a patient whose treatment was certain does not stop a study", async () => {
  const change: Change = (name, value, row) => (name === "severity" && row === firstTreated ? 40 : value);
  for (const analysis of [{ truncation: 0.01 }, { estimators: ["overlap"] as const }]) {
    const { end } = await runTreatment(treatmentStudy({ ...withFeature(feature("severity", "number")), analysis }), changed(change));
    assert.equal(end.kind, "done");
  }
});

test("a subgroup or a negative control with too few in an arm is left out by name, and the rest goes on", async () => {
  const change: Change = (name, value, row) => (name === "few" || name === "control" ? Number(row % 300 === 0) : value);
  const study = treatmentStudy({
    outcome: y,
    minimumCell: 5,
    subgroups: [
      { name: "few", type: "boolean" },
      { name: "female", type: "boolean" },
    ],
    controls: ["control", "c1"],
  });
  const { end } = await runTreatment(study, changed(change, ["few", "control"]));
  const analysis = end.kind === "done" ? end.result.analysis : assert.fail(JSON.stringify(end.refusal));
  assert.deepEqual(analysis.leftOut, ["few", "control"]);
  assert.deepEqual(
    analysis.subgroups?.map(({ variable }) => variable),
    ["female"],
  );
  assert.deepEqual(
    analysis.negativeControls?.controls.map(({ name }) => name),
    ["c1"],
  );
});
