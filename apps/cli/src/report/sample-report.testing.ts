/** For tests only: a result and its options, every figure invented. */

import type { LogisticAnalysis, StudyResult } from "@dure/federation/coordinator";
import { text } from "@dure/kernel";
import type { HospitalReport, ReportOptions, Term } from "./report-options.ts";
import { studyWords } from "./study-words.ts";

const term = (name: string, estimate: number, standardError: number): Term => {
  const z = estimate / standardError;
  return {
    name,
    estimate,
    standardError,
    z,
    p: Math.exp(-0.717 * Math.abs(z) - 0.416 * z * z),
    ci95: [estimate - 1.96 * standardError, estimate + 1.96 * standardError],
  };
};

const training = (
  site: string,
  figures: { n: number; events: number; local: number; federated: number; se: number },
): StudyResult["evaluation"]["sites"][number] => ({
  site,
  role: "training",
  n: figures.n,
  events: figures.events,
  auc: {
    local: figures.local,
    localSe: figures.se * 1.03,
    federated: figures.federated,
    federatedSe: figures.se,
    apparent: figures.federated + 0.003,
    localApparent: figures.local + 0.012,
  },
});

const calibrationBins = [0.05, 0.09, 0.13, 0.18, 0.23, 0.29, 0.36, 0.45, 0.56, 0.72].map((meanPredicted, i) => ({
  n: 912,
  events: Math.round(912 * (meanPredicted * 0.94 + 0.012 * ((i % 3) - 1))),
  meanPredicted,
}));

export const SAMPLE_RESULT: StudyResult<LogisticAnalysis> = {
  study: {
    id: "breast-recurrence-5y",
    hash: "5b1e".repeat(16),
    title: "Recurrence or death within five years of primary breast cancer",
    minimumCell: 5,
  },
  analysis: {
    kind: "logistic-regression",
    n: 13214,
    events: 3421,
    excluded: [
      { reason: "y5: missing", n: 1241 },
      { reason: "grade: missing", n: 312 },
      { reason: "hormon: missing", n: 233 },
      { reason: "include: not met", lessThan: 5 },
      { reason: "er_pos: not 0 or 1", n: 9 },
    ],
    iterations: 6,
    outcome: "converged",
    terms: [
      term("(intercept)", -1.982, 0.061),
      term("age10", 0.118, 0.019),
      term("size_ord", 0.462, 0.037),
      term("grade3", 0.551, 0.046),
      term("lnodes", 0.603, 0.027),
      term("er_pos", -0.094, 0.058),
      term("pr_pos", -0.352, 0.052),
      term("hormon", -0.487, 0.049),
    ],
    logLikelihood: -6312.4471,
    logLikelihoodNull: -7553.9012,
    description: [
      { variable: "y5", n: 13759, mean: 0.259, standardDeviation: 0.438, missing: { n: 1241 } },
      { variable: "age10", n: 15000, mean: -0.214, standardDeviation: 1.171, missing: { n: 0 } },
      { variable: "size_ord", n: 14811, mean: 0.604, standardDeviation: 0.602, missing: { n: 189 } },
      { variable: "grade3", n: 14688, mean: 0.382, standardDeviation: 0.486, missing: { n: 312 } },
      { variable: "lnodes", n: 14790, mean: 0.647, standardDeviation: 0.812, missing: { n: 210 } },
      { variable: "er_pos", n: 14852, mean: 0.743, standardDeviation: 0.437, missing: { n: 148 } },
      { variable: "pr_pos", n: 14822, mean: 0.611, standardDeviation: 0.488, missing: { n: 178 } },
      { variable: "hormon", n: 14767, mean: 0.667, standardDeviation: 0.471, missing: { lessThan: 5 } },
    ],
  },
  evaluation: {
    sites: [
      training("hangang", { n: 6402, events: 1602, local: 0.748, federated: 0.752, se: 0.0071 }),
      training("mirae", { n: 3981, events: 1104, local: 0.731, federated: 0.744, se: 0.009 }),
      training("saebyeok", { n: 2143, events: 521, local: 0.717, federated: 0.741, se: 0.013 }),
      training("eunhaeng", { n: 688, events: 194, local: 0.681, federated: 0.738, se: 0.021 }),
      {
        site: "baekdu",
        role: "external",
        n: 9120,
        events: 2719,
        auc: { federated: 0.751, federatedSe: 0.0056 },
        calibration: { bins: calibrationBins, intercept: -0.06, slope: 0.97 },
      },
    ],
    localOnExternal: [
      { model: "hangang", site: "baekdu", auc: 0.745, se: 0.0057, difference: { estimate: 0.006, se: 0.0016, p: 0.00018 } },
      { model: "mirae", site: "baekdu", auc: 0.734, se: 0.0058, difference: { estimate: 0.017, se: 0.0024, p: 1e-11 } },
      { model: "saebyeok", site: "baekdu", auc: 0.721, se: 0.0059, difference: { estimate: 0.03, se: 0.0031, p: 1e-21 } },
      { model: "eunhaeng", site: "baekdu", auc: 0.698, se: 0.0061, difference: { estimate: 0.053, se: 0.0043, p: 1e-32 } },
    ],
    pooled: { auc: 0.7533, aucBound: 2.1e-5 },
  },
  run: { rounds: 19, seconds: 14.2, sites: 4, threshold: 3, collusion: 1, bytesUp: 412_300, bytesDown: 689_100, absent: [] },
};

function hospital(siteId: string, displayName: HospitalReport["displayName"], role: HospitalReport["role"]): HospitalReport {
  return {
    siteId,
    displayName,
    role,
    left: [
      { roundCount: 1, messageCount: 4, bytes: 3_180, vectors: ["support"], releases: [] },
      { roundCount: 1, messageCount: 4, bytes: 4_420, vectors: ["sums", "squares"], releases: [] },
      {
        roundCount: 6,
        messageCount: 24,
        bytes: 38_912,
        vectors: ["full/logLikelihood", "full/gradient", "full/information", "fold 0/logLikelihood", "fold 0/gradient"],
        releases: [],
      },
      { roundCount: 1, messageCount: 1, bytes: 1_204, vectors: [], releases: ["headline"] },
    ],
    loads: [
      {
        source: "patients.csv",
        rowsIn: 2531,
        rowsOut: 2500,
        excluded: [
          { reason: "opted out", rowCount: 21 },
          { reason: "born: missing, which PERSON requires", rowCount: 3 },
          { reason: "grade: missing", rowCount: 7 },
        ],
      },
      { source: "pathology.csv", rowsIn: 2480, rowsOut: 2480, excluded: [] },
    ],
    outcomeUnknown: role === "external" ? { n: 0 } : { n: 310 },
    snapshot: "1",
  };
}

export const SAMPLE_OPTIONS: ReportOptions = {
  language: "en",
  words: studyWords({ title: "", data: { table: "breast-registry", variables: [{ name: "y5", role: "outcome" }] } }),
  hospitals: [
    hospital("hangang", text("Hangang University Hospital", "한강대학교병원"), "training"),
    hospital("mirae", text("Mirae Medical Centre", "미래의료원"), "training"),
    hospital("saebyeok", text("Saebyeok General Hospital", "새벽종합병원"), "training"),
    hospital("eunhaeng", text("Eunhaeng Hospital", "은행병원"), "training"),
    hospital("baekdu", text("Baekdu University Hospital", "백두대학교병원"), "external"),
  ],
  record: {
    reportedOn: "2026-11-21",
    entries: [
      { name: text("Dure", "두레"), value: "0.1.0" },
      { name: text("Node.js", "Node.js"), value: "24.21.0" },
      { name: text("Roster hash", "참여 명단 해시"), value: "a2c4".repeat(16) },
    ],
  },
};
