import assert from "node:assert/strict";
import { mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import fc from "fast-check";
import { readSharedStrings, SharedStrings } from "./shared-strings.ts";

test("every text comes back by its number, in any order, from memory or from a file that no folder lists", () => {
  const folder = mkdtempSync(join(tmpdir(), "dure-texts-"));
  try {
    const text = fc.oneof(
      fc.string({ unit: "grapheme", maxLength: 40 }),
      fc.constantFrom("", "여", "가".repeat(30_000), "x".repeat(65_535)),
    );
    const run = fc.property(fc.array(text, { maxLength: 60 }), fc.array(fc.nat(59), { maxLength: 60 }), (texts, order) => {
      const strings = new SharedStrings(join(folder, "texts"), 1);
      const wellFormed = texts.map((one) => one.toWellFormed());
      for (const one of wellFormed) strings.add(one);
      assert.equal(strings.count, texts.length);
      for (const index of [...order, -1, 0.5, Number.NaN, texts.length]) assert.equal(strings.get(index), wellFormed[index]);
      assert.deepEqual(readdirSync(folder), []);
      strings.close();
    });
    fc.assert(run, { numRuns: 60 });
  } finally {
    rmSync(folder, { recursive: true });
  }
});

test("runs of letters are one text and readings none of it", async () => {
  const strings = new SharedStrings("/nowhere/texts");
  const part = ["<sst><si><t>여</t></si><si><r><t>남", "&amp;</t></r><r><t> 여</t></r><rPh><t>reading</t></rPh></si><si/></sst>"];
  await readSharedStrings(
    (async function* () {
      yield* part;
    })(),
    strings,
  );
  assert.deepEqual([strings.count, strings.get(0), strings.get(1), strings.get(2)], [3, "여", "남& 여", ""]);
});
