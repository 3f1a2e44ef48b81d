import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { sharedData } from "@dure/kernel/testing";
import { checkId, type QualityCheck } from "./check.ts";
import { defaultChecks } from "./default-checks.ts";
import { checkNames, wordsOf } from "./index.ts";
import { readOhdsiChecks } from "./ohdsi-csv.ts";

const folder = sharedData("clinical/dqd");
const skip = folder === undefined ? "no shared data" : false;

const ohdsiChecks = () => {
  const file = (name: string) => {
    const path = `OMOP_CDMv5.4_${name}.csv`;
    return { file: path, text: readFileSync(join(folder ?? "", path), "utf8") };
  };
  return readOhdsiChecks({
    descriptions: file("Check_Descriptions"),
    table: file("Table_Level"),
    field: file("Field_Level"),
    concept: file("Concept_Level"),
  });
};

/** OHDSI's list compares the source's release date with itself, a check that cannot fail; ours compares it with the database's. */
const MENDED = "field_plausiblestartbeforeend_cdm_source_source_release_date";

const figuresById = (checks: readonly QualityCheck[]) =>
  new Map(
    checks.map((check) => {
      const rule =
        check.rule.kind === "units" ? { ...check.rule, unitConceptIds: check.rule.unitConceptIds.toSorted((a, b) => a - b) } : check.rule;
      return [checkId(check), { rule, threshold: check.thresholdPercent }] as const;
    }),
  );

test("all 27 kinds of checks are among the defaults, and each check has its own id", () => {
  const checks = defaultChecks();
  assert.equal(checkNames.length, 27);
  assert.deepEqual(
    checkNames.filter((name) => !checks.some((check) => check.name === name)),
    [],
  );
  assert.equal(new Set(checks.map(checkId)).size, checks.length);
});

test("no two kinds of checks have one label, in English or in Korean", () => {
  for (const language of ["en", "ko"] as const) {
    const labels = checkNames.map((name) => wordsOf(name).label[language]);
    assert.deepEqual(
      labels.filter((label, i) => labels.indexOf(label) !== i),
      [],
    );
  }
});

test("the defaults are OHDSI's thresholds, figure by figure", { skip }, () => {
  const [ours, theirs] = [figuresById(defaultChecks()), figuresById(ohdsiChecks())];
  assert.deepEqual(
    [...ours.keys()].filter((id) => !theirs.has(id)),
    [],
  );
  assert.deepEqual(
    [...theirs.keys()].filter((id) => !ours.has(id)),
    [],
  );
  for (const [id, figures] of theirs) if (id !== MENDED) assert.deepEqual(ours.get(id), figures, id);
  assert.deepEqual(ours.get(MENDED), { rule: { kind: "ends", field: "cdm_release_date" }, threshold: 0 });
  assert.deepEqual(theirs.get(MENDED), { rule: { kind: "ends", field: "source_release_date" }, threshold: 0 });
});
