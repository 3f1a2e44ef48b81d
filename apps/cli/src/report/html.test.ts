import assert from "node:assert/strict";
import { test } from "node:test";
import { html, trustHtml } from "./html.ts";

test("a value is escaped, markup is not", () => {
  assert.equal(String(html`<p title="${'"'}">${"<script>'&`"}</p>`), '<p title="&#34;">&#60;script&#62;&#39;&#38;&#96;</p>');
});

test("markup inside markup is kept once and not escaped twice", () => {
  assert.equal(String(html`<p>${html`<b>${"a < b"}</b>`}</p>`), "<p><b>a &#60; b</b></p>");
});

test("a list of markup is joined, an absent value leaves nothing", () => {
  assert.equal(
    String(html`<ul>${["a", "b"].map((item) => html`<li>${item}</li>`)}${undefined}${3}</ul>`),
    "<ul><li>a</li><li>b</li>3</ul>",
  );
});

test("trusted markup passes unchanged", () => {
  assert.equal(String(html`${trustHtml("<svg></svg>")}`), "<svg></svg>");
});
