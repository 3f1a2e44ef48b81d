import assert from "node:assert/strict";
import { readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { after, test } from "node:test";
import { testHome } from "@dure/site/quality/testing";
import { runDure } from "../../../run-dure.testing.ts";

const CHECK = "field_isforeignkey_condition_occurrence_visit_occurrence_id";

const site = await testHome();
after(() => site[Symbol.asyncDispose]());
const { home } = site;

test("a data manager checks, reads, looks rows up, accepts a fault with a reason and checks again", async () => {
  const none = await runDure(["site", "quality", "report", "--home", home]);
  assert.equal(none.status, 3);
  assert.match(none.stderr, /dure site quality run/);

  const run = await runDure(["site", "quality", "run", "--home", home, "--json"]);
  assert.equal(run.status, 0, run.stderr);
  const { summary, results } = JSON.parse(run.stdout);
  assert.equal(summary.error, 0);
  assert.equal(results.find((result: { checkid: string }) => result.checkid === CHECK).num_violated_rows, 1);

  const rows = await runDure(["site", "quality", "report", "--home", home, "--rows", "condition_occurrence.visit_occurrence_id"]);
  assert.match(rows.stdout, /condition_occurrence_id\n─+\n777123\n/);

  const bare = await runDure(["site", "quality", "override", "--home", home, "--check", "isForeignKey", "--threshold", "10"]);
  assert.equal(bare.status, 2);
  const place = ["--table", "condition_occurrence", "--field", "visit_occurrence_id"];
  const set = await runDure([
    ...["site", "quality", "override", "--home", home, "--check", "isForeignKey", ...place],
    ...["--threshold", "10", "--author", "Kim", "--reason", "Visits before 2010 were never exported"],
  ]);
  assert.equal(set.status, 0, set.stderr);

  assert.equal((await runDure(["site", "quality", "run", "--home", home])).status, 0);
  const [page, table] = [join(home, "quality.html"), join(home, "quality.csv")];
  const saved = await runDure(["site", "quality", "report", "--home", home, "--html", page, "--csv", table]);
  assert.equal(saved.status, 0, saved.stderr);
  const [html, csv] = [page, table].map((path) => readFileSync(path, "utf8"));
  assert.match(html ?? "", /Visits before 2010 were never exported/);
  assert.match(html ?? "", /1 of 10 \(10\.0 %\)/);
  const line = csv?.split("\r\n").find((one) => one.startsWith(`${CHECK},`));
  assert.match(line ?? "", /,1,0\.1,10,0,1,0,0,,,10,Kim,/);
  for (const written of [html, csv, run.stdout]) assert.doesNotMatch(written ?? "", /777123/);
  assert.equal(statSync(join(home, "quality.db")).mode & 0o777, 0o600);

  const trend = await runDure(["site", "quality", "trend", "--home", home, "--json"]);
  assert.deepEqual(
    JSON.parse(trend.stdout).map((point: { run: number; failedBySeverity: { fatal: number } }) => [
      point.run,
      point.failedBySeverity.fatal,
    ]),
    [
      [1, summary.failedBySeverity.fatal],
      [2, summary.failedBySeverity.fatal - 1],
    ],
  );
});
