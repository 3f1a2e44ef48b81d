/**
 * An export to try the program with: `node examples/korean-trial/generate.ts OUT` writes OUT/export, twelve tables of a made-up Korean
 * hospital of 2,000 patients, and OUT/vocabulary.zip, a small vocabulary in Athena's form. docs/guide.md walks through both.
 */

import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { writeTable } from "./files.ts";
import { makeHospital } from "./hospital.ts";
import { writeVocabulary } from "./vocabulary.ts";

const SEED = 20_261_121;
const PATIENTS = 2000;

const [out] = process.argv.slice(2);
if (out === undefined) {
  console.error("Name the folder to write: node examples/korean-trial/generate.ts OUT");
  process.exitCode = 2;
} else {
  const folder = join(out, "export");
  mkdirSync(folder, { recursive: true });
  const tables = makeHospital(SEED, PATIENTS);
  for (const table of tables) writeTable(folder, table);
  writeVocabulary(join(out, "vocabulary.zip"));
  const rowCount = tables.reduce((sum, { rows }) => sum + rows.length, 0);
  console.log(`${tables.length} tables, ${rowCount} rows in ${folder}; vocabulary in ${join(out, "vocabulary.zip")}`);
}
