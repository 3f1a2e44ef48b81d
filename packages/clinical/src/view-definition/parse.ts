/** A view definition from its text, with every problem found: shape, paths that do not parse, constants nobody defined, columns that clash. */

import { type Text, text } from "@dure/kernel";
import fhirpath from "fhirpath";
import { type DocumentSource, type Finding, readDocument } from "../document/read-document.ts";
import { type ViewColumn, type ViewDefinition, type ViewSelect, viewDefinitionSchema } from "./schema.ts";

/** Always there: the row's index within its iteration, and what FHIRPath and FHIR define themselves. */
const GIVEN_CONSTANTS = new Set(["rowIndex", "context", "resource", "rootResource", "ucum", "sct", "loinc"]);

/** @throws DureError `view/*` with every problem, each with line and path. */
export function parseViewDefinition(source: DocumentSource): ViewDefinition {
  return readDocument(source, { component: "view", schema: viewDefinitionSchema, check });
}

/** The columns of a select in order: its own, then those of its selects, then those of its union. */
export function columnsOf({ column = [], select = [], unionAll = [] }: ViewSelect): readonly ViewColumn[] {
  return [...column, ...select.flatMap(columnsOf), ...(unionAll[0] === undefined ? [] : columnsOf(unionAll[0]))];
}

type Path = readonly (string | number)[];

function check(view: ViewDefinition): readonly Finding[] {
  const known = new Set([...GIVEN_CONSTANTS, ...view.constant.map(({ name }) => name)]);
  const columns = view.select.flatMap(columnsOf).map(({ name }) => name);
  const doubled = new Set(columns.filter((name, i) => columns.indexOf(name) !== i));
  return [
    ...view.where.flatMap((where, i) => checkPath(["where", i, "path"], where.path, known)),
    ...view.select.flatMap((select, i) => checkSelect(["select", i], select, known)),
    ...[...doubled].map((name) => finding(["select"], "doubled-column", doubledColumn(name), RENAME)),
  ];
}

function checkSelect(path: Path, select: ViewSelect, known: ReadonlySet<string>): readonly Finding[] {
  const { column = [], unionAll = [], forEach, forEachOrNull, repeat = [] } = select;
  const paths: (readonly [Path, string])[] = [
    ...column.map((item, i) => [[...path, "column", i, "path"], item.path] as const),
    ...repeat.map((item, i) => [[...path, "repeat", i], item] as const),
  ];
  if (forEach !== undefined) paths.push([[...path, "forEach"], forEach]);
  if (forEachOrNull !== undefined) paths.push([[...path, "forEachOrNull"], forEachOrNull]);
  return [
    ...paths.flatMap(([at, expression]) => checkPath(at, expression, known)),
    ...(select.select ?? []).flatMap((inner, i) => checkSelect([...path, "select", i], inner, known)),
    ...unionAll.flatMap((inner, i) => checkSelect([...path, "unionAll", i], inner, known)),
    ...checkBranches([...path, "unionAll"], unionAll),
  ];
}

function checkBranches(path: Path, branches: readonly ViewSelect[]): readonly Finding[] {
  const shape = (branch: ViewSelect): string =>
    JSON.stringify(columnsOf(branch).map(({ name, type, collection }) => [name, type, collection]));
  const odd = branches.findIndex((branch) => branches[0] !== undefined && shape(branch) !== shape(branches[0]));
  return odd < 0 ? [] : [finding([...path, odd], "union-columns", unlikeBranches(odd), SAME_COLUMNS)];
}

function checkPath(path: Path, expression: string, known: ReadonlySet<string>): readonly Finding[] {
  let tree: unknown;
  try {
    tree = fhirpath.parse(expression);
  } catch {
    return [finding(path, "bad-path", NOT_FHIRPATH, CORRECT_PATH)];
  }
  return constantsOf(tree)
    .filter((name) => !known.has(name) && !/^(?:vs|ext)-/.test(name))
    .map((name) => finding(path, "unknown-constant", unknownConstant(name), DEFINE_CONSTANT));
}

/** The names after `%` in a parsed expression. */
function constantsOf(node: unknown): readonly string[] {
  if (!isNode(node)) return [];
  const inner = (node.children ?? []).flatMap(constantsOf);
  return node.type === "ExternalConstant" ? [String(node.text ?? leafText(node)).replace(/^%/, ""), ...inner] : inner;
}

interface Node {
  readonly type: string;
  readonly text?: string;
  readonly children?: readonly unknown[];
}

const isNode = (value: unknown): value is Node => typeof value === "object" && value !== null && "type" in value;

function leafText(node: Node): string {
  const leaf = (node.children ?? []).find(isNode);
  return leaf === undefined ? "" : (leaf.text ?? leafText(leaf));
}

const finding = (path: Path, code: string, what: Text, remedy: Text): Finding => ({ path, code: `view/${code}`, what, remedy });

const NOT_FHIRPATH = text("this is not a FHIRPath expression.", "FHIRPath 식이 아닙니다.");
const CORRECT_PATH = text("Correct it; see http://hl7.org/fhirpath/.", "식을 고쳐 주십시오. http://hl7.org/fhirpath/ 를 참고하십시오.");
const unknownConstant = (name: string): Text => text(`the constant %${name} is not defined.`, `정의되지 않은 상수입니다: %${name}.`);
const DEFINE_CONSTANT = text("Add it under `constant`, or correct its name.", "`constant`에 추가하거나 이름을 고쳐 주십시오.");
const doubledColumn = (name: string): Text => text(`two columns are called ${name}.`, `${name}이라는 이름의 열이 둘 이상입니다.`);
const RENAME = text("Give each column a name of its own.", "열마다 다른 이름을 붙여 주십시오.");
const unlikeBranches = (branch: number): Text =>
  text(`branch ${branch + 1} has other columns than the first.`, `${branch + 1}번째 갈래의 열이 첫 번째와 다릅니다.`);
const SAME_COLUMNS = text(
  "Give every branch of unionAll the same columns, of the same types, in the same order.",
  "unionAll의 모든 갈래에 같은 열을 같은 형식과 같은 순서로 두어 주십시오.",
);
