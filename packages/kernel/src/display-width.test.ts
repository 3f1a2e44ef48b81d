import assert from "node:assert/strict";
import { test } from "node:test";
import { displayWidth, padToWidth } from "./display-width.ts";

test("a Hangul syllable takes two columns, composed or not, and a combining accent none", () => {
  assert.equal(displayWidth("병원"), 4);
  assert.equal(displayWidth("병원".normalize("NFD")), 4);
  assert.equal(displayWidth("e\u0301té"), 3);
  assert.equal(displayWidth("AUC 0.72 · 95 %"), 15);
});

test("a text is filled up to a width, and never cut", () => {
  assert.equal(padToWidth("병원", 6), "병원  ");
  assert.equal(padToWidth("병원", 6, "right"), "  병원");
  assert.equal(padToWidth("병원", 3), "병원");
});
