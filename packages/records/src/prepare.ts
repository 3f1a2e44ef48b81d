/**
 * From a research table to the rows of an analysis: the study's expressions, the rows left out with their reasons, the order, the hash.
 *
 * A row leaves at the first thing that is wrong with it: `include`, then the variables in the order of the document, then the split. So each
 * row is counted once, and rows in = rows of the table + rows excluded by reason. Work goes column by column over typed arrays: no object a row.
 */

import { assert, DureError, type Problem, text } from "@dure/kernel";
import {
  type ColumnTypes,
  type CompiledExpression,
  checkExpression,
  compileColumn,
  compileExpression,
  type ExpressionType,
  type StudyDocument,
  type Value,
  type Variable,
} from "@dure/study";
import type { AnalysisTable, ExcludedRows, SourceTable } from "./analysis-table.ts";
import { type BoundRow, boundTo } from "./bound-row.ts";
import { hashTable } from "./table-hash.ts";

/**
 * @returns complete rows, ascending by row key; O(rows × size of the expressions + rows × log rows) time, two copies of the columns at most.
 * @throws DureError with every problem: a column that the table does not have or that has another type, duplicate row keys (their number
 * only), a study that is not of a table. No problem holds a key or a value.
 */
export function prepareAnalysisTable(study: StudyDocument, source: SourceTable): AnalysisTable {
  const plan = planOf(study, source);
  const rows = new RowSelection(source.rowKeys.length);
  if (plan.include !== undefined) rows.keepTrue("include", boundTo(plan.include, source));
  const values = plan.variables.map((variable) => variable.read(rows, source));
  const heldOut = plan.holdout === undefined ? undefined : rows.evaluate("split.holdout", boundTo(plan.holdout, source));
  const order = rows.order(source.rowKeys);
  const columns = new Map<string, Float64Array>();
  for (const [i, { name }] of plan.variables.entries()) columns.set(name, gather(values[i], order));
  const table = {
    rowKeys: Array.from(order, (row) => source.rowKeys[row] ?? ""),
    rowCount: order.length,
    columns,
    heldOut: heldOut === undefined ? new Uint8Array(order.length) : Uint8Array.from(gather(heldOut, order)),
  };
  return { ...table, excluded: rows.excluded(), hash: hashTable(table) };
}

/** The rows for which the predicate holds, in the same order; what was excluded before stays as it was told. */
export function selectRows(table: AnalysisTable, predicate: (row: number) => boolean): AnalysisTable {
  const order = Uint32Array.from({ length: table.rowCount }, (_, row) => row).filter(predicate);
  const columns = new Map<string, Float64Array>();
  for (const [name, values] of table.columns) columns.set(name, gather(values, order));
  const selected = {
    rowKeys: Array.from(order, (row) => table.rowKeys[row] ?? ""),
    rowCount: order.length,
    columns,
    heldOut: Uint8Array.from(order, (row) => table.heldOut[row] ?? 0),
  };
  return { ...selected, excluded: table.excluded, hash: hashTable(selected) };
}

interface Plan {
  readonly include: CompiledExpression | undefined;
  readonly variables: readonly PlannedVariable[];
  readonly holdout: CompiledExpression | undefined;
}

function planOf(study: StudyDocument, source: SourceTable): Plan {
  const { data } = study;
  const columns: ColumnTypes = new Map([...source.columns].map(([name, column]): [string, ExpressionType] => [name, column.kind]));
  const problems = [...studyProblems(study), ...duplicateKeys(source.rowKeys)];
  const compile = (path: string, cel: string, expected: ExpressionType): CompiledExpression | undefined => {
    const options = { columns, expected, place: { path } };
    const found = checkExpression(cel, options);
    problems.push(...found);
    return found.length === 0 ? compileExpression(cel, options) : undefined;
  };
  const include = data.include === undefined ? undefined : compile("data.include", data.include, "boolean");
  const variables = data.variables.flatMap((variable) => {
    if (variable.type === "tensor") return [];
    const path = `data.variables.${variable.name}`;
    const expected = expressionType(variable, columns);
    if (variable.from === undefined) problems.push(...columnProblems(variable, { columns, expected, path }));
    const expression =
      variable.from === undefined ? compileColumn(variable.name, expected) : compile(`${path}.from`, variable.from, expected);
    return expression === undefined ? [] : [{ name: variable.name, read: readerOf(study, variable, expression) }];
  });
  const holdout = data.split?.holdout === undefined ? undefined : compile("data.split.holdout", data.split.holdout, "boolean");
  if (problems.length > 0) throw new DureError(problems);
  return { include, variables, holdout };
}

interface PlannedVariable {
  readonly name: string;
  /** By source row. */
  readonly read: (rows: RowSelection, source: SourceTable) => Float64Array;
}

/** Values of a category are texts or numbers as its levels are; those of an identifier are what they are. */
export function expressionType({ name, type, levels = [] }: Variable, columns: ColumnTypes): ExpressionType {
  if (type === "number" || type === "boolean") return type;
  if (type === "identifier") return columns.get(name) ?? "text";
  return levels.every((level) => typeof level === "number") ? "number" : "text";
}

function readerOf(study: StudyDocument, variable: Variable, expression: CompiledExpression): PlannedVariable["read"] {
  const { name, type, role, levels = [] } = variable;
  const keepsMissing = role === "feature" && (study.data.missing?.method ?? withoutMethod(study)) !== "complete-case";
  const numberOf = type === "category" ? levelIndex(levels) : type === "identifier" ? undefined : (value: Value) => Number(value) + 0; // -0 becomes 0: equal tables have equal bytes
  return (rows, source) => {
    const bound = boundTo(expression, source);
    return numberOf === undefined ? rows.identify(name, bound) : rows.evaluate(name, bound, { numberOf, keepsMissing });
  };
}

/** A description tells of each variable among those who have it, and how many have not. */
const withoutMethod = ({ analysis }: StudyDocument): "available-case" | "complete-case" =>
  analysis.kind === "describe" ? "available-case" : "complete-case";

function levelIndex(levels: readonly (string | number)[]): (value: Value) => number | undefined {
  const indices = new Map<Value, number>(levels.map((level, index) => [level, index]));
  return (value) => indices.get(value);
}

interface Evaluation {
  /** Undefined for a value that is no level. */
  readonly numberOf: (value: Value) => number | undefined;
  /** A missing value is NaN, and the row stays. */
  readonly keepsMissing: boolean;
}

const asNumber: Evaluation = { numberOf: (value) => Number(value) + 0, keepsMissing: false };

/** Which rows are still in, and why the others are not. */
class RowSelection {
  /** By row: 0 while it is in, else 1 + the index of its reason. */
  readonly #reasonOf: Uint16Array;
  readonly #reasons: string[] = [];
  readonly #indexOf = new Map<string, number>();

  constructor(rowCount: number) {
    this.#reasonOf = new Uint16Array(rowCount);
  }

  keepTrue(what: string, bound: BoundRow): void {
    this.#eachRow((row) => {
      const value = bound(row);
      if (typeof value === "object") this.#exclude(row, `${what}: ${value.missing}`);
      else if (value !== true) this.#exclude(row, `${what}: not met`);
    });
  }

  /** By source row; 0 for rows that are not in. */
  evaluate(what: string, bound: BoundRow, { numberOf, keepsMissing } = asNumber): Float64Array {
    const values = new Float64Array(this.#reasonOf.length);
    this.#eachRow((row) => {
      const value = bound(row);
      if (typeof value === "object") {
        if (keepsMissing) values[row] = Number.NaN;
        else this.#exclude(row, `${what}: ${value.missing}`);
        return;
      }
      const number = numberOf(value);
      if (number === undefined) this.#exclude(row, `${what}: not a level`);
      else values[row] = number;
    });
    return values;
  }

  /** Equal values have equal numbers, from 0 in the order of the values: it says nothing but whose rows belong together. */
  identify(what: string, bound: BoundRow): Float64Array {
    const found = new Array<Value>(this.#reasonOf.length);
    this.#eachRow((row) => {
      const value = bound(row);
      if (typeof value === "object") this.#exclude(row, `${what}: ${value.missing}`);
      else found[row] = value;
    });
    const distinct = [...new Set(found)].filter((value) => value !== undefined).sort((a, b) => (a < b ? -1 : 1));
    const numbers = new Map(distinct.map((value, number) => [value, number]));
    return Float64Array.from(found, (value) => numbers.get(value) ?? 0);
  }

  /** Source rows that are in, ascending by key. */
  order(keys: readonly string[]): Uint32Array {
    const kept = Uint32Array.from({ length: keys.length }, (_, row) => row).filter((row) => this.#reasonOf[row] === 0);
    const key = (row: number): string => keys[row] ?? "";
    // JavaScript compares strings by UTF-16 code units.
    return kept.sort((a, b) => (key(a) < key(b) ? -1 : 1));
  }

  /** In the order in which the reasons are asked: include, variables, split; of one variable, by reason. */
  excluded(): readonly ExcludedRows[] {
    const counts = new Array<number>(this.#reasons.length).fill(0);
    for (const reason of this.#reasonOf) if (reason > 0) counts[reason - 1] = (counts[reason - 1] ?? 0) + 1;
    return this.#stages().flatMap((stage) =>
      this.#reasons
        .map((reason, i): ExcludedRows => ({ reason, rowCount: counts[i] ?? 0 }))
        .filter(({ reason }) => reason.startsWith(`${stage}: `))
        .sort((a, b) => (a.reason < b.reason ? -1 : 1)),
    );
  }

  /** Reasons of one stage are found while it runs, so the first of each gives the order of the stages, whatever the order of the rows. */
  #stages(): readonly string[] {
    return [...new Set(this.#reasons.map((reason) => reason.slice(0, reason.indexOf(": "))))];
  }

  #eachRow(visit: (row: number) => void): void {
    for (let row = 0; row < this.#reasonOf.length; row++) if (this.#reasonOf[row] === 0) visit(row);
  }

  #exclude(row: number, reason: string): void {
    let index = this.#indexOf.get(reason);
    if (index === undefined) {
      index = this.#reasons.push(reason);
      this.#indexOf.set(reason, index);
    }
    this.#reasonOf[row] = index;
  }
}

function gather(values: Float64Array | undefined, order: Uint32Array): Float64Array {
  assert(values !== undefined, "every variable was evaluated");
  const gathered = new Float64Array(order.length);
  // A loop, because Float64Array.from calls an iterator for each of a million rows.
  for (let i = 0; i < order.length; i++) gathered[i] = values[order[i] ?? 0] ?? 0;
  return gathered;
}

function studyProblems(study: StudyDocument): readonly Problem[] {
  const ofArrays = study.data.variables.some((variable) => variable.array !== undefined);
  if (!ofArrays && study.data.split?.validation === undefined) return [];
  return [
    {
      code: ofArrays ? "records/not-of-a-table" : "records/validation-split",
      severity: "error",
      place: { path: ofArrays ? "data.variables" : "data.split.validation" },
      what: ofArrays
        ? text("this study reads arrays, not a research table.", "이 연구는 연구 테이블이 아니라 배열을 읽습니다.")
        : text("rows of a table cannot be set apart for validation yet.", "테이블의 행을 검증용으로 나누는 기능은 아직 없습니다."),
      remedy: ofArrays
        ? text("Give a file of arrays (.npz).", "배열 파일(.npz)을 지정하십시오.")
        : text("Remove data.split.validation.", "data.split.validation 항목을 지우십시오."),
    },
  ];
}

function duplicateKeys(keys: readonly string[]): readonly Problem[] {
  const surplus = keys.length - new Set(keys).size;
  if (surplus === 0) return [];
  return [
    {
      code: "records/duplicate-row-keys",
      severity: "error",
      place: {},
      what: text(
        `${surplus} of ${keys.length} rows have a row key that another row has; each person or row may stand once.`,
        `전체 ${keys.length}행 가운데 ${surplus}행의 행 키가 다른 행과 중복됩니다. 한 사람 또는 한 행은 한 번만 있어야 합니다.`,
      ),
      remedy: text("Remove the duplicates at the source, then load it again.", "원본에서 중복을 제거한 뒤 다시 적재하십시오."),
    },
  ];
}

/** A variable without `from` reads the column of its own name. */
interface Column {
  readonly columns: ColumnTypes;
  readonly expected: ExpressionType;
  readonly path: string;
}

/** A variable without `from` reads the column of its own name, as it is. */
function columnProblems(variable: Variable, { columns, expected, path }: Column): readonly Problem[] {
  const found = columns.get(variable.name);
  if (found !== undefined && (found === "text") === (expected === "text")) return [];
  const place = { path, column: variable.name };
  if (found === undefined) return [{ code: "records/unknown-column", severity: "error", place, ...unknownColumn([...columns.keys()]) }];
  if (found === "text") return [{ code: "records/text-column", severity: "error", place, ...textColumn(variable.type) }];
  return [{ code: "records/number-column", severity: "error", place, ...NUMBER_COLUMN }];
}

type Words = Pick<Problem, "what" | "remedy">;

const unknownColumn = (names: readonly string[]): Words => ({
  what: text(`the table has no such column; it has: ${names.join(", ")}.`, `테이블에 없는 열입니다(있는 열: ${names.join(", ")}).`),
  remedy: text("Add the column to the table, or name another in `from`.", "테이블에 열을 추가하거나 from에 다른 열을 쓰십시오."),
});

const textColumn = (type: Variable["type"]): Words => (type === "category" ? TEXT_COLUMN_OF_NUMBERS : textColumnOf(type));

const TEXT_COLUMN_OF_NUMBERS: Words = {
  what: text("the column holds texts; the levels of the variable are numbers.", "문자열 열이지만 변수의 수준은 숫자입니다."),
  remedy: text(
    "Write the levels as the column has them, in quotes where they look like numbers.",
    "수준을 열에 있는 그대로 쓰고, 숫자처럼 보이는 문자열은 따옴표로 묶으십시오.",
  ),
};

const textColumnOf = (type: Variable["type"]): Words => ({
  what: text(`the column holds texts; the variable is a ${type}.`, `문자열 열이지만 변수의 형식은 ${type}입니다.`),
  remedy: text(
    "Correct the column's type in the table, or compare the text in `from`, such as sex == 'F'.",
    "테이블에서 열의 형식을 고치거나 from에서 문자열을 비교하십시오(예: sex == 'F').",
  ),
});

const NUMBER_COLUMN: Words = {
  what: text("the column holds numbers; the levels of the variable are texts.", "숫자 열이지만 변수의 수준은 문자열입니다."),
  remedy: text("Write the levels without quotes, as numbers.", "수준을 따옴표 없이 숫자로 쓰십시오."),
};
