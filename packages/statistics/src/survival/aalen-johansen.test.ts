import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { sha256 } from "@dure/kernel";
import { aalenJohansen, type CompetingRiskSets, incidenceAt } from "./aalen-johansen.ts";
import { kaplanMeier } from "./kaplan-meier.ts";
import { competingRisksCsv, generateCompetingRisks } from "./testing-competing-risks.ts";

const known = JSON.parse(readFileSync(new URL("../../known-answers/generated-competing-risks.json", import.meta.url), "utf8"));
const generated = generateCompetingRisks();
const column = (name: string): Float64Array => generated.columns.get(name) ?? new Float64Array();

const near = (actual: number | undefined, expected: number | null, what: string): void => {
  const wanted = expected ?? Number.NaN;
  assert.ok(
    actual !== undefined && Math.abs(actual - wanted) <= 1e-10 * Math.max(Math.abs(wanted), 1e-3),
    `${what}: ${actual} against ${wanted}`,
  );
};

function setsOf(stage: number, binWidthDays: number): CompetingRiskSets {
  const rows = [...column("stage").keys()].filter((i) => column("stage")[i] === stage);
  const dayOf = (i: number): number => Math.ceil((column("time")[i] ?? 0) / binWidthDays) * binWidthDays;
  const timesDays = [...new Set(rows.map(dayOf))].sort((a, b) => a - b);
  const count = (holds: (i: number, day: number) => boolean): readonly number[] =>
    timesDays.map((day) => rows.filter((i) => holds(i, day)).length);
  return {
    timesDays,
    atRisk: count((i, day) => dayOf(i) >= day),
    events: [1, 2].map((cause) => count((i, day) => dayOf(i) === day && column("cause")[i] === cause)),
  };
}

test("the generated rows are those that R saw", () => assert.equal(sha256(competingRisksCsv()), known.csvSha256));

for (const [name, binWidthDays] of [
  ["days", 1],
  ["thirtyDays", 30],
] as const) {
  test(`Aalen-Johansen curves, errors and intervals of two causes match R's survfit on three stages, ${name}`, () => {
    for (const stage of [0, 1, 2]) {
      const answer: Record<string, readonly (number | null)[]> = known[name][stage];
      for (const interval of ["log", "log-log", "plain"] as const) {
        const curves = aalenJohansen(setsOf(stage, binWidthDays), interval);
        for (const [i, time] of (known.at as readonly number[]).entries()) {
          for (const [c, steps] of curves.entries()) {
            const found = incidenceAt(steps, time);
            const what = `cause ${c + 1} of stage ${stage} at ${time}`;
            near(found.incidence, answer[`incidence${c + 1}`]?.[i] ?? null, what);
            if (found.incidence === 0) continue;
            near(found.standardError, answer[`standardError${c + 1}`]?.[i] ?? null, `SE, ${what}`);
            near(found.ci95?.[0], answer[`lower${c + 1} ${interval}`]?.[i] ?? null, `lower ${interval}, ${what}`);
            near(found.ci95?.[1], answer[`upper${c + 1} ${interval}`]?.[i] ?? null, `upper ${interval}, ${what}`);
          }
        }
      }
    }
  });
}

test("with one cause it is one less Kaplan-Meier, with Greenwood's error; with several they add up to all", () => {
  const { timesDays, atRisk, events } = setsOf(1, 30);
  const all = timesDays.length > 0 ? Array.from(timesDays, (_, i) => (events[0]?.[i] ?? 0) + (events[1]?.[i] ?? 0)) : [];
  const { steps } = kaplanMeier({ timesDays, atRisk, events: all }, { interval: "plain", lastTimeDays: 720 });
  const [one = []] = aalenJohansen({ timesDays, atRisk, events: [all] }, "plain");
  const [first = [], second = []] = aalenJohansen({ timesDays, atRisk, events }, "plain");
  for (const [i, step] of steps.entries()) {
    near(one[i]?.incidence, 1 - step.survival, `incidence of step ${i}`);
    near(one[i]?.standardError, step.standardError ?? null, `SE of step ${i}`);
    near((first[i]?.incidence ?? 0) + (second[i]?.incidence ?? 0), 1 - step.survival, `sum of step ${i}`);
  }
  assert.ok(steps.length > 10);
});

test("where everybody has had an event the curves stay, and before the first they are 0", () => {
  const [one = [], two = []] = aalenJohansen(
    {
      timesDays: [3, 7],
      atRisk: [4, 2],
      events: [
        [1, 0],
        [1, 2],
      ],
    },
    "log",
  );
  assert.deepEqual([one.at(-1)?.incidence, two.at(-1)?.incidence], [0.25, 0.75]);
  assert.ok((two.at(-1)?.standardError ?? 0) > 0.2);
  assert.deepEqual(incidenceAt(one, 2), { incidence: 0 });
});

test("risk sets that cannot be are refused by their place", () => {
  assert.throws(() => aalenJohansen({ timesDays: [3, 3], atRisk: [4, 3], events: [[1, 1]] }, "log"), /position 1/);
  assert.throws(() => aalenJohansen({ timesDays: [3], atRisk: [1], events: [[1], [1]] }, "log"), /position 0/);
});
