/**
 * What went wrong, for a person and for a program.
 *
 * A problem answers four questions: what failed, where, what was found against what was allowed, what to do now.
 * It never holds a cell value, a name, a date of birth or free text: row number, column, rule and site are enough.
 */

import type { Text } from "./text.ts";

/** Where a problem lies. Every field is optional; a reader prints those that are there. */
export interface Place {
  readonly file?: string;
  readonly line?: number;
  readonly row?: number;
  readonly column?: string;
  readonly path?: string;
  readonly site?: string;
  readonly run?: string;
  readonly round?: number;
}

export interface Problem {
  /** Stable kebab-case, `component/what`, such as `study/unknown-variable`. A retired code is never reused. */
  readonly code: string;
  readonly severity: "error" | "warning";
  readonly place: Place;
  /** What failed, and what was found against what was allowed. */
  readonly what: Text;
  /** What to do now. */
  readonly remedy: Text;
}

/**
 * transient: certainly not accepted, try again. ambiguous: may have been accepted, try again only with the same idempotency key.
 * permanent: never try again.
 */
export type Retry = "transient" | "ambiguous" | "permanent";

/** A fault at the edge, or bad input: carries every problem found, not only the first. */
export class DureError extends Error {
  readonly problems: readonly Problem[];
  readonly retry: Retry;

  constructor(problems: readonly Problem[] | Problem, options: { readonly retry?: Retry; readonly cause?: unknown } = {}) {
    const list = Array.isArray(problems) ? (problems as readonly Problem[]) : [problems as Problem]; // Array.isArray does not narrow readonly arrays
    super(list.map((problem) => formatProblem(problem, "en")).join("\n"), { cause: options.cause });
    this.name = "DureError";
    this.problems = list;
    this.retry = options.retry ?? "permanent";
  }

  get code(): string {
    return this.problems[0]?.code ?? "kernel/unknown";
  }
}

/** The kind of a fault for a log, without its message: a driver's message may quote what it choked on. */
export function faultCode(cause: unknown): string {
  if (cause instanceof DureError) return cause.code;
  if (!(cause instanceof Error)) return "fault/unknown";
  return `fault/${"code" in cause && typeof cause.code === "string" ? cause.code : cause.name}`;
}

/** `place: what remedy`, on one line, in one language. */
export function formatProblem(problem: Problem, language: keyof Text): string {
  const place = formatPlace(problem.place, language);
  const remedy = problem.remedy[language];
  return `${place === "" ? "" : `${place}: `}${problem.what[language]}${remedy === "" ? "" : ` ${remedy}`} [${problem.code}]`;
}

function formatPlace(place: Place, language: keyof Text): string {
  const isKorean = language === "ko";
  const parts: string[] = [];
  if (place.site !== undefined) parts.push(place.site);
  if (place.run !== undefined) parts.push(isKorean ? `실행 ${place.run}` : `run ${place.run}`);
  if (place.round !== undefined) parts.push(isKorean ? `라운드 ${place.round}` : `round ${place.round}`);
  if (place.file !== undefined) parts.push(place.line === undefined ? place.file : `${place.file}:${place.line}`);
  if (place.row !== undefined) parts.push(isKorean ? `${place.row}행` : `row ${place.row}`);
  if (place.column !== undefined) parts.push(isKorean ? `"${place.column}" 열` : `column "${place.column}"`);
  if (place.path !== undefined && place.path !== "") parts.push(place.path);
  return parts.join(", ");
}
