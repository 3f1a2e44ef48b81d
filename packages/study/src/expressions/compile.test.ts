import assert from "node:assert/strict";
import { test } from "node:test";
import { DureError } from "@dure/kernel";
import type { Cell, Value } from "./closure.ts";
import { checkExpression, compileColumn, compileExpression } from "./compile.ts";
import type { ExpressionType } from "./expression.ts";

const COLUMNS = new Map<string, ExpressionType>([
  ["age", "number"],
  ["grade", "number"],
  ["nodes", "number"],
  ["er_pos", "number"],
  ["pr_pos", "boolean"],
  ["site", "text"],
]);

function evaluate(source: string, row: Readonly<Record<string, Cell>> = {}): Value | string {
  const value = compileExpression(source, { columns: COLUMNS }).evaluate((column) => row[column]);
  return typeof value === "object" ? `missing: ${value.missing}` : value;
}

test("one numeric type: whole and decimal numbers mix, division is of doubles", () => {
  assert.equal(evaluate("(age - 55) / 10", { age: 75.65 }), (75.65 - 55) / 10);
  assert.equal(evaluate("7 / 2"), 3.5);
  assert.equal(evaluate("0x1F + 1.5e0"), 32.5);
  assert.equal(evaluate("-age", { age: 3 }), -3);
});

test("functions give the values of the Math functions of the same name", () => {
  assert.equal(evaluate("log1p(nodes)", { nodes: 9 }), Math.log1p(9));
  assert.equal(evaluate("log(nodes) + exp(1) + sqrt(2.0) + abs(0 - 3)", { nodes: 9 }), Math.log(9) + Math.exp(1) + Math.sqrt(2) + 3);
  assert.equal(evaluate("min(3, nodes, 7) * 100 + max(1, 2)", { nodes: 5 }), 302);
});

test("a comparison, a function and arithmetic with a missing value are missing", () => {
  for (const source of [
    "age > 1",
    "age == 1",
    "age != 1",
    "age in [1, 2]",
    "age + 1",
    "-age",
    "log(age)",
    "max(1, age)",
    "site == 'a'",
    "site in ['a']",
  ]) {
    assert.equal(evaluate(source), "missing: missing", source);
  }
});

test("logic is Kleene's: the full truth table over true, false, missing", () => {
  const cells: readonly Cell[] = [1, 0, undefined];
  const tables = { "&&": ["true", "false", "missing"], "||": ["true", "true", "true"] };
  const rows = (operator: string): string[][] =>
    cells.map((x) => cells.map((y) => String(evaluate(`er_pos ${operator} pr_pos`, { er_pos: x, pr_pos: y })).split(":")[0] ?? ""));
  assert.deepEqual(rows("&&"), [tables["&&"], ["false", "false", "false"], ["missing", "false", "missing"]]);
  assert.deepEqual(rows("||"), [tables["||"], ["true", "false", "missing"], ["true", "missing", "missing"]]);
  assert.deepEqual(
    cells.map((x) => evaluate("!er_pos", { er_pos: x })),
    [false, true, "missing: missing"],
  );
});

test("of two missing operands the first gives the reason", () => {
  assert.equal(evaluate("er_pos && pr_pos", { er_pos: 2 }), "missing: not 0 or 1");
  assert.equal(evaluate("er_pos || pr_pos", { pr_pos: 2 }), "missing: missing");
});

test("a conditional takes one branch, and is missing when its condition is", () => {
  assert.equal(evaluate("grade == 3 ? age : nodes", { grade: 3, age: 1 }), 1);
  assert.equal(evaluate("grade == 3 ? age : nodes", { grade: 2, age: 1 }), "missing: missing");
  assert.equal(evaluate("grade == 3 ? 1 : 1"), "missing: missing");
});

test("what is no finite number is missing with that reason, and stays so", () => {
  assert.equal(evaluate("1 / age", { age: 0 }), "missing: not a finite number");
  assert.equal(evaluate("1 / (1 / age)", { age: 0 }), "missing: not a finite number");
  assert.equal(evaluate("age * 1e300", { age: 1e300 }), "missing: not a finite number");
  assert.equal(evaluate("exp(age)", { age: 1000 }), "missing: not a finite number");
  assert.equal(evaluate("age", { age: Number.NaN }), "missing: not a finite number");
  assert.equal(evaluate("1 / age < 3", { age: 0 }), "missing: not a finite number");
});

test("outside its domain a function is missing with its name", () => {
  assert.equal(evaluate("log(age)", { age: 0 }), "missing: outside the domain of log");
  assert.equal(evaluate("log1p(age)", { age: -1 }), "missing: outside the domain of log1p");
  assert.equal(evaluate("sqrt(age)", { age: -1 }), "missing: outside the domain of sqrt");
  assert.equal(evaluate("sqrt(age)", { age: 0 }), 0);
});

test("a number column is a boolean where one is needed, if it is 0 or 1", () => {
  assert.equal(evaluate("er_pos && grade == 3", { er_pos: 1, grade: 3 }), true);
  assert.equal(evaluate("er_pos && true", { er_pos: 2 }), "missing: not 0 or 1");
  assert.equal(evaluate("pr_pos + er_pos", { pr_pos: true, er_pos: 1 }), 2);
  assert.equal(evaluate("pr_pos == 1", { pr_pos: true }), true);
  assert.equal(evaluate("pr_pos == true", { pr_pos: 1 }), true);
  assert.equal(evaluate("(grade == 3 ? er_pos : pr_pos) && true", { grade: 3, er_pos: 1 }), true);
});

test("a list is searched by equality of its type, -0 equal to 0", () => {
  assert.equal(evaluate("grade in [1, 0]", { grade: -0 }), true);
  assert.equal(evaluate("site in ['a', 'b']", { site: "B" }), false);
});

test("an expression names its columns and its type", () => {
  const compiled = compileExpression("grade == 3 && age > 1 && grade < 5", { columns: COLUMNS });
  assert.deepEqual([compiled.type, compiled.columns], ["boolean", ["grade", "age"]]);
});

test("a column whose name CEL reserves is read as a variable without expression", () => {
  assert.equal(
    compileColumn("for", "number").evaluate((name) => (name === "for" ? 4 : undefined)),
    4,
  );
});

test("an expression with a function has no SQL", () => {
  assert.equal(compileExpression("log(age) > 1", { columns: COLUMNS }).toSql(), undefined);
  assert.equal(compileExpression("age > 1 && abs(age) > 1", { columns: COLUMNS }).toSql(), undefined);
});

test("literals are bound parameters of the SQL, never part of its text", () => {
  const query = compileExpression('site == "x\' or 1=1" && age > 41.5', { columns: COLUMNS }).toSql();
  assert.deepEqual(query?.parameters, ["x' or 1=1", 41.5]);
  assert.ok(!/41|1=1/.test(query?.sql ?? ""));
});

/** One row per way in which an expression can be wrong: source, code, words of the message, expected type. */
const REFUSALS: readonly (readonly [string, string, RegExp, ExpressionType?])[] = [
  ["", "expression/syntax", /ends too early/],
  ["age <", "expression/syntax", /at character 5: .*"<"/],
  ["a b", "expression/syntax", /at character/],
  ["age == null", "expression/unsupported", /at character 8: null/],
  ["age % 2", "expression/unsupported", /at character 5: the remainder %/],
  ["site.size()", "expression/unsupported", /method \.size\(\)/],
  ["site.name", "expression/unsupported", /field selection \.name/],
  ["has(site.name)", "expression/unsupported", /has\(\)/],
  ["site[0]", "expression/unsupported", /indexing/],
  ["[1, 2].all(x, x > 1)", "expression/unsupported", /macro/],
  ["{'a': 1}", "expression/unsupported", /a map/],
  ["Msg{a: 1}", "expression/unsupported", /a message/],
  ["b'abc'", "expression/unsupported", /bytes/],
  ["age + 2u", "expression/unsupported", /unsigned/],
  ["site == '\\u0000'", "expression/unsupported", /NUL/],
  ["[age]", "expression/unsupported", /list/],
  ["age in [grade]", "expression/unsupported", /list of numbers/],
  ["age in []", "expression/unsupported", /at least one/],
  ["age in [1, 'a']", "expression/unsupported", /list of numbers/],
  ["age in grade", "expression/unsupported", /list of numbers/],
  ["site in [1]", "expression/type-mismatch", /a text and a number/],
  ["9007199254740993", "expression/inexact-number", /double/],
  ["1e999", "expression/inexact-number", /double/],
  ["aeg > 1", "expression/unknown-column", /at character 1: the table has no column aeg; it has: age, grade/],
  ["lg(age)", "expression/unknown-function", /no function lg\(\).*Did you mean log/s],
  ["double(age)", "expression/unknown-function", /no function double/],
  ["log()", "expression/argument-count", /0 arguments; it takes one/],
  ["log(age, 2)", "expression/argument-count", /2 arguments/],
  ["min(age)", "expression/argument-count", /two or more/],
  ["(grade == 3) + 1", "expression/type-mismatch", /true or false, but a number.*\? 1 : 0/s],
  ["1 < age < 3", "expression/type-mismatch", /a number is needed/],
  ["site + 1", "expression/type-mismatch", /a text, but a number/],
  ["site < 'b'", "expression/type-mismatch", /a text, but a number/],
  ["age + 1 && true", "expression/type-mismatch", /true or false is needed/],
  ["site == 1", "expression/type-mismatch", /one type/],
  ["pr_pos ? 1 : 'a'", "expression/type-mismatch", /one type/],
  ["grade + 1", "expression/type-mismatch", /true or false is needed/, "boolean"],
  ["grade == 3", "expression/type-mismatch", /a number is needed/, "number"],
  [`${"(".repeat(101)}1${")".repeat(101)}`, "expression/too-deep", /100 levels/],
  [`${"age + ".repeat(120)}1`, "expression/too-deep", /100 levels/],
  ["age + 1000".repeat(300), "expression/too-long", /3000 characters; 2000/],
];

test("every way of being wrong is refused under its own code, with its place", () => {
  for (const [source, code, words, expected] of REFUSALS) {
    const problems = checkExpression(source, { columns: COLUMNS, ...(expected === undefined ? {} : { expected }) });
    assert.deepEqual([...new Set(problems.map((problem) => problem.code))], [code], source.slice(0, 60));
    assert.match(`${problems[0]?.what.en} ${problems[0]?.remedy.en}`, words);
    assert.match(`${problems[0]?.what.ko}${problems[0]?.remedy.ko}`, /[가-힣]/, source);
  }
});

test("all problems of an expression are told at once", () => {
  const problems = checkExpression("aeg > 1 && lg(grade) == 'x'", { columns: COLUMNS });
  assert.deepEqual(
    problems.map((problem) => problem.code),
    ["expression/unknown-column", "expression/unknown-function"],
  );
});

test("compiling what is wrong throws every problem, each with the given place", () => {
  const place = { file: "study.yaml", line: 7, path: "data.include" };
  assert.throws(
    () => compileExpression("aeg > bge", { columns: COLUMNS, place }),
    (error) => error instanceof DureError && error.problems.length === 2 && error.problems.every((problem) => problem.place === place),
  );
});

test("without a table every name is a column, and only contradictions are refused", () => {
  assert.deepEqual(checkExpression("er && age10 > 2 && centre == 'x' || !er", { expected: "boolean" }), []);
  assert.deepEqual(checkExpression("a == b ? a : b"), []);
  const [problem] = checkExpression("stage == 'x' && stage > 2");
  assert.deepEqual(
    [problem?.code, problem?.what.en],
    ["expression/type-mismatch", "at character 17: the column stage is read as a text here and as a number elsewhere."],
  );
  assert.equal(checkExpression("grade + 1", { expected: "boolean" })[0]?.code, "expression/type-mismatch");
});
