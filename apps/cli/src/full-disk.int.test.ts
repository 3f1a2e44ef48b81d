/** A disk that is full while something is taken in or checked: one name, what was there stands, and with space the same command goes on. */

import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync, readdirSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { imageFile } from "@dure/clinical/dicom/testing";
import { sitePaths } from "@dure/site";
import { generateHospital, readEverything, testHome, writeAthena } from "@dure/site/testing";

const launcher = fileURLToPath(new URL("../bin/dure.mjs", import.meta.url));
const KIB = 1024;
/** More than the engines' own bookkeeping takes, less than what comes. */
const ROOM_KIB = 128;

interface Ended {
  readonly status: number | null;
  readonly codes: readonly string[];
  readonly stderr: string;
}

/** @param fileKib no file of the process grows beyond it, which is what a full disk does */
function dure(words: readonly string[], fileKib?: number): Ended {
  const limit = fileKib === undefined ? "" : `trap '' XFSZ; ulimit -f ${fileKib}; `;
  const { status, stderr } = spawnSync("bash", ["-c", `${limit}exec "$0" "$@"`, process.execPath, launcher, ...words, "--json"], {
    encoding: "utf8",
  });
  const line = stderr.split("\n").find((one) => one.startsWith('{"problems"'));
  const problems: readonly { readonly code: string }[] = line === undefined ? [] : JSON.parse(line).problems;
  return { status, codes: problems.map(({ code }) => code), stderr };
}

const observations = (count: number): string =>
  Array.from({ length: count }, (_, i) =>
    JSON.stringify({
      resourceType: "Observation",
      id: `o${i}`,
      status: "final",
      subject: { reference: `Patient/${i}` },
      code: { text: `a ${i * i}` },
    }),
  ).join("\n");
const concepts = (count: number) =>
  Array.from({ length: count }, (_, i) => ({
    id: 1000 + i,
    vocabulary: "LOINC",
    code: `${i * 7919}-${i}`,
    name: `Name ${i * i}`,
    standard: "S" as const,
  }));
const codes = (count: number): string =>
  ["code,name,frequency", ...Array.from({ length: count }, (_, i) => `C${i},name of ${i * i},${i}`)].join("\n");
const picture = (side: number): Buffer =>
  imageFile({ patient: "1", pixels: Array.from({ length: side }, () => Array.from({ length: side }, (_, i) => i)) });

test("intake, images, vocabulary, map lists and quality checks name a full disk and leave nothing half-done", async () => {
  using home = testHome(generateHospital(71, 40));
  const at = ["--home", home.paths.root];
  const put = (path: string, content: string | Uint8Array): string => {
    mkdirSync(join(home.folder, path, ".."), { recursive: true });
    writeFileSync(join(home.folder, path), content);
    return join(home.folder, path);
  };
  const small = writeAthena(join(home.folder, "small"), { concepts: concepts(5) });
  assert.equal(dure(["site", "vocabulary", "load", small, "--part", ...at]).status, 0);
  assert.equal(dure(["site", "load", "--plan", home.planPath, ...at]).status, 0);
  assert.equal(dure(["site", "intake", "fhir", put("first/a.ndjson", observations(1)), ...at]).status, 0);
  const large = writeAthena(join(home.folder, "large"), { concepts: concepts(60_000), version: "v5.0 27-AUG-26" });
  const cases: readonly (readonly [store: string, words: readonly string[]])[] = [
    ["intake.duckdb", ["site", "intake", "fhir", put("fhir/a.ndjson", observations(20_000))]],
    ["images.sqlite", ["site", "images", "take", join(put("dicom/a.dcm", picture(300)), "..")]],
    ["mapping-review.sqlite", ["site", "map", "add", "LIST", put("codes.csv", codes(20_000)), "--by", "kim"]],
    ["quality.db", ["site", "quality", "run"]],
    ["clinical.duckdb", ["site", "vocabulary", "load", large, "--part"]],
  ];
  for (const [name, words] of cases) {
    const path = join(home.paths.root, name);
    const sizeKib = existsSync(path) ? Math.ceil(statSync(path).size / KIB) : 0;
    const full = dure([...words, ...at], sizeKib + ROOM_KIB);
    assert.deepEqual([full.status, full.codes[0]], [5, "store/disk-full"], `${name}: ${full.stderr}`);
    const left = readdirSync(home.paths.root).filter((file) => /loading|unfinished|\.tmp$|unpack/.test(file));
    assert.deepEqual(left, [], name);
    const whole = dure([...words, ...at]);
    assert.equal(whole.status, 0, `${name}: ${whole.stderr}`);
  }
  const everything = await readEverything(home.paths.root);
  const rowsOf = (place: string): number => everything.find((one) => one.place === place)?.text.split("\n").length ?? 0;
  assert.equal(rowsOf("intake.duckdb dure_intake.resource"), 20_000);
  assert.ok(rowsOf("clinical.duckdb vocabulary_2.concept") > 60_000);
  assert.equal(rowsOf("quality.db result") > 2535, true);
  assert.ok(existsSync(sitePaths(home.paths.root).clinical));
});
