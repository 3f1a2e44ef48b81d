import assert from "node:assert/strict";
import test from "node:test";
import { refusalCodes } from "@dure/federation/coordinator";
import { refusalWords } from "./refusal-words.ts";

test("every reason of the sums has words in both languages, brief and in full", () => {
  for (const code of refusalCodes) {
    for (const words of Object.values(refusalWords(code))) {
      assert.match(words.en, /^[a-z][^.]+[^.]$/, code);
      assert.match(words.ko, /[\uac00-\ud7a3].*[다오]$/, code);
    }
  }
});

test("a reason of a later version is told by its code", () => {
  assert.deepEqual(refusalWords("later"), { brief: { en: "later", ko: "later" }, full: { en: "later", ko: "later" } });
});
