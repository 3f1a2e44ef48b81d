import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { test } from "node:test";
import { DureError, type Problem } from "@dure/kernel";
import { findShared } from "@dure/kernel/testing";
import { checkStudy, parseStudy } from "./parse.ts";
import { COUNTS, COX, INCIDENCE, MINIMAL, NETWORK, POOLED, RATES, SURVIVAL, TREATMENT } from "./testing-studies.ts";

function problemsOf(source: string | Uint8Array): readonly Problem[] {
  const checked = checkStudy(source, { file: "study.yaml" });
  return checked.kind === "refused" ? checked.problems : [];
}

const shared = findShared("studies");

test("the five published studies parse unchanged", { skip: shared === undefined ? "no shared data" : false }, () => {
  const folder = shared ?? "";
  const files = readdirSync(folder).filter((name) => name.endsWith(".yaml"));
  assert.equal(files.length, 5);
  const kinds = files.sort().map((name) => parseStudy(readFileSync(`${folder}/${name}`), { file: name }).analysis.kind);
  assert.deepEqual(kinds, ["cox", "logistic-regression", "boosted-trees", "kaplan-meier", "network"]);
});

test("every default is in its place", () => {
  assert.deepEqual(parseStudy(MINIMAL), {
    dure: 1,
    id: "fever",
    title: "Fever",
    purpose: "statistics",
    data: {
      table: "admissions",
      variables: [
        { name: "fever", role: "outcome", type: "boolean", from: "temp > 38" },
        { name: "age", role: "feature", type: "number" },
      ],
    },
    analysis: { kind: "logistic-regression", standardise: true },
    evaluation: { localModels: false, intervals: "delong" },
    privacy: { secureSum: { minimumSites: 5 }, minimumCell: 5 },
  });
  assert.deepEqual(parseStudy(COX).analysis, {
    kind: "cox",
    ties: "efron",
    strata: "site",
    at: [365, 730, 1096, 1461, 1826],
  });
  assert.deepEqual(parseStudy(SURVIVAL).analysis, { kind: "kaplan-meier", horizonDays: 1000, timeBinDays: 1, at: [365, 730] });
  const asked = parseStudy(
    SURVIVAL.replace("1000", "1000, intervals: plain, restrictedMeanDays: 400, test: log-rank, strata: site"),
  ).analysis;
  assert.deepEqual(
    { ...asked, at: [] },
    {
      kind: "kaplan-meier",
      horizonDays: 1000,
      timeBinDays: 1,
      at: [],
      intervals: "plain",
      restrictedMeanDays: 400,
      test: "log-rank",
      strata: "site",
    },
  );
  assert.deepEqual(parseStudy(SURVIVAL.replace("1000", "90")).analysis, {
    kind: "kaplan-meier",
    horizonDays: 90,
    timeBinDays: 1,
    at: [90],
  });
  assert.deepEqual(parseStudy(NETWORK).analysis, {
    kind: "network",
    model: "cnn.onnx",
    loss: "binary-cross-entropy",
    optimiser: { kind: "momentum", learningRate: 0.1, momentum: 0.9 },
    federated: { strategy: "fedavg", rounds: 2, localEpochs: 1, batchSize: 8 },
    seed: 1,
  });
  const trees = parseStudy(MINIMAL.replace("logistic-regression", "boosted-trees")).analysis;
  assert.deepEqual(trees, {
    kind: "boosted-trees",
    objective: "logistic",
    rounds: 100,
    maxDepth: 4,
    learningRate: 0.1,
    lambda: 1,
    maxBins: 256,
    minChildWeight: 1,
  });
});

test("variables keep the order of the document", () => {
  const names = ["zeta", "alpha", "mid"].map((name) => `    ${name}: { role: feature, type: number }\n`).join("");
  const study = parseStudy(MINIMAL.replace("    age:", `${names}    age:`));
  assert.deepEqual(
    study.data.variables.map((variable) => variable.name),
    ["fever", "zeta", "alpha", "mid", "age"],
  );
});

test("JSON is read as YAML is, and a byte order mark is passed over", () => {
  const json = JSON.stringify({
    dure: 1,
    id: "fever",
    title: "Fever",
    purpose: "statistics",
    data: {
      table: "admissions",
      variables: { fever: { role: "outcome", type: "boolean", from: "temp > 38" }, age: { role: "feature", type: "number" } },
    },
    analysis: { kind: "logistic-regression" },
  });
  assert.deepEqual(parseStudy(json), parseStudy(MINIMAL));
  assert.deepEqual(parseStudy(new TextEncoder().encode(`\uFEFF${MINIMAL}`)), parseStudy(MINIMAL));
});

test("a misspelt field is told beside its neighbours, also in a list and where a method chooses the fields", () => {
  const imputed = MINIMAL.replace("data:\n", "data:\n  missing: { method: multiple-imputation, sed: 11 }\n");
  const rates = `dure: 1
id: rates
title: Rates
purpose: statistics
data:
  table: admissions
  variables:
    days: { role: time, type: number }
    died: { role: event, type: boolean }
    old: { role: stratum, type: boolean }
analysis:
  kind: incidence-rates
  standardisation:
    method: direct
    population: [{ levels: { old: false }, weigth: 1 }, { levels: { old: true }, weight: 1 }]
`;
  for (const [source, wanted] of [
    [imputed, 'Did you mean "seed"?'],
    [rates, 'Did you mean "weight"?'],
  ] as const) {
    const remedies = problemsOf(source).map(({ remedy }) => remedy.en);
    assert.ok(remedies.includes(wanted), `${wanted}: ${remedies.join(" ")}`);
  }
});

test("all problems of a file are told at once, with line, path, and in both languages", () => {
  const source = `dure: 2
id: Fever 5
titel: Fever
purpose: curiosity
data:
  table: admissions
  include: temp >> 3
  variables:
    fever: { role: outcome, type: bool, from: temp + 1 }
    age: { role: feature, type: number, from: lg(age), form: x }
    1st: { role: outcom, type: number }
analysis: { kind: logistic-regresion }
privacy: { secureSum: { minimumSites: 2 }, minimumCell: -1, minimumCel: 4 }
`;
  const problems = problemsOf(source);
  assert.deepEqual(
    problems.map((problem) => `${problem.place.line} ${problem.place.path} ${problem.code}`),
    [
      "1 dure study/value-not-allowed",
      "1 title study/missing-field",
      "2 id study/wrong-form",
      "3 titel study/unknown-field",
      "4 purpose study/value-not-allowed",
      "7 data.include expression/syntax",
      "9 data.variables.fever.type study/value-not-allowed",
      "10 data.variables.age.form study/unknown-field",
      "10 data.variables.age.from expression/unknown-function",
      "11 data.variables.1st study/wrong-form",
      "11 data.variables.1st.role study/value-not-allowed",
      "12 analysis.kind study/value-not-allowed",
      "13 privacy.secureSum.minimumSites study/out-of-range",
      "13 privacy.minimumCell study/out-of-range",
      "13 privacy.minimumCel study/unknown-field",
    ],
  );
  const remedies = problems.map((problem) => problem.remedy.en);
  for (const word of ["title", "from", "outcome", "minimumCell", "logistic-regression", "boolean"]) {
    assert.ok(remedies.includes(`Did you mean "${word}"?`), `${word}: ${remedies.join(" ")}`);
  }
  for (const problem of problems) {
    assert.equal(problem.place.file, "study.yaml");
    assert.match(problem.what.ko, /[가-힣]/);
    assert.match(problem.remedy.ko, /[가-힣]/);
  }
});

test("a problem says what was found and what is allowed", () => {
  const said = (from: string, to: string): string | undefined => problemsOf(MINIMAL.replace(from, to))[0]?.what.en;
  assert.equal(said("id: fever", `id: ${"x".repeat(65)}`), "found 65 characters; allowed is at most 64 characters.");
  assert.equal(said("title: Fever", "title: 5"), "found 5, but a text is needed.");
  assert.equal(
    said("purpose: statistics", "purpose: [a]"),
    "found a list; allowed is statistics | scientific-research | public-interest-archiving.",
  );
  assert.equal(said("{ kind: logistic-regression }", "7"), "found 7, but a map of fields is needed.");
});

/** One row for each way in which a study can be wrong: the code, the study, what is replaced by what. */
const REFUSALS: readonly (readonly [string, string, string, string])[] = [
  ["study/yaml-syntax", MINIMAL, "from: temp > 38", "from: temp ? a : b"],
  ["study/yaml-syntax", MINIMAL, "dure: 1", "dure: [1"],
  ["study/yaml-feature", MINIMAL, "id: fever", "id: &a fever"],
  ["study/yaml-feature", MINIMAL, "id: fever", "id: !!str fever"],
  ["study/yaml-feature", MINIMAL, "dure: 1", "dure: 1\n__proto__: {}"],
  ["study/yaml-feature", MINIMAL, "dure: 1", "dure: 1\n<<: {}"],
  ["study/yaml-feature", MINIMAL, "dure: 1", "---\ndure: 1\n---\ndure: 1"],
  ["study/yaml-feature", MINIMAL, "dure: 1", "? [a]\n: 1\ndure: 1"],
  ["study/duplicate-key", MINIMAL, "id: fever", "id: fever\nid: fever"],
  ["study/duplicate-key", MINIMAL, "    age:", "    age: { role: feature, type: number }\n    age:"],
  ["study/hidden-character", MINIMAL, "title: Fever", 'title: "Fever \\u202e"'],
  ["study/hidden-character", MINIMAL, "title: Fever", 'title: "Fever \\ud800"'],
  ["study/unknown-field", MINIMAL, "dure: 1", "dure: 1\nnotes: x"],
  ["study/unknown-field", MINIMAL, "kind: logistic-regression", "kind: logistic-regression, ties: efron"],
  ["study/missing-field", MINIMAL, "purpose: statistics\n", ""],
  ["study/missing-field", SURVIVAL, ", horizonDays: 1000", ""],
  ["study/missing-field", NETWORK, "kind: momentum, ", ""],
  ["study/wrong-type", MINIMAL, "kind: logistic-regression", "kind: logistic-regression, standardise: 1"],
  ["study/wrong-type", MINIMAL, "from: temp > 38", "from: 38"],
  ["study/wrong-type", SURVIVAL, "horizonDays: 1000", "horizonDays: .inf"],
  ["study/wrong-type", MINIMAL, "analysis:", "privacy: { minimumCell: 2.5 }\nanalysis:"],
  ["study/value-not-allowed", MINIMAL, "purpose: statistics", "purpose: curiosity"],
  ["study/value-not-allowed", COX, "strata: site", "strata: ward"],
  ["study/out-of-range", MINIMAL, "analysis:", "privacy: { secureSum: { minimumSites: 2 } }\nanalysis:"],
  ["study/out-of-range", COX, "kind: cox", "kind: cox, at: []"],
  ["study/out-of-range", COX, "kind: cox", "kind: cox, at: [0]"],
  ["study/wrong-form", MINIMAL, "table: admissions", "table: ../secret"],
  ["study/wrong-form", MINIMAL, "    age:", "    er-pos:"],
  ["study/wrong-form", MINIMAL, "title: Fever", 'title: " "'],
  ["study/wrong-form", NETWORK, "cnn.onnx", "../cnn.onnx"],
  ["study/wrong-form", NETWORK, "cnn.onnx", "cnn..onnx"],
  ["study/missing-role", MINIMAL, "role: outcome", "role: feature"],
  ["study/missing-role", MINIMAL, "    age:   { role: feature, type: number }\n", ""],
  ["study/missing-role", COX, "    days:  { role: time, type: number }\n", ""],
  ["study/missing-role", COX, "    event: { role: event, type: boolean }\n", ""],
  ["study/missing-role", SURVIVAL.replace("    female: { role: group, type: boolean }\n", ""), "1000", "1000, test: log-rank"],
  ["study/too-many-of-role", MINIMAL, "    age:", "    other: { role: outcome, type: boolean }\n    age:"],
  ["study/role-not-used", MINIMAL, "    age:", "    days: { role: time, type: number }\n    age:"],
  ["study/role-not-used", SURVIVAL, "role: group", "role: feature"],
  ["study/wrong-type-of-role", MINIMAL, "type: boolean, from: temp > 38", "type: number"],
  ["study/wrong-type-of-role", COX, "role: time, type: number", "role: time, type: boolean"],
  ["study/reserved-name", MINIMAL, "    age:  ", "    include:"],
  ["study/tensor-outside-network", MINIMAL, "feature, type: number", "feature, type: tensor, array: a, shape: [2]"],
  ["study/array-outside-network", COX, "feature, type: number", "feature, type: number, array: a"],
  ["study/from-with-arrays", NETWORK, "array: labels", "array: labels, from: x > 1"],
  ["study/array-missing", NETWORK, ", array: labels", ""],
  ["study/shape-missing", NETWORK, ", shape: [1, 8, 8]", ""],
  ["study/tensor-field", MINIMAL, "feature, type: number", "feature, type: number, scale: 2"],
  ["study/include-with-arrays", NETWORK, "  table: xray", "  table: xray\n  include: x > 1"],
  ["study/not-a-prefix", NETWORK, "holdout: test", "holdout: test == 1"],
  ["study/validation-outside-network", MINIMAL, "  table: admissions", "  table: admissions\n  split: { validation: age > 1 }"],
  ["study/times-not-ascending", COX, "kind: cox", "kind: cox, at: [10, 10]"],
  ["study/time-beyond-horizon", SURVIVAL, "1000", "1000, at: [10, 2000]"],
  ["study/time-beyond-horizon", SURVIVAL, "1000", "1000, restrictedMeanDays: 1001"],
  ["study/strata-of-no-test", SURVIVAL, "1000", "1000, strata: site"],
  [
    "study/too-many-of-role",
    SURVIVAL,
    "    female:",
    "    a: { role: group, type: boolean }\n    b: { role: group, type: boolean }\n    c: { role: group, type: boolean }\n    d: { role: group, type: boolean }\n    female:",
  ],
  ["study/time-bins", SURVIVAL, "1000", "1000, timeBinDays: 0.01"],
  ["study/time-bins", SURVIVAL, "1000", "1000, timeBinDays: 1001"],
  [
    "study/no-stratum",
    RATES.replaceAll("role: stratum", "role: group").replace("    band:   { role: group, type: category, levels: [1, 2] }\n", ""),
    "Rates",
    "Rates",
  ],
  ["study/standard-cell-twice", RATES, "female: true, band: 1", "female: false, band: 1"],
  ["study/standard-cell-missing", RATES, "      - { levels: { female: true, band: 2 }, weight: 0 }\n", ""],
  ["study/standard-without-weight", RATES.replaceAll("weight: 10", "weight: 0"), "Rates", "Rates"],
  ["study/no-such-standard-cell", RATES, "female: true, band: 1", "female: true, band: 3"],
  ["study/no-such-standard-cell", RATES, "female: true, band: 1", "female: true"],
  ["study/standard-rate-missing", RATES, "method: direct", "method: indirect"],
  ["study/standard-rate-not-used", RATES, "weight: 0 }", "weight: 0, rate: 2 }"],
  ["study/grid-missing", COX, ", strata: site", ""],
  ["study/grid-with-strata", COX, "strata: site", "strata: site, horizonDays: 100"],
  ["study/time-beyond-horizon", COX, "strata: site", "horizonDays: 100, at: [10, 101]"],
  ["study/person-without-entry", COX, "    age:", "    who:   { role: person, type: identifier }\n    age:"],
  ["study/too-many-groups", INCIDENCE, "levels: [I, II, III]", `levels: [${Array.from({ length: 33 }, (_, i) => i).join(", ")}]`],
  ["study/wrong-type-of-role", INCIDENCE, "event, type: category, levels: [none, relapse, death]", "event, type: boolean"],
  ["study/cause-missing", COX, "event, type: boolean", "event, type: category, levels: [none, relapse, death]"],
  ["study/no-such-cause", COX, "kind: cox", "kind: cox, cause: death"],
  ["study/levels-missing", MINIMAL, "feature, type: number", "feature, type: category"],
  ["study/level-twice", MINIMAL, "feature, type: number", "feature, type: category, levels: [I, II, I]"],
  ["study/levels-of-two-types", MINIMAL, "feature, type: number", "feature, type: category, levels: [I, 2]"],
  ["study/reference-is-no-level", MINIMAL, "feature, type: number", "feature, type: category, levels: [1, 2], reference: 3"],
  ["study/category-field", MINIMAL, "feature, type: number", "feature, type: number, levels: [1, 2]"],
  ["study/spline-of-no-number", MINIMAL, "feature, type: number", "feature, type: boolean, spline: { knots: [1, 2, 3] }"],
  ["study/knots-not-ascending", MINIMAL, "feature, type: number", "feature, type: number, spline: { knots: [1, 3, 2] }"],
  ["study/out-of-range", MINIMAL, "feature, type: number", "feature, type: number, spline: { knots: [1, 2] }"],
  ["study/no-such-feature", MINIMAL, "kind: logistic-regression", "kind: logistic-regression, interactions: [[age, sex]]"],
  ["study/factor-twice", MINIMAL, "kind: logistic-regression", "kind: logistic-regression, interactions: [[age, age]]"],
  ["study/times-not-ascending", MINIMAL, "analysis:", "evaluation: { thresholds: [0.2, 0.1] }\nanalysis:"],
  ["study/momentum-of-sgd", NETWORK, "kind: momentum,", "kind: sgd, momentum: 0.9,"],
  ["study/missing-role", POOLED, "model: logistic", "model: cox"],
  ["study/role-not-used", POOLED, "model: logistic", "model: cox"],
  ["study/role-not-used", POOLED, "    age:", "    days: { role: time, type: number }\n    age:"],
  ["study/role-not-used", POOLED, "    age:", "    days: { role: offset, type: number }\n    age:"],
  ["study/wrong-type-of-role", POOLED, "model: logistic", "model: linear"],
  ["study/missing-field", POOLED, ", reason: hospitals are online for an hour a day", ""],
  [
    "study/imputation-of-several-rows",
    COX.replace("    age:", "    who: { role: person, type: identifier }\n    from: { role: entry, type: number }\n    age:"),
    "  table: registry",
    "  table: registry\n  missing: { method: single-imputation }",
  ],
  [
    "study/imputation-with-penalty",
    MINIMAL.replace("{ kind: logistic-regression }", "{ kind: generalised-linear-model, family: logistic, penalty: { kind: ridge } }"),
    "  table: admissions",
    "  table: admissions\n  missing: { method: multiple-imputation, seed: 1 }",
  ],
  ["study/imputation-not-for-kind", POOLED, "  table: registry", "  table: registry\n  missing: { method: single-imputation }"],
  [
    "study/imputed-model-not-judged",
    `${MINIMAL}evaluation: { localModels: true }\n`,
    "  table: admissions",
    "  table: admissions\n  missing: { method: multiple-imputation, seed: 1 }",
  ],
  ["study/link-of-family", COUNTS, "poisson", "poisson, link: inverse"],
  ["study/wrong-type-of-role", COUNTS, "poisson", "logistic"],
  ["study/offset-of-inverse", COUNTS, "poisson", "gamma, link: inverse"],
  ["study/no-such-feature", COUNTS, "poisson", "poisson, siteEffects: fixed, heterogeneity: sex"],
  ["study/comparison-without-sites", COUNTS, "poisson", "poisson, heterogeneity: age"],
  ["study/not-judged-so", COUNTS, "analysis:", "evaluation: { localModels: true }\nanalysis:"],
  ["study/mix-of-ridge", COUNTS, "poisson", "poisson, penalty: { kind: ridge, mix: 0.5 }"],
  ["study/penalty-of-family", COUNTS, "poisson", "negative-binomial, penalty: { kind: ridge }"],
  ["study/not-with-penalty", COUNTS, "poisson", "poisson, siteEffects: fixed, penalty: { kind: ridge }"],
  ["study/not-with-penalty", COUNTS.replace("poisson", "poisson, penalty: { kind: ridge }"), "role: offset", "role: weight"],
  ["study/missing-role", TREATMENT, "role: treatment", "role: feature"],
  ["study/missing-role", TREATMENT, "outcomeModel: logistic", "outcomeModel: cox"],
  ["study/role-not-used", TREATMENT, "outcomeModel: logistic", "outcomeModel: cox"],
  ["study/wrong-type-of-role", TREATMENT, "outcome, type: boolean", "outcome, type: number"],
  ["study/role-not-used", TREATMENT, "outcomeModel: logistic", "outcomeModel: kaplan-meier, horizonDays: 100"],
  ["study/horizon-missing", TREATMENT, "outcomeModel: logistic", "outcomeModel: kaplan-meier"],
  ["study/grid-not-used", TREATMENT, "truncation: 0.01", "horizonDays: 100"],
  ["study/estimator-twice", TREATMENT, "[iptw, aipw]", "[iptw, aipw, iptw]"],
  ["study/estimator-not-of-model", TREATMENT, "outcomeModel: logistic", "outcomeModel: cox"],
  ["study/needs-weights", TREATMENT, "[iptw, aipw]", "[g-computation]"],
  ["study/nothing-to-truncate", TREATMENT, "[iptw, aipw]", "[overlap]"],
  ["study/overlap-has-its-own-estimand", TREATMENT, "[iptw, aipw]", "[overlap], estimand: att"],
  ["expression/type-mismatch", MINIMAL, "from: temp > 38", "from: temp + 1"],
  ["expression/type-mismatch", MINIMAL, "  table: admissions", "  table: admissions\n  include: temp + 1"],
  ["expression/type-mismatch", MINIMAL, "  table: admissions", "  table: admissions\n  split: { holdout: temp + 1 }"],
];

test("every way of being wrong is refused under its own code", () => {
  for (const [code, study, from, to] of REFUSALS) {
    assert.ok(study.includes(from), from);
    assert.ok(
      problemsOf(study.replace(from, to)).some((problem) => problem.code === code),
      `${code}: ${to}`,
    );
  }
});

test("what the rows above replace is accepted as it was", () => {
  for (const study of [MINIMAL, COX, SURVIVAL, INCIDENCE, POOLED, TREATMENT, NETWORK]) assert.deepEqual(problemsOf(study), []);
});

test("too many variables, too large a file, deep nesting and a foreign encoding are refused", () => {
  const many = Array.from({ length: 1001 }, (_, i) => `    x${i}: { role: feature, type: number }\n`).join("");
  assert.ok(problemsOf(MINIMAL.replace("    age:", `${many}    age:`)).some((problem) => problem.code === "study/too-many-variables"));
  assert.equal(problemsOf(" ".repeat(300_000))[0]?.code, "study/too-large");
  assert.equal(problemsOf("[".repeat(200_000))[0]?.code, "study/yaml-syntax");
  assert.equal(problemsOf(Uint8Array.of(0xb5, 0xce, 0xb7, 0xb9))[0]?.code, "study/not-utf8");
});

test("an empty document and one that is no map are refused", () => {
  for (const source of ["", "7", "[]", "null"]) assert.ok(problemsOf(source).length > 0, source);
});

test("every code of this package stands in a table of refusals", () => {
  const here = new URL(".", import.meta.url);
  const files = readdirSync(here, { recursive: true, encoding: "utf8" });
  const read = (name: string): string => readFileSync(new URL(name, here), "utf8");
  const codes = (names: readonly string[]): Set<string> =>
    new Set(names.flatMap((name) => read(name).match(/"(?:study|expression)\/[a-z0-9-]+"/g) ?? []));
  const refused = codes(files.filter((name) => name.endsWith(".test.ts")));
  const written = codes(files.filter((name) => name.endsWith(".ts") && !name.endsWith(".test.ts")));
  assert.deepEqual(
    [...written].filter((code) => !refused.has(code)),
    [],
  );
});

test("parseStudy throws every problem", () => {
  assert.throws(
    () => parseStudy("dure: 1\nid: x\n"),
    (error) => error instanceof DureError && error.problems.length >= 4 && error.problems.every((problem) => problem.severity === "error"),
  );
});
