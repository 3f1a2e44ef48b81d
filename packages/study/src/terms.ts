/**
 * The columns of a model's design matrix, from the features of a study and the products that it names. Equal at every party: nothing here
 * looks at a row.
 *
 * A boolean and a number are a column each; a category of L levels is L − 1 columns, one a level but the reference (treatment contrasts);
 * a spline with k knots is k − 1 columns; a product of features is every product of their columns. Restricted cubic splines are those of
 * Harrell, Regression Modeling Strategies (2nd ed.), eq. 2.25, divided by the square of the distance of the outer knots.
 */

import type { StudyDocument, Variable } from "./document.ts";

/** What a column multiplies: a variable's value, 1 at one of its levels and else 0, or one function of a spline's basis. */
export type Factor =
  | { readonly kind: "value"; readonly variable: string }
  /** `level` counts a category's levels from 0 in the order of the document; of a boolean 0 is no and 1 is yes. */
  | { readonly kind: "level"; readonly variable: string; readonly level: number }
  /** `basis` counts from 1 to the number of knots − 2. */
  | { readonly kind: "spline"; readonly variable: string; readonly knots: readonly number[]; readonly basis: number };

export interface DesignColumn {
  /** `age`, `stage=II`, `age'`, `age:stage=II`. */
  readonly name: string;
  /** boolean: 0 or 1 in every row. */
  readonly type: "boolean" | "number";
  /** The column is the product of these. */
  readonly factors: readonly Factor[];
  /** Which term of the model it is of: columns of one feature, or of one product, are tested together. */
  readonly term: string;
}

export interface DesignMatrix {
  /** In the order of the document; products behind. */
  readonly columns: readonly DesignColumn[];
  /**
   * Groups of patients that no column holds but the columns give away by subtraction: those at a reference level, and the cells of a
   * product. They need as many rows as any level does, and are counted only.
   */
  readonly impliedCells: readonly DesignColumn[];
}

/** Of the variables with the role feature. O(columns). */
export function designMatrix(study: StudyDocument): DesignMatrix {
  const features = study.data.variables.filter((variable) => variable.role === "feature" && variable.type !== "tensor");
  const byName = new Map(features.map((feature) => [feature.name, feature]));
  const products = productsOf(study).map((names) => names.flatMap((name) => byName.get(name) ?? []));
  const columns = [...features.flatMap(mainColumns), ...products.flatMap(productColumns)];
  const cells = [...features.filter(isCategory).map(referenceCell), ...products.flatMap(productCells)];
  const names = new Set(columns.map((column) => column.name));
  return { columns, impliedCells: distinct(cells).filter((cell) => !names.has(cell.name)) };
}

const productsOf = ({ analysis }: StudyDocument): readonly (readonly string[])[] =>
  "interactions" in analysis ? (analysis.interactions ?? []) : [];

const isCategory = (variable: Variable): boolean => variable.type === "category";

/** Index of the level that the others are compared with. */
export const referenceLevel = ({ levels = [], reference }: Variable): number =>
  reference === undefined ? 0 : Math.max(0, levels.indexOf(reference));

function mainColumns(variable: Variable): readonly DesignColumn[] {
  const { name, type, levels = [], spline } = variable;
  if (type === "category") {
    const reference = referenceLevel(variable);
    return levels.flatMap((_, level) => (level === reference ? [] : [levelColumn(variable, level)]));
  }
  const linear: DesignColumn = {
    name,
    type: type === "boolean" ? "boolean" : "number",
    factors: [{ kind: "value", variable: name }],
    term: name,
  };
  const knots = spline?.knots ?? [];
  const curved = Array.from({ length: Math.max(0, knots.length - 2) }, (_, j): DesignColumn => {
    const factor: Factor = { kind: "spline", variable: name, knots, basis: j + 1 };
    return { name: `${name}${"'".repeat(j + 1)}`, type: "number", factors: [factor], term: name };
  });
  return [linear, ...curved];
}

function levelColumn({ name, type, levels = [] }: Variable, level: number): DesignColumn {
  const label = type === "category" ? String(levels[level]) : String(level);
  return { name: `${name}=${label}`, type: "boolean", factors: [{ kind: "level", variable: name, level }], term: name };
}

const referenceCell = (variable: Variable): DesignColumn => levelColumn(variable, referenceLevel(variable));

const productColumns = (variables: readonly Variable[]): readonly DesignColumn[] => productsOver(variables, mainColumns);

/** Every cell of the discrete variables of a product, the reference levels among them. */
function productCells(variables: readonly Variable[]): readonly DesignColumn[] {
  const discrete = variables.filter(({ type }) => type === "category" || type === "boolean");
  if (discrete.length < 2) return [];
  return productsOver(discrete, (variable) => {
    const count = variable.type === "category" ? (variable.levels ?? []).length : 2;
    return Array.from({ length: count }, (_, level) => levelColumn(variable, level));
  });
}

function productsOver(variables: readonly Variable[], columnsOf: (variable: Variable) => readonly DesignColumn[]): readonly DesignColumn[] {
  const [first, ...rest] = variables;
  if (first === undefined) return [];
  return rest.reduce(
    (products, variable) => products.flatMap((left) => columnsOf(variable).map((right) => product(left, right))),
    columnsOf(first),
  );
}

const product = (left: DesignColumn, right: DesignColumn): DesignColumn => ({
  name: `${left.name}:${right.name}`,
  type: left.type === "boolean" && right.type === "boolean" ? "boolean" : "number",
  factors: [...left.factors, ...right.factors],
  term: `${left.term}:${right.term}`,
});

const distinct = (columns: readonly DesignColumn[]): readonly DesignColumn[] => [
  ...new Map(columns.map((column) => [column.name, column])).values(),
];
