/** What is filled in, before any row is seen, and the study that the analysis then is of. Equal at every party. */

import type { StudyDocument, Variable } from "@dure/study";
import { type EventCode, eventCode } from "../event-code.ts";
import { withRole } from "../roles.ts";

export interface MissingDesign {
  /** Features, in the order of the document: what may be missing. */
  readonly features: readonly Variable[];
  /** Whose rows are counted apart: those with the outcome, or with the event. Undefined where the outcome is a number. */
  readonly cases: { readonly variable: string; readonly value: number; readonly asks: "both-classes" | "events" } | undefined;
  readonly minimumCell: number;
}

export const imputes = ({ data }: StudyDocument): boolean => (data.missing?.method ?? "complete-case") !== "complete-case";

export function missingDesign(study: StudyDocument): MissingDesign {
  return {
    features: withRole(study, "feature").filter(({ type }) => type !== "tensor"),
    cases: casesOf(study),
    minimumCell: study.privacy.minimumCell,
  };
}

function casesOf({ analysis, data }: StudyDocument): MissingDesign["cases"] {
  const event = data.variables.find(({ role }) => role === "event");
  if (analysis.kind === "cox" && event !== undefined) {
    const code: EventCode = eventCode(event, analysis.cause);
    return { variable: event.name, value: code.value, asks: "events" };
  }
  const outcome = data.variables.find(({ role, type }) => role === "outcome" && type === "boolean");
  return outcome === undefined ? undefined : { variable: outcome.name, value: 1, asks: "both-classes" };
}

/** Levels that are counted; none of a number. */
export const levelCount = ({ type, levels = [] }: Variable): number => (type === "category" ? levels.length : type === "boolean" ? 2 : 0);

export const indicatorName = (variable: string): string => `${variable} (missing)`;

/**
 * The study of completed rows: nothing of it is missing, and behind each variable that has an indicator stands a boolean that says where
 * the value was put in.
 */
export function completedStudy(study: StudyDocument, indicators: readonly string[]): StudyDocument {
  const { missing: _, ...data } = study.data;
  const variables = data.variables.flatMap((variable): readonly Variable[] =>
    indicators.includes(variable.name) ? [variable, { name: indicatorName(variable.name), role: "feature", type: "boolean" }] : [variable],
  );
  return { ...study, data: { ...data, variables } };
}
