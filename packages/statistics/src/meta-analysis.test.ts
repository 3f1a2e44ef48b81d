import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { twoSidedP } from "@dure/numerics";
import fc from "fast-check";
import { absorbTau, beginTau, heterogeneityOf, type SiteEstimate, type TauState, weightedFigures, weightedSums } from "./meta-analysis.ts";
import { hartungKnapp, predictionInterval } from "./meta-analysis-intervals.ts";

interface KnownSet {
  readonly estimates: readonly number[];
  readonly standardErrors: readonly number[];
  readonly fixed: readonly number[];
  readonly fixedHeterogeneity: readonly number[];
  readonly random: readonly number[];
  readonly tauSquared: number;
  readonly tauSquaredError: number;
  readonly heterogeneity: readonly number[];
  readonly hartungKnapp: readonly number[];
  readonly prediction: readonly number[];
}

const known = JSON.parse(readFileSync(new URL("../known-answers/meta-analysis.json", import.meta.url), "utf8")) as {
  readonly sets: Readonly<Record<string, KnownSet>>;
};

const sumsOver = (sites: readonly SiteEstimate[], tauSquared: number, centre: number): number[] =>
  sites
    .map((site) => weightedSums(site, { tauSquared, centre }))
    .reduce<number[]>((total, part) => part.map((value, i) => value + (total[i] ?? 0)), []);

/** The whole analysis where the estimates lie together. */
function analyse(sites: readonly SiteEstimate[]) {
  const centre = weightedFigures(sumsOver(sites, 0, 0)).shift;
  const atZero = sumsOver(sites, 0, centre);
  let state: TauState = beginTau(atZero, sites.length);
  let rounds = 0;
  while (state.kind === "running") {
    rounds++;
    state = absorbTau(state, sumsOver(sites, state.trial, centre), atZero);
  }
  assert.ok(state.kind === "settled");
  const figures = weightedFigures(state.sums);
  return { centre, atZero, tauSquared: state.tauSquared, figures, estimate: centre + figures.shift, rounds };
}

const sitesOf = ({ estimates, standardErrors }: KnownSet): readonly SiteEstimate[] =>
  estimates.map((estimate, i) => ({ estimate, standardError: standardErrors[i] ?? Number.NaN }));

function near(actual: number | undefined, expected: number | undefined, scale: number, what: string): void {
  const distance = Math.abs((actual ?? Number.NaN) - (expected ?? Number.NaN));
  assert.ok(distance <= 1e-8 * Math.abs(scale), `${what}: ${actual} against ${expected}`);
}

const relative = (actual: number | undefined, expected: number | undefined, what: string): void =>
  near(actual, expected, expected ?? 0, what);

for (const [name, set] of Object.entries(known.sets)) {
  test(`fixed and random effects with τ² by REML match metafor::rma: ${name}`, () => {
    const sites = sitesOf(set);
    const found = analyse(sites);
    const zero = weightedFigures(found.atZero);
    near(found.centre, set.fixed[0], Math.max(Math.abs(set.fixed[0] ?? 0), set.fixed[1] ?? 0), "fixed effect");
    relative(zero.standardError, set.fixed[1], "SE of the fixed effect");
    const { standardError } = found.figures;
    near(found.estimate, set.random[0], Math.max(Math.abs(found.estimate), standardError), "random effect");
    relative(standardError, set.random[1], "SE of the random effect");
    relative(twoSidedP(found.estimate / standardError), set.random[3], "p");
    const typical = 1 / (zero.weight / sites.length);
    near(found.tauSquared, set.tauSquared, set.tauSquared + typical, "τ²");
    relative(Math.sqrt(1 / found.figures.expectedInformation), set.tauSquaredError, "SE of τ²");
    assert.ok(found.rounds <= 8, `${found.rounds} rounds`);
  });

  test(`Q, I², H², Hartung-Knapp and the prediction interval match metafor and Higgins et al.: ${name}`, () => {
    const sites = sitesOf(set);
    const { atZero, tauSquared, figures, estimate } = analyse(sites);
    for (const [expected, tau] of [
      [set.heterogeneity, tauSquared],
      [set.fixedHeterogeneity, undefined],
    ] as const) {
      const found = heterogeneityOf(atZero, sites.length, tau);
      relative(found?.q.statistic, expected[0], "Q");
      relative(found?.q.p, expected[1], "p of Q");
      near(found?.iSquared, expected[2], 1, "I²");
      relative(found?.hSquared, expected[3], "H²");
    }
    const knapp = hartungKnapp(estimate, figures, sites.length);
    relative(knapp?.standardError, set.hartungKnapp[0], "SE of Hartung and Knapp");
    relative(knapp?.t, set.hartungKnapp[1], "t");
    relative(knapp?.p, set.hartungKnapp[2], "p of t");
    for (const end of [0, 1] as const) near(knapp?.ci95[end], set.hartungKnapp[3 + end], estimate, "interval of Hartung and Knapp");
    const prediction = predictionInterval(estimate, { standardError: figures.standardError, tauSquared }, sites.length);
    for (const end of [0, 1] as const) near(prediction?.[end], set.prediction[end], estimate, "prediction interval");
  });
}

/** Thousandths: what shrinks to 1e-300 says nothing about hospitals. */
const thousandths = (least: number, most: number) => fc.integer({ min: least, max: most }).map((value) => value / 1000);
const sites = fc.array(fc.record({ estimate: thousandths(-5000, 5000), standardError: thousandths(50, 3000) }), {
  minLength: 2,
  maxLength: 20,
});

/** Twice the restricted log-likelihood, written out from the normal model. */
function restrictedLikelihood(of: readonly SiteEstimate[], tauSquared: number): number {
  const weights = of.map(({ standardError }) => 1 / (standardError ** 2 + tauSquared));
  const total = weights.reduce((sum, weight) => sum + weight, 0);
  const mean = of.reduce((sum, { estimate }, i) => sum + estimate * (weights[i] ?? 0), 0) / total;
  return of.reduce(
    (sum, { estimate }, i) => sum + Math.log(weights[i] ?? 0) - (weights[i] ?? 0) * (estimate - mean) ** 2,
    -Math.log(total),
  );
}

test("τ² is a maximum of the restricted likelihood, found in a few rounds", () => {
  const taken: number[] = [];
  fc.assert(
    fc.property(sites, (of) => {
      const { tauSquared, rounds } = analyse(of);
      const here = restrictedLikelihood(of, tauSquared);
      const step = 1e-3 * (tauSquared + 0.05);
      for (const other of [tauSquared + step, Math.max(0, tauSquared - step)])
        assert.ok(restrictedLikelihood(of, other) <= here + 1e-12 * Math.abs(here), `${other} is likelier than ${tauSquared}`);
      taken.push(rounds);
    }),
    { numRuns: 300 },
  );
  const mean = taken.reduce((total, rounds) => total + rounds, 0) / taken.length;
  assert.ok(mean < 8, `${mean} rounds on average, of hospitals that differ as no real ones do`);
});

test("the score is the slope of the restricted likelihood, and the observed information its curvature", () => {
  fc.assert(
    fc.property(sites, fc.double({ min: 0.1, max: 5, noNaN: true }), (of, tauSquared) => {
      const h = 1e-4 * tauSquared;
      const [below, here, above] = [-h, 0, h].map((shift) => restrictedLikelihood(of, tauSquared + shift) / 2);
      const { score, observedInformation, expectedInformation } = weightedFigures(sumsOver(of, tauSquared, 0.3));
      const scale = of.length / tauSquared + Math.abs(score);
      assert.ok(Math.abs(((above ?? 0) - (below ?? 0)) / (2 * h) - score) <= 1e-6 * scale, "score");
      const curvature = (2 * (here ?? 0) - (above ?? 0) - (below ?? 0)) / (h * h);
      const bend = Math.abs(observedInformation) + expectedInformation + of.length / tauSquared ** 2;
      assert.ok(Math.abs(curvature - observedInformation) <= 1e-3 * bend, `${curvature} against ${observedInformation}`);
    }),
    { numRuns: 100 },
  );
});

test("one hospital alone has no heterogeneity, and two have no prediction interval", () => {
  const one = [{ estimate: 0.4, standardError: 0.1 }];
  const { tauSquared, estimate, figures, atZero } = analyse(one);
  assert.equal(tauSquared, 0);
  assert.equal(heterogeneityOf(atZero, 1, 0), undefined);
  assert.equal(hartungKnapp(estimate, figures, 1), undefined);
  assert.equal(predictionInterval(estimate, { standardError: 0.1, tauSquared }, 2), undefined);
});
