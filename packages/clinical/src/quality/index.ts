export { type CheckRule, checkId, type PlausibleBound, placeOf, type QualityCheck, type ThresholdSource } from "./check.ts";
export {
  CHECK_TYPES,
  type CheckLevel,
  type CheckName,
  type CheckType,
  type CheckWords,
  checkNames,
  checkTypeOf,
  isCheckName,
  type Severity,
  wordsOf,
} from "./check-types.ts";
export { defaultChecks } from "./default-checks.ts";
export { DEFAULT_GATE, type GateFinding, type GateJudgement, type GateRule, judgeStudiedFields, type StudiedField } from "./gate.ts";
export { type OhdsiFiles, readOhdsiChecks } from "./ohdsi-csv.ts";
export { applyOverrides, NO_OVERRIDES, parseOverrides, type QualityOverride, type QualityOverrides } from "./overrides.ts";
export {
  type CheckCounts,
  type CheckResult,
  type CheckStatus,
  describeReason,
  judgeCounts,
  type NotApplicableReason,
  notApplicableReason,
  type TableFacts,
  violatedPercent,
} from "./result.ts";
export { type QualitySummary, SEVERITIES, STATUSES, type StatusCounts, summariseResults } from "./summary.ts";
