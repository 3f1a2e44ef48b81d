/** What a study of incidence rates says before any row is seen. Equal at every party. */

import type { StandardCell, StudyDocument, Variable } from "@dure/study";
import { excludedReasons } from "../excluded-reasons.ts";
import { type GroupDesign, groupDesign, levelNames } from "../group-variable.ts";
import { combinationsOf } from "../groups.ts";

/** A level of each stratum variable, by the index in the table's column. */
export interface StratumDesign {
  readonly levels: { readonly [variable: string]: string };
  /** Of the standard population; 0 without standardisation. */
  readonly weight: number;
  /** The standard population's own rate, in the study's unit. */
  readonly rate: number;
}

export interface StratumVariable {
  readonly name: string;
  readonly levels: readonly string[];
}

export interface IncidenceDesign {
  readonly time: string;
  readonly event: string;
  /** Events are counted; otherwise each patient has one or none. */
  readonly countsEvents: boolean;
  readonly group: GroupDesign | undefined;
  readonly groupCount: number;
  readonly stratumVariables: readonly StratumVariable[];
  /** Every combination of their levels; one without them. The last variable changes fastest. */
  readonly strata: readonly StratumDesign[];
  readonly standardisation: "direct" | "indirect" | undefined;
  readonly per: number;
  readonly timeUnitDays: number;
  readonly minimumCell: number;
  readonly reasons: readonly string[];
}

/** Fails: RangeError on a study of another kind, or without time or event: the study's schema admits neither. */
export function incidenceDesign(study: StudyDocument): IncidenceDesign {
  const { analysis } = study;
  const { variables } = study.data;
  const withRole = (role: Variable["role"]): readonly Variable[] => variables.filter((variable) => variable.role === role);
  const [[time], [event], [groupVariable]] = [withRole("time"), withRole("event"), withRole("group")];
  const stratumVariables = withRole("stratum");
  if (analysis.kind !== "incidence-rates" || time === undefined || event === undefined)
    throw new RangeError("not a study of incidence rates with time and event");
  const strata = stratumVariables.map((variable) => ({ name: variable.name, levels: levelNames(variable) }));
  const group = groupVariable === undefined ? undefined : groupDesign(groupVariable);
  return {
    time: time.name,
    event: event.name,
    countsEvents: event.type === "number",
    group,
    groupCount: group?.levels.length ?? 1,
    stratumVariables: strata,
    strata: combinationsOf(strata).map((levels) => ({ levels, ...standardOf(levels, analysis.standardisation?.population ?? []) })),
    standardisation: analysis.standardisation?.method,
    per: analysis.per,
    timeUnitDays: analysis.timeUnitDays,
    minimumCell: study.privacy.minimumCell,
    reasons: excludedReasons(study, [time, event, ...(groupVariable === undefined ? [] : [groupVariable]), ...stratumVariables]),
  };
}

function standardOf(levels: StratumDesign["levels"], population: readonly StandardCell[]): Pick<StratumDesign, "weight" | "rate"> {
  const names = Object.keys(levels);
  const found = population.find((cell) => names.every((name) => levelWord(cell.levels[name]) === levels[name]));
  return { weight: found?.weight ?? 0, rate: found?.rate ?? 0 };
}

/** A yes/no level is written as true or false in a standard population. */
const levelWord = (level: string | number | boolean | undefined): string =>
  typeof level === "boolean" ? (level ? "yes" : "no") : String(level);

/** `female = yes, band = 60-69`, for messages; the study's own names and no figure. */
export const cellLabel = ({ group, strata }: IncidenceDesign, cell: number): string => {
  const { levels = {} } = strata[cell % strata.length] ?? {};
  const own = group === undefined ? {} : { [group.variable]: group.levels[Math.floor(cell / strata.length)] ?? "" };
  return Object.entries({ ...own, ...levels })
    .map(([name, level]) => `${name} = ${level}`)
    .join(", ");
};
