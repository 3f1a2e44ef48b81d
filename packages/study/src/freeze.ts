/**
 * The study as hospitals sign it.
 *
 * The canonical value holds the whole meaning of the study: every default written out, so that a later version of the product cannot read
 * another one into it; each file replaced by its name, size and SHA-256; the variables as a list, because canonical JSON sorts keys and the
 * order of the variables is the order of a model's terms. Its canonical form (RFC 8785) is hashed. A site receives the canonical value alone,
 * and derives document and hash from it again, under the same rules as the proposer.
 */

import { DureError, hashJson, type JsonValue, type Problem, parseSha256, sha256, text } from "@dure/kernel";
import type { FrozenStudy, HashedFile, StudyDocument } from "./document.ts";
import { checkStudyValue } from "./parse.ts";
import { valueAt } from "./schema-problems.ts";

/** Names of the files that a study names, in a fixed order: the table document, then the network. */
export function namedFiles(document: StudyDocument): readonly string[] {
  const table = tableFile(document.data.table);
  return document.analysis.kind === "network" ? [table, document.analysis.model] : [table];
}

/**
 * @param readFile content of a file by the name that `namedFiles` gives, such as `tables/breast-registry.yaml`; undefined when absent
 * @throws DureError with one `study/file-absent` for each file that is not there.
 */
export function freezeStudy(document: StudyDocument, readFile: (name: string) => Uint8Array | undefined): FrozenStudy {
  const problems: Problem[] = [];
  const files = new Map<string, HashedFile>();
  for (const name of namedFiles(document)) {
    const content = readFile(name);
    if (content === undefined) problems.push(fileAbsent(name));
    else files.set(name, { name, bytes: content.byteLength, sha256: sha256(content) });
  }
  if (problems.length > 0) throw new DureError(problems);
  const canonical = canonicalValue(document, files);
  return { document, canonical, hash: hashJson(canonical) };
}

/**
 * Document and hash of a canonical value that somebody else made. A value that was tampered with has another hash: compare it with the one
 * that was approved.
 *
 * @throws DureError with every problem of the study, or `study/not-frozen` when the value is not of the canonical form.
 */
export function parseFrozen(canonical: JsonValue): FrozenStudy {
  const source = sourceValue(canonical);
  const checked = checkStudyValue(source, (path) => ({ path: path.map(String).join(".") }));
  if (checked.kind === "refused") throw new DureError(checked.problems);
  const frozen: FrozenStudy = { document: checked.document, canonical, hash: hashJson(canonical) };
  const again = canonicalValue(checked.document, new Map(frozenFiles(frozen).map((file) => [file.name, file])));
  // A value that leaves a default out, or says one thing in two ways, would let one study have two hashes.
  if (hashJson(again) !== frozen.hash) throw new DureError(notFrozen());
  return frozen;
}

/** The files of a frozen study, as they were when it was frozen: a site compares its own copies with these. */
export function frozenFiles(study: FrozenStudy): readonly HashedFile[] {
  const table = valueAt(study.canonical, ["data", "table"]);
  const model = valueAt(study.canonical, ["analysis", "model"]);
  return [hashedFile(table), ...(model === undefined ? [] : [hashedFile(model)])];
}

const tableFile = (table: string): string => `tables/${table}.yaml`;
const TABLE_FILE = /^tables\/(.+)\.yaml$/;

function canonicalValue(document: StudyDocument, files: ReadonlyMap<string, HashedFile>): JsonValue {
  const fileOf = (name: string): JsonValue => {
    const file = files.get(name);
    return file === undefined ? null : { name: file.name, bytes: file.bytes, sha256: file.sha256 };
  };
  const { analysis, data } = document;
  return {
    dure: document.dure,
    id: document.id,
    title: document.title,
    purpose: document.purpose,
    data: { ...plain(data), table: fileOf(tableFile(data.table)) },
    analysis: { ...plain(analysis), ...(analysis.kind === "network" ? { model: fileOf(analysis.model) } : {}) },
    evaluation: plain(document.evaluation),
    privacy: { secureSum: { ...document.privacy.secureSum }, minimumCell: document.privacy.minimumCell },
  };
}

/** A part of a document as JSON. Parsing left no field undefined, so it holds the same fields. */
const plain = (part: object): { readonly [key: string]: JsonValue } => JSON.parse(JSON.stringify(part)) as { [key: string]: JsonValue }; // JSON.parse gives JSON

/** The canonical value in the shape that people write, for the schema and the rules. */
function sourceValue(canonical: JsonValue): unknown {
  const data = objectOf(valueAt(canonical, ["data"]));
  const analysis = objectOf(valueAt(canonical, ["analysis"]));
  const table = TABLE_FILE.exec(hashedFile(data["table"]).name)?.[1];
  if (table === undefined || !Array.isArray(data["variables"])) throw new DureError(notFrozen());
  const names = new Set<string>();
  const variables = data["variables"].map((variable): [string, unknown] => {
    const { name, ...rest } = objectOf(variable);
    if (typeof name !== "string" || name === "__proto__" || names.has(name)) throw new DureError(notFrozen());
    names.add(name);
    return [name, rest];
  });
  return {
    ...objectOf(canonical),
    data: { ...data, table, variables: Object.fromEntries(variables) },
    analysis: analysis["model"] === undefined ? analysis : { ...analysis, model: hashedFile(analysis["model"]).name },
  };
}

function objectOf(value: unknown): Readonly<Record<string, unknown>> {
  if (typeof value !== "object" || value === null || Array.isArray(value)) throw new DureError(notFrozen());
  return { ...value };
}

function hashedFile(value: unknown): HashedFile {
  const { name, bytes, sha256: hash, ...rest } = objectOf(value);
  if (typeof name !== "string" || typeof bytes !== "number" || typeof hash !== "string") throw new DureError(notFrozen());
  if (!Number.isSafeInteger(bytes) || bytes < 0 || !/^[0-9a-f]{64}$/.test(hash) || Object.keys(rest).length > 0)
    throw new DureError(notFrozen());
  return { name, bytes, sha256: parseSha256(hash) };
}

const fileAbsent = (name: string): Problem => ({
  code: "study/file-absent",
  severity: "error",
  place: { file: name },
  what: text("the study names this file, but it is not there.", "연구에서 지정한 파일을 찾을 수 없습니다."),
  remedy: text(
    "Put the file there, or name another; hospitals approve its content together with the study.",
    "파일을 해당 위치에 두거나 다른 파일을 지정하십시오. 병원은 연구와 함께 파일의 내용도 승인합니다.",
  ),
});

const notFrozen = (): Problem => ({
  code: "study/not-frozen",
  severity: "error",
  place: {},
  what: text("this is not the canonical form of a study.", "연구의 정규 형식이 아닙니다."),
  remedy: text("Ask the proposer to propose the study again.", "연구 제안자에게 연구를 다시 제안하도록 요청하십시오."),
});
