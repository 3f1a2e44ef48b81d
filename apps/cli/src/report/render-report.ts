/**
 * The report of a study: one HTML file that needs nothing else, in Korean and English, for the screen and for A4 paper.
 *
 * Both editions stand in the page in full and two radio buttons choose which is shown, so the choice needs no script, works from a file
 * opened at a bedside computer, and prints as chosen. A content security policy forbids every request, so that opening the file
 * cannot tell anybody that it was opened.
 */

import { createHash } from "node:crypto";
import type { StudyResult } from "@dure/federation/coordinator";
import { type Language, text } from "@dure/kernel";
import { Edition } from "./edition.ts";
import { type Html, html, trustHtml } from "./html.ts";
import { PAGE_SCRIPT, PAGE_STYLE } from "./page-style.ts";
import type { ReportOptions } from "./report-options.ts";
import { renderCalibration } from "./sections/calibration.ts";
import { renderHeadline } from "./sections/headline.ts";
import { renderHospitals } from "./sections/hospitals.ts";
import { renderOddsRatios } from "./sections/odds-ratios.ts";
import { renderPatients } from "./sections/patients.ts";
import { renderPerformance } from "./sections/performance.ts";
import { renderProtection } from "./sections/protection.ts";
import { renderReproducibility } from "./sections/reproducibility.ts";

const LANGUAGES: readonly Language[] = ["en", "ko"];
const LANGUAGE_NAME = { en: "English", ko: "한국어" } as const;

/**
 * A self-contained HTML page.
 *
 * @param options.hospitals training hospitals first; their loads may hold exact counts, which are suppressed here below the minimum cell
 * Disclosure: what the result and the options hold, after suppression; a result is already behind the gate.
 * Deterministic: the same result and options give the same text.
 */
export function renderReport(result: StudyResult, options: ReportOptions): string {
  const editions = LANGUAGES.map((language) => new Edition(language, result, options));
  const title = (edition: Edition) => edition.say(options.words.title);
  const shown = editions.find((edition) => edition.language === options.language) ?? editions[0];
  const choices = editions.map((edition) => languageChoice(edition.language, { chosen: edition === shown, title: title(edition) }));
  return `<!doctype html>\n${html`<html lang="${options.language}">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'; script-src 'sha256-${scriptHash()}'">
<meta name="referrer" content="no-referrer">
<title>${shown === undefined ? "" : title(shown)}</title>
<style>${trustHtml(PAGE_STYLE)}</style>
</head>
<body>
<nav class="languages" aria-label="Language · 언어">${choices}</nav>
<main>
${editions.map(renderEdition)}</main>
<script>${trustHtml(PAGE_SCRIPT)}</script>
</body>
</html>
`}`;
}

function languageChoice(language: Language, options: { readonly chosen: boolean; readonly title: string }): Html {
  const checked = options.chosen ? trustHtml(" checked") : undefined;
  return html`<label lang="${language}"><input type="radio" name="language" id="show-${language}" value="${language}" data-title="${options.title}"${checked}>${LANGUAGE_NAME[language]}</label>`;
}

function renderEdition(edition: Edition): Html {
  // Without a model there is nothing to judge: the headline says why, the rest says who was studied and what left.
  const isFitted = edition.result.analysis.outcome === "converged";
  return html`<article class="edition" lang="${edition.language}" aria-label="${edition.say(text("Report in English", "한국어 보고서"))}">
${renderHeadline(edition)}${isFitted ? renderPerformance(edition) : undefined}${renderOddsRatios(edition)}${isFitted ? renderCalibration(edition) : undefined}${renderPatients(edition)}${renderProtection(edition)}${renderHospitals(edition)}${renderReproducibility(edition)}</article>
`;
}

const scriptHash = (): string => createHash("sha256").update(PAGE_SCRIPT).digest("base64");
