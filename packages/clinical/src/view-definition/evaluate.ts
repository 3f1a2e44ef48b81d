/**
 * A view definition run over resources, one at a time: pure, and with the memory of one resource.
 *
 * Paths are FHIRPath, compiled once. The elements that an iteration yields keep their FHIR type, so that `value.ofType(Quantity)` still
 * knows what `value` is further down.
 */

import { assert, DureError, text } from "@dure/kernel";
import fhirpath from "fhirpath";
import r4 from "fhirpath/fhir-context/r4";
import type { FhirResource } from "../fhir/resource-change.ts";
import { columnsOf } from "./parse.ts";
import type { Constant, ViewColumn, ViewDefinition, ViewSelect } from "./schema.ts";

export type ViewCell = string | number | boolean | null | readonly ViewCell[] | { readonly [field: string]: unknown };
/** By column, in the view's order. */
export type ViewRow = Readonly<Record<string, ViewCell>>;

export interface CompiledView {
  readonly resource: string;
  readonly columns: readonly ViewColumn[];
  /**
   * The rows of one resource; none for another type of resource, and where a `where` is not true.
   * @throws DureError `view/not-boolean`, `view/several-values` or `view/path-failed`, naming path or column and never a value.
   */
  readonly rowsOf: (resource: FhirResource) => readonly ViewRow[];
}

/**
 * A resource from JSON text, its decimals with all their digits: `1.0` is known to a tenth, and its boundaries are 0.95 and 1.05.
 * @throws SyntaxError for text that is no JSON
 */
export function readResource(json: string): unknown {
  const parse = JSON.parse as (json: string, revive: Reviver) => unknown; // V8 gives the third argument; the compiler's library is behind
  return parse(json, (_, value, { source }) =>
    typeof value === "number" && source !== undefined && source !== String(value) ? fhirpath.FP_Decimal.getDecimal(source) : value,
  );
}

type Reviver = (key: string, value: unknown, context: { readonly source?: string }) => unknown;

/** Complexity of `rowsOf`: the evaluations of all paths, times the product of sibling iterations. */
export function compileView(view: ViewDefinition): CompiledView {
  const constants = Object.fromEntries(view.constant.map((constant) => [constant.name, typedConstant(constant)]));
  const where = view.where.map(({ path }) => ({ path, evaluate: compilePath(path, constants) }));
  const selects = view.select.map((select) => compileSelect(select, constants));
  return {
    resource: view.resource,
    columns: view.select.flatMap(columnsOf),
    rowsOf: (resource) => {
      if (resource.resourceType !== view.resource) return [];
      const isWanted = where.every(({ path, evaluate }) => isTrue(path, evaluate(resource, 0)));
      return isWanted ? combine(selects.map((rows) => rows(resource, 0))) : [];
    },
  };
}

/** A resource, an element inside one, or nothing: the focus of a row of nulls. */
type Focus = unknown;
type Rows = (focus: Focus, rowIndex: number) => readonly ViewRow[];
type Evaluate = (focus: Focus, rowIndex: number) => readonly unknown[];

function compileSelect(select: ViewSelect, constants: object): Rows {
  const iterate = compileIteration(select, constants);
  const columns = (select.column ?? []).map((column) => ({ column, evaluate: compilePath(column.path, constants) }));
  const inner = (select.select ?? []).map((child) => compileSelect(child, constants));
  const branches = (select.unionAll ?? []).map((child) => compileSelect(child, constants));
  return (focus, rowIndex) =>
    iterate(focus, rowIndex).flatMap(([element, index]) => {
      const own = Object.fromEntries(columns.map(({ column, evaluate }) => [column.name, cellOf(column, evaluate(element, index))]));
      const parts = [[own], ...inner.map((rows) => rows(element, index))];
      if (branches.length > 0) parts.push(branches.flatMap((rows) => rows(element, index)));
      return combine(parts);
    });
}

type Iteration = (focus: Focus, rowIndex: number) => readonly (readonly [element: Focus, index: number])[];

/** Each iteration counts its own elements from 0; where there is none, the index of the enclosing one stays. */
function compileIteration({ forEach, forEachOrNull, repeat }: ViewSelect, constants: object): Iteration {
  if (repeat !== undefined) {
    const paths = repeat.map((path) => compilePath(path, constants));
    return (focus) => descend(focus, paths).map((element, i) => [element, i] as const);
  }
  const path = forEach ?? forEachOrNull;
  if (path === undefined) return (focus, rowIndex) => [[focus, rowIndex]];
  const evaluate = compilePath(path, constants);
  return (focus, rowIndex) => {
    const elements = evaluate(focus, rowIndex).map((element, i) => [element, i] as const);
    return elements.length === 0 && forEachOrNull !== undefined ? [[[], 0]] : elements;
  };
}

/** Parents before their children, in the order of the paths. A resource is a tree, so this ends. */
function descend(focus: Focus, paths: readonly Evaluate[]): readonly Focus[] {
  return paths.flatMap((evaluate) => evaluate(focus, 0).flatMap((element) => [element, ...descend(element, paths)]));
}

/** Every row of each part with every row of the others. */
function combine(parts: readonly (readonly ViewRow[])[]): readonly ViewRow[] {
  return parts.reduce<readonly ViewRow[]>((rows, part) => rows.flatMap((row) => part.map((more) => ({ ...row, ...more }))), [{}]);
}

function compilePath(path: string, constants: object): Evaluate {
  const evaluate = fhirpath.compile(path, r4, { userInvocationTable: FUNCTIONS, resolveInternalTypes: false });
  return (focus, rowIndex) => {
    try {
      const found: unknown = evaluate(focus, { ...constants, rowIndex });
      return Array.isArray(found) ? found : [found];
    } catch {
      throw new DureError({
        code: "view/path-failed",
        severity: "error",
        place: { path },
        what: text("This path cannot be computed on a resource.", "어떤 리소스에서 이 경로를 계산할 수 없습니다."),
        remedy: text("Check that it compares and adds values of like types.", "같은 형식의 값끼리 비교하고 계산하는지 확인해 주십시오."),
      }); // the library's message quotes values, so it is not kept as a cause
    }
  };
}

/**
 * What the specification adds to FHIRPath: keys as an export's rows are joined by, a resource's id and the id that a literal reference
 * ends in. And where it wants more than the library does: `join` gives an empty text for no texts, and the boundaries of a date-time
 * without a zone lie in the world's first and last zone.
 */
const FUNCTIONS = {
  lowBoundary: { fn: boundary("lowBoundary", "+14:00"), internalStructures: true, arity: { 0: [], 1: ["Integer" as const] } },
  highBoundary: { fn: boundary("highBoundary", "-12:00"), internalStructures: true, arity: { 0: [], 1: ["Integer" as const] } },
  join: {
    fn: (nodes: unknown[], separator = "") => nodes.map((node) => String(fhirpath.util.valData(node))).join(separator),
    arity: { 0: [], 1: ["String" as const] },
  },
  getResourceKey: { fn: (nodes: unknown[]) => nodes.flatMap((node) => textField(node, "id")), arity: { 0: [] } },
  getReferenceKey: {
    fn: (nodes: unknown[], type?: { readonly name: string }) =>
      nodes.flatMap((node) => textField(node, "reference")).flatMap((reference) => referenceKey(reference, type?.name)),
    arity: { 0: [], 1: ["TypeSpecifier" as const] },
  },
};

function boundary(name: "lowBoundary" | "highBoundary", zone: string) {
  return (nodes: unknown[], precision?: number): unknown[] =>
    nodes.flatMap((node) => {
      const found: unknown = fhirpath.evaluate(node, `${name}(${precision ?? ""})`, {}, r4);
      assert(Array.isArray(found), "without an asynchronous function the library answers at once");
      const isDateTime = fhirpath.types([node])[0]?.endsWith(".dateTime") === true;
      return found.map((value: unknown) => (isDateTime && /T[\d:.]+$/.test(String(value)) ? `${value}${zone}` : value));
    });
}

function textField(node: unknown, field: string): readonly string[] {
  const value: unknown = fhirpath.util.valData(node)?.[field];
  return typeof value === "string" ? [value] : [];
}

/** `Patient/p1`, `https://server/fhir/Patient/p1/_history/2`; not `#contained` and not `urn:uuid:`, which no row's key can equal. */
function referenceKey(reference: string, type: string | undefined): readonly string[] {
  const [, found, id] = /(?:^|\/)([A-Z][A-Za-z]+)\/([A-Za-z0-9\-.]{1,64})(?:\/_history\/[A-Za-z0-9\-.]+)?$/.exec(reference) ?? [];
  return id === undefined || (type !== undefined && type !== found) ? [] : [id];
}

function isTrue(path: string, result: readonly unknown[]): boolean {
  const values = plain(result);
  if (values.length === 0) return false;
  if (values.length === 1 && typeof values[0] === "boolean") return values[0];
  throw new DureError({
    code: "view/not-boolean",
    severity: "error",
    place: { path },
    what: text("This `where` gives something other than true or false.", "이 `where`의 결과가 참이나 거짓이 아닙니다."),
    remedy: text("Make it a comparison, or end it with exists().", "비교식으로 쓰거나 exists()로 끝내 주십시오."),
  });
}

function cellOf(column: ViewColumn, result: readonly unknown[]): ViewCell {
  const values = plain(result);
  if (column.collection) return values;
  if (values.length <= 1) return values[0] ?? null;
  throw new DureError({
    code: "view/several-values",
    severity: "error",
    place: { path: column.path, column: column.name },
    what: text("This column found several values in one row.", "한 행에서 이 열의 값이 여러 개 나왔습니다."),
    remedy: text(
      "Take one with first(), iterate with forEach, or set collection to true.",
      "first()로 하나만 고르거나, forEach로 반복하거나, collection을 true로 두어 주십시오.",
    ),
  });
}

/** Plain JSON of FHIRPath's own values. */
const plain = (result: readonly unknown[]): ViewCell[] =>
  JSON.parse(JSON.stringify(fhirpath.resolveInternalTypes([...result]))) as ViewCell[]; // JSON.parse gives JSON

/** FHIRPath compares dates and times only with dates and times. */
function typedConstant({ type, value }: Constant): unknown {
  const literal = { Date: `@${value}`, DateTime: `@${value}`, Instant: `@${value}`, Time: `@T${value}` }[type];
  if (literal === undefined) return value;
  const text = type === "DateTime" && !literal.includes("T") ? `${literal}T` : literal;
  return fhirpath.evaluate({}, text, {}, r4, { resolveInternalTypes: false })[0];
}
