import assert from "node:assert/strict";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { DuckDBInstance } from "@duckdb/node-api";
import { type ResolvedCode, type SourceCode, sourceCodeKey } from "@dure/clinical";
import fc from "fast-check";
import { duckdbSession, type SqlSession } from "../store/clinical-session.ts";
import { join as joinSql, sql } from "../store/clinical-sql.ts";
import { openClinicalStore } from "../store/open-clinical-store.ts";
import { loadVocabulary } from "./load-vocabulary.ts";
import { type TestConcept, type TestRelation, writeAthena } from "./testing-vocabulary.ts";
import { checkSiteMap, codeLookup } from "./vocabulary-store.ts";

const known = JSON.parse(
  readFileSync(new URL("../../../../packages/clinical/src/vocabulary/korean/known-answers/korean-codes.json", import.meta.url), "utf8"),
) as { readonly listed: Readonly<Record<string, readonly string[]>>; readonly rows: readonly (readonly string[])[] };

/** Every listed Korean code has a standard concept of its own, whose id is the code's plus a million. */
const korean: readonly TestConcept[] = Object.entries(known.listed).flatMap(([vocabulary, codes], v) =>
  codes.flatMap((code, i): readonly TestConcept[] => [
    { id: 10_000 * (v + 1) + i, vocabulary, code },
    { id: 1_000_000 + 10_000 * (v + 1) + i, vocabulary: "SNOMED", code: `${vocabulary} ${code}`, standard: "S" },
  ]),
);
const koreanRelations: readonly TestRelation[] = korean.flatMap(({ id, standard }) =>
  standard === undefined ? [{ from: id, relation: "Maps to", to: id + 1_000_000 }] : [],
);

const concepts: readonly TestConcept[] = [
  { id: 1, vocabulary: "SNOMED", code: "S1", standard: "S" },
  { id: 2, vocabulary: "SNOMED", code: "S2", standard: "S", domain: "Observation" },
  { id: 3, vocabulary: "SNOMED", code: "V3", standard: "S", domain: "Meas Value" },
  { id: 4, vocabulary: "UCUM", code: "mg", standard: "S", domain: "Unit" },
  { id: 10, vocabulary: "T", code: "plain" },
  { id: 11, vocabulary: "T", code: "two-and-value" },
  { id: 12, vocabulary: "T", code: "withdrawn" },
  { id: 13, vocabulary: "T", code: "replaced", invalid: "U", to: "20150101" },
  { id: 14, vocabulary: "T", code: "replaced-again", invalid: "U", to: "20180101" },
  { id: 15, vocabulary: "SNOMED", code: "old", invalid: "U", to: "20200101" },
  { id: 16, vocabulary: "T", code: "loop-a", invalid: "U" },
  { id: 17, vocabulary: "T", code: "loop-b", invalid: "U" },
  { id: 18, vocabulary: "T", code: "reused", from: "20000101", to: "20091231", invalid: "D" },
  { id: 19, vocabulary: "T", code: "reused", from: "20120101" },
  { id: 20, vocabulary: "T", code: "to-old" },
  { id: 21, vocabulary: "T", code: "class", standard: "C" },
  { id: 22, vocabulary: "KCD7", code: "U80.1" },
  { id: 23, vocabulary: "KCD8", code: "U80.1" },
];
const relations: readonly TestRelation[] = [
  { from: 10, relation: "Maps to", to: 1 },
  ...[1, 2].map((to) => ({ from: 11, relation: "Maps to", to })),
  { from: 11, relation: "Maps to value", to: 3 },
  { from: 11, relation: "Maps to unit", to: 4 },
  { from: 12, relation: "Maps to", to: 1, invalid: "D" },
  { from: 13, relation: "Concept replaced by", to: 14 },
  { from: 14, relation: "Concept replaced by", to: 10 },
  { from: 15, relation: "Concept same_as to", to: 2 },
  { from: 16, relation: "Concept replaced by", to: 17 },
  { from: 17, relation: "Concept replaced by", to: 16 },
  { from: 18, relation: "Maps to", to: 1 },
  { from: 19, relation: "Maps to", to: 2 },
  { from: 20, relation: "Maps to", to: 15 },
  { from: 22, relation: "Maps to", to: 1 },
  { from: 23, relation: "Maps to", to: 2 },
];

const folder = mkdtempSync(join(tmpdir(), "dure-codes-"));
let session: SqlSession;

before(async () => {
  const path = join(folder, "clinical.duckdb");
  const store = await openClinicalStore(path);
  const athena = writeAthena(join(folder, "athena"), {
    concepts: [...concepts, ...korean],
    relations: [...relations, ...koreanRelations],
  });
  await loadVocabulary({ store, path: athena, clock: { nowMs: () => 0, sleep: async () => undefined } });
  await store.close();
  const instance = await DuckDBInstance.create(path);
  session = duckdbSession(await instance.connect());
});
after(() => rmSync(folder, { recursive: true }));

const koreanId = (vocabulary: string, code: string): number | undefined =>
  korean.find((concept) => concept.vocabulary === vocabulary && concept.code === code)?.id;

const lookUp = async (code: SourceCode): Promise<ResolvedCode | undefined> =>
  (await (await codeLookup(session)).lookUp(session, [code])).get(sourceCodeKey(code));

/** `source: target target` with the relation where it is not the event itself. */
const inShort = (resolved: ResolvedCode | undefined): string =>
  `${resolved?.sourceConceptId}: ${resolved?.targets.map(({ conceptId, relation }) => (relation === "event" ? conceptId : `${relation} ${conceptId}`)).join(" ")}`;

test("a code goes by its relations, its replacements and its days", async () => {
  const cases: readonly (readonly [code: string, day: string | undefined, expected: string])[] = [
    ["plain", undefined, "10: 1"],
    ["plain", "1950-01-01", "10: 1"],
    ["plain", "2023-02-30", "10: 1"],
    [" plain ", undefined, "10: 1"],
    ["two-and-value", undefined, "11: 1 2 unit 4 value 3"],
    ["withdrawn", undefined, "12: "],
    ["replaced", "2014-01-01", "13: 1"],
    ["replaced-again", undefined, "14: 1"],
    ["loop-a", undefined, "16: "],
    ["to-old", undefined, "20: 2"],
    ["class", undefined, "21: "],
    ["reused", "2005-06-01", "18: 1"],
    ["reused", "1999-01-01", "18: 1"],
    ["reused", "2011-01-01", "18: 1"],
    ["reused", "2012-01-01", "19: 2"],
    ["reused", undefined, "19: 2"],
    ["nowhere", undefined, "0: "],
    ["", undefined, "0: "],
    ["a\u001fb", undefined, "0: "],
  ];
  for (const [code, onDate, expected] of cases) {
    const asked = { vocabulary: "T", code, ...(onDate === undefined ? {} : { onDate }) };
    assert.equal(inShort(await lookUp(asked)), expected, `${code} ${onDate}`);
  }
  const strange = ["a\0b", "\0", "a\u001fb", "plain"].map((code) => ({ vocabulary: "T", code }));
  const batch = await (await codeLookup(session)).lookUp(session, strange);
  assert.deepEqual(
    strange.map((code) => inShort(batch.get(sourceCodeKey(code)))),
    ["0: ", "0: ", "0: ", "10: 1"],
  );
  assert.deepEqual(await lookUp({ vocabulary: "SNOMED", code: "S2" }), {
    ...{ sourceConceptId: 2, origin: "vocabulary" },
    targets: [{ conceptId: 2, domain: "Observation", relation: "event", equivalence: "EQUAL" }],
  });
});

test("a KCD code goes by the edition of the day of diagnosis, where a vocabulary has that edition", async () => {
  const of = async (vocabulary: string, onDate?: string) =>
    inShort(await lookUp({ vocabulary, code: "U801", ...(onDate === undefined ? {} : { onDate }) }));
  const answers = [
    ...[
      await of("KCD", "2020-12-31"),
      await of("KCD", "2021-01-01"),
      await of("KCD", "2025-12-31"),
      await of("KCD", "2026-01-01"),
      await of("KCD"),
    ],
    ...[await of("KCD8", "2026-01-01"), await of("KCD9", "2024-01-01")],
  ];
  assert.deepEqual(answers, ["22: 1", "23: 2", "23: 2", "22: 1", "22: 1", "23: 2", "22: 1"]);
});

test("200 rows of Korean codes find their concepts in a store", async () => {
  const codes = known.rows.map(([vocabulary = "", code = "", day = ""]) => ({ vocabulary, code, ...(day === "" ? {} : { onDate: day }) }));
  const answers = await (await codeLookup(session)).lookUp(session, codes);
  known.rows.forEach(([, , , vocabulary = "", code = "", equivalence], i) => {
    const asked = codes[i] as SourceCode;
    const resolved = answers.get(sourceCodeKey(asked));
    const id = koreanId(vocabulary, code);
    const expected = id === undefined ? [] : [[id + 1_000_000, equivalence]];
    assert.deepEqual(
      resolved?.targets.map((target) => [target.conceptId, target.equivalence]),
      expected,
      `${asked.vocabulary} ${asked.code}`,
    );
    if (equivalence === "WIDER" && vocabulary === "KCD7") assert.deepEqual([resolved?.origin, resolved?.sourceConceptId], ["parent", 0]);
  });
});

test("the site's map goes first, on its days only, and a target that is not standard is a named fault", async () => {
  const row = (code: string, target: number, [from, to]: readonly [string, string], invalid: string | null = null) =>
    sql`(${code}, 0, 'LAB', NULL, ${target}::INTEGER, 'SNOMED', ${from}::DATE, ${to}::DATE, ${invalid}, 'event', 'NARROWER')`;
  const rows = [
    row("L1", 1, ["2010-01-01", "2014-12-31"]),
    row("L1", 2, ["2015-01-01", "2099-12-31"]),
    row("L2", 1, ["2010-01-01", "2099-12-31"], "D"),
  ];
  await session.run(sql`INSERT INTO dure.site_map VALUES ${joinSql(rows)}`);
  await session.run(sql`INSERT INTO dure.site_map VALUES ('plain', 0, 'T', NULL, 2, 'SNOMED', DATE '2020-01-01', DATE '2099-12-31', NULL, 'event', 'EQUAL'),
    ('N20.1', 0, 'KCD7', NULL, 1, 'SNOMED', DATE '1970-01-01', DATE '2099-12-31', NULL, 'event', 'EQUAL')`);
  const at = async (vocabulary: string, code: string, onDate?: string) => {
    const resolved = await lookUp({ vocabulary, code, ...(onDate === undefined ? {} : { onDate }) });
    return `${resolved?.origin} ${inShort(resolved)}`;
  };
  assert.deepEqual(
    [
      await at("LAB", "L1", "2012-01-01"),
      await at("LAB", "L1", "2016-01-01"),
      await at("LAB", "L1"),
      await at("LAB", "L1", "2009-12-31"),
      await at("LAB", "L2"),
      await at("T", "plain", "2021-01-01"),
      await at("T", "plain", "2019-01-01"),
      await at("KCD", "n201", "2022-01-01"),
    ],
    [
      "site-map 0: 1",
      "site-map 0: 2",
      "site-map 0: 2",
      "none 0: ",
      "none 0: ",
      "site-map 10: 2",
      "vocabulary 10: 1",
      `site-map ${koreanId("KCD7", "N20.1")}: 1`,
    ],
  );
  await checkSiteMap(session);
  await session.run(sql`INSERT INTO dure.site_map VALUES ('L3', 0, 'LAB', NULL, 15, 'SNOMED', DATE '1970-01-01', DATE '2099-12-31', NULL, 'event', 'EQUAL'),
    ('L4', 0, 'LAB', NULL, 987654, 'SNOMED', DATE '1970-01-01', DATE '2099-12-31', NULL, 'event', 'EQUAL')`);
  await assert.rejects(checkSiteMap(session), (fault: Error) =>
    /concept 15.*Its standard concept is 2:.*\n.*concept 987654/.test(fault.message),
  );
  await assert.rejects(codeLookup(session), { code: "vocabulary/non-standard-target" });
  await session.run(sql`DELETE FROM dure.site_map WHERE source_code IN ('L3', 'L4')`);
});

test("a batch and a column are answered alike", async () => {
  const lookup = await codeLookup(session);
  const systems = fc.constantFrom("T", "SNOMED", "LAB", "KCD", "KCD7", "EDI", "ICDO3", "KR-V-CODE", "nowhere");
  const written = fc.oneof(
    fc.constantFrom(...concepts.map(({ code }) => code), "L1", "L2", ...known.rows.map(([, code = ""]) => code)),
    fc.string({ maxLength: 8, unit: "binary" }).filter((code) => !code.includes("\0")),
  );
  const day = fc.option(fc.date({ min: new Date("1990-01-01"), max: new Date("2030-12-31"), noInvalidDate: true }), { nil: undefined });
  const code = fc.record({ vocabulary: systems, code: written, day });
  await fc.assert(
    fc.asyncProperty(fc.array(code, { minLength: 1, maxLength: 60 }), async (drawn) => {
      const codes = drawn.map(({ day: date, ...rest }) => ({
        ...rest,
        ...(date === undefined ? {} : { onDate: date.toISOString().slice(0, 10) }),
      }));
      const batch = await lookup.lookUp(session, codes);
      await session.run(sql`DROP TABLE IF EXISTS resolved`);
      const rows = codes.map(({ vocabulary, code: text, onDate }) => sql`(${vocabulary}, ${text}, ${onDate ?? null}::DATE)`);
      await lookup.resolveSet(session, sql`SELECT * FROM (VALUES ${joinSql(rows)}) v(vocabulary, code, on_date)`, "resolved");
      const column = new Map<string, string[]>();
      const all = await session.rows(sql`FROM resolved ORDER BY relation, target_concept_id`);
      for (const [vocabulary, text, onDate, ...answer] of all) {
        const key = sourceCodeKey({
          vocabulary: String(vocabulary),
          code: String(text),
          ...(onDate === null ? {} : { onDate: String(onDate) }),
        });
        column.set(key, [...(column.get(key) ?? []), answer.join("|")]);
      }
      const expected = [...batch].map(([key, { sourceConceptId, targets, origin }]) => {
        const lines = targets.map((target) =>
          [sourceConceptId, target.conceptId, target.domain, target.relation, target.equivalence, origin].join("|"),
        );
        return [key, lines.length === 0 ? [`${sourceConceptId}|0||event|UNMATCHED|none`] : lines] as const;
      });
      assert.deepEqual([...column].sort(), [...expected].sort());
    }),
    { numRuns: 8 },
  );
});

test("between two days of change a code means the same", async () => {
  const lookup = await codeLookup(session);
  const codes = [...concepts, ...korean].map(({ vocabulary, code }) => ({ vocabulary, code }));
  const used = [
    ...codes,
    ...codes.map(({ code }) => ({ vocabulary: "KCD", code })),
    ...["L1", "L2"].map((code) => ({ vocabulary: "LAB", code })),
  ];
  const changes = await lookup.changeDays(session, used);
  assert.ok([...changes.values()].some((days) => days.length > 1));
  const day = fc.date({ min: new Date("1990-01-01"), max: new Date("2030-12-31"), noInvalidDate: true });
  await fc.assert(
    fc.asyncProperty(fc.array(day, { minLength: 1, maxLength: 3 }), async (drawn) => {
      const pairs = drawn.flatMap((date) =>
        used.map((code) => {
          const onDate = date.toISOString().slice(0, 10);
          const began = changes.get(sourceCodeKey(code))?.findLast((change) => change <= onDate) ?? "0001-01-01";
          return [
            { ...code, onDate },
            { ...code, onDate: began },
          ] as const;
        }),
      );
      const answers = await lookup.lookUp(session, pairs.flat());
      for (const [a, b] of pairs) assert.deepEqual(answers.get(sourceCodeKey(a)), answers.get(sourceCodeKey(b)), `${a.onDate} ${b.onDate}`);
    }),
    { numRuns: 8 },
  );
});
