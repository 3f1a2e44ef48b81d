/** Lists of codes as a person asks for them. */

import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { systemRandom } from "@dure/machine";
import { initHome, sitePaths } from "@dure/site";
import { ReviewStore } from "@dure/site/map-review";
import { runDure } from "../../../run-dure.testing.ts";

const folder = mkdtempSync(join(tmpdir(), "dure-map-"));
const home = join(folder, "home");
const map = (language: "en" | "ko", ...words: readonly string[]) =>
  runDure(["site", "map", ...words, "--home", home], { cwd: folder, environment: { DURE_LANG: language } });

before(async () => {
  initHome({ home, organisation: "Trial Hospital", random: systemRandom });
  const codes = Array.from({ length: 35 }, (_, i) => `C${i},test ${i},${100 - i}`);
  writeFileSync(join(folder, "codes.csv"), `code,name,frequency\n${codes.join("\n")}\n`);
  const { status, stderr } = await map("en", "add", "LOCAL-LAB", "codes.csv", "--by", "kim");
  assert.equal(status, 0, stderr);
  using reviews = new ReviewStore(sitePaths(home).mappingReview);
  reviews.putUnmapped([{ list: "LOCAL-ORDERS", code: "X1", rowCount: 3 }]);
});
after(() => rmSync(folder, { recursive: true, force: true }));

const codesIn = (text: string): number => text.match(/^C\d+ /gm)?.length ?? 0;

test("a list longer than its page says how many codes are left and how they are shown; as JSON it is whole", async () => {
  const [page, korean, all, most, json] = await Promise.all([
    map("en", "show", "LOCAL-LAB"),
    map("ko", "show", "LOCAL-LAB", "--limit", "10"),
    map("en", "show", "LOCAL-LAB", "--all"),
    map("en", "show", "LOCAL-LAB", "--status", "UNCHECKED", "--limit", "35"),
    map("en", "show", "LOCAL-LAB", "--json"),
  ]);
  for (const { status, stderr } of [page, korean, all, most, json]) assert.equal(status, 0, stderr);
  assert.equal(codesIn(page.stdout), 30);
  assert.match(page.stdout, /\n5 more of 35 codes, .*--all .*--limit N/);
  assert.equal(codesIn(korean.stdout), 10);
  assert.match(korean.stdout, /전체 35개 중 .*25개가 더 있습니다/);
  assert.deepEqual([codesIn(all.stdout), codesIn(most.stdout), JSON.parse(json.stdout).length], [35, 35, 35]);
  assert.doesNotMatch(all.stdout + most.stdout, /more of/);
});

test("a list that is none is told with those that are, and one that the load left open with how it is begun", async () => {
  const told = await Promise.all([
    map("en", "show", "LOCAL-LABS"),
    map("ko", "suggest", "LOCAL-LABS"),
    map("en", "decide", "LOCAL-LABS", "C1", "--status", "IGNORED", "--by", "kim"),
    map("en", "publish", "LOCAL-LABS"),
    map("en", "export", "LOCAL-LABS", "--out", "usagi.csv"),
  ]);
  for (const { status, stderr } of told) {
    assert.notEqual(status, 0);
    assert.match(stderr, /LOCAL-LAB\..*LOCAL-ORDERS\./s);
  }
  assert.match(told[1]?.stderr ?? "", /LOCAL-LABS\(이\)라는 목록이 없습니다/);
  const open = await map("en", "show", "LOCAL-ORDERS");
  assert.match(open.stderr, /dure site map add LOCAL-ORDERS /);
});
