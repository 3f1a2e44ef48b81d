import assert from "node:assert/strict";
import { test } from "node:test";
import { DureError, SeededRandom } from "@dure/kernel";
import type { AnalysisTable } from "@dure/records";
import { directlyStandardisedRate, incidenceRate, rateRatio, standardisedRatio } from "@dure/statistics";
import { parseStudy, type StudyDocument } from "@dure/study";
import fc from "fast-check";
import { incidenceCoordinator, refusedIncidenceAnalysis } from "../../coordinator/incidence-rates/incidence-rates.ts";
import type { IncidenceAnalysis } from "../../incidence-rates-result.ts";
import { runHalves, testTable } from "../testing.ts";
import { incidenceFigures, incidenceSite } from "./incidence-rates.ts";

interface Row {
  readonly days: number;
  readonly died: number;
  readonly arm: number;
  readonly female: number;
  readonly band: number;
  /** Dealt out by its remainder. */
  readonly place: number;
}

const POPULATION = [
  [false, 1, 300, 20],
  [false, 2, 200, 60],
  [true, 1, 350, 15],
  [true, 2, 250, 50],
] as const;

const study = (minimumCell: number, method: "direct" | "indirect" | "none" = "direct", event = "boolean"): StudyDocument => {
  const cells = POPULATION.map(
    ([female, band, weight, rate]) =>
      `{ levels: { female: ${female}, band: ${band} }, weight: ${weight}${method === "indirect" ? `, rate: ${rate}` : ""} }`,
  );
  return parseStudy(`dure: 1
id: rates
title: Rates
purpose: statistics
data:
  table: invented
  variables:
    days: { role: time, type: number }
    died: { role: event, type: ${event} }
    arm: { role: group, type: category, levels: [old, new], reference: old }
    female: { role: stratum, type: boolean }
    band: { role: stratum, type: category, levels: [1, 2] }
analysis: { kind: incidence-rates, per: 1000${method === "none" ? "" : `, standardisation: { method: ${method}, population: [${cells.join(", ")}] }`} }
privacy: { secureSum: { minimumSites: 3 }, minimumCell: ${minimumCell} }
`);
};

const NAMES = ["days", "died", "arm", "female", "band"] as const;

const tablesOf = (rows: readonly Row[], siteCount: number): readonly AnalysisTable[] =>
  Array.from({ length: siteCount }, (_, site) => {
    const own = rows.filter(({ place }) => place % siteCount === site);
    return testTable({
      columns: new Map(NAMES.map((name) => [name, Float64Array.from(own, (row) => row[name])])),
      keyPrefix: `site-${site}`,
    });
  });

async function run(document: StudyDocument, tables: readonly AnalysisTable[]): Promise<IncidenceAnalysis> {
  const halves = { coordinator: incidenceCoordinator(document), site: () => incidenceSite(document) };
  const { end } = await runHalves(halves, tables);
  return end.kind === "done" ? end.result.analysis : refusedIncidenceAnalysis(document, end.state, end.refusal);
}

/** `risk` of a death a patient, by arm. */
function patients(seed: number, rowCount: number, risk: readonly [number, number] = [0.3, 0.2]): readonly Row[] {
  const random = new SeededRandom(seed);
  return Array.from({ length: rowCount }, (_, i) => {
    const arm = i % 2;
    return {
      days: 1 + random.below(3000) + random.uniform(),
      died: random.uniform() < (risk[arm] ?? 0) ? 1 : 0,
      arm,
      female: random.below(2),
      band: random.below(2),
      place: Math.floor(i / 2),
    };
  });
}

const YEAR = 365.25;
const cellOf = ({ female, band }: Row): number => 2 * female + band;
const sum = (values: readonly number[]): number => values.reduce((total, value) => total + value, 0);

const followed = (rows: readonly Row[]) => ({
  events: sum(rows.map(({ died }) => died)),
  personTime: sum(rows.map(({ days }) => days)) / YEAR,
});

function near(actual: number | null | undefined, expected: number | null | undefined, what: string): void {
  assert.ok(
    typeof actual === "number" && Math.abs(actual - (expected ?? Number.NaN)) <= 1e-10 * Math.abs(expected ?? 0),
    `${what}: ${actual}, ${expected}`,
  );
}

test("federated equals pooled over random rows, hospitals and their order: crude and directly standardised", async () => {
  const scenario = fc.record({
    seed: fc.nat({ max: 1_000_000 }),
    siteCount: fc.integer({ min: 1, max: 5 }),
    rowCount: fc.integer({ min: 120, max: 400 }),
  });
  await fc.assert(
    fc.asyncProperty(scenario, async ({ seed, siteCount, rowCount }) => {
      const rows = patients(seed, rowCount);
      const analysis = await run(study(0), tablesOf(rows, siteCount).toReversed());
      assert.equal(analysis.outcome, "estimated");
      const arms = [0, 1].map((arm) => rows.filter((row) => row.arm === arm));
      const [old, fresh] = arms.map(followed);
      assert.ok(old !== undefined && fresh !== undefined);
      const ratio = rateRatio(fresh, old);
      [rows, ...arms].forEach((own, i) => {
        const found = i === 0 ? analysis.total : analysis.groups[i - 1];
        const crude = incidenceRate(followed(own));
        assert.equal(found?.events, followed(own).events);
        near(found?.rate?.estimate, 1000 * crude.estimate, "rate");
        near(found?.rate?.ci95[1], 1000 * crude.ci95[1], "upper end");
        const direct = directlyStandardisedRate(
          POPULATION.map(([, , weight], cell) => ({ ...followed(own.filter((row) => cellOf(row) === cell)), weight })),
        );
        near(found?.standardisedRate?.estimate, 1000 * direct.estimate, "standardised rate");
        near(found?.standardisedRate?.ci95[0], 1000 * direct.ci95[0], "lower end of it");
      });
      near(analysis.groups[1]?.ratio?.estimate, ratio?.estimate, "ratio");
      near(analysis.groups[1]?.ratio?.p, ratio?.p, "p");
      assert.equal(analysis.groups[0]?.ratio, undefined, "the reference is compared with nobody");
    }),
    { numRuns: 25 },
  );
});

test("indirect standardisation divides the events by those that the standard rates give, and events may be counted", async () => {
  const rows = patients(3, 300).map((row) => ({ ...row, died: 2 * row.died }));
  const analysis = await run(study(5, "indirect", "number"), tablesOf(rows, 4));
  const expected = sum(rows.map((row) => ((row.days / YEAR) * (POPULATION[cellOf(row)]?.[3] ?? 0)) / 1000));
  near(analysis.total?.expected, expected, "expected");
  near(analysis.total?.standardisedRatio?.ci95[0], standardisedRatio(followed(rows).events, expected).ci95[0], "low");
  assert.equal(analysis.events, followed(rows).events);
});

test("a group with few events is hidden, and the other with it; strata of a group with few in one of them too", async () => {
  const rows = patients(8, 400, [0.3, 0]).map((row, i) => (i === 1 || i === 3 ? { ...row, died: 1 } : row));
  const analysis = await run(study(5), tablesOf(rows, 4));
  assert.deepEqual(
    analysis.groups.map(({ events, rate, ratio, standardisedRate }) => [events, rate, ratio, standardisedRate]),
    [
      [undefined, undefined, undefined, undefined],
      [undefined, undefined, undefined, undefined],
    ],
  );
  assert.ok(analysis.total?.rate !== undefined);
  assert.deepEqual(analysis.strata, []);
  const sparse = patients(8, 400).filter((row) => !(row.arm === 1 && cellOf(row) === 3 && row.died === 1));
  const shown = await run(study(5), tablesOf(sparse, 4));
  assert.ok(shown.groups.every(({ events }) => events !== undefined));
  assert.deepEqual([...new Set(shown.strata.map(({ level }) => level))], ["old"]);
});

test("without standardisation a small stratum leaves the rates of the groups", async () => {
  const rows = patients(8, 200).filter((row, i) => cellOf(row) !== 3 || row.arm === 0 || i < 8);
  const analysis = await run(study(5, "none"), tablesOf(rows, 3));
  assert.equal(analysis.outcome, "estimated");
  assert.deepEqual(analysis.strata, []);
  near(analysis.total?.personTime, followed(rows).personTime, "person-time");
});

test("what cannot be estimated is refused by name", async () => {
  const rows = patients(8, 200);
  const refusal = async (own: readonly Row[], siteCount = 3, document = study(5)) =>
    (await run(document, tablesOf(own, siteCount))).refusal;
  assert.equal((await refusal(rows.slice(0, 4)))?.code, "too-few-rows");
  assert.equal((await refusal(rows.map((row) => ({ ...row, died: 0 }))))?.code, "no-events");
  assert.equal((await refusal(rows.map((row, i) => ({ ...row, died: i < 4 ? 1 : 0 }))))?.code, "too-few-events");
  const small = rows.filter((row, i) => row.arm === 0 || i < 6);
  assert.deepEqual(await refusal(small), { code: "too-few-in-a-group", columns: ["arm = new"] });
  const alone = rows.filter((row) => row.arm === 0 || row.place % 3 === 0);
  assert.deepEqual(await refusal(alone), { code: "group-at-one-site", columns: ["arm = new"] });
  const sparse = rows.filter((row, i) => cellOf(row) !== 3 || row.arm === 0 || i < 8);
  assert.deepEqual(await refusal(sparse), { code: "too-few-in-a-stratum", columns: ["arm = new, female = yes, band = 2"] });
  const split = rows.filter((row) => cellOf(row) !== 3 || row.arm === 0 || row.place % 3 === 0);
  assert.deepEqual(await refusal(split), { code: "stratum-at-one-site", columns: ["arm = new, female = yes, band = 2"] });
  const still = rows.map((row) => (row.arm === 1 ? { ...row, days: 0 } : row));
  assert.equal((await refusal(still))?.code, "no-person-time");
});

test("rows that no rate can use keep their hospital out", async () => {
  const rows = patients(8, 60);
  const code = async (own: readonly Row[], document: StudyDocument): Promise<string | undefined> => {
    try {
      await incidenceSite(document).contribute({ phase: "counts" }, tablesOf(own, 1)[0] ?? testTable({ columns: new Map() }));
    } catch (error) {
      return error instanceof DureError ? error.code : undefined;
    }
    return undefined;
  };
  assert.equal(await code([...rows, { days: -1, died: 0, arm: 0, female: 0, band: 0, place: 0 }], study(5)), "federation/negative-time");
  assert.equal(
    await code([...rows, { days: 1, died: 0.5, arm: 0, female: 0, band: 0, place: 0 }], study(5, "direct", "number")),
    "federation/event-not-a-count",
  );
});

test("a hospital's own figures are its rows and those with an event", async () => {
  const rows = patients(8, 60).map((row) => ({ ...row, died: 3 * row.died }));
  const [table] = tablesOf(rows, 1);
  assert.ok(table !== undefined);
  const request = { site: "a", role: "training" as const, table, minimumCell: 5, result: {}, releasedModels: () => new Map() };
  const figures = await incidenceFigures(study(5, "direct", "number"), request);
  assert.deepEqual([figures?.evaluation.n, figures?.evaluation.events], [60, rows.filter(({ died }) => died > 0).length]);
});

test("one patient's follow-up in a stratum is not summed; without the gate the sum is that patient's", async () => {
  // Two of them, so that two hospitals have one each.
  const victims = [0, 1].map((place): Row => ({ days: 777.25 + place, died: 1, arm: 1, female: 1, band: 1, place }));
  const rows = [...patients(8, 200).filter((row) => !(row.arm === 1 && cellOf(row) === 3)), ...victims];
  const { refusal } = await run(study(5), tablesOf(rows, 3));
  assert.deepEqual(refusal, { code: "too-few-in-a-stratum", columns: ["arm = new, female = yes, band = 2"] });
  const open = await run(study(0), tablesOf(rows, 3));
  const stratum = open.strata.find(({ level, n }) => level === "new" && n === 2);
  near((stratum?.personTime ?? 0) * YEAR, 2 * 777.25 + 1, "days of both");
});

test("a group in which one patient has the event is not told by the total and the other; without the gate it is", async () => {
  const rows = patients(8, 400, [0.3, 0]).map((row, i) => (i === 1 ? { ...row, died: 1 } : row));
  const told = ({ total, groups }: IncidenceAnalysis): readonly (number | undefined)[] => [
    total?.events,
    ...groups.map(({ events }) => events),
  ];
  const [total, ...groups] = told(await run(study(5), tablesOf(rows, 4)));
  assert.equal(total, followed(rows).events);
  assert.deepEqual(groups, [undefined, undefined]);
  assert.equal(told(await run(study(0), tablesOf(rows, 4)))[2], 1);
});
