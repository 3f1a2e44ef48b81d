/**
 * A YAML (or JSON) document read against a schema: the value, or every problem of the file at once, each with line and path.
 *
 * What a problem says is written here in both languages from the schema's own findings, because a library's English sentence
 * cannot be shown to a Korean steward.
 */

import { DureError, type Problem, type Text, text } from "@dure/kernel";
import { type Document, isNode, LineCounter, parseDocument } from "yaml";
import type { z } from "zod";

export interface DocumentSource {
  /** Shown in problems. */
  readonly file: string;
  readonly text: string;
}

/** A problem that a check of meaning found: where, by path into the document. */
export interface Finding {
  readonly path: readonly (string | number)[];
  readonly code: string;
  readonly what: Text;
  readonly remedy: Text;
}

export interface ReadOptions<Value> {
  readonly component: "mapping" | "table" | "view" | "fhir-policy" | "quality" | "load";
  readonly schema: z.ZodType<Value>;
  /** Checks of meaning, run on a value of the right shape. */
  readonly check: (value: Value) => readonly Finding[];
}

/** Larger documents are refused: no mapping or table comes near. */
const DOCUMENT_LENGTH_MAX = 1_000_000;

/** Stands in a draft where only a person knows what belongs there. A document with one left is refused, whatever else it would pass for. */
export const FILL_IN = "FILL-IN";

/** @throws DureError with every problem of the document. */
export function readDocument<Value>(source: DocumentSource, options: ReadOptions<Value>): Value {
  const lines = new LineCounter();
  if (source.text.length > DOCUMENT_LENGTH_MAX) throw new DureError(tooLarge(source, options.component));
  const document = parseDocument(source.text, { lineCounter: lines, uniqueKeys: true, prettyErrors: false });
  if (document.errors.length > 0) {
    throw new DureError(document.errors.map((error) => syntaxProblem(source, options.component, lines.linePos(error.pos[0]).line)));
  }
  const given: unknown = document.toJS({ maxAliasCount: 100 });
  const unfilled = findUnfilled(given).map((path) => leftToFillIn(path, options.component));
  const parsed = options.schema.safeParse(given);
  const found = parsed.success ? options.check(parsed.data) : parsed.error.issues.map((issue) => describeIssue(issue, options.component));
  const problems = [...unfilled, ...found.filter((finding) => !followsFrom(finding, unfilled))].map((finding): Problem => {
    const line = lineOf(document, lines, finding.path);
    return {
      code: finding.code,
      severity: "error",
      place: { file: source.file, path: finding.path.join("."), ...(line === undefined ? {} : { line }) },
      what: finding.what,
      remedy: finding.remedy,
    };
  });
  if (!parsed.success || problems.length > 0) throw new DureError(problems);
  return parsed.data;
}

/** Paths of values and keys that are marks, or end in one as `patients.FILL-IN` does. */
function findUnfilled(value: unknown, path: Finding["path"] = []): readonly Finding["path"][] {
  if (typeof value === "string") return isMark(value) ? [path] : [];
  if (typeof value !== "object" || value === null) return [];
  const isList = Array.isArray(value);
  return Object.entries(value).flatMap(([key, inner]) => {
    const at = [...path, isList ? Number(key) : key];
    return isMark(key) ? [at] : findUnfilled(inner, at);
  });
}

const isMark = (text: string): boolean => text === FILL_IN || text.endsWith(`.${FILL_IN}`);

const leftToFillIn = (path: Finding["path"], component: string): Finding => ({
  path,
  code: `${component}/fill-in`,
  what: text(`${FILL_IN} still stands here.`, `${FILL_IN}이(가) 아직 남아 있습니다.`),
  remedy: text(
    "Write what only you know; the comment on the line says what is meant. What needs no such line: remove it.",
    "담당자만 아는 내용을 적으십시오. 무엇을 적을지는 그 줄의 주석에 있습니다. 필요 없는 줄이면 지우십시오.",
  ),
});

/** What is wrong where a mark stands, or around it because of it, is told by the mark. A key that nothing reads is wrong by itself. */
const followsFrom = (finding: Finding, unfilled: readonly Finding[]): boolean =>
  !finding.code.endsWith("/unknown-key") &&
  unfilled.some(({ path }) =>
    Array.from({ length: Math.min(path.length, finding.path.length) }).every((_, i) => path[i] === finding.path[i]),
  );

/** The line of the nearest node on the path that exists. */
function lineOf(document: Document, lines: LineCounter, path: readonly (string | number)[]): number | undefined {
  for (let length = path.length; length >= 0; length--) {
    const node = document.getIn(path.slice(0, length), true);
    if (isNode(node) && node.range) return lines.linePos(node.range[0]).line;
  }
  return undefined;
}

function describeIssue(issue: z.core.$ZodIssue, component: string): Finding {
  const meant = issue.code === "invalid_union" ? issue.errors.flat().find((inner) => inner.code === "custom") : undefined;
  if (meant !== undefined) return describeIssue({ ...meant, path: [...issue.path, ...meant.path] }, component);
  const path = issue.path.map((part) => (typeof part === "symbol" ? String(part) : part));
  const [what, remedy, code] = issueTexts(issue);
  return { path, code: `${component}/${code}`, what, remedy };
}

function issueTexts(issue: z.core.$ZodIssue): readonly [what: Text, remedy: Text, code: string] {
  switch (issue.code) {
    case "unrecognized_keys": {
      const keys = issue.keys.join(", ");
      return [
        text(`unknown key ${keys}.`, `알 수 없는 키입니다: ${keys}.`),
        text("Correct the spelling or remove it.", "철자를 고치거나 지우십시오."),
        "unknown-key",
      ];
    }
    case "invalid_value": {
      const values = issue.values.map(String).join(", ");
      return [
        text("this value is not allowed here.", "여기에 쓸 수 없는 값입니다."),
        text(`Use one of: ${values}.`, `다음 중 하나를 쓰십시오: ${values}.`),
        "bad-value",
      ];
    }
    case "invalid_type":
      return [
        text(`a value of type ${issue.expected} is required here.`, `여기에는 ${issue.expected} 형식의 값이 필요합니다.`),
        text("Add it, or correct its type.", "값을 넣거나 형식을 고치십시오."),
        "bad-type",
      ];
    case "custom":
      return [customText(issue, "what"), customText(issue, "remedy"), "bad-value"];
    default:
      return [
        text(
          `the value does not have the required form (${issue.code.replaceAll("_", " ")}).`,
          `값의 형식이 맞지 않습니다(${issue.code.replaceAll("_", " ")}).`,
        ),
        text("See packages/clinical/README.md.", "packages/clinical/README.md를 참고하십시오."),
        "bad-value",
      ];
  }
}

/** A schema of ours puts `{ ko }` beside its English message, or `{ what, remedy }` in both languages. */
function customText(issue: z.core.$ZodIssueCustom, part: "what" | "remedy"): Text {
  const given: unknown = issue.params?.[part];
  if (isText(given)) return given;
  if (part === "remedy") return text("See packages/clinical/README.md.", "packages/clinical/README.md를 참고하십시오.");
  const korean: unknown = issue.params?.["ko"];
  return text(issue.message, typeof korean === "string" ? korean : issue.message);
}

const isText = (value: unknown): value is Text => typeof value === "object" && value !== null && "en" in value && "ko" in value;

function syntaxProblem(source: DocumentSource, component: string, line: number): Problem {
  return {
    code: `${component}/not-yaml`,
    severity: "error",
    place: { file: source.file, line },
    what: text("this is not valid YAML.", "올바른 YAML이 아닙니다."),
    remedy: text("Check indentation, quotes and doubled keys on this line.", "이 줄의 들여쓰기, 따옴표, 중복된 키를 확인하십시오."),
  };
}

function tooLarge(source: DocumentSource, component: string): Problem {
  return {
    code: `${component}/too-large`,
    severity: "error",
    place: { file: source.file },
    what: text(
      `the document has ${source.text.length} characters, at most ${DOCUMENT_LENGTH_MAX} are allowed.`,
      `문서가 ${source.text.length}자입니다. 최대 ${DOCUMENT_LENGTH_MAX}자까지 허용됩니다.`,
    ),
    remedy: text("Check that this is the right file.", "올바른 파일인지 확인하십시오."),
  };
}
