import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { canonicalJson, DureError, type JsonValue, sha256 } from "@dure/kernel";
import { findShared } from "@dure/kernel/testing";
import fc from "fast-check";
import type { StudyDocument } from "./document.ts";
import { freezeStudy, frozenFiles, namedFiles, parseFrozen } from "./freeze.ts";
import { parseStudy } from "./parse.ts";

const STUDY = `dure: 1
id: fever-in-winter
title: 겨울철 발열
purpose: statistics
data:
  table: admissions
  include: age >= 18
  split: { holdout: ward == 'B' }
  variables:
    zeta:  { role: feature, type: number, from: (temp - 37) / 0.5, unit: Cel }
    fever: { role: outcome, type: boolean }
    alpha: { role: feature, type: boolean, from: grade == 3 }
analysis: { kind: logistic-regression }
`;
const TABLE = new TextEncoder().encode("a table document of the test");

const readTable = (name: string): Uint8Array | undefined => (name === "tables/admissions.yaml" ? TABLE : undefined);
const frozen = freezeStudy(parseStudy(STUDY), readTable);

/** What another process receives. */
const received = (value: JsonValue): JsonValue => JSON.parse(canonicalJson(value)) as JsonValue;

const code = (wanted: string) => (error: unknown) => error instanceof DureError && error.code === wanted;

/** The hash was computed apart from this code: Python 3, hashlib over json.dumps with sorted keys. */
test("the canonical form and the hash of a known study are pinned", () => {
  const expected =
    '{"analysis":{"kind":"logistic-regression","standardise":true},"data":{"include":"age >= 18","split":{"holdout":"ward == \'B\'"},' +
    '"table":{"bytes":28,"name":"tables/admissions.yaml","sha256":"TABLE"},"variables":[{"from":"(temp - 37) / 0.5","name":"zeta","role":"feature",' +
    '"type":"number","unit":"Cel"},{"name":"fever","role":"outcome","type":"boolean"},{"from":"grade == 3","name":"alpha","role":"feature","type":"boolean"}]},' +
    '"dure":1,"evaluation":{"intervals":"delong","localModels":false},"id":"fever-in-winter","privacy":{"minimumCell":5,"secureSum":{"minimumSites":5}},' +
    '"purpose":"statistics","title":"겨울철 발열"}';
  assert.equal(canonicalJson(frozen.canonical), expected.replace("TABLE", sha256(TABLE)));
  assert.equal(frozen.hash, "6378a2d8cc0df040e9bfaf25e82f09176feb04013a21f9edbf18e01ba07202ae");
});

test("spacing, comments, the order of keys and written-out defaults do not change the hash", () => {
  const same = `# a comment\ntitle: 겨울철 발열\n${STUDY.replace("title: 겨울철 발열\n", "").replace(
    "kind: logistic-regression",
    "standardise: true,   kind: logistic-regression",
  )}privacy: { minimumCell: 5 }\n`;
  assert.equal(freezeStudy(parseStudy(same), readTable).hash, frozen.hash);
});

test("the order of variables, any field and any file change the hash", () => {
  const swapped = STUDY.replace("zeta: ", "temporary: ").replace("alpha:", "zeta:").replace("temporary:", "alpha:");
  const others = [swapped, STUDY.replace("3", "2"), STUDY.replace("statistics", "scientific-research")].map((source) =>
    freezeStudy(parseStudy(source), readTable),
  );
  others.push(freezeStudy(parseStudy(STUDY), () => Uint8Array.of(1)));
  assert.equal(new Set([frozen.hash, ...others.map((other) => other.hash)]).size, 5);
});

test("a site derives the same document, files and hash from the canonical value", () => {
  const again = parseFrozen(received(frozen.canonical));
  assert.deepEqual(again, frozen);
  assert.deepEqual(frozenFiles(again), [{ name: "tables/admissions.yaml", bytes: TABLE.length, sha256: sha256(TABLE) }]);
});

test("a published study of each kind survives freezing and parsing", {
  skip: findShared("studies") === undefined ? "no shared data" : false,
}, () => {
  for (const name of ["breast-cox", "breast-recurrence", "diabetes-readmission", "lung-survival", "pneumonia-xray"]) {
    const document = parseStudy(readFileSync(`${findShared("studies")}/${name}.yaml`));
    const study = freezeStudy(document, () => TABLE);
    assert.deepEqual(parseFrozen(received(study.canonical)), study);
    assert.deepEqual(
      frozenFiles(study).map((file) => file.name),
      namedFiles(document),
    );
  }
});

test("a network that is not there is one named error at freezing, not at parsing", {
  skip: findShared("studies") === undefined ? "no shared data" : false,
}, () => {
  const document = parseStudy(readFileSync(`${findShared("studies")}/pneumonia-xray.yaml`));
  assert.throws(
    () => freezeStudy(document, (name) => (name === "pneumonia-cnn.onnx" ? undefined : TABLE)),
    (error) =>
      error instanceof DureError &&
      error.problems.length === 1 &&
      error.code === "study/file-absent" &&
      error.problems[0]?.place.file === "pneumonia-cnn.onnx",
  );
});

/** One row for each way in which a received value can be wrong. */
const TAMPERED: readonly (readonly [string, (value: Record<string, JsonValue>) => JsonValue])[] = [
  ["study/not-frozen", () => null],
  ["study/not-frozen", () => []],
  ["study/not-frozen", ({ data: _, ...rest }) => rest],
  ["study/not-frozen", ({ evaluation: _, ...rest }) => rest],
  ["study/not-frozen", (value) => ({ ...value, data: { ...(value["data"] as object), table: "admissions" } })],
  [
    "study/not-frozen",
    (value) => ({ ...value, data: { ...(value["data"] as object), table: { name: "elsewhere.yaml", bytes: 1, sha256: "0".repeat(64) } } }),
  ],
  [
    "study/not-frozen",
    (value) => ({ ...value, data: { ...(value["data"] as object), table: { name: "tables/a.yaml", bytes: 1, sha256: "0" } } }),
  ],
  [
    "study/not-frozen",
    (value) => ({ ...value, data: { ...(value["data"] as object), table: { name: "tables/a.yaml", bytes: -1, sha256: "0".repeat(64) } } }),
  ],
  [
    "study/not-frozen",
    (value) => ({
      ...value,
      data: { ...(value["data"] as object), table: { name: "tables/a.yaml", bytes: 1, sha256: "0".repeat(64), x: 1 } },
    }),
  ],
  ["study/not-frozen", (value) => ({ ...value, data: { ...(value["data"] as object), variables: {} } })],
  [
    "study/not-frozen",
    (value) => ({ ...value, data: { ...(value["data"] as object), variables: [{ role: "outcome", type: "boolean" }] } }),
  ],
  [
    "study/not-frozen",
    (value) => {
      const data = value["data"] as { readonly variables: readonly JsonValue[] };
      return { ...value, data: { ...data, variables: [...data.variables, data.variables[0] ?? null] } };
    },
  ],
  ["study/unknown-field", (value) => ({ ...value, run: "x" })],
  ["study/hidden-character", (value) => ({ ...value, title: "Fever \u202e" })],
  [
    "study/wrong-form",
    (value) => ({
      ...value,
      data: { ...(value["data"] as object), table: { name: "tables/../../a.yaml", bytes: 1, sha256: "0".repeat(64) } },
    }),
  ],
];

test("a received value that breaks a rule is refused", () => {
  for (const [wanted, tamper] of TAMPERED) {
    assert.throws(
      () => parseFrozen(tamper(received(frozen.canonical) as Record<string, JsonValue>)),
      code(wanted),
      `${wanted} ${String(tamper)}`,
    );
  }
});

test("whatever is changed in the canonical value, it is refused or has another hash", () => {
  const text = canonicalJson(frozen.canonical);
  let accepted = 0;
  fc.assert(
    fc.property(fc.nat(text.length - 1), fc.constantFrom(..."0123456789abcdefxyz>< "), (at, character) => {
      const changed = text.slice(0, at) + character + text.slice(at + 1);
      let value: JsonValue;
      try {
        value = JSON.parse(changed) as JsonValue;
      } catch {
        return;
      }
      if (canonicalJson(value) === text) return;
      const study = parsedOrUndefined(value);
      if (study !== undefined) accepted++;
      assert.notEqual(study?.hash, frozen.hash);
    }),
    { numRuns: 1000 },
  );
  assert.ok(accepted > 0);
});

function parsedOrUndefined(value: JsonValue): { readonly document: StudyDocument; readonly hash: string } | undefined {
  try {
    return parseFrozen(value);
  } catch (error) {
    if (error instanceof DureError) return undefined;
    throw error;
  }
}
