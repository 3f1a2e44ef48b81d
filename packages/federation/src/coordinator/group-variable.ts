/** The one variable whose levels a study compares. */

import { referenceLevel, type Variable } from "@dure/study";

export interface GroupDesign {
  readonly variable: string;
  readonly levels: readonly string[];
  /** Index of the level that the others are compared with. */
  readonly reference: number;
}

/** What a person reads for each value of the table's column, from 0. */
export const levelNames = ({ type, levels = [] }: Variable): readonly string[] =>
  type === "category" ? levels.map(String) : ["no", "yes"];

export const groupDesign = (variable: Variable): GroupDesign => ({
  variable: variable.name,
  levels: levelNames(variable),
  reference: variable.type === "category" ? referenceLevel(variable) : 0,
});

/** `treated = yes`, one a level, for messages. */
export const labelsOf = ({ variable, levels }: GroupDesign): readonly string[] => levels.map((level) => `${variable} = ${level}`);
