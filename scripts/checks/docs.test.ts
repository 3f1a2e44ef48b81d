/** What the documents show holds: studies parse, expressions give what is said, links lead somewhere, commands exist. */

import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import { posix } from "node:path";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { formatProblem } from "@dure/kernel";
import { checkExpression, checkStudy, compileExpression, type ExpressionType, studyJsonSchema } from "@dure/study";
import type { Command } from "../../apps/cli/src/command.ts";
import { COMMANDS } from "../../apps/cli/src/commands/index.ts";
import { readRepositoryFile, repositoryFiles } from "./source-files.ts";

const STUDY_PAGE = "docs/study-document.md";
const ARCHITECTURE_PAGE = "docs/architecture.md";
const root = fileURLToPath(new URL("../..", import.meta.url));

interface Block {
  readonly language: string;
  readonly text: string;
}

const blocksOf = (page: string): readonly Block[] =>
  [...readRepositoryFile(page).matchAll(/^```(\w*)\n([\s\S]*?)^```$/gm)].map(([, language = "", text = ""]) => ({ language, text }));

/** The cells of every row of the table under this heading row. */
function tableRows(page: string, heading: string): readonly (readonly string[])[] {
  const lines = readRepositoryFile(page).split("\n");
  const start = lines.indexOf(heading);
  assert.ok(start >= 0, `${page} has no table "${heading}"`);
  const end = lines.findIndex((line, i) => i > start && !line.startsWith("|"));
  return lines.slice(start + 2, end).map((line) =>
    line
      .split(/(?<!\\)\|/)
      .slice(1, -1)
      .map(cellText),
  );
}

const cellText = (cell: string): string => cell.replaceAll("\\|", "|").trim();
const unquoted = (cell: string): string => cell.replace(/^`(.*)`$/, "$1");

test("every study in docs/study-document.md parses", () => {
  const studies = blocksOf(STUDY_PAGE).filter(({ language }) => language === "yaml");
  assert.ok(studies.length >= 3);
  for (const { text } of studies) {
    const checked = checkStudy(new TextEncoder().encode(text), { file: STUDY_PAGE });
    assert.equal(checked.kind === "refused" ? checked.problems.map((problem) => formatProblem(problem, "en")).join("\n") : "", "");
  }
});

test("docs/study-document.md names every field of the schema", () => {
  const page = readRepositoryFile(STUDY_PAGE);
  const names = new Set(fieldNames(studyJsonSchema()));
  assert.ok(names.size > 30);
  const absent = [...names].filter((name) => !new RegExp(`[\`.]${name}\\b`).test(page));
  assert.deepEqual(absent, []);
});

function fieldNames(schema: unknown): readonly string[] {
  if (typeof schema !== "object" || schema === null) return [];
  return Object.entries(schema).flatMap(([key, value]) => [
    ...(key === "properties" && typeof value === "object" && value !== null ? Object.keys(value) : []),
    ...fieldNames(value),
  ]);
}

test("every expression in docs/study-document.md gives what is said", () => {
  const rows = tableRows(STUDY_PAGE, "| expression | of | gives |");
  assert.ok(rows.length >= 10);
  for (const [shown = "", of = "", gives = ""] of rows) {
    const source = unquoted(shown.replace(/ as a boolean$/, ""));
    const cells = new Map(unquoted(of).split(", ").map(readCell));
    const columns = new Map(
      [...cells].map(([name, value]): [string, ExpressionType] => [name, typeof value === "string" ? "text" : "number"]),
    );
    const expected = shown.endsWith(" as a boolean") ? ({ expected: "boolean" } as const) : {};
    const value = compileExpression(source, { columns, ...expected }).evaluate((name) => cells.get(name));
    const said = typeof value !== "object" ? `\`${value}\`` : value.missing === "missing" ? "missing" : `missing, ${value.missing}`;
    assert.equal(said, gives, shown);
  }
});

function readCell(given: string): readonly [string, number | string | undefined] {
  const [, name = "", value = ""] = /^(\w+) (?:= )?(.+)$/.exec(given) ?? [];
  if (value === "missing") return [name, undefined];
  return [name, value.startsWith('"') ? value.slice(1, -1) : Number(value)];
}

test("what docs/study-document.md calls refused is refused", () => {
  const refused = [
    "age % 2",
    "null",
    "1u",
    "b'x'",
    "a.b",
    "a[0]",
    "{}",
    "Message{}",
    "name.startsWith('x')",
    "[1].exists(x, x > 0)",
    "'a' < 'b'",
  ];
  for (const source of refused) assert.notDeepEqual(checkExpression(source), [], source);
});

test("docs/architecture.md names every message of the round protocol", () => {
  const page = readRepositoryFile(ARCHITECTURE_PAGE);
  const unions = readRepositoryFile("packages/federation/src/protocol/messages.ts").matchAll(/^export type To\w+ = ([^;]+);/gm);
  const messages = [...unions].flatMap(([, members = ""]) => members.split("|").map((name) => name.trim()));
  assert.ok(messages.length > 15);
  assert.deepEqual(
    messages.filter((name) => !page.includes(`\`${name}\``)),
    [],
  );
});

test("every link between documents leads to a file", () => {
  const pages = repositoryFiles().filter((path) => path.endsWith(".md"));
  const broken = pages.flatMap((page) =>
    [...withoutBlocks(readRepositoryFile(page)).matchAll(/\]\(([^)#\s]+)(?:#[^)]*)?\)/g)]
      .map(([, target = ""]) => target)
      .filter((target) => !/^[a-z]+:/.test(target) && !existsSync(posix.join(root, posix.dirname(page), target)))
      .map((target) => `${page}: ${target}`),
  );
  assert.deepEqual(broken, []);
});

const withoutBlocks = (page: string): string => page.replace(/^```[\s\S]*?^```$/gm, "");

test("every dure command line that a document shows is one that dure takes", () => {
  const pages = repositoryFiles().filter((path) => path.endsWith(".md"));
  const lines = pages.flatMap((page) =>
    blocksOf(page)
      .filter(({ language }) => language === "sh")
      .flatMap(({ text }) => text.replaceAll(/\\\n\s*/g, "").split("\n"))
      .map((line) => ({ page, words: (line.replace(/#.*$/, "").match(/(?:[^\s"]|"[^"]*")+/g) ?? []).filter((word) => word !== "sudo") }))
      .filter(({ words }) => words[0] === "dure" || (words[0] === "npx" && words[1] === "dure")),
  );
  const wrong = lines.flatMap(({ page, words }) => {
    const what = commandLineProblem(words.slice(words.indexOf("dure") + 1), COMMANDS);
    return what === undefined ? [] : [`${page}: ${words.join(" ")}: ${what}`];
  });
  assert.deepEqual(wrong, []);
});

function commandLineProblem(words: readonly string[], commands: readonly Command[]): string | undefined {
  const command = commands.find(({ name }) => name.split(" ").every((word, i) => words[i] === word));
  if (command === undefined) return "no such command";
  const flag = (name: string): string => `--${name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`;
  const known = new Set([...Object.keys(command.options).map(flag), "--json", "--help"]);
  const given = words.filter((word) => word.startsWith("--")).map((word) => word.split("=")[0] ?? word);
  const unknown = given.filter((word) => !known.has(word));
  if (unknown.length > 0) return `takes no ${unknown.join(", ")}`;
  const required = Object.entries(command.options).filter(([, option]) => option.kind === "required-text");
  const absent = required.map(([name]) => flag(name)).filter((name) => !given.includes(name));
  return absent.length > 0 ? `needs ${absent.join(", ")}` : undefined;
}

test("a command line with a wrong word, option or without a needed one is recognised", () => {
  const problem = (line: string): string | undefined => commandLineProblem(line.split(" "), COMMANDS);
  assert.equal(problem("study check study.yaml"), undefined);
  assert.equal(problem("study chekc study.yaml"), "no such command");
  assert.equal(problem("study check study.yaml --colour"), "takes no --colour");
  assert.equal(problem("site start"), "needs --home");
});
