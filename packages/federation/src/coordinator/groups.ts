/** Groups of patients: every combination of the levels of the variables with the role group. */

import type { Variable } from "@dure/study";

/** A level of each group variable. */
export type GroupLevels = { readonly [variable: string]: boolean | string | number };

export interface GroupVariable {
  readonly name: string;
  readonly levelCount: number;
}

export const groupVariablesOf = (variables: readonly Variable[]): readonly GroupVariable[] =>
  variables.map((variable) => ({ name: variable.name, levelCount: levelsOf(variable).length }));

/** One group without variables. The last variable changes fastest. */
export const groupsOf = (variables: readonly Variable[]): readonly GroupLevels[] =>
  combinationsOf(variables.map((variable) => ({ name: variable.name, levels: levelsOf(variable) })));

/** Every combination of a level of each; one without variables. The last variable changes fastest. */
export const combinationsOf = <Level>(
  variables: readonly { readonly name: string; readonly levels: readonly Level[] }[],
): readonly { readonly [variable: string]: Level }[] =>
  variables.reduce<readonly { readonly [variable: string]: Level }[]>(
    (found, { name, levels }) => found.flatMap((before) => levels.map((level) => ({ ...before, [name]: level }))),
    [{}],
  );

/** `stage = II, treated = true`, for messages; the study's own names and no figure. */
export const groupLabel = (group: GroupLevels): string =>
  Object.entries(group)
    .map(([name, value]) => `${name} = ${value}`)
    .join(", ");

const levelsOf = ({ type, levels = [] }: Variable): readonly (boolean | string | number)[] => (type === "boolean" ? [false, true] : levels);
