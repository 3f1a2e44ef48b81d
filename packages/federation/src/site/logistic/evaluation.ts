/**
 * A site's own figures under the frozen models: discrimination and calibration, federated beside local.
 *
 * At a training site a row is scored by the model that left its fold out, for the federated and the local model alike, and one AUC is
 * taken over all rows; with a held-out split, by the full models on the rows held out. In-sample values appear as apparent only. At
 * an external site every row is scored by the frozen federated model and by the local models that were released to it.
 * What is undefined (a fold without a model, a class of one row) is left out.
 */

import type { AnalysisTable } from "@dure/records";
import { aucDeLong, type LogisticRows, linearPredictor, pairedDeLong, waldStatistics } from "@dure/statistics";
import type { StudyDocument } from "@dure/study";
import { type LogisticDesign, logisticDesign } from "../../coordinator/logistic/design.ts";
import type { AucPair, FrozenModel, FrozenModels, LocalOnExternal, SiteEvaluation } from "../../result.ts";
import type { SiteFigures } from "../figures.ts";
import { cellsOfRisk, riskFigures } from "./classifier-figures.ts";
import { countClasses } from "./counts.ts";
import { gatherRows, type TrainingRows, trainingRows } from "./training-rows.ts";
import { withoutSite } from "./without-site.ts";

export interface EvaluationOptions {
  readonly site: string;
  readonly role: "training" | "external";
  /** The stricter of the study's and the site's own. */
  readonly minimumCell: number;
  /** This site's own models, at a training site that could fit them. */
  readonly ownModels?: FrozenModels;
  /** Also judge the model without this site, at a training site. */
  readonly leavesSiteOut?: boolean;
  /** By site: full local models, at an external site. */
  readonly localModelsOfOthers?: ReadonlyMap<string, FrozenModel>;
}

/**
 * The headline figures of one site.
 *
 * @param models the frozen federated models
 * @returns undefined where a class has fewer than minimumCell rows (or none): the site then shows nothing
 * Numerics: O(n log n) a model.
 * Disclosure: every count is at least minimumCell; AUCs are of at least as many rows of either class.
 */
export function siteEvaluation(
  study: StudyDocument,
  models: FrozenModels,
  options: EvaluationOptions & { readonly table: AnalysisTable },
): SiteFigures | undefined {
  const design = logisticDesign(study);
  return options.role === "training" ? evaluateTraining(design, models, options) : evaluateExternal(design, models.full, options);
}

type Options = EvaluationOptions & { readonly table: AnalysisTable };

function evaluateTraining(design: LogisticDesign, models: FrozenModels, options: Options): SiteFigures | undefined {
  const training = trainingRows(design, options.table);
  const [scored, tableRows] = design.hasFolds ? [training.rows, training.tableRows] : heldOutRows(design, options.table);
  if (!isShown(scored, options.minimumCell)) return undefined;
  const score = (own: FrozenModels): Float64Array | undefined =>
    design.hasFolds ? outOfFoldScores(training, own.folds) : linearPredictor(scored, own.full.coefficients);
  const federated = score(models);
  const local = options.ownModels === undefined ? undefined : score(options.ownModels);
  const apparent = apparentAucs(training.rows, models, options);
  const auc = { ...named("federated", scored, federated), ...named("local", scored, local), ...apparent };
  const found = summarise(design, scored, { auc, eta: federated, tableRows, options });
  const leftOut =
    options.leavesSiteOut === true && isShown(training.rows, options.minimumCell) ? withoutSite(training.rows, models.full) : undefined;
  const evaluation = { ...found.evaluation, ...(leftOut === undefined ? {} : { withoutSite: leftOut }) };
  return { ...found, evaluation, localOnExternal: [] };
}

function evaluateExternal(design: LogisticDesign, model: FrozenModel, options: Options): SiteFigures | undefined {
  const tableRows = Uint32Array.from({ length: options.table.rowCount }, (_, row) => row);
  const rows = gatherRows(design, options.table, tableRows);
  if (!isShown(rows, options.minimumCell)) return undefined;
  const eta = linearPredictor(rows, model.coefficients);
  const found = summarise(design, rows, { auc: named("federated", rows, eta), eta, tableRows, options });
  const models = [...(options.localModelsOfOthers ?? [])].sort(([a], [b]) => (a < b ? -1 : 1));
  const localOnExternal = models.flatMap(([site, local]): readonly LocalOnExternal[] => {
    const entry = compare(rows, { federated: eta, local: linearPredictor(rows, local.coefficients) });
    return entry === undefined ? [] : [{ model: site, site: options.site, ...entry }];
  });
  return { ...found, localOnExternal };
}

/** Every row scored by the model that left its fold out; undefined when one of those models is missing. */
function outOfFoldScores(training: TrainingRows, folds: FrozenModels["folds"]): Float64Array | undefined {
  const scores = new Float64Array(training.rows.rowCount);
  for (let fold = 0; fold + 1 < training.foldStarts.length; fold++) {
    const from = training.foldStarts[fold] ?? 0;
    const to = training.foldStarts[fold + 1] ?? 0;
    const model = folds[fold];
    if (from === to) continue;
    if (model === null || model === undefined) return undefined;
    const { rows } = training;
    const part = { ...rows, rowCount: to - from, features: rows.features.subarray(from), outcome: rows.outcome.subarray(from, to) };
    scores.set(linearPredictor(part, model.coefficients), from);
  }
  return scores;
}

function apparentAucs(rows: LogisticRows, models: FrozenModels, options: Options): AucPair {
  if (!isShown(rows, options.minimumCell)) return {};
  const apparent = aucDeLong(linearPredictor(rows, models.full.coefficients), rows.outcome)?.auc;
  const own = options.ownModels?.full.coefficients;
  const localApparent = own === undefined ? undefined : aucDeLong(linearPredictor(rows, own), rows.outcome)?.auc;
  return { ...(apparent === undefined ? {} : { apparent }), ...(localApparent === undefined ? {} : { localApparent }) };
}

function heldOutRows(design: LogisticDesign, table: AnalysisTable): readonly [LogisticRows, Uint32Array] {
  const rows: number[] = [];
  for (let row = 0; row < table.rowCount; row++) if (table.heldOut[row] === 1) rows.push(row);
  const tableRows = Uint32Array.from(rows);
  return [gatherRows(design, table, tableRows), tableRows];
}

function isShown(rows: LogisticRows, minimumCell: number): boolean {
  const [zeros, ones] = countClasses(rows);
  return Math.min(zeros, ones) >= Math.max(1, minimumCell);
}

function named(name: "federated" | "local", rows: LogisticRows, eta: Float64Array | undefined): AucPair {
  const estimate = eta === undefined ? undefined : aucDeLong(eta, rows.outcome);
  if (estimate === undefined) return {};
  const se = estimate.se;
  if (name === "local") return { local: estimate.auc, ...(se === undefined ? {} : { localSe: se }) };
  return { federated: estimate.auc, ...(se === undefined ? {} : { federatedSe: se }) };
}

function compare(rows: LogisticRows, scores: { readonly federated: Float64Array; readonly local: Float64Array }) {
  const local = aucDeLong(scores.local, rows.outcome);
  const difference = pairedDeLong({ first: scores.federated, second: scores.local }, rows.outcome);
  if (local?.se === undefined || difference === undefined) return undefined;
  // Models that rank every row alike differ by exactly 0 with error 0: there is nothing to test, and p is 1.
  const p = difference.se > 0 ? waldStatistics(difference.estimate, difference.se).p : 1;
  return { auc: local.auc, se: local.se, difference: { ...difference, p } };
}

interface Scored {
  readonly auc: AucPair;
  readonly eta: Float64Array | undefined;
  readonly tableRows: Uint32Array;
  readonly options: Options;
}

function summarise(
  design: LogisticDesign,
  rows: LogisticRows,
  { auc, eta, tableRows, options }: Scored,
): Omit<SiteFigures, "localOnExternal"> {
  const { site, role, table, minimumCell } = options;
  const evaluation: SiteEvaluation = { site, role, n: rows.rowCount, events: countClasses(rows)[1], auc };
  if (eta === undefined) return { evaluation, cells: [] };
  // A training hospital's curve beside that of all would tell those of hospitals that show none.
  const performance = { ...design.performance, decisionCurve: design.performance.decisionCurve && role === "external" };
  const figures = riskFigures({ ...design, performance }, { eta, outcome: rows.outcome, tableRows, table, minimumCell });
  return { evaluation: { ...evaluation, ...figures }, cells: cellsOfRisk(figures) };
}
