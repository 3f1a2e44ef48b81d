/** Variables of a study by the part they play. */

import type { StudyDocument, Variable } from "@dure/study";

export const withRole = (study: StudyDocument, role: Variable["role"]): readonly Variable[] =>
  study.data.variables.filter((variable) => variable.role === role);
