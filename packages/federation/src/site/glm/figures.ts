/**
 * A site's own figures under the frozen model. Of a logistic family discrimination and calibration, as for a logistic regression; of the others
 * how much of the outcome's variance and deviance the model explains here, and whether its means are right here.
 *
 * At a training site with a held-out split they are of the rows held out; without one they are apparent. Where every hospital has an intercept
 * of its own, the model orders patients within a hospital, and predicts no level: only the AUC is told then.
 */

import { DureError, type JsonValue } from "@dure/kernel";
import type { AnalysisTable } from "@dure/records";
import { aucDeLong, calibrationBins, type GlmRows, glmFamily, glmLinearPredictor, recalibrate } from "@dure/statistics";
import type { StudyDocument } from "@dure/study";
import { type GlmDesign, glmDesign, hasTheta, isBinary } from "../../coordinator/glm/design.ts";
import type { NumberFit } from "../../glm-result.ts";
import type { SiteEvaluation } from "../../result.ts";
import type { FiguresRequest, SiteFigures } from "../figures.ts";
import { isList, isRecord, modelNotOfStudy } from "../model-json.ts";
import { gatherGlmRows } from "./rows.ts";

/** Fails: a DureError `federation/model-not-of-study`. */
export function glmFigures(study: StudyDocument, request: FiguresRequest): Promise<SiteFigures | undefined> {
  const design = glmDesign(study);
  const coefficients = parseModel(design, request.result);
  const { site, role, table, minimumCell } = request;
  const isHeldOut = study.data.split !== undefined;
  const rows = gatherOrNone(design, table, (row) => role === "external" || (table.heldOut[row] === 1) === isHeldOut);
  if (rows === undefined || rows.rowCount < Math.max(1, minimumCell)) return Promise.resolve(undefined);
  const slopes = design.hasOwnIntercepts ? [0, ...coefficients] : coefficients;
  const eta = glmLinearPredictor(rows, slopes);
  const base = { site, role, n: rows.rowCount };
  const evaluation = isBinary(design)
    ? classifierFigures(design, { rows, eta, base, minimumCell, isApparent: role === "training" && !isHeldOut })
    : { ...base, events: rows.rowCount, auc: {}, ...numberFigures(design, rows, eta) };
  return Promise.resolve(evaluation === undefined ? undefined : { evaluation, localOnExternal: [] });
}

/** An external hospital whose rows the family cannot use has no figures; it took no part in the fit. */
function gatherOrNone(design: GlmDesign, table: AnalysisTable, isKept: (row: number) => boolean): GlmRows | undefined {
  const kept = Uint32Array.from(Array.from({ length: table.rowCount }, (_, row) => row).filter(isKept));
  try {
    return gatherGlmRows(design, table, kept);
  } catch (error) {
    if (error instanceof DureError) return undefined;
    throw error;
  }
}

interface Scored {
  readonly rows: GlmRows;
  readonly eta: Float64Array;
  readonly base: Pick<SiteEvaluation, "site" | "role" | "n">;
  readonly minimumCell: number;
  readonly isApparent: boolean;
}

function classifierFigures(design: GlmDesign, { rows, eta, base, minimumCell, isApparent }: Scored): SiteEvaluation | undefined {
  const events = rows.outcome.reduce((total, y) => total + y, 0);
  if (Math.min(events, rows.rowCount - events) < Math.max(1, minimumCell)) return undefined;
  const found = aucDeLong(eta, rows.outcome);
  if (found === undefined) return undefined;
  if (isApparent) return { ...base, events, auc: { apparent: found.auc } };
  const auc = { federated: found.auc, ...(found.se === undefined ? {} : { federatedSe: found.se }) };
  if (design.hasOwnIntercepts) return { ...base, events, auc };
  const [bins, calibration] = [calibrationBins(eta, rows.outcome, minimumCell), recalibrate(eta, rows.outcome)];
  return { ...base, events, auc, ...(calibration === undefined || bins.length === 0 ? {} : { calibration: { bins, ...calibration } }) };
}

/** Fewer rows than these say nothing about a share of a variance. */
const NUMBER_ROWS_MIN = 10;

function numberFigures(design: GlmDesign, rows: GlmRows, eta: Float64Array): { readonly numberFit?: NumberFit } {
  const family = glmFamily(design.model, 1);
  if (design.hasOwnIntercepts || rows.rowCount < NUMBER_ROWS_MIN || !eta.every(Number.isFinite)) return {};
  if (design.model.link === "inverse" && !eta.every((value) => value > 0)) return {};
  const means = eta.map(family.meanOf);
  const [y, mu] = [centred(rows.outcome), centred(means)];
  if (!(y.square > 0)) return {};
  const residual = rows.outcome.reduce((total, value, i) => total + (value - (means[i] ?? Number.NaN)) ** 2, 0);
  const slope = mu.square > 0 ? y.values.reduce((total, value, i) => total + value * (mu.values[i] ?? 0), 0) / mu.square : undefined;
  const explained = hasTheta(design) ? undefined : devianceExplained(design, rows, { eta, mean: y.mean });
  return {
    numberFit: {
      rSquared: 1 - residual / y.square,
      ...(explained === undefined ? {} : { devianceExplained: explained }),
      ...(slope === undefined ? {} : { calibration: { intercept: y.mean - slope * mu.mean, slope } }),
    },
  };
}

function centred(values: Float64Array) {
  const mean = values.reduce((total, value) => total + value, 0) / values.length;
  const around = values.map((value) => value - mean);
  return { mean, values: around, square: around.reduce((total, value) => total + value * value, 0) };
}

function devianceExplained(
  design: GlmDesign,
  { outcome }: GlmRows,
  at: { readonly eta: Float64Array; readonly mean: number },
): number | undefined {
  const family = glmFamily(design.model, 1);
  const terms = { score: 0, observed: 0, expected: 0, value: 0, deviance: 0, pearson: 0, thetaScore: 0, thetaObserved: 0, thetaCross: 0 };
  let [model, none] = [0, 0];
  const constant = family.link(at.mean);
  if (!Number.isFinite(constant)) return undefined;
  for (const [i, y] of outcome.entries()) {
    family.rowTerms(at.eta[i] ?? Number.NaN, y, terms);
    model += terms.deviance;
    family.rowTerms(constant, y, terms);
    none += terms.deviance;
  }
  return none > 0 ? 1 - model / none : undefined;
}

/** The frozen model of a result: the study's terms in the study's order, a finite coefficient each. */
function parseModel(design: GlmDesign, result: JsonValue): readonly number[] {
  const model = isRecord(result) ? result["model"] : undefined;
  const own = isRecord(model) ? model : {};
  const names = design.hasOwnIntercepts ? design.names : ["(intercept)", ...design.names];
  const [terms, coefficients] = [own["terms"], own["coefficients"]];
  const isOfStudy = isList(terms) && terms.length === names.length && terms.every((name, j) => name === names[j]);
  if (!isOfStudy || !isList(coefficients)) throw modelNotOfStudy();
  const numbers = coefficients.filter((value) => typeof value === "number" && Number.isFinite(value)).map(Number);
  if (numbers.length !== names.length) throw modelNotOfStudy();
  return numbers;
}
