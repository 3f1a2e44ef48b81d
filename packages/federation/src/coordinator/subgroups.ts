/** Variables with the role subgroup: patients among whom a model is judged besides. */

import type { StudyDocument } from "@dure/study";

export interface Subgroup {
  readonly variable: string;
  /** What a person reads for each value of the table's column, from 0. */
  readonly levels: readonly string[];
}

export const subgroupsOf = (study: StudyDocument): readonly Subgroup[] =>
  study.data.variables.flatMap(({ name, role, type, levels = [] }) =>
    role === "subgroup" ? [{ variable: name, levels: type === "category" ? levels.map(String) : ["no", "yes"] }] : [],
  );
