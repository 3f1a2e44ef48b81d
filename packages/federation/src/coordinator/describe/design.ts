/** What a description says before any row is seen. Equal at every party. */

import type { StudyDocument, Variable } from "@dure/study";
import { excludedReasons } from "../excluded-reasons.ts";
import { type GroupDesign, groupDesign, levelNames } from "../group-variable.ts";

export type DescribedColumn =
  | { readonly kind: "number"; readonly name: string }
  | { readonly kind: "boolean" | "category"; readonly name: string; readonly levels: readonly string[] };

export interface DescribeDesign {
  readonly columns: readonly DescribedColumn[];
  readonly group: GroupDesign | undefined;
  /** 1 without a group variable. */
  readonly groupCount: number;
  readonly quartiles: boolean;
  readonly tests: boolean;
  readonly minimumCell: number;
  readonly reasons: readonly string[];
}

/** Fails: RangeError on a study that is no description: the study's schema admits none. */
export function describeDesign(study: StudyDocument): DescribeDesign {
  const { analysis } = study;
  if (analysis.kind !== "describe") throw new RangeError("not a description");
  const features = study.data.variables.filter(({ role }) => role === "feature");
  const groupVariable = study.data.variables.find(({ role }) => role === "group");
  const group = groupVariable === undefined ? undefined : groupDesign(groupVariable);
  return {
    columns: features.map(columnOf),
    group,
    groupCount: group?.levels.length ?? 1,
    quartiles: analysis.quartiles,
    tests: analysis.tests,
    minimumCell: study.privacy.minimumCell,
    reasons: excludedReasons(study, [...features, ...(groupVariable === undefined ? [] : [groupVariable])]),
  };
}

function columnOf(variable: Variable): DescribedColumn {
  const { name, type } = variable;
  return type === "number"
    ? { kind: "number", name }
    : { kind: type === "boolean" ? "boolean" : "category", name, levels: levelNames(variable) };
}
