/**
 * The rules between the fields of a study.
 *
 * They read the document as it stands, before the schema has accepted it: a person who has misspelt one field should hear of a missing
 * outcome in the same breath. So every value is looked at with care, and what the schema reports already is passed over here.
 */

import { type Analysis, ROLES } from "./analyses/index.ts";
import { checkExpression } from "./expressions/compile.ts";
import type { ExpressionType } from "./expressions/expression.ts";
import { FORMS } from "./forms.ts";
import { checkGeneralisedLinearModel } from "./glm-rules.ts";
import { checkIncidenceRates } from "./incidence-rules.ts";
import { checkMetaAnalysis } from "./meta-analysis-rules.ts";
import { checkMissingValues } from "./missing-values-rules.ts";
import {
  ARRAY_MISSING,
  ARRAY_OUTSIDE_NETWORK,
  beyondHorizon,
  FROM_WITH_ARRAYS,
  HIDDEN_CHARACTER,
  INCLUDE_WITH_ARRAYS,
  MOMENTUM_OF_SGD,
  missingRole,
  NO_GROUP,
  NOT_A_PREFIX,
  NOT_ASCENDING,
  reservedName,
  roleNotTaken,
  SHAPE_MISSING,
  STRATA_OF_NO_TEST,
  TENSOR_OUTSIDE_NETWORK,
  tensorOnly,
  timeBins,
  tooManyVariables,
  VALIDATION_OUTSIDE_NETWORK,
  wrongTypeOfRole,
} from "./rule-findings.ts";
import { VARIABLES_MAX, variableSchema } from "./schema.ts";
import { type FieldFinding, valueAt } from "./schema-problems.ts";
import type { Path } from "./source.ts";
import { checkSurvival } from "./survival-rules.ts";
import {
  CAUSE_MISSING,
  categoryOnly,
  FACTOR_TWICE,
  GRID_MISSING,
  gridWithStrata,
  KNOTS_NOT_ASCENDING,
  LEVEL_TWICE,
  LEVELS_MISSING,
  LEVELS_OF_TWO_TYPES,
  noSuchCause,
  noSuchFeature,
  REFERENCE_IS_NO_LEVEL,
  SPLINE_OF_NO_NUMBER,
} from "./term-findings.ts";
import { checkTreatmentEffect } from "./treatment-effect-rules.ts";

/** Reports a finding at a path. */
type Report = (finding: FieldFinding) => void;

type Role = (typeof variableSchema.shape.role.options)[number];
type Type = (typeof variableSchema.shape.type.options)[number];

interface LooseVariable {
  readonly name: string;
  readonly path: Path;
  readonly role: Role | undefined;
  readonly type: Type | undefined;
  readonly has: (field: string) => boolean;
  readonly from: string | undefined;
  /** Empty where there are none. */
  readonly levels: readonly (string | number)[];
  readonly reference: string | number | undefined;
  readonly knots: readonly number[];
}

interface LooseStudy {
  readonly document: unknown;
  readonly kind: AnalysisKind | undefined;
  readonly variables: readonly LooseVariable[];
  /** The rows come from a file of arrays, not from a research table. */
  readonly ofArrays: boolean;
}

type AnalysisKind = Analysis["kind"];

/** Reasons for leaving rows out are counted under `include` too. */
const RESERVED_NAMES = ["include"];

/** Bins of a public time grid: each is an entry of every vector of a round. */
const TIME_BINS_MAX = 20_000;

export function checkRules(document: unknown, report: Report): void {
  const study = looseStudy(document);
  checkTexts(document, [], report);
  if (study.variables.length > VARIABLES_MAX)
    report({ path: ["data", "variables"], ...tooManyVariables(study.variables.length, VARIABLES_MAX) });
  if (study.kind !== undefined) checkRoles(study, study.kind, report);
  for (const variable of study.variables) checkVariable(variable, study, report);
  checkRows(study, report);
  checkTerms(study, report);
  checkTimes(document, study, report);
  checkThresholds(document, report);
  checkOptimiser(document, report);
  checkGeneralisedLinearModel(document, study.variables, report);
  checkIncidenceRates(document, study.variables, report);
  checkMetaAnalysis(document, study.variables, report);
  checkTreatmentEffect(document, study.variables, report);
  checkSurvival(document, study.variables, report);
  checkMissingValues(document, study.variables, report);
}

/**
 * What a person approves must be what is there: no control characters but tab and line feed, no marks that turn the direction of writing
 * (Unicode UAX 9), no half of a surrogate pair, in values and in keys.
 */
// biome-ignore lint/suspicious/noControlCharactersInRegex: these are what is looked for
const HIDDEN = /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]/;

/** Nothing of a study lies deeper; the schema refuses what does. */
const TEXT_DEPTH_MAX = 10;

function checkTexts(value: unknown, path: Path, report: Report): void {
  if (typeof value === "string" && (HIDDEN.test(value) || !value.isWellFormed())) report({ path, ...HIDDEN_CHARACTER });
  if (typeof value !== "object" || value === null || path.length > TEXT_DEPTH_MAX) return;
  for (const [key, member] of Object.entries(value)) {
    const at = [...path, Array.isArray(value) ? Number(key) : key];
    if (HIDDEN.test(key) || !key.isWellFormed()) report({ path: at, ...HIDDEN_CHARACTER });
    checkTexts(member, at, report);
  }
}

function looseStudy(document: unknown): LooseStudy {
  const map = valueAt(document, ["data", "variables"]);
  const names = typeof map === "object" && map !== null && !Array.isArray(map) ? Object.keys(map) : [];
  const variables = names.map((name): LooseVariable => {
    const path = ["data", "variables", name];
    const field = (of: string): unknown => valueAt(document, [...path, of]);
    const [from, reference] = [field("from"), field("reference")];
    return {
      name,
      path,
      role: variableSchema.shape.role.safeParse(field("role")).data,
      type: variableSchema.shape.type.safeParse(field("type")).data,
      has: (of) => field(of) !== undefined,
      from: typeof from === "string" ? from : undefined,
      levels: listOf(field("levels"), isLevel),
      reference: isLevel(reference) ? reference : undefined,
      knots: listOf(valueAt(document, [...path, "spline", "knots"]), isNumber),
    };
  });
  const kind = valueAt(document, ["analysis", "kind"]);
  return {
    document,
    kind: typeof kind === "string" && isAnalysisKind(kind) ? kind : undefined,
    variables,
    ofArrays: variables.some((variable) => variable.has("array")),
  };
}

const isNumber = (value: unknown): value is number => typeof value === "number";

const isLevel = (value: unknown): value is string | number => typeof value === "string" || isNumber(value);

const listOf = <Member>(value: unknown, isMember: (member: unknown) => member is Member): readonly Member[] =>
  Array.isArray(value) ? value.filter(isMember) : [];

const isAnalysisKind = (kind: string): kind is AnalysisKind => Object.hasOwn(ROLES, kind);

function checkRoles(study: LooseStudy, kind: AnalysisKind, report: Report): void {
  const everyRoleKnown = study.variables.every((variable) => variable.role !== undefined);
  for (const role of variableSchema.shape.role.options) {
    const { least, most } = ROLES[kind][role] ?? { least: 0, most: 0 };
    const found = study.variables.filter((variable) => variable.role === role);
    if (found.length < least && everyRoleKnown) report({ path: ["data", "variables"], ...missingRole(kind, role) });
    for (const extra of found.slice(most))
      report({ path: [...extra.path, "role"], ...roleNotTaken({ kind, role, most, found: found.length }) });
  }
  if (valueAt(study.document, ["analysis", "test"]) === "log-rank" && !study.variables.some((variable) => variable.role === "group")) {
    if (everyRoleKnown && kind === "kaplan-meier") report({ path: ["analysis", "test"], ...NO_GROUP });
  }
  if (kind === "kaplan-meier" && valueAt(study.document, ["analysis", "strata"]) !== undefined) {
    if (valueAt(study.document, ["analysis", "test"]) === undefined) report({ path: ["analysis", "strata"], ...STRATA_OF_NO_TEST });
  }
}

function checkVariable(variable: LooseVariable, study: LooseStudy, report: Report): void {
  const at = (field: string, finding: Omit<FieldFinding, "path">): void => report({ path: [...variable.path, field], ...finding });
  if (RESERVED_NAMES.includes(variable.name)) report({ path: variable.path, ...reservedName(variable.name) });
  checkType(variable, study, at);
  checkArray(variable, study, at);
  if (variable.from === undefined || study.ofArrays) return;
  const expected = expressionType(variable);
  checkCel(variable.from, { path: [...variable.path, "from"], expected, report });
}

type ReportField = (field: string, finding: Omit<FieldFinding, "path">) => void;

/** What `from` must give; of an identifier either, and of a type that is not known anything. */
function expressionType({ type, levels }: LooseVariable): ExpressionType | undefined {
  if (type === "number" || type === "boolean") return type;
  if (type !== "category" || levels.length === 0) return undefined;
  return levels.every((level) => typeof level === "number") ? "number" : "text";
}

function checkType(variable: LooseVariable, study: LooseStudy, at: ReportField): void {
  const { role, type } = variable;
  if (role === undefined || type === undefined) return;
  const allowed = study.kind === undefined ? undefined : ROLES[study.kind][role]?.types;
  if (type === "tensor" && study.kind !== undefined && study.kind !== "network") at("type", TENSOR_OUTSIDE_NETWORK);
  else if (allowed !== undefined && !allowed.includes(type)) at("type", wrongTypeOfRole({ role, type, allowed }));
  if (type === "category") checkLevels(variable, at);
  else for (const field of ["levels", "reference"]) if (variable.has(field)) at(field, categoryOnly(field));
  if (variable.has("spline") && (type !== "number" || role !== "feature")) at("spline", SPLINE_OF_NO_NUMBER);
  else if (!isAscending(variable.knots)) at("spline", KNOTS_NOT_ASCENDING);
}

function checkLevels({ levels, reference, has }: LooseVariable, at: ReportField): void {
  if (!has("levels")) at("levels", LEVELS_MISSING);
  if (new Set(levels.map(String)).size < levels.length) at("levels", LEVEL_TWICE);
  if (new Set(levels.map((level) => typeof level)).size > 1) at("levels", LEVELS_OF_TWO_TYPES);
  if (levels.length > 0 && reference !== undefined && !levels.includes(reference)) at("reference", REFERENCE_IS_NO_LEVEL);
}

const isAscending = (values: readonly number[]): boolean => values.every((value, i) => i === 0 || value > (values[i - 1] ?? value));

/** Products are of features; a cause is a level of the event. */
function checkTerms(study: LooseStudy, report: Report): void {
  const { document, variables, kind } = study;
  const features = variables.filter(({ role }) => role === "feature").map(({ name }) => name);
  const products = valueAt(document, ["analysis", "interactions"]);
  for (const [i, product] of (Array.isArray(products) ? products : []).entries()) {
    const factors: readonly unknown[] = Array.isArray(product) ? product : [];
    for (const [j, factor] of factors.entries()) {
      const path = ["analysis", "interactions", i, j];
      if (typeof factor === "string" && !features.includes(factor)) report({ path, ...noSuchFeature(factor, features) });
      else if (factors.indexOf(factor) < j) report({ path, ...FACTOR_TWICE });
    }
  }
  if (kind === "cox") checkCause(study, report);
}

function checkCause({ document, variables }: LooseStudy, report: Report): void {
  const path = ["analysis", "cause"];
  const event = variables.find(({ role }) => role === "event");
  const cause = valueAt(document, path);
  if (cause === undefined && event?.type === "category") report({ path, ...CAUSE_MISSING });
  if (cause === undefined || event === undefined) return;
  const withoutEvent = event.reference ?? event.levels[0];
  const causes = event.levels.filter((level) => level !== withoutEvent).map(String);
  if (event.type !== "category" || !causes.includes(String(cause))) report({ path, ...noSuchCause(causes) });
}

function checkThresholds(document: unknown, report: Report): void {
  const path = ["evaluation", "thresholds"];
  if (!isAscending(listOf(valueAt(document, path), isNumber))) report({ path, ...NOT_ASCENDING });
}

function checkArray(variable: LooseVariable, study: LooseStudy, at: ReportField): void {
  const isTensor = variable.type === "tensor";
  if (variable.has("array") && study.kind !== undefined && study.kind !== "network") at("array", ARRAY_OUTSIDE_NETWORK);
  if (study.ofArrays && variable.has("from")) at("from", FROM_WITH_ARRAYS);
  if ((study.ofArrays || isTensor) && !variable.has("array")) at("array", ARRAY_MISSING);
  if (isTensor && !variable.has("shape")) at("shape", SHAPE_MISSING);
  for (const field of ["shape", "scale"]) {
    if (variable.type !== undefined && !isTensor && variable.has(field)) at(field, tensorOnly(field));
  }
}

/** `include` and `split`: expressions over a table, prefixes for a file of arrays. */
function checkRows(study: LooseStudy, report: Report): void {
  const include = valueAt(study.document, ["data", "include"]);
  if (include !== undefined && study.ofArrays) report({ path: ["data", "include"], ...INCLUDE_WITH_ARRAYS });
  else if (typeof include === "string") checkCel(include, { path: ["data", "include"], expected: "boolean", report });
  for (const part of ["validation", "holdout"]) {
    const path = ["data", "split", part];
    const value = valueAt(study.document, path);
    if (part === "validation" && value !== undefined && study.kind !== undefined && study.kind !== "network") {
      report({ path, ...VALIDATION_OUTSIDE_NETWORK });
    }
    if (typeof value !== "string") continue;
    if (!study.ofArrays) checkCel(value, { path, expected: "boolean", report });
    else if (!FORMS.identifier.test(value)) report({ path, ...NOT_A_PREFIX });
  }
}

interface CelPlace {
  readonly path: Path;
  readonly expected: ExpressionType | undefined;
  readonly report: Report;
}

function checkCel(source: string, { path, expected, report }: CelPlace): void {
  for (const problem of checkExpression(source, expected === undefined ? {} : { expected })) report({ ...problem, path });
}

function checkTimes(document: unknown, study: LooseStudy, report: Report): void {
  const at = valueAt(document, ["analysis", "at"]);
  const times: readonly number[] = Array.isArray(at) && at.every((time) => typeof time === "number") ? at : [];
  if (times.some((time, i) => time <= (times[i - 1] ?? -Infinity))) report({ path: ["analysis", "at"], ...NOT_ASCENDING });
  const horizon = valueAt(document, ["analysis", "horizonDays"]);
  if (study.kind === "cox") checkGridOfCox(document, report);
  if (study.kind === undefined || !KINDS_ON_A_GRID.includes(study.kind) || typeof horizon !== "number") return;
  for (const [i, time] of times.entries()) {
    if (time > horizon) report({ path: ["analysis", "at", i], ...beyondHorizon(time, horizon) });
  }
  const until = valueAt(document, ["analysis", "restrictedMeanDays"]);
  if (typeof until === "number" && until > horizon) report({ path: ["analysis", "restrictedMeanDays"], ...beyondHorizon(until, horizon) });
  const bin = valueAt(document, ["analysis", "timeBinDays"]) ?? 1;
  if (typeof bin !== "number" || bin <= 0) return;
  const bins = Math.ceil(horizon / bin);
  if (bin > horizon || bins > TIME_BINS_MAX) report({ path: ["analysis", "timeBinDays"], ...timeBins(bins, TIME_BINS_MAX) });
}

const KINDS_ON_A_GRID: readonly AnalysisKind[] = ["kaplan-meier", "cumulative-incidence", "cox", "treatment-effect"];

/** Hospitals share risk sets only on a public grid; with strata each has its own, and needs none. */
function checkGridOfCox(document: unknown, report: Report): void {
  const has = (field: string): boolean => valueAt(document, ["analysis", field]) !== undefined;
  if (!has("strata") && !has("horizonDays")) report({ path: ["analysis", "horizonDays"], ...GRID_MISSING });
  for (const field of ["timeBinDays", "horizonDays"]) {
    if (has("strata") && has(field)) report({ path: ["analysis", field], ...gridWithStrata(field) });
  }
}

function checkOptimiser(document: unknown, report: Report): void {
  const momentum = valueAt(document, ["analysis", "optimiser", "momentum"]);
  if (valueAt(document, ["analysis", "optimiser", "kind"]) !== "sgd" || momentum === undefined || momentum === 0) return;
  report({ path: ["analysis", "optimiser", "momentum"], ...MOMENTUM_OF_SGD });
}
