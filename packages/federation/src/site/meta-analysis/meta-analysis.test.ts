import assert from "node:assert/strict";
import { test } from "node:test";
import { absorbTau, beginTau, type SiteEstimate, type TauState, weightedFigures, weightedSums } from "@dure/statistics";
import fc from "fast-check";
import { metaAnalysisDesign, ownStudy } from "../../coordinator/meta-analysis/design.ts";
import type { MetaAnalysis } from "../../meta-analysis-result.ts";
import { runAlone } from "../run-alone.ts";
import { pickRows, testTable } from "../testing.ts";
import { metaAnalysisFigures } from "./meta-analysis.ts";
import { fitOwn } from "./own-fit.ts";
import { hospitalTable, type MetaStudyOptions, metaStudy, runMeta } from "./testing-meta-analysis.ts";

const features = ["a", "c"];

async function pooled(options: MetaStudyOptions, tables: Parameters<typeof runMeta>[1]): Promise<MetaAnalysis> {
  const { end } = await runMeta(metaStudy(features, options), tables);
  assert.ok(end.kind === "done", `the meta-analysis was pooled: ${JSON.stringify(end)}`);
  return end.result.analysis;
}

async function refused(options: MetaStudyOptions, tables: Parameters<typeof runMeta>[1]) {
  const { end } = await runMeta(metaStudy(features, options), tables);
  assert.ok(end.kind === "refused", "the meta-analysis was refused");
  return end.refusal;
}

/** Where all estimates lie together, in their own units and without rounds. */
function inOnePlace(sites: readonly SiteEstimate[]) {
  const sumsAt = (tauSquared: number, centre: number): number[] =>
    sites
      .map((site) => weightedSums(site, { tauSquared, centre }))
      .reduce<number[]>((total, part) => part.map((value, i) => value + (total[i] ?? 0)), []);
  const centre = weightedFigures(sumsAt(0, 0)).shift;
  const atZero = sumsAt(0, centre);
  let state: TauState = beginTau(atZero, sites.length);
  while (state.kind === "running") state = absorbTau(state, sumsAt(state.trial, centre), atZero);
  assert.ok(state.kind === "settled");
  const { shift, standardError } = weightedFigures(state.sums);
  return { estimate: centre + shift, standardError, tauSquared: state.tauSquared };
}

test("equals the random-effects REML meta-analysis of the hospitals' own fits, whatever their number, order and differences", async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.constantFrom("logistic" as const, "cox" as const),
      fc.array(
        fc.record({
          seed: fc.nat(100_000),
          rowCount: fc.integer({ min: 120, max: 400 }),
          shift: fc.double({ min: -0.5, max: 0.5, noNaN: true }),
        }),
        {
          minLength: 3,
          maxLength: 7,
        },
      ),
      async (model, hospitals) => {
        const study = metaStudy(features, { model });
        const design = metaAnalysisDesign(study);
        const tables = hospitals.map(hospitalTable);
        const fits = await Promise.all(tables.map((table) => fitOwn(design, study, table)));
        const estimates = fits.flatMap((fit) => (fit.kind === "fitted" ? [fit.estimates] : []));
        fc.pre(estimates.length >= 3);
        for (const order of [tables, tables.toReversed()]) {
          const { terms, hospitals: counted } = await pooled({ model }, order);
          assert.equal(counted.fitted, estimates.length);
          for (const [j, term] of terms.entries()) {
            const expected = inOnePlace(estimates.map((of) => of[j] ?? { estimate: 0, standardError: 1 }));
            assert.ok(Math.abs(term.estimate - expected.estimate) <= 1e-9 * expected.standardError, `${term.name}: ${term.estimate}`);
            assert.ok(Math.abs(term.standardError - expected.standardError) <= 1e-9 * expected.standardError, `SE of ${term.name}`);
            const scale = expected.tauSquared + expected.standardError ** 2;
            assert.ok(Math.abs((term.random?.tauSquared ?? Number.NaN) - expected.tauSquared) <= 1e-8 * scale, `τ² of ${term.name}`);
          }
        }
      },
    ),
    { numRuns: 12 },
  );
});

test("a hospital's own fit is its fit of the study's model, whatever the other hospitals have", async () => {
  const study = metaStudy(features, { model: "logistic" });
  const table = hospitalTable({ seed: 3, rowCount: 300 });
  const fit = await fitOwn(metaAnalysisDesign(study), study, table);
  const alone = await runAlone(ownStudy(study), table);
  assert.ok(fit.kind === "fitted" && alone.kind === "done" && alone.result.analysis.kind === "logistic-regression");
  assert.deepEqual(
    fit.estimates,
    alone.result.analysis.terms.map(({ estimate, standardError }) => ({ estimate, standardError })),
  );
});

test("fixed effects take no search of τ², and random effects say Q, I², H², Hartung-Knapp and the prediction interval", async () => {
  const tables = [1, 2, 3, 4].map((seed) => hospitalTable({ seed, rowCount: 300, shift: 0.4 * Math.sin(seed) }));
  const fixed = await pooled({ effects: "fixed" }, tables);
  assert.equal(fixed.iterations, 0);
  assert.equal(fixed.tauSquaredEstimator, undefined);
  assert.ok(fixed.terms.every((term) => term.random === undefined && term.estimate === term.fixed.estimate));
  const random = await pooled({ effects: "random" }, tables);
  assert.equal(random.reason, "not online for a whole fit");
  for (const [j, term] of random.terms.entries()) {
    assert.equal(term.fixed.estimate, fixed.terms[j]?.fixed.estimate);
    assert.ok(term.random?.hartungKnapp !== undefined && term.random.prediction !== undefined && term.heterogeneity?.q.df === 3);
  }
});

test("hospitals without a fit of their own are counted by reason, and their rows are in no figure", async () => {
  const good = [1, 2, 3].map((seed) => hospitalTable({ seed, rowCount: 200 }));
  const few = hospitalTable({ seed: 4, rowCount: 8 });
  const split = hospitalTable({ seed: 5, rowCount: 200 });
  const separated = testTable({
    columns: new Map([...split.columns, ["c", split.columns.get("y") ?? new Float64Array()]]),
    keyPrefix: "x",
  });
  const constant = testTable({ columns: new Map([...split.columns, ["a", new Float64Array(200).fill(7)]]), keyPrefix: "z" });
  const analysis = await pooled({ minimumCell: 5 }, [...good, few, separated, constant]);
  assert.deepEqual(analysis.hospitals, {
    fitted: 3,
    left: [
      { reason: "too-few-rows", hospitals: 1 },
      { reason: "constant-column", hospitals: 1 },
      { reason: "separated", hospitals: 1 },
    ],
  });
  assert.deepEqual({ ...analysis, hospitals: undefined }, { ...(await pooled({ minimumCell: 5 }, good)), hospitals: undefined });
});

test("fewer fits than a secure sum takes are refused before anything of a coefficient is summed, with the reasons", async () => {
  const two = [1, 2].map((seed) => hospitalTable({ seed, rowCount: 200 }));
  const none = hospitalTable({ seed: 3, rowCount: 200 });
  const oneClass = testTable({ columns: new Map([...none.columns, ["y", new Float64Array(200)]]), keyPrefix: "n" });
  for (const minimumCell of [0, 5]) {
    const { end, states } = await runMeta(metaStudy(features, { minimumCell }), [...two, oneClass]);
    assert.ok(end.kind === "refused");
    assert.deepEqual(end.refusal, { code: "too-few-hospitals", columns: [minimumCell === 0 ? "one-class: 1" : "no-events: 1"] });
    assert.equal(states.length, 1);
  }
});

test("a level of fewer patients than the minimum cell at a hospital keeps its fit out, and with all fits the study ends", async () => {
  const tables = [1, 2, 3].map((seed) => {
    const { columns } = hospitalTable({ seed, rowCount: 200 });
    const y = columns.get("y") ?? new Float64Array();
    const [zero, one] = [y.indexOf(0), y.indexOf(1)];
    // One patient with the level in each class: an estimate exists, of one against one.
    return testTable({ columns: new Map([...columns, ["c", y.map((_, i) => (i === zero || i === one ? 1 : 0))]]), keyPrefix: `h${seed}` });
  });
  assert.deepEqual(await refused({ minimumCell: 5 }, tables), { code: "too-few-hospitals", columns: ["unsupported-column: 3"] });
  assert.equal((await pooled({ minimumCell: 0 }, tables)).outcome, "pooled");
});

test("a hospital shows its counts in its own name and no coefficient", async () => {
  const table = hospitalTable({ seed: 1, rowCount: 50 });
  const request = { site: "a", role: "training" as const, table, minimumCell: 5, result: null, releasedModels: () => new Map() };
  const figures = await metaAnalysisFigures(metaStudy(features), request);
  const events = table.columns.get("y")?.reduce((total, y) => total + y, 0);
  assert.deepEqual(figures, { evaluation: { site: "a", role: "training", n: 50, events, auc: {} }, localOnExternal: [] });
  const empty = testTable({ columns: pickRows(table.columns, []) });
  assert.equal(await metaAnalysisFigures(metaStudy(features), { ...request, table: empty }), undefined);
});
