/** A hospital's own fit: the study's model on its rows alone, by the same code as over all hospitals. It never leaves but in sums. */

import { DureError } from "@dure/kernel";
import type { AnalysisTable } from "@dure/records";
import type { SiteEstimate } from "@dure/statistics";
import type { StudyDocument } from "@dure/study";
import { unsupported } from "../../coordinator/column-support.ts";
import { LEFT_OUT_REASONS, type LeftOutReason, type MetaAnalysisDesign, ownStudy } from "../../coordinator/meta-analysis/design.ts";
import type { Term } from "../../result.ts";
import { columnOf } from "../gathered-columns.ts";
import { runAlone } from "../run-alone.ts";
import { countSupport } from "./support.ts";

export type OwnFit =
  /** By `design.terms`. */
  { readonly kind: "fitted"; readonly estimates: readonly SiteEstimate[] } | { readonly kind: "left-out"; readonly reason: LeftOutReason };

/** What rows that no fit can use are called where hospitals are counted; of other faults the hospital hears in its own console. */
const FAULTS: ReadonlyMap<string, LeftOutReason> = new Map([
  ["federation/no-rows", "too-few-rows"],
  ["federation/stratum-without-events", "no-events"],
]);

/**
 * Fails: DureError of rows that the model cannot take, such as a negative time; never with a value.
 * Numerics: that of the fit.
 */
export async function fitOwn(design: MetaAnalysisDesign, study: StudyDocument, table: AnalysisTable): Promise<OwnFit> {
  const rows = trainingRows(study, table);
  const tooFew = isTooFew(design, table, rows);
  if (tooFew !== undefined) return { kind: "left-out", reason: tooFew };
  const end = await runOrFault(study, table);
  if (typeof end === "string") return { kind: "left-out", reason: end };
  if (end.kind === "refused") return { kind: "left-out", reason: reasonOf(end.refusal.code) };
  const { analysis } = end.result;
  const terms: readonly Term[] = "terms" in analysis ? analysis.terms : [];
  const estimates = design.terms
    .flatMap((name) => terms.filter((term) => term.name === name))
    .map(({ estimate, standardError }) => ({ estimate, standardError }));
  const isWhole = estimates.length === design.terms.length && estimates.every(({ standardError }) => standardError > 0);
  if (!isWhole) return { kind: "left-out", reason: "other" };
  return isSupported(design, table, rows) ? { kind: "fitted", estimates } : { kind: "left-out", reason: "unsupported-column" };
}

/** Rows of the table that the study does not hold out. */
export const trainingRows = ({ data }: StudyDocument, table: AnalysisTable): Uint32Array =>
  Uint32Array.from({ length: table.rowCount }, (_, row) => row).filter((row) => data.split === undefined || table.heldOut[row] !== 1);

/** What the gate asks of any fit: no more coefficients than a third of the rows, and as many events as a minimum cell. */
function isTooFew(design: MetaAnalysisDesign, table: AnalysisTable, rows: Uint32Array): LeftOutReason | undefined {
  if (rows.length === 0) return "too-few-rows";
  if (design.minimumCell === 0) return undefined;
  if (rows.length < Math.max(design.minimumCell, 3 * design.terms.length)) return "too-few-rows";
  if (design.event === undefined) return undefined;
  const events = columnOf(table, design.event);
  const count = rows.reduce((total, row) => total + (events[row] === 1 ? 1 : 0), 0);
  if (count === 0) return "no-events";
  return count < design.minimumCell ? "too-few-events" : undefined;
}

/**
 * A secure sum over few hospitals hides little here: three power sums of three hospitals' weights are solved for the weights, and a standard
 * error and a log odds for the four counts that they are made of. So a level needs its minimum cell at this hospital, not in total.
 */
const isSupported = (design: MetaAnalysisDesign, table: AnalysisTable, rows: Uint32Array): boolean =>
  design.minimumCell === 0 || unsupported(design, countSupport(design, table, rows)).length === 0;

async function runOrFault(study: StudyDocument, table: AnalysisTable) {
  try {
    return await runAlone(ownStudy(study), table);
  } catch (error) {
    const reason = error instanceof DureError ? FAULTS.get(error.code) : undefined;
    if (reason === undefined) throw error;
    return reason;
  }
}

const reasonOf = (code: string): LeftOutReason =>
  code === "monotone-likelihood" ? "separated" : (LEFT_OUT_REASONS.find((reason) => reason === code) ?? "other");
