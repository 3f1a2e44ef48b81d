/**
 * A report's page: one HTML file that needs nothing else, with an edition in each language.
 *
 * All editions stand in the page in full and radio buttons choose which is shown, so the choice needs no script, works from a file
 * opened at a bedside computer, and prints as chosen. A content security policy forbids every request, so that opening the file
 * cannot tell anybody that it was opened.
 */

import { createHash } from "node:crypto";
import type { Language } from "@dure/kernel";
import { type Html, html, trustHtml } from "./html.ts";
import { PAGE_SCRIPT, PAGE_STYLE } from "./page-style.ts";

export interface PageEdition {
  readonly language: Language;
  readonly title: string;
  /** An `<article class="edition" lang="…">`. */
  readonly content: Html;
}

export interface Page {
  /** Of the edition shown first. */
  readonly language: Language;
  readonly editions: readonly PageEdition[];
  /** Rules beside those of every report. */
  readonly style?: string;
}

const LANGUAGE_NAME = { en: "English", ko: "한국어" } as const;

/** Deterministic: the same page gives the same text. */
export function renderPage({ language, editions, style = "" }: Page): string {
  const shown = editions.find((edition) => edition.language === language) ?? editions[0];
  const choices = editions.map((edition) => languageChoice(edition, edition === shown));
  return `<!doctype html>\n${html`<html lang="${language}">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'; script-src 'sha256-${scriptHash()}'">
<meta name="referrer" content="no-referrer">
<title>${shown?.title}</title>
<style>${trustHtml(PAGE_STYLE + style)}</style>
</head>
<body>
<nav class="languages" aria-label="Language · 언어">${choices}</nav>
<main>
${editions.map(({ content }) => content)}</main>
<script>${trustHtml(PAGE_SCRIPT)}</script>
</body>
</html>
`}`;
}

function languageChoice({ language, title }: PageEdition, isChosen: boolean): Html {
  const checked = isChosen ? trustHtml(" checked") : undefined;
  return html`<label lang="${language}"><input type="radio" name="language" id="show-${language}" value="${language}" data-title="${title}"${checked}>${LANGUAGE_NAME[language]}</label>`;
}

const scriptHash = (): string => createHash("sha256").update(PAGE_SCRIPT).digest("base64");
