import assert from "node:assert/strict";
import { test } from "node:test";
import type { LogisticAnalysis } from "@dure/federation/coordinator";
import { formatResult } from "./result-table.ts";

const analysis: LogisticAnalysis = {
  kind: "logistic-regression",
  n: 600,
  events: 200,
  excluded: [],
  iterations: 9,
  outcome: "separated",
  refusal: { code: "separated", columns: ["lnodes"] },
  terms: [],
  logLikelihood: 0,
  logLikelihoodNull: 0,
  description: [],
};

test("a refused analysis says why, at which column, and what to do, in both languages", () => {
  const result = { analysis, evaluation: { sites: [], localOnExternal: [] } };
  assert.match(formatResult(result, "en"), /^No result: a column separates .*leave it out.*\(lnodes\)\.$/);
  assert.match(formatResult(result, "ko"), /^결과 없음: .*\(lnodes\)\.$/);
});

test("an AUC that is not known is a dash, and a p below a ten-thousandth is not written as zero", () => {
  const term = { name: "x", estimate: 1, standardError: 0.1, z: 10, p: 1e-12, ci95: [0.8, 1.2] } as const;
  const { refusal: _, ...converged } = { ...analysis, outcome: "converged" as const, terms: [term] };
  const site = { site: "a", role: "external", n: 10, events: 5, auc: { federated: 0.7, federatedSe: 0.2 } } as const;
  const shown = formatResult({ analysis: converged, evaluation: { sites: [site], localOnExternal: [] } }, "en");
  assert.match(shown, /<0\.0001/);
  assert.match(shown, /– +0\.700 +0\.308–1\.000/);
});

test("who was left out stands under the figures with the reason, and a hidden count stays hidden", () => {
  const excluded = [
    { reason: "stage: not a level", n: 4504 },
    { reason: "hb: missing", lessThan: 5 },
  ];
  const result = { analysis: { ...analysis, excluded }, evaluation: { sites: [], localOnExternal: [] } };
  assert.match(formatResult(result, "en"), /None of the levels: stage +4504\nMissing: hb +<5/);
  assert.match(formatResult(result, "ko"), /정해진 수준에 없는 값: stage +4504/);
});
