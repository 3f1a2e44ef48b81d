import assert from "node:assert/strict";
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { findShared } from "@dure/kernel/testing";
import { runDure } from "../../run-dure.testing.ts";

const STUDY = `dure: 1
id: recurrence
title: Recurrence within five years
purpose: scientific-research
data:
  table: registry
  variables:
    y5: { role: outcome, type: boolean }
    age10: { role: feature, type: number, from: (age - 55) / 10 }
analysis: { kind: logistic-regression }
evaluation: { localModels: true, intervals: delong }
privacy: { secureSum: { minimumSites: 3 }, minimumCell: 5 }
`;

/** A folder with a study and, unless left out, the table document that it names. */
function makeFolder(context: TestContext, study: string, table: string | undefined = "id: registry\n"): string {
  const folder = mkdtempSync(join(tmpdir(), "dure-check-"));
  context.after(() => rmSync(folder, { recursive: true, force: true }));
  writeFileSync(join(folder, "study.yaml"), study);
  mkdirSync(join(folder, "tables"));
  if (table !== undefined) writeFileSync(join(folder, "tables", "registry.yaml"), table);
  return folder;
}

const check = (cwd: string, words: readonly string[] = [], language = "en") =>
  runDure(["study", "check", "study.yaml", ...words], { cwd, environment: { DURE_LANG: language } });

test("a study without problems is printed with its hash, in both languages and as JSON", async (context) => {
  const folder = makeFolder(context, STUDY);
  const [english, korean, json] = await Promise.all([check(folder), check(folder, [], "ko"), check(folder, ["--json"])]);
  for (const { status, stderr } of [english, korean, json]) assert.deepEqual([status, stderr], [0, ""]);
  const { study, files } = JSON.parse(json.stdout);
  assert.match(study.hash, /^[0-9a-f]{64}$/);
  assert.ok(english.stdout.includes(study.hash) && korean.stdout.includes(study.hash));
  assert.match(english.stdout, /^age10 +feature +number +\(age - 55\) \/ 10$/m);
  assert.match(korean.stdout, /^제목 +Recurrence within five years$/m);
  assert.deepEqual([files[0].name, files[0].bytes], ["tables/registry.yaml", 13]);
});

test("the hash changes with the table document, and not with the layout of the study", async (context) => {
  const hashOf = async (folder: string): Promise<string> => JSON.parse((await check(folder, ["--json"])).stdout).study.hash;
  const [first, reordered, otherTable] = await Promise.all([
    hashOf(makeFolder(context, STUDY)),
    hashOf(
      makeFolder(context, `# a comment\n${STUDY.replace("id: recurrence\n", "").replace("dure: 1\n", "dure: 1\nid:   recurrence\n")}`),
    ),
    hashOf(makeFolder(context, STUDY, "id: registry \n")),
  ]);
  assert.equal(first, reordered);
  assert.notEqual(first, otherTable);
});

test("every problem of a study is told at once, with its line, and the status is 3", async (context) => {
  const folder = makeFolder(context, STUDY.replace("purpose: scientific-research\n", "").replace("role: feature", "role: featur"));
  const { status, stdout, stderr } = await check(folder);
  assert.deepEqual([status, stdout], [3, ""]);
  assert.match(stderr, /purpose: .*\[study\/missing-field\]/);
  assert.match(stderr, /study\.yaml:8, .*\[study\/value-not-allowed\]/);
});

test("a file that the study names and that is absent is one named problem", async (context) => {
  const folder = makeFolder(context, STUDY);
  rmSync(join(folder, "tables", "registry.yaml"));
  const { status, stderr } = await check(folder, [], "ko");
  assert.equal(status, 3);
  assert.match(stderr, /^✖ tables\/registry\.yaml: .*찾을 수 없습니다.*\[study\/file-absent\]\n$/);
});

test("an absent study file and a folder in its place are named, with status 5", async (context) => {
  const folder = makeFolder(context, STUDY);
  const [absent, isFolder] = await Promise.all([
    runDure(["study", "check", "other.yaml"], { cwd: folder }),
    runDure(["study", "check", "tables"], { cwd: folder }),
  ]);
  assert.deepEqual([absent.status, isFolder.status], [5, 5]);
  assert.match(absent.stderr, /other\.yaml: there is no such file.*\[file\/absent\]/);
  assert.match(isFolder.stderr, /\[file\/unreadable\]/);
});

const studies = findShared("studies");
for (const name of studies === undefined ? ["(studies)"] : readdirSync(studies)) {
  test(`the shared study ${name} is accepted`, { skip: studies === undefined && "no shared data" }, async (context) => {
    assert.ok(studies !== undefined);
    const source = readFileSync(join(studies, name), "utf8");
    const folder = makeFolder(context, source);
    const table = /^ {2}table: *([\w-]+)/m.exec(source)?.[1];
    const model = /([\w-]+\.onnx)/.exec(source.replace(/#.*$/gm, ""))?.[1];
    writeFileSync(join(folder, "tables", `${table}.yaml`), "a stand-in: only its bytes count here\n");
    if (model !== undefined) writeFileSync(join(folder, model), "a stand-in");
    const { status, stderr } = await check(folder);
    assert.deepEqual([status, stderr], [0, ""]);
  });
}
