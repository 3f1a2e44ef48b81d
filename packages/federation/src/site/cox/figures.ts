/**
 * A site's own figures under the frozen Cox models: Harrell's C, federated beside local, and its baseline hazard.
 *
 * As for a classifier: at a training site a row is scored by the model that left its fold out, with a held-out split by the full models on
 * the rows held out; in-sample values are called apparent. Models of different folds are compared on one scale because each
 * counts from its own training rows' mean. At an external site every row is scored by the frozen model, and by the local models that
 * were released to it.
 */

import type { AnalysisTable } from "@dure/records";
import { baselineHazardAt, concordanceOf, countPairs, coxLinearPredictor, pairedConcordance, waldStatistics } from "@dure/statistics";
import type { StudyDocument } from "@dure/study";
import { type CoxDesign, coxDesign } from "../../coordinator/cox/design.ts";
import type { ConcordancePair, CoxResult, FrozenCoxModel, FrozenCoxModels } from "../../cox-result.ts";
import type { BaselineFigures, FiguresRequest, LocalModels, SiteFigures } from "../figures.ts";
import { runAlone } from "../run-alone.ts";
import { parseCoxModel, parseCoxModels } from "./frozen-models.ts";
import { cellsOfSubgroups, concordanceWithoutSite, subgroupConcordance } from "./further-concordance.ts";
import { type JudgedPredictions, judgePredictions, outOfFoldRisks, ownRisks, sharedRisks } from "./predictions.ts";
import { gatherSurvival, type SurvivalRows, sortModelColumns, type TrainingRows, trainingRows } from "./rows.ts";

/** Fails: a DureError `federation/model-not-of-study`. Takes the time of a local fit at a training site. */
export async function coxFigures(study: StudyDocument, request: FiguresRequest): Promise<SiteFigures | undefined> {
  const design = coxDesign(study);
  const models = parseCoxModels(study, request.result);
  if (request.role === "external") return externalFigures(study, design, { models, request });
  const own = await fitLocalCox(study, request.table);
  return trainingFigures(design, { models, own, request, leavesSiteOut: study.evaluation.leaveOneSiteOut === true });
}

/** The models of one hospital alone; undefined where its rows carry none. */
async function fitLocalCox(study: StudyDocument, table: AnalysisTable): Promise<FrozenCoxModels | undefined> {
  const end = await runAlone(study, table);
  return end.kind === "done" ? (end.result as CoxResult).models : undefined; // the study is a Cox regression, and so is its result
}

/** A full local model, for the own release `local-model`. */
export const coxLocalModels: LocalModels = {
  fit: async (study, table) => {
    const full = (await fitLocalCox(study, table))?.full;
    if (full === undefined) return undefined;
    // The covariance would tell more of this hospital's rows than the model needs.
    const { covariance: _, ...model } = full;
    return model;
  },
  parse: parseCoxModel,
};

interface Scoring {
  readonly models: FrozenCoxModels;
  readonly request: FiguresRequest;
}

function trainingFigures(
  design: CoxDesign,
  { models, own, request, leavesSiteOut }: Scoring & { readonly own: FrozenCoxModels | undefined; readonly leavesSiteOut: boolean },
): SiteFigures | undefined {
  const { site, role, table, minimumCell } = request;
  const training = trainingRows(design, table);
  const scored = design.hasSplit ? heldOutRows(design, table) : training.rows;
  if (!isShown(scored, minimumCell)) return undefined;
  // With one baseline hazard no fold is left out: without held-out rows there are in-sample values only.
  const score = (of: FrozenCoxModels): Float64Array | undefined =>
    design.hasSplit ? scores(scored, of.full) : outOfFoldScores(training, of.folds);
  const eta = score(models);
  const judged = eta === undefined ? undefined : judgeTraining(design, { training, scored, models, eta, minimumCell });
  const subgroups = eta === undefined ? [] : subgroupConcordance(design, scored, { eta, minimumCell });
  const withoutSite =
    leavesSiteOut && isShown(training.rows, minimumCell) ? concordanceWithoutSite(design, training.rows, models.full) : undefined;
  const concordance: ConcordancePair = {
    ...(subgroups.length === 0 ? {} : { subgroups }),
    ...(withoutSite === undefined ? {} : { withoutSite }),
    ...named("federated", scored, eta),
    ...named("local", scored, own === undefined ? undefined : score(own)),
    ...(isShown(training.rows, minimumCell) ? apparent(training.rows, models, own) : {}),
  };
  // One baseline hazard for all hospitals stands in the result itself.
  const baseline =
    design.grid === undefined ? baselineFigures(design, training.rows, { model: models.full, minimumCell }) : { at: [], cells: [] };
  return {
    evaluation: { site, role, n: scored.personCount, events: eventCount(scored), auc: {}, concordance, ...judgedPart(judged) },
    localOnExternal: [],
    cells: [...cellsOfSubgroups(subgroups), ...(judged?.cells ?? [])],
    ...(baseline.at.length === 0 ? {} : { baseline }),
  };
}

const judgedPart = (judged: JudgedPredictions | undefined): Pick<SiteFigures["evaluation"], "predictions"> =>
  judged === undefined ? {} : { predictions: judged.predictions };

interface Judging {
  readonly training: TrainingRows;
  readonly scored: SurvivalRows;
  readonly models: FrozenCoxModels;
  readonly eta: Float64Array;
  readonly minimumCell: number;
}

/** Never on rows that the model, or the baseline, has seen. */
function judgeTraining(design: CoxDesign, { training, scored, models, eta, minimumCell }: Judging): JudgedPredictions | undefined {
  const { full, folds } = models;
  const risksAt = !design.hasSplit
    ? outOfFoldRisks(design, training, { folds, eta })
    : design.grid === undefined
      ? ownRisks(design, full, { baselineRows: training.rows, eta })
      : sharedRisks(full, eta);
  return judgePredictions(design, { rows: scored, risksAt, baseline: design.grid === undefined ? "own" : "shared", minimumCell });
}

function externalFigures(study: StudyDocument, design: CoxDesign, { models, request }: Scoring): SiteFigures | undefined {
  const { site, role, table, minimumCell } = request;
  const rows = gatherSurvival(
    design,
    table,
    Uint32Array.from({ length: table.rowCount }, (_, row) => row),
  );
  if (!isShown(rows, minimumCell)) return undefined;
  const eta = scores(rows, models.full);
  const released = [...request.releasedModels()].sort(([a], [b]) => (a < b ? -1 : 1));
  const localModels = released.flatMap(([model, value]) => {
    const compared = compare(rows, { federated: eta, local: scores(rows, parseCoxModel(study, value)) });
    return compared === undefined ? [] : [{ model, ...compared }];
  });
  const subgroups = subgroupConcordance(design, rows, { eta, minimumCell });
  const told = subgroups.length === 0 ? {} : { subgroups };
  const concordance = { ...named("federated", rows, eta), ...told, ...(localModels.length === 0 ? {} : { localModels }) };
  const isOwn = design.grid === undefined;
  const risksAt = isOwn ? ownRisks(design, models.full, { baselineRows: rows, eta }) : sharedRisks(models.full, eta);
  const judged = judgePredictions(design, { rows, risksAt, baseline: isOwn ? "own" : "shared", minimumCell });
  return {
    evaluation: { site, role, n: rows.personCount, events: eventCount(rows), auc: {}, concordance, ...judgedPart(judged) },
    localOnExternal: [],
    cells: [...cellsOfSubgroups(subgroups), ...(judged?.cells ?? [])],
  };
}

/** log hazard ratio of every row against the model's centre. */
function scores(rows: SurvivalRows, { coefficients, centre }: FrozenCoxModel): Float64Array {
  const eta = coxLinearPredictor(rows, coefficients);
  const origin = coefficients.reduce((total, value, j) => total + value * (centre[j] ?? 0), 0);
  return eta.map((value) => value - origin);
}

/** Every row scored by the model that left its fold out; undefined when one of those models is missing. */
function outOfFoldScores({ rows, foldStarts }: TrainingRows, folds: FrozenCoxModels["folds"]): Float64Array | undefined {
  const out = new Float64Array(rows.rowCount);
  for (let fold = 0; fold + 1 < foldStarts.length; fold++) {
    const [from = 0, to = 0] = [foldStarts[fold], foldStarts[fold + 1]];
    const model = folds[fold];
    if (from === to) continue;
    if (model === null || model === undefined) return undefined;
    out.set(scores(rows, model).subarray(from, to), from);
  }
  return out;
}

function heldOutRows(design: CoxDesign, table: AnalysisTable): SurvivalRows {
  const rows: number[] = [];
  for (let row = 0; row < table.rowCount; row++) if (table.heldOut[row] === 1) rows.push(row);
  return gatherSurvival(design, table, Uint32Array.from(rows));
}

const eventCount = ({ events }: SurvivalRows): number => events.reduce((total, event) => total + event, 0);

/** Persons, those with the event and, where there are any, those without it. */
function isShown(rows: SurvivalRows, minimumCell: number): boolean {
  const events = eventCount(rows);
  const censored = rows.personCount - events;
  return events >= Math.max(1, minimumCell) && (censored === 0 || censored >= minimumCell);
}

function named(name: "federated" | "local", rows: SurvivalRows, eta: Float64Array | undefined): ConcordancePair {
  const found = eta === undefined ? undefined : concordanceOf(countPairs(rows, eta));
  if (found === undefined) return {};
  return name === "local" ? { local: found.estimate, localSe: found.se } : { federated: found.estimate, federatedSe: found.se };
}

function apparent(rows: SurvivalRows, models: FrozenCoxModels, own: FrozenCoxModels | undefined): ConcordancePair {
  const [federated, local] = [models, own].map((of) =>
    of === undefined ? undefined : concordanceOf(countPairs(rows, scores(rows, of.full))),
  );
  return {
    ...(federated === undefined ? {} : { apparent: federated.estimate }),
    ...(local === undefined ? {} : { localApparent: local.estimate }),
  };
}

function compare(rows: SurvivalRows, eta: { readonly federated: Float64Array; readonly local: Float64Array }) {
  const local = concordanceOf(countPairs(rows, eta.local));
  const difference = pairedConcordance(rows, { first: eta.federated, second: eta.local });
  if (local === undefined || difference === undefined) return undefined;
  // Models that rank every row alike differ by exactly 0 with error 0: there is nothing to test, and p is 1.
  const p = difference.se > 0 ? waldStatistics(difference.estimate, difference.se).p : 1;
  return { ...local, difference: { ...difference, p } };
}

function baselineFigures(
  { ties, at }: CoxDesign,
  rows: SurvivalRows,
  { model, minimumCell }: { readonly model: FrozenCoxModel; readonly minimumCell: number },
): BaselineFigures {
  const points = baselineHazardAt(sortModelColumns(rows), model.coefficients, { ties, at, minimumCell });
  return {
    at: points.map(({ time, cumulativeHazard }) => ({ time, cumulativeHazard })),
    cells: points.map((point) => point.eventCount),
  };
}
