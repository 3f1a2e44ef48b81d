/**
 * Two studies whose `include` differs by one patient: the sums of one less those of the other are that patient's. Whatever the analysis, only
 * the hospital can stop it, by the row keys of the tables that left sums before (apps/site, compare-tables).
 */

import assert from "node:assert/strict";
import { test } from "node:test";
import { SeededRandom } from "@dure/kernel";
import { differencingCheck } from "@dure/privacy";
import { parseStudy, type StudyDocument, type Variable } from "@dure/study";
import { coxStudy } from "../site/cox/testing-cox.ts";
import { glmStudy } from "../site/glm/testing-glm.ts";
import { testStudy } from "../site/testing.ts";
import { treatmentStudy } from "../site/treatment-effect/testing-treatment.ts";
import { dealOut, openedVector, watchRun } from "./testing-attacks.ts";

const k = 5;
const patient = 120;

function patients() {
  const random = new SeededRandom(4);
  return Array.from({ length: 300 }, () => ({
    age: Math.round(60 + 9 * random.normal()),
    marker: random.normal(),
    y: random.below(2),
    days: 1 + random.below(380),
    event: Number(random.uniform() < 0.6),
    cause: random.below(3),
    treated: random.below(2),
  }));
}

const names = ["age", "marker"];
const features: readonly Variable[] = names.map((name) => ({ name, role: "feature", type: "number" }));

const written = (variables: string, analysis: string): StudyDocument =>
  parseStudy(`dure: 1
id: nested
title: Nested
purpose: statistics
data:
  table: invented
  variables:
${variables}
analysis: ${analysis}
privacy: { secureSum: { minimumSites: 3 }, minimumCell: 0 }
`);

const followed = "    days: { role: time, type: number }\n    event: { role: event, type: boolean }";
const byCause = "    days: { role: time, type: number }\n    cause: { role: event, type: category, levels: [0, 1, 2] }";
const described = "    age: { role: feature, type: number }\n    marker: { role: feature, type: number }";

type Read = "age" | "days";

/** The vector that tells, and what its difference is: the age of the patient, or a 1 on the day. */
const kinds: readonly (readonly [kind: string, study: StudyDocument, vector: string, tells: Read])[] = [
  ["logistic-regression", testStudy({ outcome: "y", features: names }), "sums", "age"],
  ["generalised-linear-model", glmStudy({ analysis: { family: "logistic" }, outcome: "y", features }), "sums", "age"],
  ["cox by strata", coxStudy(names), "sums", "age"],
  ["cox on a grid", coxStudy(names, { grid: { timeBinDays: 30, horizonDays: 360 } }), "sums", "age"],
  ["treatment-effect", treatmentStudy({ outcome: { name: "y", type: "boolean" }, features }), "sums", "age"],
  ["describe", written(described, "{ kind: describe }"), "sums", "age"],
  ["incidence-rates", written(followed, "{ kind: incidence-rates, per: 1000, timeUnitDays: 365 }"), "personTime", "days"],
  ["kaplan-meier", written(followed, "{ kind: kaplan-meier, horizonDays: 400, at: [200] }"), "eventsByDay+censoredByDay", "days"],
  [
    "cumulative-incidence",
    written(byCause, "{ kind: cumulative-incidence, horizonDays: 400, at: [200] }"),
    "causesByDay+censoredByDay",
    "days",
  ],
];

for (const [kind, study, vectors, tells] of kinds) {
  test(`${kind}: a second cohort without one patient gives the patient away with the gate off, and is refused with it on`, async () => {
    const rows = patients();
    const [whole, nested] = [dealOut(rows), dealOut(rows)];
    // The hospital's rows are dealt in turn: the patient is one of the first hospital's.
    const own = nested[0] ?? assert.fail("a hospital");
    const kept = own.rowKeys.map((_, i) => i).filter((i) => i !== patient / 3);
    const columns = new Map([...own.columns].map(([name, values]) => [name, Float64Array.from(kept, (i) => values[i] ?? Number.NaN)]));
    const rowKeys = kept.map((i) => own.rowKeys[i] ?? "");
    const without = { ...own, rowKeys, rowCount: kept.length, columns, heldOut: new Uint8Array(kept.length) };
    const [first, second] = [await watchRun(study, whole), await watchRun(study, [without, ...nested.slice(1)])];
    const difference = vectors.split("+").map((name) => {
      const [all, less] = [openedVector(first, name), openedVector(second, name)];
      return Array.from(all ?? assert.fail(`no ${name} was opened`), (value, i) => value - (less?.[i] ?? Number.NaN));
    });
    assert.equal(Math.round(readPatient(difference, tells)), rows[patient]?.[tells]);
    const before = [own.rowKeys];
    assert.equal(differencingCheck(rowKeys, before, 0).kind, "accepted");
    assert.equal(differencingCheck(rowKeys, before, k).kind, "refused");
    assert.equal(differencingCheck(rowKeys.slice(k - 1), before, k).kind, "accepted", "k patients");
  });
}

function readPatient([first = [], ...others]: readonly (readonly number[])[], tells: Read): number {
  if (tells === "age" || others.length === 0) return first[0] ?? Number.NaN;
  // One vector a day, or a day of every cause: a 1 stands on the patient's.
  const days = (others[0] ?? []).length;
  const place = [first, ...others].map((counts) => counts.indexOf(1)).find((found) => found >= 0) ?? Number.NaN;
  return place % days;
}
