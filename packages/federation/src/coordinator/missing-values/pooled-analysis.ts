/**
 * One result from the completed data sets' results: coefficients by Rubin's rules, everything else that has such a rule, and nothing that has none.
 *
 * Tests of several coefficients, likelihoods as tests, concordance and the check of proportional hazards are left out: the mean of a test
 * statistic over data sets is no test statistic. The log-likelihood told is the mean, to compare models of the same imputations only.
 */

import { type PooledEstimate, poolByRubin } from "@dure/statistics";
import type { PooledTerm } from "../../missing-values-result.ts";
import type { Analysis, Term, VariableDescription } from "../../result.ts";

export interface PooledAnalysis {
  readonly analysis: Analysis;
  readonly terms: readonly PooledTerm[];
}

/** Fails: RangeError on an analysis without coefficients: the study's rules admit none. */
export function pooledAnalysis(analyses: readonly Analysis[]): PooledAnalysis {
  const [first] = analyses;
  if (first === undefined) throw new RangeError("no completed data set");
  switch (first.kind) {
    case "logistic-regression": {
      const all = analyses.filter((analysis) => analysis.kind === "logistic-regression");
      const { pooled, told } = poolTerms(all, first.n - first.terms.length);
      return { analysis: { ...first, ...common(all), terms: pooled.map(waldTerm) }, terms: told };
    }
    case "generalised-linear-model": {
      const all = analyses.filter((analysis) => analysis.kind === "generalised-linear-model");
      const { pooled, told } = poolTerms(all, first.residualDf ?? first.n - first.terms.length);
      const { tests, heterogeneity, aic, deviance, nullDeviance, logLikelihood, rSquared, dispersion, ...kept } = first;
      const { iterations, description } = common(all);
      const terms = pooled.map((term, j) => {
        const [low, high] = term.ci95;
        const isRatio = first.terms[j]?.ratio !== undefined;
        return {
          ...waldTerm(term),
          ...(isRatio ? { ratio: { estimate: Math.exp(term.estimate), ci95: [Math.exp(low), Math.exp(high)] as const } } : {}),
        };
      });
      return { analysis: { ...kept, iterations, description, terms }, terms: told };
    }
    case "cox": {
      const all = analyses.filter((analysis) => analysis.kind === "cox");
      const { pooled, told } = poolTerms(all, first.events - first.terms.length);
      const { tests, concordance, proportionalHazards, baselineHazard, ...kept } = first;
      const terms = pooled.map((term) => {
        const [low, high] = term.ci95;
        return { ...waldTerm(term), hazardRatio: { estimate: Math.exp(term.estimate), ci95: [Math.exp(low), Math.exp(high)] as const } };
      });
      return { analysis: { ...kept, ...common(all), terms }, terms: told };
    }
    default:
      throw new RangeError(`${first.kind} has no coefficients to pool`);
  }
}

type NamedPooled = PooledEstimate & { readonly name: string };

function poolTerms(
  analyses: readonly { readonly terms: readonly Term[] }[],
  completeDf: number,
): { readonly pooled: readonly NamedPooled[]; readonly told: readonly PooledTerm[] } {
  const [first] = analyses;
  const pooled = (first?.terms ?? []).map(({ name }, j): NamedPooled => {
    const estimates = analyses.flatMap(({ terms }) => terms[j] ?? []);
    return { name, ...poolByRubin(estimates, completeDf) };
  });
  const told = pooled.map(({ name, withinVariance, betweenVariance, df, varianceShare, fractionMissingInformation }) => ({
    name,
    withinVariance,
    betweenVariance,
    df,
    varianceShare,
    fractionMissingInformation,
  }));
  return { pooled, told };
}

/** `z` is the statistic; its p and interval are Student's. */
const waldTerm = ({ name, estimate, standardError, t, p, ci95 }: NamedPooled): Term => ({ name, estimate, standardError, z: t, p, ci95 });

interface Described {
  readonly iterations: number;
  readonly description: readonly VariableDescription[];
}

const common = <Of extends Described & { readonly logLikelihood?: number; readonly logLikelihoodNull?: number }>(
  analyses: readonly Of[],
) => {
  const mean = (values: readonly number[]): number => values.reduce((total, value) => total + value, 0) / values.length;
  const description = (analyses[0]?.description ?? []).map((row, j) => ({
    ...row,
    mean: mean(analyses.map((analysis) => analysis.description[j]?.mean ?? Number.NaN)),
    standardDeviation: mean(analyses.map((analysis) => analysis.description[j]?.standardDeviation ?? Number.NaN)),
  }));
  return {
    iterations: Math.max(...analyses.map(({ iterations }) => iterations)),
    logLikelihood: mean(analyses.map(({ logLikelihood }) => logLikelihood ?? Number.NaN)),
    logLikelihoodNull: mean(analyses.map(({ logLikelihoodNull }) => logLikelihoodNull ?? Number.NaN)),
    description,
  };
};
