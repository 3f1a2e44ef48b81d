/**
 * Problems beside an error's message: the other side prints them in its own language.
 *
 * The message of an error is English. Headers are ASCII and short, so the problems travel as base64url of JSON, as many as fit.
 */

import { fromBase64, fromUtf8, type Problem, text, toBase64, utf8 } from "@dure/kernel";

/** Code of the first problem, for logs and for programs. */
const CODE_HEADER = "dure-code";
const PROBLEMS_HEADER = "dure-problems";

/** Node takes 16 KB of headers; half of that leaves room for everybody else's. */
const PROBLEMS_BYTES_MAX = 6_000;

export function problemsToHeaders(problems: readonly Problem[]): Headers {
  const headers = new Headers();
  const [first] = problems;
  if (first === undefined) return headers;
  headers.set(CODE_HEADER, first.code);
  let count = problems.length;
  let bytes = utf8(JSON.stringify(problems));
  while (bytes.byteLength > PROBLEMS_BYTES_MAX && count > 1) {
    count = Math.floor(count / 2);
    bytes = utf8(JSON.stringify(problems.slice(0, count)));
  }
  if (bytes.byteLength <= PROBLEMS_BYTES_MAX) headers.set(PROBLEMS_HEADER, toBase64(bytes));
  return headers;
}

/** Empty where the other side said none, or said them in a form that is not understood. */
export function problemsFromHeaders(headers: Headers): readonly Problem[] {
  try {
    const value = JSON.parse(fromUtf8(fromBase64(headers.get(PROBLEMS_HEADER) ?? ""))) as unknown; // its form is checked next
    return Array.isArray(value) ? value.flatMap((item) => readProblem(item) ?? []) : [];
  } catch {
    return [];
  }
}

function readProblem(value: unknown): Problem | undefined {
  if (typeof value !== "object" || value === null) return undefined;
  const { code, severity, place, what, remedy } = value as Record<string, unknown>; // an object, whose fields are checked next
  const said = readText(what);
  const advised = readText(remedy);
  if (typeof code !== "string" || said === undefined || advised === undefined) return undefined;
  return { code, severity: severity === "warning" ? "warning" : "error", place: readPlace(place), what: said, remedy: advised };
}

function readText(value: unknown) {
  if (typeof value !== "object" || value === null || !("en" in value) || !("ko" in value)) return undefined;
  return typeof value.en === "string" && typeof value.ko === "string" ? text(value.en, value.ko) : undefined;
}

function readPlace(value: unknown): Problem["place"] {
  if (typeof value !== "object" || value === null) return {};
  const fields = Object.entries(value);
  const words = fields.filter(([key, field]) => ["file", "column", "path", "site", "run"].includes(key) && typeof field === "string");
  const numbers = fields.filter(([key, field]) => ["line", "row", "round"].includes(key) && typeof field === "number");
  return Object.fromEntries([...words, ...numbers]);
}
