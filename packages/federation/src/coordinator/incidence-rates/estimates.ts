/**
 * What incidence rates tell, with nothing in it that tells fewer patients with the event than the minimum cell apart.
 *
 * Whether a group's events are told follows from the patients who have one: a group of few is hidden, and another with it where the total
 * would give it away. Rates of strata are told of a group only where all of its strata have enough such patients: a standardised rate is
 * one more equation in the same numbers, so that hiding two of them would not hide them.
 */

import { suppressCounts } from "@dure/privacy";
import {
  directlyStandardisedRate,
  type EventsAndTime,
  incidenceRate,
  type RateEstimate,
  rateDifference,
  rateRatio,
  type StandardisedRate,
  standardisedRateRatio,
  standardisedRatio,
} from "@dure/statistics";
import type { IncidenceAnalysis, RateGroup, RateStratum } from "../../incidence-rates-result.ts";
import { reportedExclusions } from "../excluded-reasons.ts";
import { entry } from "../sum-reading.ts";
import { ofGroup } from "./counts.ts";
import type { IncidenceDesign } from "./design.ts";
import type { IncidenceCounts, TimeState } from "./state.ts";

/** The frame of a result: what the study asked for, and nothing found. */
export const emptyAnalysis = ({ per, timeUnitDays, group, standardisation }: IncidenceDesign): IncidenceAnalysis => ({
  kind: "incidence-rates",
  n: 0,
  events: 0,
  excluded: [],
  outcome: "refused",
  per,
  timeUnitDays,
  ...(group === undefined ? {} : { group: { variable: group.variable, reference: group.levels[group.reference] ?? "" } }),
  groups: [],
  ...(standardisation === undefined ? {} : { standardisation }),
  strata: [],
});

/** One group, or all together: its strata, or itself as one where person-time is known of the group only. */
interface Followed {
  readonly level: string | undefined;
  readonly patients: readonly number[];
  readonly events: readonly number[];
  readonly withEvent: readonly number[];
  /** In units of the study. */
  readonly personTime: readonly number[];
  readonly isShown: boolean;
}

/** @param days person-time of every group and stratum, or of every group, in days */
export function estimateRates(design: IncidenceDesign, { counts, opens }: TimeState, days: readonly number[]): IncidenceAnalysis {
  const groups = followedGroups(design, counts, { opens, days });
  const all: Followed = { ...together(groups), level: undefined, isShown: true };
  const described = groups.filter(({ patients }) => total(patients) > 0);
  const reference = design.group === undefined ? undefined : groups[design.group.reference];
  return {
    ...emptyAnalysis(design),
    n: total(counts.patients),
    events: total(counts.events),
    excluded: reportedExclusions(design, counts.excluded),
    outcome: "estimated",
    total: rateGroup(design, all, undefined),
    groups:
      design.group === undefined ? [] : described.map((group) => rateGroup(design, group, group === reference ? undefined : reference)),
    strata: opens === "groups" || design.stratumVariables.length === 0 ? [] : described.flatMap((group) => ratesOfStrata(design, group)),
  };
}

const total = (values: readonly number[]): number => values.reduce((sum, value) => sum + value, 0);

function followedGroups(
  design: IncidenceDesign,
  counts: IncidenceCounts,
  { opens, days }: { readonly opens: TimeState["opens"]; readonly days: readonly number[] },
): readonly Followed[] {
  const levels = design.group?.levels ?? [undefined];
  const cases = levels.map((_, i) => total(ofGroup(design, counts.withEvent, i)));
  const held = levels.map((_, i) => i).filter((i) => total(ofGroup(design, counts.patients, i)) > 0);
  // One column, whose total is told whatever becomes of the groups.
  const column = held.map((i) => [entry(cases, i)]);
  const shown = suppressCounts(column, design.minimumCell, { knowsColumnTotals: true }).cells.flat();
  return levels.map((level, i): Followed => {
    const cells = (values: readonly number[]): readonly number[] =>
      opens === "strata" ? ofGroup(design, values, i) : [total(ofGroup(design, values, i))];
    const own = opens === "strata" ? ofGroup(design, days, i) : [entry(days, i)];
    return {
      level,
      patients: cells(counts.patients),
      events: cells(counts.events),
      withEvent: cells(counts.withEvent),
      personTime: own.map((value) => value / design.timeUnitDays),
      isShown: shown[held.indexOf(i)]?.kind === "exact",
    };
  });
}

/** Stratum by stratum. */
function together(groups: readonly Followed[]): Omit<Followed, "level" | "isShown"> {
  const add = (of: (group: Followed) => readonly number[]): readonly number[] =>
    (groups[0] === undefined ? [] : of(groups[0])).map((_, i) => total(groups.map((group) => entry(of(group), i))));
  return {
    patients: add(({ patients }) => patients),
    events: add(({ events }) => events),
    withEvent: add(({ withEvent }) => withEvent),
    personTime: add(({ personTime }) => personTime),
  };
}

const crude = ({ events, personTime }: Followed): EventsAndTime => ({ events: total(events), personTime: total(personTime) });

function rateGroup(design: IncidenceDesign, group: Followed, reference: Followed | undefined): RateGroup {
  const own = crude(group);
  const frame = {
    ...(group.level === undefined ? {} : { level: group.level }),
    n: total(group.patients),
    personTime: own.personTime,
  };
  if (!group.isShown) return frame;
  const against = reference?.isShown === true && total(reference.patients) > 0 ? reference : undefined;
  return {
    ...frame,
    events: own.events,
    rate: scaled(incidenceRate(own), design.per),
    ...(against === undefined ? {} : comparison(design, own, crude(against))),
    ...standardised(design, group, against),
  };
}

function comparison({ per }: IncidenceDesign, own: EventsAndTime, reference: EventsAndTime): Pick<RateGroup, "ratio" | "difference"> {
  const ratio = rateRatio(own, reference);
  const difference = rateDifference(own, reference);
  return {
    ...(ratio === undefined ? {} : { ratio }),
    difference: { ...scaled(difference, per), standardError: difference.standardError * per },
  };
}

function standardised(design: IncidenceDesign, group: Followed, reference: Followed | undefined): Partial<RateGroup> {
  if (design.standardisation === "indirect") {
    const expected = total(group.personTime.map((time, i) => (time * (design.strata[i]?.rate ?? 0)) / design.per));
    return expected > 0 ? { expected, standardisedRatio: standardisedRatio(total(group.events), expected) } : {};
  }
  const own = design.standardisation === "direct" ? directOf(design, group) : undefined;
  if (own === undefined) return {};
  const other = reference === undefined ? undefined : directOf(design, reference);
  const ratio = other === undefined ? undefined : standardisedRateRatio(own, other);
  return {
    standardisedRate: scaled(own, design.per),
    ...(ratio === undefined ? {} : { standardisedRateRatio: ratio }),
  };
}

/** Undefined where a stratum that has weight was not followed. */
function directOf({ strata }: IncidenceDesign, { events, personTime }: Followed): StandardisedRate | undefined {
  const cells = strata.map(({ weight }, i) => ({ events: entry(events, i), personTime: entry(personTime, i), weight }));
  return cells.every(({ weight, personTime: time }) => weight === 0 || time > 0) ? directlyStandardisedRate(cells) : undefined;
}

const scaled = ({ estimate, ci95: [low, high] }: RateEstimate, per: number): RateEstimate => ({
  estimate: estimate * per,
  ci95: [low * per, high * per],
});

function ratesOfStrata(
  design: IncidenceDesign,
  { level, patients, events, withEvent, personTime, isShown }: Followed,
): readonly RateStratum[] {
  const held = patients.flatMap((count, i) => (count > 0 && entry(personTime, i) > 0 ? [i] : []));
  if (!isShown || held.some((i) => entry(withEvent, i) < design.minimumCell)) return [];
  return held.map((i) => ({
    levels: design.strata[i]?.levels ?? {},
    ...(level === undefined ? {} : { level }),
    n: entry(patients, i),
    events: entry(events, i),
    personTime: entry(personTime, i),
    rate: scaled(incidenceRate({ events: entry(events, i), personTime: entry(personTime, i) }), design.per),
  }));
}
