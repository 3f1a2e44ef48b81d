import assert from "node:assert/strict";
import { appendFileSync, mkdtempSync, readdirSync, readFileSync, rmSync, truncateSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { sourceCodeKey } from "@dure/clinical";
import { type Clock, DureError } from "@dure/kernel";
import { sharedData } from "@dure/kernel/testing";
import { sql } from "../store/clinical-sql.ts";
import type { ClinicalStore } from "../store/clinical-store.ts";
import { openClinicalStore } from "../store/open-clinical-store.ts";
import { loadVocabulary, type VocabularyLoad } from "./load-vocabulary.ts";
import { writeAthena } from "./testing-vocabulary.ts";
import { codeLookupIn, listVocabularies } from "./vocabulary-store.ts";

const clock: Clock = { nowMs: () => 1_700_000_000_000, sleep: async () => undefined };

async function inStore(context: TestContext): Promise<{ readonly folder: string; readonly store: ClinicalStore }> {
  const folder = mkdtempSync(join(tmpdir(), "dure-vocabulary-"));
  const store = await openClinicalStore(join(folder, "clinical.duckdb"));
  context.after(async () => {
    await store.close();
    rmSync(folder, { recursive: true });
  });
  return { folder, store };
}

const load = (store: ClinicalStore, path: string, options: Partial<VocabularyLoad> = {}) =>
  loadVocabulary({ store, path, clock, ...options });

async function problemsOf(work: Promise<unknown>) {
  const fault = await work.then(
    () => undefined,
    (cause: unknown) => cause,
  );
  assert(fault instanceof DureError, "the load was refused by name");
  return fault.problems.filter(({ severity }) => severity === "error");
}

const small = {
  concepts: [
    { id: 1001, vocabulary: "SNOMED", code: "95570007", standard: "S", name: 'Stone of the "kidney"' },
    { id: 1002, vocabulary: "KCD7", code: "N20.0" },
    { id: 1003, vocabulary: "KCD7", code: "N20.1" },
  ],
  relations: [{ from: 1002, relation: "Maps to", to: 1001 }],
} as const;

test("a download in Athena's form: the first is in use at once, the second waits; names keep their quotes; own concepts are there", async (t) => {
  const { folder, store } = await inStore(t);
  const path = writeAthena(join(folder, "athena"), small);
  const first = await load(store, path);
  assert.deepEqual([first.number, first.version, first.state, first.warnings], [1, "v5.0 27-FEB-26", "current", []]);
  assert.equal(first.rowsByTable.concept_relationship, 1);
  assert.deepEqual(
    first.vocabularies.find(({ vocabulary }) => vocabulary === "KCD7"),
    { vocabulary: "KCD7", version: null, conceptCount: 2, standardCount: 0 },
  );
  await store.read(async (session) => {
    assert.deepEqual(await session.rows(sql`SELECT concept_name FROM vocabulary_1.concept WHERE concept_id = 1001`), [
      ['Stone of the "kidney"'],
    ]);
    assert.equal(
      (await session.count(sql`SELECT count(*) FROM vocabulary_1.concept WHERE vocabulary_id = 'Dure' OR concept_id = 0`)) > 10,
      true,
    );
    const code = { vocabulary: "KCD7", code: "N20.0", onDate: "2024-01-01" };
    const answer = await codeLookupIn("vocabulary_1", first.version).lookUp(session, [code]);
    assert.deepEqual(answer.get(sourceCodeKey(code)), {
      ...{ sourceConceptId: 1002, origin: "vocabulary" },
      targets: [{ conceptId: 1001, domain: "Condition", relation: "event", equivalence: "EQUIVALENT" }],
    });
  });
  const second = await load(store, path);
  const third = await load(store, path);
  assert.deepEqual([second.number, second.state, third.number], [2, "candidate", 2]); // a new candidate takes the place of the old one
  const stored = await store.read(listVocabularies);
  assert.deepEqual(
    stored.map(({ number, state }) => [number, state]),
    [
      [1, "current"],
      [2, "candidate"],
    ],
  );
  assert.deepEqual(readdirSync(folder).sort(), ["athena", "clinical.duckdb"]);
});

test("every way in which a download is wrong has a name, and nothing of it stays", async (t) => {
  const { folder, store } = await inStore(t);
  const refusal = async (name: string, spoil: (path: string) => void, options: Partial<VocabularyLoad> = {}) => {
    const path = writeAthena(join(folder, name), small);
    spoil(path);
    return (await problemsOf(load(store, path, options))).map(({ code, place }) =>
      [code, place.row, place.column].filter((part) => part !== undefined).join(" "),
    );
  };
  const edit = (file: string, change: (content: string) => string) => (path: string) =>
    writeFileSync(join(path, file), change(readFileSync(join(path, file), "utf8")));
  const cases: readonly (readonly [name: string, spoil: (path: string) => void, expected: readonly string[]])[] = [
    ["file-missing", (path) => rmSync(join(path, "CONCEPT_ANCESTOR.csv")), ["vocabulary/missing-file"]],
    [
      "last-line-cut",
      (path) => truncateSync(join(path, "CONCEPT.csv"), readFileSync(join(path, "CONCEPT.csv")).length - 20),
      ["vocabulary/cut-short"],
    ],
    [
      "cut-at-r",
      edit("CONCEPT.csv", (all) =>
        all
          .split("\n")
          .filter((line) => !/\t(SNOMED|UCUM)\t/.test(line))
          .join("\n"),
      ),
      [
        "vocabulary/missing-vocabulary",
        "vocabulary/missing-vocabulary",
        "vocabulary/missing-concepts concept_id_2",
        "vocabulary/missing-concepts ancestor_concept_id",
        "vocabulary/missing-concepts descendant_concept_id",
      ],
    ],
    ["column-missing", edit("CONCEPT.csv", (all) => all.replace("concept_code\t", "")), ["vocabulary/missing-column 1 concept_code"]],
    ["line-broken", edit("CONCEPT.csv", (all) => all.replace("\tKCD7\tTest class", "")), ["vocabulary/bad-row 7"]],
    ["no-day", edit("CONCEPT.csv", (all) => all.replace("19700101", "19701301")), ["vocabulary/bad-cells valid_start_date"]],
    [
      "not-utf-8",
      (path) =>
        writeFileSync(
          join(path, "CONCEPT.csv"),
          Buffer.concat([
            readFileSync(join(path, "CONCEPT.csv")),
            Buffer.from([0x31, 9, 0xc7, 0xd1, 9, 0x43, 9, 0x4b, 9, 0x43, 9, 9, 0x31, 9, ...Buffer.from("20200101\t20991231\t\n")]),
          ]),
        ),
      ["vocabulary/not-utf-8"],
    ],
    ["no-version", edit("VOCABULARY.csv", (all) => all.replace("v5.0 27-FEB-26", "")), ["vocabulary/no-version"]],
    ["newer-concepts", edit("CONCEPT.csv", (all) => all.replace("19700101", "20280101")), ["vocabulary/mixed-releases"]],
    [
      "cpt4",
      (path) =>
        writeFileSync(
          join(path, "CONCEPT_CPT4.csv"),
          readFileSync(join(path, "CONCEPT.csv"), "utf8").split("\n").slice(0, 1).join("\n").concat("\n"),
        ),
      ["vocabulary/cpt4-not-completed"],
    ],
    [
      "same-id-twice",
      (path) => appendFileSync(join(path, "CONCEPT.csv"), "1003\tAgain\tCondition\tKCD7\tTest class\t\tN20.9\t19700101\t20991231\t\n"),
      ["vocabulary/duplicate-concepts concept_id"],
    ],
    [
      "own-id-taken",
      (path) => appendFileSync(join(path, "CONCEPT.csv"), "2000000001\tOther\tCondition\tMine\tTest class\t\tX1\t19700101\t20991231\t\n"),
      ["vocabulary/not-local concept_id"],
    ],
    ["two-files", (path) => writeFileSync(join(path, "concept.tsv"), ""), ["vocabulary/two-files"]],
  ];
  for (const [name, spoil, expected] of cases) {
    assert.deepEqual(await refusal(name, spoil), expected, name);
  }
  assert.deepEqual(
    (await problemsOf(load(store, join(folder, "nowhere")))).map(({ code }) => code),
    ["vocabulary/not-there"],
  );
  assert.deepEqual(await store.read(listVocabularies), []);
  const path = writeAthena(join(folder, "with-cpt4-list"), small);
  writeFileSync(
    join(path, "CONCEPT_CPT4.csv"),
    `${readFileSync(join(path, "CONCEPT.csv"), "utf8").split("\n")[0]}\n1234\tx\tProcedure\tCPT4\tCPT4\tS\t99213\t19700101\t20991231\t\n`,
  );
  appendFileSync(join(path, "CONCEPT_RELATIONSHIP.csv"), "1234\t1234\tMaps to\t19700101\t20991231\t\n");
  assert.deepEqual((await load(store, path, { without: ["CPT4"] })).warnings, []);
});

test("a site's own concepts come from a folder, stay over an update, and never take another's id", async (t) => {
  const { folder, store } = await inStore(t);
  const own = writeAthena(join(folder, "own"), { concepts: [{ id: 2_000_100_007, vocabulary: "WARD", code: "icu-3" }] }, [
    ...(["concept_ancestor", "vocabulary", "domain", "concept_class", "relationship", "drug_strength"] as const),
  ]);
  writeFileSync(join(own, "CONCEPT.csv"), withoutLines(join(own, "CONCEPT.csv"), /essential/));
  writeFileSync(join(own, "VOCABULARY.csv"), "vocabulary_id\tvocabulary_name\tvocabulary_concept_id\nWARD\tWards\t0\n");
  const path = writeAthena(join(folder, "athena"), small);
  const first = await load(store, path, { localPath: own });
  const second = await load(store, path);
  for (const report of [first, second]) {
    assert.equal(report.vocabularies.find(({ vocabulary }) => vocabulary === "WARD")?.conceptCount, 1);
    assert.equal(report.rowsByTable.vocabulary, first.rowsByTable.vocabulary);
  }
  const wrong = writeAthena(join(folder, "wrong"), small);
  assert.deepEqual(
    (await problemsOf(load(store, path, { localPath: wrong }))).map(({ code }) => code),
    ["vocabulary/not-local"],
  );
});

const withoutLines = (path: string, left: RegExp): string =>
  readFileSync(path, "utf8")
    .split("\n")
    .filter((line) => !left.test(line))
    .join("\n");

test("Eunomia's sets load as parts: GiBleed from Parquet, Synthea27Nj from its zip with commas and quotes", async (t) => {
  const [gibleed, synthea] = [
    sharedData("clinical/eunomia-gibleed-5.3-parquet"),
    sharedData("clinical/eunomia-synthea27nj/Synthea27Nj_5.4.zip"),
  ];
  if (gibleed === undefined || synthea === undefined) return t.skip("no shared data");
  const { store } = await inStore(t);
  const first = await load(store, gibleed, { isPart: true });
  assert.deepEqual([first.version, first.rowsByTable.concept_ancestor, first.rowsByTable.concept_synonym], ["v5.0 18-JAN-19", 65690, 1064]);
  assert.deepEqual(
    first.warnings.map(({ code }) => code),
    ["vocabulary/missing-file", "vocabulary/missing-vocabulary", "vocabulary/missing-concepts", "vocabulary/licence-gap"],
  );
  const bleeding = { vocabulary: "ICD10CM", code: "K92.2", onDate: "2018-07-01" };
  const found = await store.read((session) => codeLookupIn("vocabulary_1", first.version).lookUp(session, [bleeding]));
  assert.deepEqual(found.get(sourceCodeKey(bleeding)), {
    ...{ sourceConceptId: 35208414, origin: "vocabulary" },
    targets: [{ conceptId: 192671, domain: "Condition", relation: "event", equivalence: "EQUIVALENT" }],
  });
  const second = await load(store, synthea); // says itself that it is a shard
  assert.deepEqual([second.version, second.state, second.rowsByTable.concept_relationship], ["v5.0 09-APR-22*", "candidate", 266588]);
  assert.equal(second.vocabularies.find(({ vocabulary }) => vocabulary === "UCUM")?.standardCount, 956);
  assert.deepEqual(
    second.warnings.map(({ code, severity }) => [code, severity]),
    [
      ["vocabulary/missing-concepts", "warning"],
      ["vocabulary/missing-concepts", "warning"],
    ],
  );
});
