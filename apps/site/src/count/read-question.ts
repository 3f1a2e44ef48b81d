/** A feasibility question as it arrived: the draft of a study, its table document, and the columns that it reads. */

import { parseResearchTable, type ResearchTable } from "@dure/clinical";
import { fromUtf8, sha256 } from "@dure/kernel";
import {
  type ColumnTypes,
  compileExpression,
  type ExpressionType,
  type FrozenStudy,
  frozenFiles,
  parseFrozen,
  type StudyDocument,
} from "@dure/study";
import { parseJson, type alliance as wire } from "@dure/wire";

export interface ReadQuestion {
  readonly study: FrozenStudy;
  readonly tableDocument: Uint8Array;
  /** Of the research table, each once. */
  readonly columns: readonly string[];
}

/**
 * Fails: throws on a draft that is no study, a table document that is absent or altered, an expression over columns that the table does
 * not have. Which of these, nobody outside learns.
 */
export function readQuestion(question: Pick<wire.CountQuestion, "canonicalStudyJson" | "files">): ReadQuestion {
  const study = parseFrozen(parseJson(question.canonicalStudyJson));
  const name = `tables/${study.document.data.table}.yaml`;
  const expected = frozenFiles(study).find((file) => file.name === name)?.sha256;
  const tableDocument = question.files.find((file) => file.name === name)?.content;
  if (tableDocument === undefined || sha256(tableDocument) !== expected) throw new RangeError("the table document is absent or altered");
  const table = parseResearchTable({ file: name, text: fromUtf8(tableDocument) });
  return { study, tableDocument, columns: columnsRead(study.document, table) };
}

/** Every column of the table that `include`, a variable or the split reads. */
function columnsRead(study: StudyDocument, table: ResearchTable): readonly string[] {
  const types: ColumnTypes = new Map(
    Object.entries(table.columns).flatMap(([name, { type }]): [string, ExpressionType][] => (type === "tensor" ? [] : [[name, type]])),
  );
  const { include, split, variables } = study.data;
  const expressions = [include, split?.holdout, split?.validation, ...variables.map(({ from }) => from)].filter((cel) => cel !== undefined);
  const own = variables.filter(({ from }) => from === undefined).map(({ name, array }) => array ?? name);
  return [...new Set([...expressions.flatMap((cel) => compileExpression(cel, { columns: types }).columns), ...own])];
}
