import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import fc from "fast-check";
import { codeCandidates } from "../code-candidates.ts";
import { icdO3Code } from "./icd-o-3.ts";
import { kcdAncestry, kcdEditionOn, normaliseKcd } from "./kcd.ts";
import { findCopaymentReason } from "./v-code.ts";

interface KnownAnswers {
  readonly listed: Readonly<Record<string, readonly string[]>>;
  readonly rows: readonly (readonly [
    system: string,
    written: string,
    day: string,
    vocabulary: string,
    code: string,
    equivalence: string,
  ])[];
}

const { listed, rows } = JSON.parse(readFileSync(new URL("known-answers/korean-codes.json", import.meta.url), "utf8")) as KnownAnswers;

/** As the look-up does it: the first candidate that holds on the day and is listed. */
function answer(system: string, written: string, day: string): readonly [string, string, string] {
  const found = codeCandidates({ vocabulary: system, code: written }).find(
    ({ vocabulary, code, from = "", to = "9999" }) =>
      (day === "" ? to === "9999" : from <= day && day <= to) && listed[vocabulary]?.includes(code) === true,
  );
  return found === undefined ? ["", "", "UNMATCHED"] : [found.vocabulary, found.code, found.equivalence ?? "EQUIVALENT"];
}

test("200 rows of Korean codes are answered as the fixture says", () => {
  assert(rows.length >= 200);
  for (const [system, written, day, ...expected] of rows) {
    assert.deepEqual(answer(system, written, day), expected, `${system} ${written} ${day}`);
  }
});

test("a kind of insurance is the site's own list first, then the payer that takes it in; a code that is none has no payer", () => {
  const of = (code: string) =>
    codeCandidates({ vocabulary: "http://www.hl7korea.or.kr/CodeSystem/hira-insurance-types", code }).map((one) =>
      [one.vocabulary, one.code, one.equivalence ?? ""].join(" ").trim(),
    );
  for (const code of ["4", "5", "7"]) assert.deepEqual(of(code), [`HIRA-INSURANCE ${code}`, "SOPT 3 WIDER"]);
  assert.deepEqual(of(" 09 "), ["HIRA-INSURANCE 9", "SOPT 82 WIDER"]);
  assert.deepEqual(of("6"), ["HIRA-INSURANCE 6"]);
});

test("a KCD code is spelled once and for all, and its ancestry ends at the category", () => {
  const kcd = fc.stringMatching(/^[A-Z]\d{2}(\.\d{1,3})?$/);
  fc.assert(
    fc.property(kcd, fc.constantFrom("", "*", "†", "+", " ", "-"), (code, mark) => {
      assert.equal(normaliseKcd(code.replace(".", "").toLowerCase() + mark), code);
      assert.equal(normaliseKcd(normaliseKcd(code)), code);
      const ancestry = kcdAncestry(code);
      assert.deepEqual([ancestry[0], ancestry.at(-1)], [code, code.slice(0, 3)]);
    }),
  );
});

test("the edition of KCD follows the day of diagnosis", () => {
  const days = ["2015-12-31", "2016-01-01", "2020-12-31", "2021-01-01", "2025-12-31", "2026-01-01"];
  assert.deepEqual(days.map(kcdEditionOn), [undefined, 7, 7, 8, 8, 9]);
  const later = codeCandidates({ vocabulary: "KCD", code: "N201" }).filter(
    ({ kind, vocabulary }) => kind === "code" && vocabulary !== "KCD7",
  );
  assert.deepEqual(later, [
    { vocabulary: "KCD8", code: "N20.1", from: "2021-01-01", to: "2025-12-31", kind: "code" },
    { vocabulary: "KCD9", code: "N20.1", from: "2026-01-01", kind: "code" },
  ]);
});

test("two columns of a cancer registry make one code, or none", () => {
  assert.equal(icdO3Code("85003", "C509"), "8500/3-C50.9");
  assert.equal(icdO3Code("8500/3", "N20.1"), undefined);
});

test("a V-code is a reason of co-payment, never a code of another list", () => {
  assert.equal(findCopaymentReason("v193"), "cancer");
  assert.equal(findCopaymentReason("toString"), undefined);
  assert.deepEqual(codeCandidates({ vocabulary: "KR-V-CODE", code: "v19.3" }), [{ vocabulary: "KR-V-CODE", code: "V193", kind: "code" }]);
});
