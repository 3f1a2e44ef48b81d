/** A study document from YAML or JSON text: every problem at once, or the document with every default in its place. */

import { DureError, type Place, type Problem } from "@dure/kernel";
import { type Analysis, timesUntil } from "./analyses/index.ts";
import type { StudyDocument, Variable } from "./document.ts";
import { checkRules } from "./rules.ts";
import { type StudySource, studySchema, variableSchema } from "./schema.ts";
import { type FieldFinding, findingsOfIssue, valueAt } from "./schema-problems.ts";
import { type Path, readSource } from "./source.ts";

export type CheckedStudy =
  | { readonly kind: "accepted"; readonly document: StudyDocument }
  | { readonly kind: "refused"; readonly problems: readonly Problem[] };

export interface SourceOptions {
  /** Name of the file, for the problems. */
  readonly file?: string;
}

/** Problems are in the order of their lines. No file that the study names is opened: that is done by `freezeStudy`. */
export function checkStudy(source: string | Uint8Array, options: SourceOptions = {}): CheckedStudy {
  const read = readSource(source, options.file);
  if (read.source === undefined) return { kind: "refused", problems: read.problems };
  const { value, line } = read.source;
  const checked = checkStudyValue(value, (path) => {
    const at = line(path);
    return {
      ...(options.file === undefined ? {} : { file: options.file }),
      ...(at === undefined ? {} : { line: at }),
      path: printPath(path),
    };
  });
  if (checked.kind === "accepted" && read.problems.length === 0) return checked;
  const problems = [...read.problems, ...(checked.kind === "refused" ? checked.problems : [])];
  return { kind: "refused", problems: problems.sort((a, b) => (a.place.line ?? 0) - (b.place.line ?? 0)) };
}

/** @throws DureError with every problem that `checkStudy` finds. */
export function parseStudy(source: string | Uint8Array, options: SourceOptions = {}): StudyDocument {
  const checked = checkStudy(source, options);
  if (checked.kind === "refused") throw new DureError(checked.problems);
  return checked.document;
}

/** For a value that is no text any more; `locate` gives the place of a field. */
export function checkStudyValue(value: unknown, locate: (path: Path) => Place): CheckedStudy {
  const problems: Problem[] = [];
  const report = ({ path, code, what, remedy }: FieldFinding): void => {
    problems.push({ code, severity: "error", place: locate(path), what, remedy });
  };
  const parsed = studySchema.safeParse(value);
  for (const issue of parsed.error?.issues ?? []) {
    for (const finding of findingsOfIssue(issue, value)) report(finding);
    // The schema does not look behind a key that it refuses.
    if (issue.code === "invalid_key") for (const finding of variableFindings(value, issue.path)) report(finding);
  }
  checkRules(value, report);
  return parsed.success && problems.length === 0 ? { kind: "accepted", document: documentOf(parsed.data) } : { kind: "refused", problems };
}

function variableFindings(value: unknown, path: Path): readonly FieldFinding[] {
  const issues = variableSchema.safeParse(valueAt(value, path)).error?.issues ?? [];
  return issues.flatMap((issue) => findingsOfIssue({ ...issue, path: [...path, ...issue.path] }, value));
}

const printPath = (path: Path): string =>
  path.map((step, i) => (typeof step === "number" ? `[${step}]` : i === 0 ? String(step) : `.${String(step)}`)).join("");

function documentOf(source: StudySource): StudyDocument {
  const { variables, ...data } = source.data;
  const { dure, id, title, purpose } = source;
  return {
    dure,
    id,
    title,
    purpose,
    data: {
      ...present(data),
      variables: Object.entries(variables).map(([name, variable]): Variable => ({ name, ...present(variable) })),
    },
    analysis: analysisOf(source.analysis),
    evaluation: present(source.evaluation),
    privacy: source.privacy,
  };
}

/** The defaults that depend on another field. */
function analysisOf(analysis: StudySource["analysis"]): Analysis {
  switch (analysis.kind) {
    case "cox":
    case "kaplan-meier":
    case "cumulative-incidence":
      return present({ ...analysis, at: analysis.at ?? timesUntil(analysis.horizonDays) });
    case "treatment-effect": {
      const { at, horizonDays } = analysis;
      return present({ ...analysis, at: at ?? (horizonDays === undefined ? undefined : timesUntil(horizonDays)) });
    }
    case "network": {
      const { kind, learningRate, momentum = kind === "sgd" ? 0 : 0.9 } = analysis.optimiser;
      return { ...analysis, optimiser: { kind, learningRate, momentum } };
    }
    default:
      return present(analysis);
  }
}

type Present<Value> = Value extends readonly (infer Member)[]
  ? readonly Present<Member>[]
  : Value extends object
    ? { [Key in keyof Value]: Present<Exclude<Value[Key], undefined>> }
    : Value;

/** The same without fields that are undefined, however deep: absent and undefined are one in the canonical form. */
function present<Value>(value: Value): Present<Value> {
  if (Array.isArray(value)) return value.map(present) as Present<Value>; // a list keeps its members
  if (typeof value !== "object" || value === null) return value as Present<Value>; // nothing to drop
  const kept = Object.entries(value).filter(([, member]) => member !== undefined);
  return Object.fromEntries(kept.map(([key, member]) => [key, present(member)])) as Present<Value>; // only undefined members were dropped
}
