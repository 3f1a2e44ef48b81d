/**
 * The first round: plain counts, before anything that carries a covariate is opened.
 *
 * Treatment is what the propensity model separates, so its arms are the classes in which the levels of a column need support. Where the
 * outcome is yes or no it is a second class: each arm needs patients with and without it (of a survival outcome, with the event), and where the
 * outcome is regressed on the columns, each level in each arm. A negative control or a subgroup that lacks this is left out by name; the
 * rest goes on without it.
 */

import { type ColumnSupport, mergeTimeBins, type Sum, type SumLayout, supportProblems } from "@dure/privacy";
import { binCount } from "@dure/statistics";
import type { Absorbed, AnalysisRefusal } from "../../analysis.ts";
import type { RefusalCode } from "../../refusal-codes.ts";
import type { ByArm, TreatmentEffectResult } from "../../treatment-effect-result.ts";
import { supportedColumns, supportLength, unsupported } from "../column-support.ts";
import { countVector } from "../count-vectors.ts";
import { atRiskAt, followedDays, riskTicks } from "../kaplan-meier/estimates.ts";
import { groupBins, riskPoints } from "../kaplan-meier/group-bins.ts";
import { levelAtOneSite, levelSitesLayout } from "../level-sites.ts";
import { entry, readVector } from "../sum-reading.ts";
import { hasCases, outcomeName, parameterCountMax, type TreatmentDesign } from "./design.ts";
import type { ArmIntervals, TreatmentCounts, TreatmentState } from "./state.ts";

/** Entries of one supported column in `jointSupport`: arm × level × class of a boolean, arm of a number. */
const jointCells = (type: "boolean" | "number"): number => (type === "boolean" ? 8 : 2);

const jointLength = (design: TreatmentDesign): number => supportedColumns(design).reduce((total, { type }) => total + jointCells(type), 0);

const levelCount = ({ subgroups }: TreatmentDesign): number => subgroups.reduce((total, { levels }) => total + levels.length, 0);

/** Whether levels are counted by arm and outcome. */
export const countsJointly = (design: TreatmentDesign): boolean => design.outcomeRegression !== undefined && hasCases(design);

/** Where hospitals take out an intercept, a column that varies within one of them alone would be that hospital's own (decision 20). */
export const asksForVariation = ({ siteTerms, minimumCell }: TreatmentDesign): boolean => siteTerms && minimumCell > 0;

export function countsLayout(design: TreatmentDesign): SumLayout {
  const { grid, controls } = design;
  const bins = grid === undefined ? 0 : binCount(grid);
  const vectors = [
    countVector("arms", 2),
    countVector("hospitalsByArm", 2, 1),
    countVector("armOutcomes", 2),
    countVector("excluded", design.reasons.length),
    countVector("support", supportLength(design)),
    countVector("jointSupport", countsJointly(design) ? jointLength(design) : 0),
    countVector("controlsByArm", 2 * controls.length),
    countVector("levelsByArm", 2 * levelCount(design)),
    countVector("levelOutcomes", 2 * levelCount(design)),
    countVector("hospitalsByLevelArm", design.minimumCell === 0 ? 0 : 2 * levelCount(design), 1),
    ...levelSitesLayout(design),
    countVector("hospitalsVarying", asksForVariation(design) ? design.features.length : 0, 1),
    countVector("eventsByDay", 2 * bins),
    countVector("censoredByDay", 2 * bins),
    countVector("followedToEnd", grid === undefined ? 0 : 2),
  ];
  return { vectors: vectors.filter(({ length }) => length > 0) };
}

export function absorbCounts(design: TreatmentDesign, sum: Sum): Absorbed<TreatmentState, TreatmentEffectResult> {
  const arms = byArm(readVector(sum, "arms", 2));
  const outcomes = byArm(readVector(sum, "armOutcomes", 2));
  const refusal = armsRefusal(design, { arms, outcomes, sum }) ?? columnsRefusal(design, { arms, sum });
  if (refusal !== undefined) return { kind: "refused", refusal };
  const intervals = mergedIntervals(design, sum);
  if (intervals === undefined) return { kind: "refused", refusal: { code: "arm-with-too-few-events", columns: [design.treatment] } };
  const levels = readLevels(design, sum);
  const counts: TreatmentCounts = {
    arms,
    cases: hasCases(design) ? outcomes : null,
    excluded: readVector(sum, "excluded", design.reasons.length),
    controls: supportedControls(design, arms, sum),
    subgroups: design.subgroups.flatMap((_, i) =>
      (levels[i] ?? []).every((level) => isFilled(design, level) && !level.isAlone) ? [i] : [],
    ),
    subgroupArms: levels.map((of) => of.map(({ arms: rows }) => rows)),
    intervals,
  };
  return { kind: "continue", state: { phase: "moments", counts } };
}

const byArm = (values: readonly number[], from = 0): ByArm<number> => [entry(values, from), entry(values, from + 1)];

interface ArmCounts {
  readonly arms: ByArm<number>;
  /** Rows with the outcome or event; of an outcome that is a number, rows off its most frequent value. */
  readonly outcomes: ByArm<number>;
}

function armsRefusal(design: TreatmentDesign, { arms, outcomes, sum }: ArmCounts & { readonly sum: Sum }): AnalysisRefusal | undefined {
  const { treatment, minimumCell } = design;
  const least = Math.max(1, minimumCell);
  const inTreatment = (code: RefusalCode): AnalysisRefusal => ({ code, columns: [treatment] });
  if (arms[0] + arms[1] < least) return { code: "too-few-rows", columns: [] };
  if (arms.some((count) => count === 0)) return inTreatment("one-arm");
  if (arms.some((count) => count < least)) return inTreatment("arm-too-small");
  const hospitals = readVector(sum, "hospitalsByArm", 2);
  if (minimumCell > 0 && sum.siteCount > 1 && hospitals.some((count) => count < 2)) return inTreatment("arm-at-one-site");
  if (isFilled(design, { arms, outcomes })) return undefined;
  if (!hasCases(design)) return { code: "constant-column", columns: [outcomeName(design)] };
  const [cases, n] = [outcomes[0] + outcomes[1], arms[0] + arms[1]];
  if (cases === 0) return { code: "no-events", columns: [outcomeName(design)] };
  if (cases === n && design.survival === undefined) return { code: "one-class", columns: [outcomeName(design)] };
  return { code: "arm-with-too-few-events", columns: [outcomeName(design)] };
}

/** Each arm has enough with the outcome and, where it is no event in time, without it. Without a minimum cell one of each will do. */
function isFilled(design: TreatmentDesign, { arms, outcomes }: ArmCounts): boolean {
  const least = Math.max(1, design.minimumCell);
  const asksForOthers = design.outcome?.isBoolean === true;
  return arms.every((rows, arm) => {
    const cases = outcomes[arm] ?? 0;
    return rows >= least && cases >= least && (!asksForOthers || rows - cases >= least);
  });
}

function columnsRefusal(
  design: TreatmentDesign,
  { arms, sum }: Pick<ArmCounts, "arms"> & { readonly sum: Sum },
): AnalysisRefusal | undefined {
  const support = readVector(sum, "support", supportLength(design));
  if (design.minimumCell === 0) return inOneArm(design, support);
  const columns = unsupported(design, support);
  if (columns.length > 0) return { code: "unsupported-column", columns };
  const alone = levelAtOneSite(design, sum);
  if (alone !== undefined) return alone;
  const varying = asksForVariation(design) ? readVector(sum, "hospitalsVarying", design.features.length) : [];
  const constant = design.names.filter((_, j) => sum.siteCount > 1 && (varying[j] ?? 2) < 2);
  if (constant.length > 0) return { code: "varies-at-one-site", columns: constant };
  if (3 * parameterCountMax(design) > arms[0] + arms[1]) return { code: "too-many-columns", columns: [] };
  const jointly = countsJointly(design) ? jointlyUnsupported(design, readVector(sum, "jointSupport", jointLength(design))) : [];
  return jointly.length > 0 ? { code: "unsupported-column", columns: jointly } : undefined;
}

/** A level that one arm has and the other has not would have an infinite coefficient. One that nobody has is a constant column. */
function inOneArm(design: TreatmentDesign, support: readonly number[]): AnalysisRefusal | undefined {
  let next = 0;
  const columns = design.features.filter(({ type }) => {
    const cells = support.slice(next, next + (type === "boolean" ? 4 : 1));
    next += cells.length;
    const [noUntreated = 0, noTreated = 0, untreated = 0, treated = 0] = cells;
    return type === "boolean" && ((noUntreated === 0) !== (noTreated === 0) || (untreated === 0) !== (treated === 0));
  });
  return columns.length === 0 ? undefined : { code: "level-in-one-arm", columns: columns.map(({ name }) => name) };
}

function jointlyUnsupported(design: TreatmentDesign, cells: readonly number[]): readonly string[] {
  let next = 0;
  const columns = supportedColumns(design).flatMap(({ name: column, type }): readonly ColumnSupport[] => {
    const own = cells.slice(next, next + jointCells(type));
    next += own.length;
    if (type === "number") return own.map((differingCount) => ({ kind: "numeric", column, differingCount }));
    return [0, 2, 4, 6].map((from) => ({ kind: "level", column, level: String(from), countsByClass: own.slice(from, from + 2) }));
  });
  return [...new Set(supportProblems(columns, design.minimumCell).map(({ column }) => column))];
}

function supportedControls(design: TreatmentDesign, arms: ByArm<number>, sum: Sum): readonly number[] {
  if (design.controls.length === 0) return [];
  const cases = readVector(sum, "controlsByArm", 2 * design.controls.length);
  const asBoolean: TreatmentDesign = { ...design, outcome: { name: "", isBoolean: true } };
  return design.controls.flatMap((_, i) => (isFilled(asBoolean, { arms, outcomes: byArm(cases, 2 * i) }) ? [i] : []));
}

interface LevelCounts extends ArmCounts {
  /** One hospital alone has patients of this level in an arm. */
  readonly isAlone: boolean;
}

function readLevels(design: TreatmentDesign, sum: Sum): readonly (readonly LevelCounts[])[] {
  if (design.subgroups.length === 0) return [];
  const length = 2 * levelCount(design);
  const [rows, outcomes] = [readVector(sum, "levelsByArm", length), readVector(sum, "levelOutcomes", length)];
  const hospitals = design.minimumCell === 0 ? [] : readVector(sum, "hospitalsByLevelArm", length);
  let next = 0;
  return design.subgroups.map(({ levels }) =>
    levels.map((): LevelCounts => {
      const isAlone = sum.siteCount > 1 && hospitals.slice(next, next + 2).some((count) => count < 2);
      const found = { arms: byArm(rows, next), outcomes: byArm(outcomes, next), isAlone };
      next += 2;
      return found;
    }),
  );
}

/** null without a curve; undefined where an arm has too few events for one. */
function mergedIntervals({ grid, minimumCell }: TreatmentDesign, sum: Sum): TreatmentCounts["intervals"] | undefined {
  if (grid === undefined) return null;
  const length = binCount(grid);
  const read = (name: string, count: number): Float64Array => Float64Array.from(readVector(sum, name, count));
  const counts = { events: read("eventsByDay", 2 * length), censored: read("censoredByDay", 2 * length), beyond: read("followedToEnd", 2) };
  const arms = [0, 1].map((arm) => {
    const bins = groupBins(counts, arm, length);
    const merged = mergeTimeBins(bins, minimumCell);
    return merged === undefined
      ? undefined
      : { bins, merged, followed: followedDays({ grid, minimumCell, binCount: length }, { bins, merged }) };
  });
  const ticks = riskTicks(Math.max(...arms.map((arm) => arm?.followed ?? 0)));
  const [untreated, treated] = arms.map((arm): ArmIntervals | undefined => {
    if (arm === undefined) return undefined;
    const points = riskPoints(arm.bins, arm.merged, minimumCell);
    return {
      ends: arm.merged.intervals.map(({ end }) => end),
      numbersAtRisk: ticks.map((time) => ({ time, atRisk: atRiskAt({ grid }, points, time) })),
      followedDays: arm.followed,
    };
  });
  return untreated === undefined || treated === undefined ? undefined : [untreated, treated];
}
