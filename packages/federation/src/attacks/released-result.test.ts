/** What a reader of result.json can subtract: figures of all hospitals less those of the hospitals that show theirs. */

import assert from "node:assert/strict";
import { test } from "node:test";
import { hashJson, type JsonValue, SeededRandom } from "@dure/kernel";
import { type GateAnswer, gateRelease } from "@dure/privacy";
import type { AnalysisTable } from "@dure/records";
import { parseStudy, type StudyDocument } from "@dure/study";
import { composeResult } from "../coordinator/compose-result.ts";
import type { AnalysisResult, PooledAuc, RunSummary, SiteEvaluation, StudyResult } from "../result.ts";
import { siteFiguresFor } from "../site/registry.ts";
import { testStudy, testTable } from "../site/testing.ts";
import { watchRun } from "./testing-attacks.ts";

const run: RunSummary = { rounds: 1, seconds: 1, sites: 4, threshold: 3, collusion: 1, bytesUp: 1, bytesDown: 1, absent: [] };

/** Four hospitals of which the last has three deaths, and so shows nothing of itself. */
function hospitals(): readonly AnalysisTable[] {
  const random = new SeededRandom(3);
  return [40, 34, 28, 3].map((deaths, site) => {
    const columns = new Map([
      ["days", Float64Array.from({ length: 90 }, () => 1 + random.below(400))],
      ["died", Float64Array.from({ length: 90 }, (_, row) => (row < deaths ? 1 : 0))],
      ["cause", Float64Array.from({ length: 90 }, (_, row) => (row < deaths ? 1 : 0))],
    ]);
    return testTable({ columns, keyPrefix: `site-${site}` });
  });
}

const kinds: Readonly<Record<string, string>> = {
  "kaplan-meier": `
    died: { role: event, type: boolean }
analysis: { kind: kaplan-meier, horizonDays: 400, timeBinDays: 100, at: [200] }`,
  "incidence-rates": `
    died: { role: event, type: boolean }
analysis: { kind: incidence-rates, per: 1000, timeUnitDays: 365 }`,
  "cumulative-incidence": `
    cause: { role: event, type: category, levels: [0, 1] }
analysis: { kind: cumulative-incidence, horizonDays: 400, timeBinDays: 100, at: [200] }`,
};

const studyOf = (kind: string, minimumCell: number): StudyDocument =>
  parseStudy(`dure: 1
id: subtraction
title: Subtraction
purpose: statistics
data:
  table: invented
  variables:
    days: { role: time, type: number }${kinds[kind]}
privacy: { secureSum: { minimumSites: 3 }, minimumCell: ${minimumCell} }
`);

/** As each hospital's gate lets it through. */
async function released(
  study: StudyDocument,
  tables: readonly AnalysisTable[],
  result: AnalysisResult,
): Promise<readonly SiteEvaluation[]> {
  const { minimumCell } = study.privacy;
  const answers = tables.map(async (table, i): Promise<SiteEvaluation | undefined> => {
    const request = { table, site: `hospital-${i}`, role: "training" as const, minimumCell };
    const known = result as unknown as JsonValue;
    const figures = await siteFiguresFor(study)(study, { ...request, result: known, releasedModels: () => new Map() });
    if (figures === undefined) return undefined;
    const { n, events } = figures.evaluation;
    const cells = [n, events, ...(n > events ? [n - events] : [])];
    const answer: GateAnswer<JsonValue> = gateRelease({ release: "headline", granted: ["headline"], value: null, cells, minimumCell });
    return answer.kind === "released" ? figures.evaluation : undefined;
  });
  return (await Promise.all(answers)).flatMap((evaluation) => evaluation ?? []);
}

const composed = (study: StudyDocument, result: AnalysisResult, evaluations: readonly SiteEvaluation[]): StudyResult =>
  composeResult({
    study: { document: study, canonical: { id: study.id }, hash: hashJson({ id: study.id }) },
    end: { kind: "done", result },
    figures: evaluations.map((evaluation) => ({ evaluation, localOnExternal: [] })),
    run,
  });

/** The attack: whoever is not shown, all together. */
function subtract({ analysis, sites }: { readonly analysis: AnalysisResult["analysis"]; readonly sites: readonly SiteEvaluation[] }) {
  const shown = sites.reduce((sum, { events }) => sum + events, 0);
  return { hidden: 4 - sites.length, events: (analysis.events ?? Number.NaN) - shown };
}

for (const kind of Object.keys(kinds)) {
  test(`${kind}: the deaths of the one hospital that shows none are those of all less the others', so another's are hidden with them`, async () => {
    const tables = hospitals();
    const strict = studyOf(kind, 5);
    const { end } = await watchRun(strict, tables);
    assert.ok(end.kind === "done");
    const result = end.result as unknown as AnalysisResult;
    const evaluations = await released(strict, tables, result);
    assert.equal(evaluations.length, 3, "its own gate keeps the hospital with three deaths back");
    const { analysis } = result;
    assert.deepEqual(
      subtract({ analysis, sites: evaluations }),
      { hidden: 1, events: 3 },
      "what the hidden hospital would have been found to have",
    );
    const guarded = composed(strict, result, evaluations);
    assert.deepEqual(subtract({ analysis, sites: guarded.evaluation.sites }), { hidden: 2, events: 31 }, "two hospitals together");
    const open = studyOf(kind, 0);
    const ofOpen = composed(open, result, await released(open, tables, result));
    assert.equal(ofOpen.evaluation.sites.find(({ site }) => site === "hospital-3")?.events, 3, "public data");
  });
}

test("pooled subgroups are left out where the others' would leave few of one hospital, and stay where nobody is left", () => {
  const study = testStudy({ outcome: "y", features: ["x"] }, { minimumCell: 5 });
  const level = (n: number, events: number) => ({ variable: "sex", n, events, auc: 0.7, decisions: [] });
  const pooled: PooledAuc = {
    auc: 0.7,
    aucBound: 0.001,
    outOfFold: {
      ...{ n: 300, events: 100, auc: 0.7, aucBound: 0.001, averagePrecision: 0.5, brier: 0.2, scaledBrier: 0.1, decisions: [] },
      subgroups: [
        { ...level(150, 43), level: "no", aucBound: 0.001 },
        { ...level(150, 57), level: "yes", aucBound: 0.001 },
      ],
    },
  };
  const site = (name: string, events: number | undefined): SiteEvaluation => ({
    ...{ site: name, role: "training", n: 100, events: 30, auc: {} },
    ...(events === undefined
      ? {}
      : {
          subgroups: [
            { ...level(50, events), level: "no", brier: 0.2, observedToExpected: 1 },
            { ...level(50, 30 - events), level: "yes", brier: 0.2, observedToExpected: 1 },
          ],
        }),
  });
  const analysis = { kind: "logistic-regression", n: 300, events: 100 } as unknown as AnalysisResult["analysis"];
  const subgroups = (sites: readonly SiteEvaluation[]) =>
    composed(study, { analysis, pooled }, sites).evaluation.pooled?.outOfFold?.subgroups;
  assert.equal(subgroups([site("a", 20), site("b", 20), site("c", undefined)]), undefined, "43 − 40 = 3 of the third hospital");
  assert.equal(subgroups([site("a", 15), site("b", 15), site("c", undefined)])?.length, 2, "13 and 27 of it");
  assert.equal(subgroups([site("a", undefined), site("b", undefined), site("c", undefined)])?.length, 2);
});
