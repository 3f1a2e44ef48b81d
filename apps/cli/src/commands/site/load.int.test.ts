/** What the two commands that load tell of the rows that they left out, as a person reads it. */

import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { generateHospital, testHome } from "@dure/site/testing";
import { runDure } from "../../run-dure.testing.ts";

/** Of 40 patients; most events are of somebody else. */
function homeWithStrangers() {
  const home = testHome(generateHospital(43, 40));
  const strangers = Array.from({ length: 500 }, (_, i) => `X${i}|2015-03-01|R`);
  writeFileSync(join(home.folder, "exports", "events.txt"), `PATNO|DATE|KIND\nH1000|2020-01-01|D\n${strangers.join("\n")}\n`);
  return home;
}

for (const [command, language] of [
  ["load", "en"],
  ["ingest", "ko"],
] as const) {
  test(`site ${command} shows every rule's reasons and warns of a file of which most rows are left out (${language})`, async () => {
    using home = homeWithStrangers();
    const paths =
      command === "load" ? ["--plan", home.planPath] : [join(home.folder, "exports"), "--mapping", join(home.folder, "mapping.yaml")];
    const words = ["site", command, ...paths, "--home", home.paths.root];
    const { status, stdout, stderr } = await runDure(words, { environment: { DURE_LANG: language } });
    assert.equal(status, 0, stderr);
    for (const reason of ["carcinoma in situ", "not a recurrence"]) assert.match(stdout, new RegExp(` {2}\\d+ {2}${reason}$`, "m"));
    assert.match(stdout, /not a person of file patients/);
    assert.match(stdout, /^events 2: death +1 +1 +0$/m);
    assert.match(
      stderr,
      language === "en" ? /! events\.txt.*500 of 501 rows \(99 %\) are left out/ : /! events\.txt.*501행 중 500행\(99 %\)이 제외/,
    );
    assert.equal(stderr.match(/^! /gm)?.length, 1, stderr);
  });
}
