import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { DureError, SeededRandom } from "@dure/kernel";
import type { AnalysisTable } from "@dure/records";
import { generateCompetingRisks } from "@dure/statistics/testing";
import type { StudyDocument, Variable } from "@dure/study";
import fc from "fast-check";
import { cumulativeIncidenceCoordinator } from "../../coordinator/cumulative-incidence/cumulative-incidence.ts";
import type { CumulativeIncidenceAnalysis } from "../../cumulative-incidence-result.ts";
import { pickRows, runHalves, testStudy, testTable } from "../testing.ts";
import { cumulativeIncidenceFigures, cumulativeIncidenceSite } from "./cumulative-incidence.ts";

const known = JSON.parse(
  readFileSync(new URL("../../../../statistics/known-answers/generated-competing-risks.json", import.meta.url), "utf8"),
);
const generated = generateCompetingRisks();
const column = (name: string): Float64Array => generated.columns.get(name) ?? new Float64Array();
const stage: Variable = { name: "stage", role: "group", type: "category", levels: ["I", "II", "III"] };
const treated: Variable = { name: "treated", role: "group", type: "boolean" };

interface Options {
  readonly minimumCell?: number;
  readonly groups?: readonly Variable[];
  readonly timeBinDays?: number;
  readonly intervals?: "log" | "log-log" | "plain";
}

function incidenceStudy({ minimumCell = 0, groups = [stage], timeBinDays = 1, intervals = "log" }: Options): StudyDocument {
  const base = testStudy({ outcome: "cause", features: [] }, { minimumCell });
  const variables: readonly Variable[] = [
    { name: "time", role: "time", type: "number" },
    { name: "cause", role: "event", type: "category", levels: [0, 1, 2] },
    ...groups,
  ];
  const analysis = { kind: "cumulative-incidence", at: known.at, intervals, timeBinDays, horizonDays: 720 } as const;
  return { ...base, data: { ...base.data, variables }, analysis };
}

const tablesOf = (
  siteOf: (row: number) => number,
  columns: ReadonlyMap<string, Float64Array> = generated.columns,
): readonly AnalysisTable[] =>
  [0, 1, 2, 3].flatMap((site) => {
    const rows = [...column("time").keys()].filter((row) => siteOf(row) === site);
    return rows.length === 0 ? [] : [testTable({ columns: pickRows(columns, rows), keyPrefix: `site-${site}` })];
  });
const tables = tablesOf((row) => column("site")[row] ?? 0);

const run = (study: StudyDocument, given = tables) =>
  runHalves({ coordinator: cumulativeIncidenceCoordinator(study), site: () => cumulativeIncidenceSite(study) }, given);

async function analyse(options: Options, given = tables): Promise<CumulativeIncidenceAnalysis> {
  const { end } = await run(incidenceStudy(options), given);
  assert.ok(end.kind === "done", end.kind === "refused" ? end.refusal.code : "");
  return end.result.analysis;
}

for (const [name, timeBinDays] of [
  ["days", 1],
  ["thirtyDays", 30],
] as const) {
  test(`the sums of four hospitals give R's Aalen-Johansen curves with errors and intervals by stage, ${name}`, async () => {
    for (const intervals of ["log", "log-log", "plain"] as const) {
      const { groups } = await analyse({ timeBinDays, intervals });
      assert.deepEqual(
        groups.map(({ group }) => group["stage"]),
        ["I", "II", "III"],
      );
      for (const [g, { causes }] of groups.entries()) {
        for (const [c, { cause, at }] of causes.entries()) {
          assert.equal(cause, String(c + 1));
          for (const [i, found] of at.entries()) {
            const answer = (figure: string): number => known[name][g][figure][i] ?? Number.NaN;
            const near = (actual: number | undefined, figure: string): void =>
              assert.ok(
                Math.abs((actual ?? Number.NaN) - answer(figure)) <= 1e-10 * Math.max(answer(figure), 1e-3),
                `${figure} ${actual} ${answer(figure)}`,
              );
            assert.equal(found.time, known.at[i]);
            near(found.incidence, `incidence${c + 1}`);
            if (found.incidence === 0) continue;
            near(found.standardError, `standardError${c + 1}`);
            near(found.ci95?.[0], `lower${c + 1} ${intervals}`);
            near(found.ci95?.[1], `upper${c + 1} ${intervals}`);
            if (name === "days") assert.equal(found.atRisk, answer("atRisk"));
          }
        }
      }
    }
  });
}

test("federated equals pooled to the last digit, over random splits and with groups of two variables", async () => {
  const whole = await analyse(
    { groups: [stage, treated] },
    tablesOf(() => 0),
  );
  assert.equal(whole.groups.length, 6);
  await fc.assert(
    fc.asyncProperty(fc.nat(), async (seed) => {
      const random = new SeededRandom(seed);
      const sites = Array.from(column("time"), () => random.below(4));
      const { end } = await run(
        incidenceStudy({ groups: [stage, treated] }),
        tablesOf((row) => sites[row] ?? 0),
      );
      assert.ok(end.kind === "done");
      assert.deepEqual(end.result.analysis, whole);
    }),
    { numRuns: 10 },
  );
});

test("with a minimum cell no interval tells fewer than five events, of any cause or in all", async () => {
  const { groups } = await analyse({ minimumCell: 5 });
  for (const { causes } of groups) {
    const ofDay = new Map<number, number>();
    for (const { curve } of causes) {
      for (const { time, events } of curve) {
        assert.ok(events >= 5, "a cause's step");
        ofDay.set(time, (ofDay.get(time) ?? 0) + events);
      }
    }
    assert.ok(ofDay.size >= 2 && [...ofDay.values()].every((events) => events >= 5));
    const times = [...new Set(causes.flatMap(({ curve }) => curve.map(({ time }) => time)))].sort((a, b) => a - b);
    const atRisk = times.map((time) => causes.flatMap(({ curve }) => curve.filter((step) => step.time === time))[0]?.atRisk ?? 0);
    assert.ok(
      atRisk.slice(1).every((count, i) => (atRisk[i] ?? 0) - count >= 5),
      "neighbouring risk sets",
    );
  }
});

test("what cannot be shown is refused by its name", async () => {
  const rare = new Map(generated.columns).set(
    "cause",
    column("cause").map((value, row) => (value === 2 && row > 4 ? 0 : value)),
  );
  for (const [options, columns, code] of [
    [{ groups: [] }, rare, "unsupported-cause"],
    [{}, rare, "unsupported-group"],
    [{ groups: [] }, new Map(generated.columns).set("cause", new Float64Array(380)), "no-events"],
    [
      {},
      new Map(generated.columns).set(
        "stage",
        column("stage").map((value, row) => (value === 2 && (column("site")[row] ?? 0) > 0 ? 1 : value)),
      ),
      "group-at-one-site",
    ],
  ] as const) {
    const given = tablesOf((row) => column("site")[row] ?? 0, columns);
    const { end } = await run(incidenceStudy({ minimumCell: 5, ...options }), given);
    assert.ok(end.kind === "refused");
    assert.equal(end.refusal.code, code);
  }
});

test("a negative time and a code that is no level end the analysis at that hospital, never with a value", () => {
  const study = incidenceStudy({});
  const [table] = tables;
  assert.ok(table !== undefined);
  for (const [given, code] of [
    [{ ...table, columns: new Map(table.columns).set("time", new Float64Array(table.rowCount).fill(-77)) }, "federation/negative-time"],
    [{ ...table, excluded: [{ reason: "cause: not a level", rowCount: 1 }] }, "federation/event-not-a-level"],
  ] as const) {
    assert.throws(
      () => cumulativeIncidenceSite(study).contribute({ phase: "counts" }, given),
      (error) => error instanceof DureError && error.code === code && !JSON.stringify(error.problems).includes("77"),
    );
  }
});

test("a hospital's own figures are its patients and events", async () => {
  const [table] = tables;
  assert.ok(table !== undefined);
  const request = { site: "a", role: "training", table, minimumCell: 5, result: {}, releasedModels: () => new Map() } as const;
  const figures = await cumulativeIncidenceFigures(incidenceStudy({}), request);
  const events = [...(table.columns.get("cause") ?? [])].filter((cause) => cause > 0).length;
  assert.deepEqual([figures?.evaluation.n, figures?.evaluation.events], [table.rowCount, events]);
});
