/** The end of a run as result.json, and the check of what sites release before it is part of one. */

import type { JsonValue } from "@dure/kernel";
import type { FrozenStudy } from "@dure/study";
import { type AnalysisEnd, composeResult } from "../coordinator/compose-result.ts";
import { type RefusalCode, refusalCodes } from "../refusal-codes.ts";
import type { AnalysisResult, LocalOnExternal, RunSummary, SiteEvaluation, StudyResult } from "../result.ts";
import type { RunDurable } from "./run-plan.ts";

interface Figures {
  readonly evaluation: SiteEvaluation;
  readonly localOnExternal: readonly LocalOnExternal[];
}

/** Undefined while the run goes on, and where it was stopped for want of hospitals: then there is nothing to tell but the reason. */
export function runResult(study: FrozenStudy, durable: RunDurable, run: RunSummary): StudyResult | undefined {
  const end = analysisEnd(durable);
  if (end === undefined) return undefined;
  // takeRelease kept only what isFigures passed
  const figures = Object.values(durable.headlines).map((value) => value as unknown as Figures);
  return composeResult({ study, end, figures, run });
}

function analysisEnd(durable: RunDurable): AnalysisEnd | undefined {
  if (durable.stage !== "ended") return undefined;
  if (durable.status === "completed") {
    return { kind: "done", result: durable.result as unknown as AnalysisResult }; // made by the study's own part; JSON only for the protocol
  }
  const code = refusalCode(durable);
  if (code === undefined) return undefined;
  const columns = durable.stopReason?.columns ?? [];
  return { kind: "refused", state: durable.state, refusal: { code, columns } };
}

const REFUSED = "analysis-refused/";

function refusalCode(durable: RunDurable): RefusalCode | undefined {
  const code = durable.stopReason?.code;
  return refusalCodes.find((known) => code === `${REFUSED}${known}`);
}

/** A site speaks for itself only, with finite figures in the agreed form. */
export function isFigures(value: JsonValue, site: string, role: string): boolean {
  if (!isRecord(value) || !isRecord(value["evaluation"]) || !Array.isArray(value["localOnExternal"])) return false;
  const { evaluation, localOnExternal } = value;
  const isOwn = evaluation["site"] === site && evaluation["role"] === role && isCount(evaluation["n"]) && isCount(evaluation["events"]);
  return (
    isOwn &&
    isRecord(evaluation["auc"]) &&
    Object.values(evaluation["auc"]).every(isNumber) &&
    isConcordance(evaluation["concordance"]) &&
    isBaseline(evaluation["baselineHazard"]) &&
    isClassifier(evaluation) &&
    localOnExternal.every((row) => isComparison(row, site))
  );
}

const isComparison = (row: unknown, site: string): boolean =>
  isRecord(row) &&
  row["site"] === site &&
  typeof row["model"] === "string" &&
  isNumber(row["auc"]) &&
  isNumber(row["se"]) &&
  isRecord(row["difference"]);

function isConcordance(value: unknown): boolean {
  if (value === undefined) return true;
  if (!isRecord(value)) return false;
  const { localModels = [], subgroups = [], withoutSite, ...figures } = value;
  const isSubgroup = (row: unknown): boolean =>
    isRecord(row) &&
    typeof row["variable"] === "string" &&
    typeof row["level"] === "string" &&
    ["n", "events"].every((name) => isCount(row[name])) &&
    ["estimate", "se"].every((name) => isNumber(row[name]));
  const isLeftOut =
    withoutSite === undefined || (isRecord(withoutSite) && isNumber(withoutSite["estimate"]) && isNumber(withoutSite["se"]));
  const isModel = (row: unknown): boolean =>
    isRecord(row) && typeof row["model"] === "string" && isNumber(row["estimate"]) && isNumber(row["se"]) && isRecord(row["difference"]);
  return (
    Object.values(figures).every(isNumber) &&
    Array.isArray(localModels) &&
    localModels.every(isModel) &&
    Array.isArray(subgroups) &&
    subgroups.every(isSubgroup) &&
    isLeftOut
  );
}

const isBaseline = (value: unknown): boolean =>
  value === undefined ||
  (Array.isArray(value) && value.every((point) => isRecord(point) && isNumber(point["time"]) && isNumber(point["cumulativeHazard"])));

/** Only the forms that the report walks through; every number in them is finite because JSON has no other. */
function isClassifier({ performance, subgroups = [], withoutSite }: Record<string, unknown>): boolean {
  const areDecisions = (value: unknown): boolean =>
    Array.isArray(value) && value.every((row) => isRecord(row) && isNumber(row["threshold"]));
  const isPerformance =
    performance === undefined ||
    (isRecord(performance) &&
      isNumber(performance["averagePrecision"]) &&
      isNumber(performance["brier"]) &&
      areDecisions(performance["decisions"]) &&
      areDecisions(performance["decisionCurve"] ?? []));
  const isSubgroup = (row: unknown): boolean =>
    isRecord(row) &&
    typeof row["variable"] === "string" &&
    typeof row["level"] === "string" &&
    isCount(row["n"]) &&
    isCount(row["events"]) &&
    isNumber(row["auc"]) &&
    areDecisions(row["decisions"]);
  const isLeftOut = withoutSite === undefined || (isRecord(withoutSite) && isNumber(withoutSite["auc"]));
  return isPerformance && Array.isArray(subgroups) && subgroups.every(isSubgroup) && isLeftOut;
}

const isRecord = (value: unknown): value is Record<string, unknown> => typeof value === "object" && value !== null && !Array.isArray(value);
const isNumber = (value: unknown): boolean => typeof value === "number" && Number.isFinite(value);
const isCount = (value: unknown): boolean => typeof value === "number" && Number.isSafeInteger(value) && value >= 0;
