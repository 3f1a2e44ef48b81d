/**
 * YAML or JSON text as a plain value, with the line of every field.
 *
 * A study is data and is hashed, so YAML's ways of saying one thing in two places are refused: anchors and aliases (which also grow
 * exponentially), tags, merge keys, several documents, duplicate keys.
 *
 * Source: YAML 1.2.2, core schema. JSON is a part of it.
 */

import { type Problem, type Text, text } from "@dure/kernel";
import { isAlias, isMap, isNode, isScalar, isSeq, LineCounter, type ParsedNode, parseDocument, visit, type YAMLError } from "yaml";

/** A document that people read and approve; the largest of the five published ones has 2 KB. */
const SOURCE_BYTES_MAX = 262_144;

export type Path = readonly PropertyKey[];

export interface Source {
  readonly value: unknown;
  /** Line, from 1, of the field at the path; of the nearest field around it when there is none. */
  line(path: Path): number | undefined;
}

export interface ReadSource {
  /** Undefined when the text cannot be read at all. A duplicate key is a problem too, but lets the rest be checked. */
  readonly source: Source | undefined;
  readonly problems: readonly Problem[];
}

export function readSource(source: string | Uint8Array, file: string | undefined): ReadSource {
  const refusal = (code: string, said: Said, line?: number): Problem => ({
    code,
    severity: "error",
    place: { ...(file === undefined ? {} : { file }), ...(line === undefined ? {} : { line }) },
    ...said,
  });
  const bytes = typeof source === "string" ? Buffer.byteLength(source) : source.byteLength;
  if (bytes > SOURCE_BYTES_MAX) return unreadable(refusal("study/too-large", tooLarge(bytes)));
  const decoded = typeof source === "string" ? source : decode(source);
  if (decoded === undefined) return unreadable(refusal("study/not-utf8", NOT_UTF8));
  return readText(decoded.replace(/^\uFEFF/, ""), refusal);
}

const unreadable = (problem: Problem): ReadSource => ({ source: undefined, problems: [problem] });

interface Said {
  readonly what: Text;
  readonly remedy: Text;
}

type Refusal = (code: string, said: Said, line?: number) => Problem;

function decode(bytes: Uint8Array): string | undefined {
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  } catch {
    return undefined;
  }
}

function readText(source: string, refusal: Refusal): ReadSource {
  const lines = new LineCounter();
  const lineAt = (offset: number): number => lines.linePos(offset).line;
  try {
    const document = parseDocument(source, { lineCounter: lines, stringKeys: true, prettyErrors: false, schema: "core" });
    const problems = [
      ...document.errors.map((error) => syntaxProblem(error, refusal, lineAt)),
      ...refusedFeatures(document.contents, refusal, lineAt),
    ];
    if (problems.some((problem) => problem.code !== "study/duplicate-key")) return { source: undefined, problems };
    const contents = document.contents;
    const value: unknown = document.toJS({ maxAliasCount: 0 });
    return { source: { value, line: (path) => lineOf(contents, path, lineAt) }, problems };
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    // The YAML parser recurses; only a hostile document is deep enough to end its stack.
    return unreadable(refusal("study/yaml-syntax", TOO_DEEP));
  }
}

function syntaxProblem(error: YAMLError, refusal: Refusal, lineAt: (offset: number) => number): Problem {
  const line = lineAt(error.pos[0]);
  if (error.code === "DUPLICATE_KEY") return refusal("study/duplicate-key", DUPLICATE_KEY, line);
  if (error.code === "MULTIPLE_DOCS") return refusal("study/yaml-feature", feature("a second document behind ---"), line);
  if (error.code === "NON_STRING_KEY") return refusal("study/yaml-feature", feature("a key that is not a text"), line);
  if (error.code === "TAG_RESOLVE_FAILED") return refusal("study/yaml-feature", feature("a tag"), line);
  return refusal("study/yaml-syntax", syntaxSaid(error), line);
}

function refusedFeatures(contents: ParsedNode | null, refusal: Refusal, lineAt: (offset: number) => number): readonly Problem[] {
  const found: Problem[] = [];
  const refuse = (name: string, offset: number | undefined): void => {
    found.push(refusal("study/yaml-feature", feature(name), offset === undefined ? undefined : lineAt(offset)));
  };
  visit(contents, {
    Node(_, node) {
      const offset = node.range?.[0];
      if (isAlias(node)) return refuse("an alias *", offset);
      if (node.anchor !== undefined) refuse("an anchor &", offset);
      if ("tag" in node && node.tag !== undefined) refuse("a tag !", offset);
      return undefined;
    },
    Pair(_, pair) {
      // A plain object cannot tell `__proto__` from its prototype.
      if (isScalar(pair.key) && (pair.key.value === "__proto__" || pair.key.value === "<<"))
        refuse(`the key ${pair.key.value}`, pair.key.range?.[0]);
    },
  });
  return found;
}

function lineOf(contents: ParsedNode | null, path: Path, lineAt: (offset: number) => number): number | undefined {
  let node: unknown = contents;
  let offset = contents?.range[0];
  for (const step of path) {
    if (isMap(node)) {
      const pair = node.items.find((item) => isScalar(item.key) && item.key.value === step);
      if (pair === undefined) break;
      if (isNode(pair.key)) offset = pair.key.range?.[0] ?? offset;
      node = pair.value;
    } else if (isSeq(node) && typeof step === "number") {
      node = node.items[step];
      if (isNode(node)) offset = node.range?.[0] ?? offset;
    } else break;
  }
  return offset === undefined ? undefined : lineAt(offset);
}

const tooLarge = (bytes: number): Said => ({
  what: text(
    `the document has ${bytes} bytes; ${SOURCE_BYTES_MAX} are allowed.`,
    `문서 크기가 ${bytes}바이트입니다. 최대 ${SOURCE_BYTES_MAX}바이트입니다.`,
  ),
  remedy: text("A study names its files; it does not hold them.", "파일은 문서에 넣지 말고 이름으로 지정하십시오."),
});

const NOT_UTF8: Said = {
  what: text("the document is not UTF-8.", "UTF-8로 인코딩된 문서가 아닙니다."),
  remedy: text("Save it as UTF-8.", "UTF-8로 다시 저장하십시오."),
};

const TOO_DEEP: Said = {
  what: text("the document is nested too deeply.", "문서의 중첩이 너무 깊습니다."),
  remedy: text("Start from one of the published examples.", "공개된 예제 문서에서 시작하십시오."),
};

const DUPLICATE_KEY: Said = {
  what: text("this key stands twice in the same map.", "같은 항목이 두 번 쓰였습니다."),
  remedy: text("Keep one of the two.", "하나만 남기십시오."),
};

const feature = (name: string): Said => ({
  what: text(`the document uses ${name}, which a study may not.`, `연구 문서에서 쓸 수 없는 YAML 기능입니다: ${name}`),
  remedy: text("Write the value out where it is needed.", "필요한 자리에 값을 직접 쓰십시오."),
});

const syntaxSaid = (error: YAMLError): Said => ({
  what: text(`this is not YAML: ${error.message.replace(/\.?\s*$/, ".")}`, `YAML 문법에 맞지 않습니다: ${error.message}`),
  remedy: text(
    "Check indentation and brackets; put an expression that holds `: ` or ` #` between quotation marks.",
    "들여쓰기와 괄호를 확인하고, 식에 `: ` 또는 ` #` 기호가 있으면 따옴표로 감싸십시오.",
  ),
});
