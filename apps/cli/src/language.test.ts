import assert from "node:assert/strict";
import { test } from "node:test";
import type { Language } from "@dure/kernel";
import { type Environment, languageOf } from "./language.ts";

for (const [environment, language] of [
  [{}, "en"],
  [{ LANG: "ko_KR.UTF-8" }, "ko"],
  [{ LANG: "ko_KR.UTF-8", LC_ALL: "en_US.UTF-8" }, "en"],
  [{ LANG: "C", LC_ALL: "", LC_MESSAGES: "ko" }, "ko"],
  [{ LC_ALL: "en_US.UTF-8", DURE_LANG: "ko" }, "ko"],
  [{ LANG: "ko_KR.UTF-8", DURE_LANG: "en" }, "en"],
  [{ LANG: "kok_IN" }, "en"],
  [{ DURE_LANG: "fr" }, "en"],
] satisfies [Environment, Language][]) {
  test(`${JSON.stringify(environment)} speaks ${language}`, () => assert.equal(languageOf(environment), language));
}
