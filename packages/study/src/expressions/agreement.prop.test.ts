/** The closure and the SQL of an expression, on real DuckDB, row by row. */

import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { DOUBLE, type DuckDBConnection, DuckDBInstance, VARCHAR } from "@duckdb/node-api";
import fc from "fast-check";
import { compileColumn, compileExpression } from "./compile.ts";
import type { ExpressionType } from "./expression.ts";
import type { SqlExpression } from "./sql.ts";
import { EXPRESSION_LENGTH_MAX } from "./syntax.ts";

const COLUMNS = new Map<string, ExpressionType>([
  ["v", "number"],
  ["age", "number"],
  ["nodes", "number"],
  ["flag", "boolean"],
  ["er_pos", "boolean"],
  ["site", "text"],
  ["stage", "text"],
]);

const EDGES = [
  0,
  -0,
  1,
  -1,
  2,
  0.1,
  3,
  1e-320,
  5e-324,
  1e300,
  -1e300,
  1.7976931348623157e308,
  1e-300,
  9007199254740992,
  Number.NaN,
  Infinity,
  -Infinity,
];
const number = fc.option(fc.oneof(fc.constantFrom(...EDGES), fc.double(), fc.integer({ min: -3, max: 3 })), { nil: null });
const zeroOne = fc.constantFrom(true, false, null);
const word = fc.option(
  fc.constantFrom("", "a", "A", "b", "'", '"', "가", "é", "e\u0301", "\u{1f600}", "\uffff", "NaN", "x'; drop table t; --"),
  { nil: null },
);
const row = fc.record({ v: number, age: number, nodes: number, flag: zeroOne, er_pos: zeroOne, site: word, stage: word });
type Row = { readonly [name: string]: number | boolean | string | null };

const literal = (value: number): string => {
  const printed = Object.is(value, -0) ? "-0.0" : value < 0 ? `(${value})` : String(value);
  return printed.includes(".") || printed.includes("e") || Math.abs(value) < 2 ** 53 ? printed : `${printed}.0`;
};
const textLiteral = (value: string | null): string => JSON.stringify(value ?? "a");

const tree = fc.letrec<{ number: string; boolean: string; text: string }>((tie) => ({
  number: fc.oneof(
    { maxDepth: 5, withCrossShrink: true },
    fc.constantFrom("v", "age", "nodes", "flag"),
    fc.constantFrom(...EDGES.filter(Number.isFinite)).map(literal),
    fc.tuple(tie("number"), fc.constantFrom("+", "-", "*", "/"), tie("number")).map(([l, o, r]) => `(${l} ${o} ${r})`),
    tie("number").map((operand) => `(-(${operand}))`),
    fc.tuple(tie("boolean"), tie("number"), tie("number")).map(([c, l, r]) => `(${c} ? ${l} : ${r})`),
  ),
  boolean: fc.oneof(
    { maxDepth: 5, withCrossShrink: true },
    fc.constantFrom("flag", "er_pos", "nodes", "true", "false"),
    fc.tuple(tie("number"), fc.constantFrom("<", "<=", ">", ">=", "==", "!="), tie("number")).map(([l, o, r]) => `(${l} ${o} ${r})`),
    fc.tuple(tie("boolean"), fc.constantFrom("&&", "||", "==", "!="), tie("boolean")).map(([l, o, r]) => `((${l}) ${o} (${r}))`),
    fc.tuple(tie("text"), fc.constantFrom("==", "!="), tie("text")).map(([l, o, r]) => `(${l} ${o} ${r})`),
    tie("boolean").map((operand) => `!(${operand})`),
    fc
      .tuple(tie("number"), fc.array(fc.constantFrom(...EDGES.filter(Number.isFinite)).map(literal), { minLength: 1, maxLength: 9 }))
      .map(([item, list]) => `((${item}) in [${list.join(", ").replaceAll(/[()]/g, "")}])`),
    fc
      .tuple(tie("text"), fc.array(word.map(textLiteral), { minLength: 1, maxLength: 9 }))
      .map(([item, list]) => `((${item}) in [${list.join(", ")}])`),
    fc.tuple(tie("boolean"), tie("boolean"), tie("boolean")).map(([c, l, r]) => `(${c} ? ${l} : ${r})`),
  ),
  text: fc.oneof(
    { maxDepth: 3 },
    fc.constantFrom("site", "stage"),
    word.map(textLiteral),
    fc.tuple(tie("boolean"), tie("text"), tie("text")).map(([c, l, r]) => `(${c} ? ${l} : ${r})`),
  ),
}));

interface Source {
  readonly source: string;
  readonly expected: ExpressionType;
}

const expression: fc.Arbitrary<Source> = fc
  .oneof(
    tree.number.map((source) => ({ source, expected: "number" as const })),
    tree.boolean.map((source) => ({ source, expected: "boolean" as const })),
    tree.text.map((source) => ({ source, expected: "text" as const })),
  )
  .filter(({ source }) => source.length <= EXPRESSION_LENGTH_MAX);

let connection: DuckDBConnection;
before(async () => {
  connection = await (await DuckDBInstance.create(":memory:")).connect();
});
after(() => connection.closeSync());

async function fill(rows: readonly Row[]): Promise<void> {
  await connection.run(
    "create or replace table t (i integer, v double, age double, nodes double, flag boolean, er_pos boolean, site varchar, stage varchar)",
  );
  const appender = await connection.createAppender("t");
  for (const [i, cells] of rows.entries()) {
    appender.appendInteger(i);
    for (const name of ["v", "age", "nodes"]) appendOr(cells[name], () => appender.appendDouble(cells[name] as number));
    for (const name of ["flag", "er_pos"]) appendOr(cells[name], () => appender.appendBoolean(cells[name] as boolean));
    for (const name of ["site", "stage"]) appendOr(cells[name], () => appender.appendVarchar(cells[name] as string));
    appender.endRow();
  }
  appender.closeSync();

  function appendOr(value: unknown, append: () => void): void {
    if (value === null) appender.appendNull();
    else append();
  }
}

/** All expressions in one query: a list of columns, each with its rows. */
async function bySql(queries: readonly SqlExpression[]): Promise<(readonly unknown[])[]> {
  const parameters = queries.flatMap((query) => query.parameters);
  const types = parameters.map((value) => (typeof value === "number" ? DOUBLE : VARCHAR));
  const list = queries.map((query, i) => `${query.sql} as x${i}`).join(", ");
  const reader = await connection.runAndReadAll(`select ${list} from t order by i`, parameters, types);
  const rows = reader.getRowsJS();
  return queries.map((_, i) => rows.map((cells) => cells[i]));
}

const RUNS = 100;

test(`closure and SQL agree on every row of ${RUNS} random tables`, { timeout: 120_000 }, async () => {
  let compared = 0;
  let present = 0;
  const property = async (rows: readonly Row[], sources: readonly Source[]): Promise<void> => {
    await fill(rows);
    const compiled = sources.map(({ source, expected }) => compileExpression(source, { columns: COLUMNS, expected }));
    const queries = compiled.map((one) => one.toSql()).filter((query) => query !== undefined);
    assert.equal(queries.length, compiled.length);
    const fromSql = await bySql(queries);
    for (const [e, one] of compiled.entries()) {
      for (const [i, cells] of rows.entries()) {
        const value = one.evaluate((name) => cells[name]);
        const closure = typeof value === "object" ? null : value;
        const sql = fromSql[e]?.[i];
        assert.ok(sql === closure, `row ${i} of ${sources[e]?.source}: SQL ${String(sql)}, closure ${String(closure)}`);
        compared++;
        if (closure !== null) present++;
      }
    }
  };
  const sources = fc.array(expression, { minLength: 3, maxLength: 12 });
  await fc.assert(fc.asyncProperty(fc.array(row, { minLength: 1, maxLength: 60, size: "max" }), sources, property), { numRuns: RUNS });
  assert.ok(compared > 10_000 && present > compared / 4, `${compared} compared, ${present} of them not missing`);
});

test("a deep chain of divisions has SQL of a length in proportion to it", () => {
  const chain = (levels: number): string => `${"1 / (".repeat(levels)}age${")".repeat(levels)}`;
  const length = (levels: number): number => compileExpression(chain(levels), { columns: COLUMNS }).toSql()?.sql.length ?? 0;
  assert.equal(length(60) - length(40), length(40) - length(20));
});

test("a column whose name holds a quotation mark stays a name in the SQL", async () => {
  await connection.run('create or replace table q ("a"" from t; --" double)');
  await connection.run("insert into q values (7)");
  const sql = compileColumn('a" from t; --', "number").toSql()?.sql ?? "";
  assert.deepEqual((await connection.runAndReadAll(`select ${sql} from q`)).getRowsJS(), [[7]]);
});
