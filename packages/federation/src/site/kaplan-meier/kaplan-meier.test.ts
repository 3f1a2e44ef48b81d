import assert from "node:assert/strict";
import { test } from "node:test";
import { DureError, SeededRandom } from "@dure/kernel";
import type { AnalysisTable } from "@dure/records";
import { parseStudy, type StudyDocument } from "@dure/study";
import fc from "fast-check";
import { kaplanMeierCoordinator, refusedKaplanMeierAnalysis } from "../../coordinator/kaplan-meier/kaplan-meier.ts";
import type { KaplanMeierAnalysis, SurvivalGroup } from "../../kaplan-meier-result.ts";
import { runHalves, testTable } from "../testing.ts";
import { kaplanMeierFigures, kaplanMeierSite } from "./kaplan-meier.ts";

interface Row {
  readonly days: number;
  readonly died: 0 | 1;
  readonly female: 0 | 1;
}

const study = (options: { readonly minimumCell: number; readonly more?: string }): StudyDocument =>
  parseStudy(`dure: 1
id: survival
title: Survival
purpose: statistics
data:
  table: invented
  variables:
    days: { role: time, type: number }
    died: { role: event, type: boolean }
    female: { role: group, type: boolean }
analysis: { kind: kaplan-meier, horizonDays: 60, at: [10, 40], test: log-rank, restrictedMeanDays: 20 ${options.more ?? ""} }
privacy: { secureSum: { minimumSites: 3 }, minimumCell: ${options.minimumCell} }
`);

const tableOf = (rows: readonly Row[], prefix: string): AnalysisTable =>
  testTable({
    columns: new Map((["days", "died", "female"] as const).map((name) => [name, Float64Array.from(rows, (row) => row[name])])),
    keyPrefix: prefix,
  });

async function run(document: StudyDocument, tables: readonly AnalysisTable[]): Promise<KaplanMeierAnalysis> {
  const halves = { coordinator: kaplanMeierCoordinator(document), site: () => kaplanMeierSite(document) };
  const { end } = await runHalves(halves, tables);
  return end.kind === "done" ? end.result.analysis : refusedKaplanMeierAnalysis(document, end.state, end.refusal);
}

/** By other means: the rows in one place, one pass over them for each time, no bins and no sums. */
function survivalOf(
  rows: readonly Row[],
): readonly { readonly time: number; readonly atRisk: number; readonly survival: number; readonly greenwood: number }[] {
  const times = [...new Set(rows.filter(({ died }) => died === 1).map(({ days }) => days))].sort((a, b) => a - b);
  let survival = 1;
  let greenwood = 0;
  return times.map((time) => {
    const atRisk = rows.filter(({ days }) => days >= time).length;
    const events = rows.filter(({ days, died }) => days === time && died === 1).length;
    survival *= 1 - events / atRisk;
    greenwood += events / (atRisk * (atRisk - events));
    return { time, atRisk, survival, greenwood };
  });
}

function logRankOf(strata: readonly (readonly Row[])[]): number {
  let difference = 0;
  let variance = 0;
  for (const rows of strata) {
    for (const time of new Set(rows.filter(({ died }) => died === 1).map(({ days }) => days))) {
      const risk = rows.filter(({ days }) => days >= time);
      const [n, n1] = [risk.length, risk.filter(({ female }) => female === 1).length];
      const events = rows.filter(({ days, died }) => days === time && died === 1);
      const d = events.length;
      difference += events.filter(({ female }) => female === 1).length - (d * n1) / n;
      if (n > 1) variance += (d * (n - d) * n1 * (n - n1)) / (n * n * (n - 1));
    }
  }
  return difference ** 2 / variance;
}

const group = (analysis: KaplanMeierAnalysis, female: boolean): SurvivalGroup => {
  const found = analysis.groups.find((candidate) => candidate.group["female"] === female);
  assert.ok(found);
  return found;
};

function near(actual: number | undefined, expected: number, what: string): void {
  assert.ok(
    actual !== undefined && Math.abs(actual - expected) <= 1e-10 * Math.max(1, Math.abs(expected)),
    `${what}: ${actual}, ${expected}`,
  );
}

function assertCurve(found: SurvivalGroup, rows: readonly Row[]): void {
  const expected = survivalOf(rows);
  assert.deepEqual(
    found.curve.map(({ time, atRisk }) => [time, atRisk]),
    expected.map(({ time, atRisk }) => [time, atRisk]),
  );
  found.curve.forEach(({ survival, standardError }, i) => {
    const { survival: s = Number.NaN, greenwood = Number.NaN } = expected[i] ?? {};
    near(survival, s, "survival");
    if (s > 1e-12) near(standardError, s * Math.sqrt(greenwood), "SE");
    else assert.equal(standardError, undefined);
  });
}

/** Deals rows to hospitals and makes sure that each group is at two of them and has an event. */
const scenario = fc
  .record({
    seed: fc.nat({ max: 1_000_000 }),
    siteCount: fc.integer({ min: 3, max: 6 }),
    rowCount: fc.integer({ min: 60, max: 300 }),
    hazard: fc.double({ min: 0.005, max: 0.08, noNaN: true }),
  })
  .map(({ seed, siteCount, rowCount, hazard }) => {
    const random = new SeededRandom(seed);
    const rows = Array.from({ length: rowCount }, (): Row => {
      const female = random.below(2) as 0 | 1;
      const event = Math.floor(-Math.log(1 - random.uniform()) / (hazard * (1 + female)));
      const end = random.below(70);
      return event <= end ? { days: event, died: 1, female } : { days: end, died: 0, female };
    });
    for (const female of [0, 1] as const) for (const days of [3, 5]) rows.push({ days, died: 1, female });
    const sites = Array.from({ length: siteCount }, (): Row[] => []);
    for (const [i, row] of rows.entries()) sites[i >= rowCount ? i % 2 : random.below(siteCount)]?.push(row);
    // The last four: one of each group at each of the first two hospitals.
    for (const [i, female] of [0, 1, 0, 1].entries()) sites[i < 2 ? 0 : 1]?.push({ days: 7, died: 1, female: female as 0 | 1 });
    return { sites, rows: sites.flat() };
  });

const isFemale = (female: boolean) => (row: Row) => row.female === (female ? 1 : 0);
/** Follow-up behind the horizon of 60 days ends there, without an event. */
const untilHorizon = (rows: readonly Row[]): readonly Row[] => rows.map((row) => (row.days > 60 ? { ...row, days: 61, died: 0 } : row));

test("federated equals pooled: curves, errors, numbers at risk and both log-rank tests, over random rows and splits", async () => {
  await fc.assert(
    fc.asyncProperty(scenario, async ({ sites, rows }) => {
      const tables = sites.map((own, i) => tableOf(own, `site-${i}`));
      const analysis = await run(study({ minimumCell: 0 }), tables);
      assert.equal(analysis.outcome, "estimated");
      assert.equal(analysis.n, rows.length);
      for (const female of [false, true]) assertCurve(group(analysis, female), untilHorizon(rows).filter(isFemale(female)));
      near(analysis.test?.chisq, logRankOf([untilHorizon(rows)]), "log-rank");
      const bySite = await run(study({ minimumCell: 0, more: ", strata: site" }), tables);
      near(bySite.test?.chisq, logRankOf(sites.map(untilHorizon)), "log-rank by site");
      assert.deepEqual({ ...bySite, test: undefined }, { ...analysis, test: undefined });
    }),
    { numRuns: 40 },
  );
});

test("with a minimum cell the curves are those of the times rounded up to the merged steps", async () => {
  let compared = 0;
  await fc.assert(
    fc.asyncProperty(scenario, async ({ sites, rows }) => {
      const analysis = await run(
        study({ minimumCell: 5 }),
        sites.map((own, i) => tableOf(own, `site-${i}`)),
      );
      if (analysis.outcome === "refused") return;
      compared++;
      for (const female of [false, true]) {
        const found = group(analysis, female);
        const ends = found.curve.map(({ time }) => time);
        const roundedUp = (row: Row): Row => ({ ...row, days: ends.find((end) => end >= row.days) ?? 61 });
        assertCurve(found, untilHorizon(rows).filter(isFemale(female)).map(roundedUp));
      }
    }),
    { numRuns: 40 },
  );
  assert.ok(compared > 20, `${compared} of 40 could be shown`);
});

/** Every number of patients that a reader can get as the difference of two that are told of a group. */
function differences(found: SurvivalGroup): readonly number[] {
  const told = [...found.curve, ...found.at, ...found.numbersAtRisk].map(({ atRisk }) => atRisk);
  const counts = [...new Set([found.n, 0, ...told])].sort((a, b) => a - b);
  const leavers = counts.slice(1).map((count, i) => count - (counts[i] ?? 0));
  const withEvent = found.curve.map(({ events }) => events);
  const others = found.curve.slice(0, -1).map(({ atRisk, events }, i) => atRisk - events - (found.curve[i + 1]?.atRisk ?? 0));
  const untold = found.events - withEvent.reduce((sum, count) => sum + count, 0);
  return [...leavers, ...withEvent, ...others, untold, found.n - found.events];
}

test("differencing neighbouring steps recovers no patient with a minimum cell of 5, and does with the gate off", async () => {
  let recovered = 0;
  await fc.assert(
    fc.asyncProperty(scenario, async ({ sites, rows }) => {
      const tables = sites.map((own, i) => tableOf(own, `site-${i}`));
      const guarded = await run(study({ minimumCell: 5 }), tables);
      for (const found of guarded.groups) for (const count of differences(found)) assert.ok(count === 0 || count >= 5, `${count} patients`);
      const open = await run(study({ minimumCell: 0 }), tables);
      for (const found of open.groups) {
        for (const step of found.curve.filter(({ events }) => events === 1)) {
          // The attacker names the day and the group of one patient who died; the rows say whether that is so.
          const matches = rows.filter(
            ({ days, died, female }) => days === step.time && died === 1 && (female === 1) === found.group["female"],
          );
          assert.equal(matches.length, 1);
          recovered++;
        }
      }
    }),
    { numRuns: 40 },
  );
  assert.ok(recovered > 100, `${recovered} patients recovered with the gate off`);
});

const many = (count: number, row: Row): readonly Row[] => Array.from({ length: count }, () => row);
const sound = [0, 1].flatMap((female) => [
  ...many(12, { days: 5, died: 1, female: female as 0 | 1 }),
  ...many(10, { days: 30, died: 0, female: female as 0 | 1 }),
]);

test("what cannot be estimated or shown is refused by name, with nothing told", async () => {
  const refusal = async (rows: readonly (readonly Row[])[], minimumCell = 0) => {
    const {
      refusal: found,
      n,
      groups,
      test: none,
    } = await run(
      study({ minimumCell }),
      rows.map((own, i) => tableOf(own, `site-${i}`)),
    );
    assert.deepEqual([n, groups, none], [0, [], undefined]);
    return found;
  };
  const men = sound.filter(({ female }) => female === 0);
  const unharmed = sound.map((row): Row => ({ ...row, died: 0 }));
  assert.deepEqual(await refusal([unharmed, unharmed, unharmed]), { code: "no-events", columns: ["died"] });
  assert.deepEqual(await refusal([[], [], []]), { code: "too-few-rows", columns: [] });
  assert.deepEqual(await refusal([sound, men, men]), { code: "group-at-one-site", columns: ["female = true"] });
  const oneWoman: readonly Row[] = [...men, { days: 5, died: 1, female: 1 }];
  assert.deepEqual(await refusal([oneWoman, oneWoman, men], 5), { code: "unsupported-group", columns: ["female = true"] });
  assert.deepEqual(await refusal([many(3, { days: 5, died: 1, female: 0 }), men.filter(({ died }) => died === 0), []], 5), {
    code: "too-few-events",
    columns: ["died"],
  });
});

test("a negative time and an event of another kind keep a hospital out, and its console says so without a value", () => {
  const part = kaplanMeierSite(study({ minimumCell: 0 }));
  const contribute = (table: AnalysisTable) => () => part.contribute({ phase: "counts" }, table);
  const isRefused = (code: string, column: string) => (error: unknown) =>
    error instanceof DureError && error.code === code && error.problems[0]?.place.column === column && !/-3/.test(error.message);
  assert.throws(contribute(tableOf([...sound, { days: -3, died: 1, female: 0 }], "a")), isRefused("federation/negative-time", "days"));
  const coded = { ...tableOf(sound, "b"), excluded: [{ reason: "died: not 0 or 1", rowCount: 2 }] };
  assert.throws(contribute(coded), isRefused("federation/event-not-boolean", "died"));
});

test("without groups there is one curve, and events behind the horizon are follow-up without one", async () => {
  const source = study({ minimumCell: 0 });
  assert.ok(source.analysis.kind === "kaplan-meier");
  const { test: _, ...analysis } = source.analysis;
  const alone = {
    ...source,
    analysis: { ...analysis, horizonDays: 20, at: [10] },
    data: { ...source.data, variables: source.data.variables.filter(({ role }) => role !== "group") },
  };
  const late: readonly Row[] = [...sound, ...many(4, { days: 25, died: 1, female: 0 })];
  const found = await run(alone, [tableOf(late, "a"), tableOf(late, "b"), tableOf(late, "c")]);
  assert.deepEqual([found.groups.length, found.n, found.events, found.groups[0]?.group], [1, 144, 72, {}]);
  assert.deepEqual([found.groups[0]?.followedDays, found.groups[0]?.at[0]?.survival, found.test], [20, 0.5, undefined]);
  const figures = await kaplanMeierFigures(alone, {
    site: "a",
    role: "training",
    table: tableOf(late, "a"),
    minimumCell: 0,
    result: null,
    releasedModels: () => new Map(),
  });
  assert.deepEqual(figures, { evaluation: { site: "a", role: "training", n: 48, events: 24, auc: {} }, localOnExternal: [] });
});

test("a combination of groups without a row has no curve and no figure in the test", async () => {
  const source = study({ minimumCell: 0 });
  const old = { name: "old", role: "group", type: "boolean" } as const;
  const four = { ...source, data: { ...source.data, variables: [...source.data.variables, old] } };
  // Old are some of the women only.
  const rows = sound.map((row, i) => ({ ...row, old: row.female === 1 && i % 2 === 0 ? 1 : 0 }));
  const table = (prefix: string) => {
    const { columns, ...rest } = tableOf(rows, prefix);
    return { ...rest, columns: new Map([...columns, ["old", Float64Array.from(rows, (row) => row.old)]]) };
  };
  for (const strata of [undefined, "site"] as const) {
    assert.ok(four.analysis.kind === "kaplan-meier");
    const document = { ...four, analysis: { ...four.analysis, ...(strata === undefined ? {} : { strata }) } };
    const found = await run(document, [table("a"), table("b"), table("c")]);
    assert.deepEqual(
      found.groups.map((shown) => shown.group),
      [
        { female: false, old: false },
        { female: true, old: false },
        { female: true, old: true },
      ],
    );
    assert.deepEqual([found.test?.df, found.test?.observed.length, found.test?.expected.length], [2, 3, 3]);
  }
});

test("two yes/no groups and the category of their four combinations give the same curves and the same test", async () => {
  const random = new SeededRandom(23);
  const hospitals = [0, 1, 2].map((site) => {
    const rows = Array.from({ length: 120 }, () => ({
      days: 1 + random.below(50),
      died: random.below(2),
      female: random.below(2),
      old: random.below(2),
    }));
    const column = (value: (row: (typeof rows)[number]) => number): Float64Array => Float64Array.from(rows, value);
    const columns = new Map([
      ["days", column(({ days }) => days)],
      ["died", column(({ died }) => died)],
      ["female", column(({ female }) => female)],
      ["old", column(({ old }) => old)],
      ["band", column(({ female, old }) => 2 * female + old)],
    ]);
    return testTable({ columns, keyPrefix: `${site}` });
  });
  const document = study({ minimumCell: 0 });
  const withGroups = (groups: StudyDocument["data"]["variables"]): StudyDocument => ({
    ...document,
    data: { ...document.data, variables: [...document.data.variables.filter(({ role }) => role !== "group"), ...groups] },
  });
  const boolean = (name: string) => ({ name, role: "group", type: "boolean" }) as const;
  const two = await run(withGroups([boolean("female"), boolean("old")]), hospitals);
  const levels = ["young man", "old man", "young woman", "old woman"];
  const one = await run(withGroups([{ name: "band", role: "group", type: "category", levels }]), hospitals);
  const plain = ({ groups, ...rest }: KaplanMeierAnalysis) => ({ ...rest, excluded: [], groups: groups.map(({ group: _, ...of }) => of) });
  assert.deepEqual(plain(one), plain(two));
  assert.equal(one.test?.df, 3);
  assert.deepEqual(
    one.groups.map(({ group }) => group["band"]),
    levels,
  );
});
