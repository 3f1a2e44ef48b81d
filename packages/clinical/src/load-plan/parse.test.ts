import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { DureError } from "@dure/kernel";
import { parseLoadPlan } from "./parse.ts";
import { DEFAULT_MAPPED_SHARE_MIN, loadPlanSchema } from "./schema.ts";

const HEAD = "dureLoad: 1\nid: hospital-a\nversion: 1\ntitle: { en: Hospital A, ko: 가 병원 }\n";
const plan = (rest: string) => parseLoadPlan({ file: "load.yaml", text: HEAD + rest });

test("a plan says only what it must: the rest has declared defaults", () => {
  const { observationPeriod, minimumMappedShare, personCountMin, eras, sources } = plan(
    "sources:\n  - { mapping: mapping.yaml, directory: exports, parameters: { cohort: 1 } }\n  - { omop: warehouse, path: omop.zip }\n  - { fhir: emr, policy: emr.yaml }\n",
  );
  assert.deepEqual(observationPeriod, { rule: "first-to-last-event", version: 1 });
  assert.deepEqual(minimumMappedShare, { overall: DEFAULT_MAPPED_SHARE_MIN, byVocabulary: {} });
  assert.deepEqual([personCountMin, eras], [1, "rebuilt"]);
  assert.deepEqual(sources, [
    { mapping: "mapping.yaml", directory: "exports", parameters: { cohort: "1" } },
    { omop: "warehouse", path: "omop.zip", personKey: "person_id" },
    { fhir: "emr", policy: "emr.yaml" },
  ]);
});

const REFUSED: readonly (readonly [fact: string, rest: string, code: string])[] = [
  ["no source", "sources: []", "load/bad-value"],
  ["a source of an unknown kind", "sources: [{ csv: x }]", "load/bad-value"],
  ["a day that does not exist", "sources: [{ fhir: emr }]\nexportDate: 2026-02-30", "load/bad-value"],
  ["a share above 1", "sources: [{ fhir: emr }]\nminimumMappedShare: { overall: 80 }", "load/bad-value"],
  ["an unknown key", "sources: [{ fhir: emr }]\nminimumMapped: 1", "load/unknown-key"],
  [
    "a rule of a version to come",
    "sources: [{ fhir: emr }]\nobservationPeriod: { rule: first-to-last-event, version: 2 }",
    "load/bad-value",
  ],
  ["a source twice", "sources: [{ fhir: emr }, { fhir: emr }]", "load/source-twice"],
  ["eras of a source that has none", "sources: [{ fhir: emr }]\neras: of-the-source", "load/eras-of-one-source"],
];

test("each plan that is none is refused by name and line, in both languages", () => {
  for (const [fact, rest, code] of REFUSED) {
    assert.throws(
      () => plan(rest),
      (cause) =>
        cause instanceof DureError &&
        cause.code === code &&
        cause.problems.every(({ place, what }) => place.line !== undefined && /[가-힣]/.test(what.ko)),
      fact,
    );
  }
});

const repositoryFile = (path: string): string => readFileSync(fileURLToPath(new URL(`../../../../${path}`, import.meta.url)), "utf8");

test("the plans of examples/loads and of docs/loads.md parse, and the page names every key", () => {
  const page = repositoryFile("docs/loads.md");
  const onPage = [...page.matchAll(/```yaml\n(dureLoad[\s\S]*?)```/g)].map(([, block = ""]) => block);
  assert.equal(onPage.length, 1);
  const examples = ["smallest", "two-sources"].map((name) => repositoryFile(`examples/loads/${name}.yaml`));
  for (const content of [...onPage, ...examples]) parseLoadPlan({ file: "load.yaml", text: content });
  for (const key of Object.keys(loadPlanSchema.shape)) assert(page.includes(key), key);
});
