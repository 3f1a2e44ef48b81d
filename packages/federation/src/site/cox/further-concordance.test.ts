import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { coxFeatures, generateSurvival } from "@dure/statistics/testing";
import type { StudyDocument } from "@dure/study";
import { siteFiguresFor } from "../registry.ts";
import { pickRows, testTable } from "../testing.ts";
import { coxStudy, runCox } from "./testing-cox.ts";

const known = JSON.parse(
  readFileSync(new URL("../../../../statistics/known-answers/generated-cox-without-site.json", import.meta.url), "utf8"),
) as { readonly withoutSite: readonly [number, number]; readonly byHormone: readonly (readonly [number, number])[] };

const { columns, rowCount } = generateSurvival();
const rows = Array.from({ length: rowCount }, (_, row) => row);
const withSubgroup = new Map([...columns, ["treated", columns.get("hormone") ?? new Float64Array()]]);
const tables = [1, 2, 3].map((centre) =>
  testTable({
    columns: pickRows(
      withSubgroup,
      rows.filter((row) => columns.get("centre")?.[row] === centre),
    ),
    keyPrefix: `centre-${centre}`,
  }),
);

function studyOf(minimumCell: number, leaveOneSiteOut = true): StudyDocument {
  const study = coxStudy(coxFeatures, { minimumCell, booleans: ["hormone"] });
  const subgroup = { name: "treated", role: "subgroup", type: "boolean" } as const;
  return {
    ...study,
    data: { ...study.data, variables: [...study.data.variables, subgroup] },
    evaluation: { ...study.evaluation, leaveOneSiteOut },
  };
}

async function figuresAt(study: StudyDocument, role: "training" | "external", minimumCell = 0) {
  const { end } = await runCox(study, tables);
  assert.ok(end.kind === "done");
  const [table = testTable({ columns: new Map() })] = tables;
  // As a site gets it: through JSON.
  const result = JSON.parse(JSON.stringify(end.result));
  return siteFiguresFor(study)(study, { site: "A", role, table, minimumCell, result, releasedModels: () => new Map() });
}

const near = (found: number | undefined, expected: number, what: string): void =>
  assert.ok(Math.abs((found ?? Number.NaN) - expected) <= 1e-9, `${what}: ${found} against ${expected}`);

test("C under the model without this hospital is that of R's one-step deletion of its stratum", async () => {
  const figures = await figuresAt(studyOf(0), "training");
  const { withoutSite } = figures?.evaluation.concordance ?? {};
  assert.equal(withoutSite?.estimator, "one-step");
  near(withoutSite?.estimate, known.withoutSite[0], "C");
  near(withoutSite?.se, known.withoutSite[1], "its error");
  assert.equal((await figuresAt(studyOf(0, false), "training"))?.evaluation.concordance?.withoutSite, undefined);
});

test("C by subgroup under the frozen model is R's, of pairs within the level", async () => {
  const figures = await figuresAt(studyOf(0), "external");
  const { subgroups = [], withoutSite } = figures?.evaluation.concordance ?? {};
  assert.equal(withoutSite, undefined);
  assert.deepEqual(
    subgroups.map(({ variable, level }) => [variable, level]),
    [
      ["treated", "no"],
      ["treated", "yes"],
    ],
  );
  subgroups.forEach(({ estimate, se }, level) => {
    near(estimate, known.byHormone[level]?.[0] ?? Number.NaN, "C");
    near(se, known.byHormone[level]?.[1] ?? Number.NaN, "its error");
  });
  const [first, second] = known.byHormone;
  near(subgroups[1]?.gap?.estimate, (second?.[0] ?? 0) - (first?.[0] ?? 0), "gap");
});

test("a subgroup variable is told only where every level has enough events and patients without one", async () => {
  const sound = await figuresAt(studyOf(5), "external", 5);
  assert.equal(sound?.evaluation.concordance?.subgroups?.length, 2);
  assert.ok(sound.cells?.every((cell) => cell >= 5));
  const strict = await figuresAt(studyOf(5), "external", 60);
  const smallest = Math.min(...(sound.cells ?? []));
  assert.ok(smallest < 60);
  assert.equal(strict?.evaluation.concordance?.subgroups, undefined);
});
