/** Compares a result with a file of shared/known-answers, within the tolerances that the file itself states. */

import assert from "node:assert/strict";
import type { StudyResult } from "@dure/federation/coordinator";

export interface BreastRecurrenceAnswer {
  readonly training: readonly string[];
  readonly external: readonly string[];
  readonly n_train: Readonly<Record<string, number>>;
  readonly events_train: Readonly<Record<string, number>>;
  readonly n_external: number;
  readonly events_external: number;
  readonly coef: Readonly<Record<string, number>>;
  readonly se: Readonly<Record<string, number>>;
  readonly auc_apparent: number;
  readonly auc_external: number;
  readonly auc_external_se: number;
  readonly local_auc_external: Readonly<Record<string, number>>;
  readonly pooled_minus_local_paired_delong: Readonly<Record<string, { readonly diff: number; readonly se: number; readonly p: number }>>;
}

const near = (actual: number | undefined, expected: number, tolerance: number, what: string): void => {
  assert.ok(
    actual !== undefined && Math.abs(actual - expected) <= tolerance,
    `${what}: found ${actual}, expected ${expected} ± ${tolerance}`,
  );
};

/** @param siteOf the result's name of a hospital that the answer names */
export function assertBreastRecurrence(
  result: StudyResult,
  known: BreastRecurrenceAnswer,
  siteOf: (name: string) => string = (name) => name,
): void {
  const { analysis } = result;
  assert.ok(analysis.kind === "logistic-regression");
  for (const [name, coefficient] of Object.entries(known.coef)) {
    const term = analysis.terms.find((found) => found.name.toLowerCase() === name.toLowerCase());
    const se = known.se[name] ?? Number.NaN;
    near(term?.estimate, coefficient, 1e-8 * Math.max(Math.abs(coefficient), se), `coefficient of ${name}`);
    near(term?.standardError, se, 1e-8 * se, `standard error of ${name}`);
  }
  const site = (name: string) => result.evaluation.sites.find((found) => found.site === siteOf(name));
  for (const name of known.training) {
    assert.equal(site(name)?.n, known.n_train[name]);
    assert.equal(site(name)?.events, known.events_train[name]);
  }
  for (const name of known.external) {
    assert.equal(site(name)?.n, known.n_external);
    assert.equal(site(name)?.events, known.events_external);
    near(site(name)?.auc.federated, known.auc_external, 1e-9, "external AUC");
    near(site(name)?.auc.federatedSe, known.auc_external_se, 1e-9, "SE of the external AUC");
  }
  for (const [name, auc] of Object.entries(known.local_auc_external)) {
    const local = result.evaluation.localOnExternal.find((found) => found.model === siteOf(name));
    const difference = known.pooled_minus_local_paired_delong[name];
    near(local?.auc, auc, 1e-9, `AUC of ${name}'s own model`);
    near(local?.difference.estimate, difference?.diff ?? Number.NaN, 1e-9, `difference to ${name}`);
    near(local?.difference.se, difference?.se ?? Number.NaN, 1e-9, `SE of the difference to ${name}`);
    near(local?.difference.p, difference?.p ?? Number.NaN, 1e-9, `p of the difference to ${name}`);
  }
  const { pooled } = result.evaluation;
  near(pooled?.auc, known.auc_apparent, pooled?.aucBound ?? 0, "apparent AUC");
}

export interface BreastCoxAnswer {
  readonly training: readonly string[];
  readonly n: number;
  readonly events: number;
  readonly ties: string;
  readonly coef: Readonly<Record<string, number>>;
  readonly se: Readonly<Record<string, number>>;
  readonly hr: Readonly<Record<string, number>>;
  readonly loglik_null: number;
  readonly loglik: number;
  readonly lrt: number;
  readonly score_test: number;
  readonly wald_test: number;
  readonly iter: number;
  readonly concordance: number;
  readonly concordance_se: number;
  readonly concordance_counts: Readonly<Record<"concordant" | "discordant" | "tied.x" | "tied.y", number>>;
  /** By hospital, at `t` and the day. */
  readonly baseline_cumhaz_at_x0: Readonly<Record<string, Readonly<Record<string, number>>>>;
}

export function assertBreastCox(result: StudyResult, known: BreastCoxAnswer): void {
  const { analysis } = result;
  assert.equal(analysis.kind, "cox");
  if (analysis.kind !== "cox") return;
  const relative = (actual: number | undefined, expected: number, what: string) => near(actual, expected, 1e-8 * Math.abs(expected), what);
  assert.deepEqual([analysis.n, analysis.events, analysis.ties], [known.n, known.events, known.ties]);
  assert.deepEqual(
    analysis.terms.map((term) => term.name),
    Object.keys(known.coef),
  );
  for (const { name, estimate, standardError, hazardRatio } of analysis.terms) {
    const [coefficient, se] = [known.coef[name] ?? Number.NaN, known.se[name] ?? Number.NaN];
    near(estimate, coefficient, 1e-8 * Math.max(Math.abs(coefficient), se), `coefficient of ${name}`);
    relative(standardError, se, `standard error of ${name}`);
    relative(hazardRatio.estimate, known.hr[name] ?? Number.NaN, `hazard ratio of ${name}`);
  }
  relative(analysis.logLikelihoodNull, known.loglik_null, "null log-likelihood");
  relative(analysis.logLikelihood, known.loglik, "log-likelihood");
  relative(analysis.tests?.likelihoodRatio.chisq, known.lrt, "likelihood-ratio test");
  relative(analysis.tests?.score.chisq, known.score_test, "score test");
  relative(analysis.tests?.wald.chisq, known.wald_test, "Wald test");
  const { concordance } = analysis;
  relative(concordance?.estimate, known.concordance, "C");
  relative(concordance?.se, known.concordance_se, "SE of C");
  const { concordant, discordant } = known.concordance_counts;
  assert.deepEqual(
    [concordance?.concordant, concordance?.discordant, concordance?.tiedX, concordance?.tiedY],
    [concordant, discordant, known.concordance_counts["tied.x"], known.concordance_counts["tied.y"]],
  );
  for (const [site, curve] of Object.entries(known.baseline_cumhaz_at_x0)) {
    const released: readonly { readonly time: number; readonly cumulativeHazard: number }[] =
      analysis.baselineHazard?.find((entry) => entry.site === site)?.at ?? [];
    assert.equal(released.length, Object.keys(curve).length, `times of ${site}`);
    for (const { time, cumulativeHazard } of released) relative(cumulativeHazard, curve[`t${time}`] ?? Number.NaN, `${site} at ${time}`);
  }
}

export interface LungSurvivalAnswer {
  readonly n: number;
  readonly events: number;
  readonly sites: number;
  readonly km: readonly {
    readonly group: string;
    readonly time: number;
    readonly surv: number;
    readonly se: number;
    readonly lower_log: number;
    readonly upper_log: number;
    readonly n_risk: number;
  }[];
  readonly median: readonly {
    readonly records: number;
    readonly events: number;
    readonly median: number;
    readonly "0.95LCL": number;
    readonly "0.95UCL": number;
    readonly _row: string;
  }[];
  readonly logrank: {
    readonly chisq: number;
    readonly p: number;
    readonly observed: readonly number[];
    readonly expected: readonly number[];
  };
}

export function assertLungSurvival(result: StudyResult, known: LungSurvivalAnswer): void {
  const { analysis } = result;
  assert.ok(analysis.kind === "kaplan-meier");
  assert.deepEqual([analysis.n, analysis.events, result.run.sites], [known.n, known.events, known.sites]);
  const groupOf = (name: string) => analysis.groups.find(({ group }) => `female=${group["female"] === true ? 1 : 0}` === name);
  for (const answer of known.km) {
    const at = groupOf(answer.group)?.at.find(({ time }) => time === answer.time);
    near(at?.survival, answer.surv, 1e-10, `S(${answer.time}) of ${answer.group}`);
    near(at?.standardError, answer.se, 1e-10, `SE of S(${answer.time}) of ${answer.group}`);
    near(at?.ci95?.[0], answer.lower_log, 1e-10, `lower end at ${answer.time} of ${answer.group}`);
    near(at?.ci95?.[1], answer.upper_log, 1e-10, `upper end at ${answer.time} of ${answer.group}`);
    assert.equal(at?.atRisk, answer.n_risk);
  }
  for (const answer of known.median) {
    const group = groupOf(answer._row);
    assert.deepEqual([group?.n, group?.events], [answer.records, answer.events]);
    assert.deepEqual(group?.median, { estimate: answer.median, ci95: [answer["0.95LCL"], answer["0.95UCL"]] });
  }
  near(analysis.test?.chisq, known.logrank.chisq, 1e-10, "log-rank");
  near(analysis.test?.p, known.logrank.p, 1e-10, "p of the log-rank test");
  assert.deepEqual(analysis.test?.observed, known.logrank.observed);
  known.logrank.expected.forEach((expected, i) => {
    near(analysis.test?.expected[i], expected, 1e-10, "expected events");
  });
}
