import assert from "node:assert/strict";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { sitePaths, writeSettings } from "@dure/site";
import { runDure } from "../../../run-dure.testing.ts";

/** The smallest whole download: one concept of each vocabulary without which none is accepted, and one KCD code. */
function writeDownload(folder: string, version: string, target: number): string {
  mkdirSync(folder, { recursive: true });
  const write = (table: string, ...lines: readonly (readonly (string | number)[])[]): void =>
    writeFileSync(join(folder, `${table}.csv`), lines.map((line) => `${line.join("\t")}\n`).join(""));
  const days = ["19700101", "20991231", ""] as const;
  const head = ["concept_id", "concept_name", "domain_id", "vocabulary_id", "concept_class_id", "standard_concept", "concept_code"];
  const validity = ["valid_start_date", "valid_end_date", "invalid_reason"];
  const standard = ["SNOMED", "RxNorm", "LOINC", "UCUM"].map((name, i) => [i + 1, name, "Condition", name, "Any", "S", `c${i}`, ...days]);
  write("CONCEPT", [...head, ...validity], ...standard, [9, "Code", "Condition", "KCD7", "Any", "", "N20.1", ...days]);
  write("CONCEPT_RELATIONSHIP", ["concept_id_1", "concept_id_2", "relationship_id", ...validity], [9, target, "Maps to", ...days]);
  write("CONCEPT_ANCESTOR", ["ancestor_concept_id", "descendant_concept_id", "min_levels_of_separation", "max_levels_of_separation"]);
  write("CONCEPT_SYNONYM", ["concept_id", "concept_synonym_name", "language_concept_id"]);
  const names = ["name", "reference", "version", "concept_id"].map((part) => `vocabulary_${part}`);
  write("VOCABULARY", ["vocabulary_id", ...names], ["None", "All", "", version, 0]);
  write("DOMAIN", ["domain_id", "domain_name", "domain_concept_id"]);
  write("CONCEPT_CLASS", ["concept_class_id", "concept_class_name", "concept_class_concept_id"]);
  const relation = ["relationship_id", "relationship_name", "is_hierarchical", "defines_ancestry", "reverse_relationship_id"];
  write("RELATIONSHIP", [...relation, "relationship_concept_id"]);
  write("DRUG_STRENGTH", ["drug_concept_id", "ingredient_concept_id", ...validity]);
  return folder;
}

test("a vocabulary is loaded, compared and accepted from the command line, in both languages", async (t) => {
  const home = mkdtempSync(join(tmpdir(), "dure-cli-vocabulary-"));
  t.after(() => rmSync(home, { recursive: true }));
  mkdirSync(join(home, "keys"));
  writeSettings(sitePaths(home), {
    ...{
      version: 1,
      siteId: "a",
      organisation: "A",
      role: "site",
      alliance: "x",
      coordinatorUrl: "https://localhost",
      coordinatorKey: "k",
    },
    ...{ stewardKey: "k", source: { kind: "store" } },
  });
  const at = ["--home", home];
  const first = await runDure(["site", "vocabulary", "load", writeDownload(join(home, "old"), "v5.0 27-AUG-25", 1), ...at]);
  assert.deepEqual([first.status, /state +in use/.test(first.stdout), /KCD7 +1 +0/.test(first.stdout)], [0, true, true], first.stderr);
  const second = await runDure(["site", "vocabulary", "load", writeDownload(join(home, "new"), "v5.0 27-FEB-26", 2), ...at, "--json"]);
  assert.equal(JSON.parse(second.stdout).state, "candidate");
  const korean = await runDure(["site", "vocabulary", "diff", ...at], { environment: { DURE_LANG: "ko" } });
  assert.match(korean.stdout, /사용 중 +1 \(v5\.0 27-AUG-25\)\n대기 +2 \(v5\.0 27-FEB-26\)[\s\S]*영향을 받는 문서: 없음/);
  const accepted = await runDure(["site", "vocabulary", "accept", ...at]);
  assert.equal(accepted.stdout, "The next load uses vocabulary 2 (v5.0 27-FEB-26).\n");
});
