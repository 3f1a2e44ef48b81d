import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { delimiter, join } from "node:path";
import { test } from "node:test";
import { text } from "@dure/kernel";
import { COMMANDS } from "./commands/index.ts";
import { EXIT_MEANINGS } from "./exit-status.ts";
import { fillReferencePage } from "./reference-page.ts";
import { runDure } from "./run-dure.testing.ts";

const korean = { DURE_LANG: "ko" };

test("help is printed on stdout in both languages and names every command", async () => {
  const [english, inKorean] = await Promise.all([runDure(["--help"]), runDure(["--help"], { environment: korean })]);
  for (const { status, stderr } of [english, inKorean]) assert.deepEqual([status, stderr], [0, ""]);
  assert.match(english.stdout, /Hospitals research together/);
  assert.match(inKorean.stdout, /여러 병원이 함께 연구합니다/);
  for (const { name, summary } of COMMANDS) {
    assert.ok(english.stdout.includes(`${name} `) && english.stdout.includes(summary.en));
    assert.ok(inKorean.stdout.includes(summary.ko));
  }
});

for (const command of COMMANDS) {
  test(`dure ${command.name} --help shows its examples, which are lines of that very command`, async () => {
    const { status, stdout } = await runDure([...command.name.split(" "), "--help"]);
    assert.equal(status, 0);
    assert.ok(command.examples.length > 0);
    for (const { line } of command.examples) {
      assert.ok(stdout.includes(line));
      assert.ok(line.startsWith(`dure ${command.name}`), line);
    }
  });
}

test("the version is printed, as JSON too", async () => {
  assert.match((await runDure(["--version"])).stdout, /^dure \d+\.\d+\.\d+ \(Node 24\./);
  assert.deepEqual(Object.keys(JSON.parse((await runDure(["--version", "--json"])).stdout)), ["version", "node"]);
});

for (const [line, code, said] of [
  ["", "cli/command-missing", text("dure needs a command", "명령이 필요합니다")],
  ["study", "cli/command-missing", text("dure study needs a command", "dure study 뒤에 명령이")],
  ["stdy check", "cli/unknown-command", text("Did you mean study?", "study을(를) 뜻하셨습니까")],
  ["study chek", "cli/unknown-command", text("Did you mean check?", "check을(를) 뜻하셨습니까")],
  ["study check", "cli/argument-missing", text("needs STUDY", "STUDY을(를) 지정")],
  ["study check a b", "cli/too-many-arguments", text("more arguments", "인수가 너무 많습니다")],
  ["study check --jsn a", "cli/unknown-option", text("Did you mean --json?", "--json을(를) 뜻하셨습니까")],
] as const) {
  test(`"dure ${line}" is refused as ${code}, with status 2 and nothing on stdout`, async () => {
    const words = line.split(" ").filter((word) => word !== "");
    const [english, inKorean] = await Promise.all([runDure(words), runDure(words, { environment: korean })]);
    assert.deepEqual([english.status, english.stdout, inKorean.status], [2, "", 2]);
    assert.ok(english.stderr.includes(said.en) && english.stderr.includes(`[${code}]`), english.stderr);
    assert.ok(inKorean.stderr.includes(said.ko), inKorean.stderr);
  });
}

test("with --json a wrong command line is one JSON value on stderr", async () => {
  const { status, stdout, stderr } = await runDure(["study", "check", "--json", "--what"]);
  assert.deepEqual([status, stdout], [2, ""]);
  assert.equal(JSON.parse(stderr).problems[0].code, "cli/unknown-option");
});

test("docs/cli.md documents every command and every exit status", () => {
  const page = readFileSync(new URL("../../../docs/cli.md", import.meta.url), "utf8");
  assert.equal(page, fillReferencePage(page, COMMANDS), "run npm run generate");
  for (const { name } of COMMANDS) assert.ok(page.includes(`| \`dure ${name}`), name);
  for (const [status, meaning] of EXIT_MEANINGS) assert.ok(page.includes(`| ${status} | ${meaning.en} | ${meaning.ko} |`), String(status));
});

/** A Node older than 24 on this machine, outside the checkout. */
function olderNode(): string | undefined {
  const candidates = (process.env["PATH"] ?? "")
    .split(delimiter)
    .filter((folder) => !folder.includes("node_modules"))
    .map((folder) => join(folder, "node"));
  return candidates.find((path) => {
    const { stdout } = spawnSync(path, ["--version"], { encoding: "utf8" });
    return Number(/^v(\d+)/.exec(stdout ?? "")?.[1] ?? 99) < 24;
  });
}

const older = olderNode();
test("on an older Node the launcher hands over to the checkout's own, with arguments and exit status", {
  skip: older === undefined && "no older Node",
}, async () => {
  assert.ok(older !== undefined);
  assert.match((await runDure(["--version"], { node: older })).stdout, /Node 24\./);
  assert.equal((await runDure(["study", "chek"], { node: older })).status, 2);
});
