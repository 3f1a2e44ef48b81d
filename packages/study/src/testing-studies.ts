/** For tests only: the smallest study of each kind that the tests of refusals change a line of. */

export const MINIMAL = `dure: 1
id: fever
title: Fever
purpose: statistics
data:
  table: admissions
  variables:
    fever: { role: outcome, type: boolean, from: temp > 38 }
    age:   { role: feature, type: number }
analysis: { kind: logistic-regression }
`;

export const COX = `dure: 1
id: relapse
title: Relapse
purpose: scientific-research
data:
  table: registry
  variables:
    days:  { role: time, type: number }
    event: { role: event, type: boolean }
    age:   { role: feature, type: number }
analysis: { kind: cox, strata: site }
`;

export const SURVIVAL = `dure: 1
id: survival
title: Survival
purpose: statistics
data:
  table: registry
  variables:
    days:   { role: time, type: number }
    event:  { role: event, type: boolean }
    female: { role: group, type: boolean }
analysis: { kind: kaplan-meier, horizonDays: 1000 }
`;

export const INCIDENCE = `dure: 1
id: incidence
title: Incidence
purpose: statistics
data:
  table: registry
  variables:
    days:    { role: time, type: number }
    outcome: { role: event, type: category, levels: [none, relapse, death] }
    stage:   { role: group, type: category, levels: [I, II, III] }
analysis: { kind: cumulative-incidence, horizonDays: 1000 }
`;

export const POOLED = `dure: 1
id: pooled
title: Pooled
purpose: statistics
data:
  table: registry
  variables:
    died: { role: outcome, type: boolean }
    age:  { role: feature, type: number }
analysis: { kind: meta-analysis, model: logistic, reason: hospitals are online for an hour a day }
`;

export const COUNTS = `dure: 1
id: visits
title: Visits
purpose: statistics
data:
  table: registry
  variables:
    visits: { role: outcome, type: number }
    age:    { role: feature, type: number }
    months: { role: offset, type: number }
analysis: { kind: generalised-linear-model, family: poisson }
`;

export const TREATMENT = `dure: 1
id: drug
title: Drug
purpose: scientific-research
data:
  table: registry
  variables:
    drug: { role: treatment, type: boolean }
    died: { role: outcome, type: boolean }
    age:  { role: feature, type: number }
    male: { role: subgroup, type: boolean }
analysis: { kind: treatment-effect, estimators: [iptw, aipw], outcomeModel: logistic, truncation: 0.01 }
`;

export const NETWORK = `dure: 1
id: xray
title: X-ray
purpose: scientific-research
data:
  table: xray
  split: { validation: val, holdout: test }
  variables:
    label: { role: outcome, type: boolean, array: labels }
    image: { role: feature, type: tensor, array: images, shape: [1, 8, 8] }
analysis:
  kind: network
  model: cnn.onnx
  optimiser: { kind: momentum, learningRate: 0.1 }
  federated: { rounds: 2, batchSize: 8 }
  seed: 1
`;

export const RATES = `dure: 1
id: rates
title: Rates
purpose: statistics
data:
  table: registry
  variables:
    days:   { role: time, type: number }
    died:   { role: event, type: boolean }
    female: { role: stratum, type: boolean }
    band:   { role: stratum, type: category, levels: [1, 2] }
analysis:
  kind: incidence-rates
  standardisation:
    method: direct
    population:
      - { levels: { female: false, band: 1 }, weight: 10 }
      - { levels: { female: false, band: 2 }, weight: 10 }
      - { levels: { female: true, band: 1 }, weight: 10 }
      - { levels: { female: true, band: 2 }, weight: 0 }
`;
