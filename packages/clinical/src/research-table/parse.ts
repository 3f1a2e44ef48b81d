/** A research table document from its text, with every problem of the file reported at once. */

import { text } from "@dure/kernel";
import { isConceptName } from "../concepts.ts";
import { type DocumentSource, type Finding, readDocument } from "../document/read-document.ts";
import { type ColumnSource, type ResearchTable, researchTableSchema } from "./schema.ts";

/** @throws DureError `table/*` with every problem, each with line and path. */
export function parseResearchTable(source: DocumentSource): ResearchTable {
  return readDocument(source, { component: "table", schema: researchTableSchema, check: checkTable });
}

/** Names that a source computes from: inputs and columns above it in the document. */
export function sourceReferences(source: ColumnSource): readonly string[] {
  if ("classOf" in source) return [source.classOf];
  if ("reaches" in source) return [source.reaches];
  if ("firstOf" in source) return source.firstOf;
  if ("event" in source) return [source.event, source.days];
  return [];
}

function checkTable(table: ResearchTable): readonly Finding[] {
  const known = new Set<string>();
  const findings: Finding[] = [];
  const check = (path: readonly string[], name: string, source: ColumnSource | undefined): void => {
    if (known.has(name)) findings.push(doubled(path, name));
    for (const reference of source === undefined ? [] : sourceReferences(source))
      if (!known.has(reference)) findings.push(unknown(path, reference));
    if (source !== undefined) findings.push(...checkSource(path, source));
    known.add(name);
  };
  for (const [name, source] of Object.entries(table.inputs)) check(["inputs", name], name, source);
  for (const [name, column] of Object.entries(table.columns)) check(["columns", name], name, column.source);
  for (const name of [...table.complete, ...table.keep.map(({ column }) => column)]) {
    if (!Object.hasOwn(table.columns, name)) findings.push(unknown(["complete"], name));
  }
  const hasSources = Object.values(table.columns).some(({ source }) => source !== undefined);
  if (hasSources !== (table.index !== undefined)) findings.push(withoutIndex());
  return findings;
}

function checkSource(path: readonly string[], source: ColumnSource): readonly Finding[] {
  if (!("measurement" in source || "observation" in source)) return [];
  const findings = Object.keys(source.codes ?? {}).flatMap((code) => (isConceptName(code) ? [] : [unknown(path, code)]));
  if ((source.value === undefined) === (source.codes === undefined)) findings.push(valueOrCodes(path));
  return findings;
}

const unknown = (path: readonly string[], name: string): Finding => ({
  path,
  code: "table/unknown-reference",
  what: text(`"${name}" is not declared above.`, `"${name}"이(가) 앞에 선언되어 있지 않습니다.`),
  remedy: text("Declare it above, or correct the name.", "앞에 선언하거나 이름을 고치십시오."),
});

const doubled = (path: readonly string[], name: string): Finding => ({
  path,
  code: "table/doubled-name",
  what: text(`"${name}" is declared twice.`, `"${name}"이(가) 두 번 선언되어 있습니다.`),
  remedy: text("Give inputs and columns different names.", "입력과 열의 이름을 다르게 지으십시오."),
});

const valueOrCodes = (path: readonly string[]): Finding => ({
  path,
  code: "table/value-or-codes",
  what: text("a finding needs either `value: number` or `codes`.", "`value: number`와 `codes` 중 하나가 필요합니다."),
  remedy: text("Give exactly one of them.", "둘 중 하나만 적으십시오."),
});

const withoutIndex = (): Finding => ({
  path: ["index"],
  code: "table/no-index",
  what: text(
    "columns with a source need `index`, and `index` needs columns with a source.",
    "출처가 있는 열에는 `index`가, `index`에는 출처가 있는 열이 필요합니다.",
  ),
  remedy: text("Add the missing one.", "빠진 쪽을 추가하십시오."),
});
