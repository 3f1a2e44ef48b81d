/**
 * The report of a study: one HTML file that needs nothing else, in Korean and English, for the screen and for A4 paper.
 */

import type { StudyResult } from "@dure/federation/coordinator";
import { type Language, text } from "@dure/kernel";
import { analysisReport } from "./analysis-report.ts";
import { Edition } from "./edition.ts";
import { type Html, html } from "./html.ts";
import { renderPage } from "./page.ts";
import type { ReportOptions } from "./report-options.ts";
import { renderHeadline } from "./sections/headline.ts";
import { renderHospitals } from "./sections/hospitals.ts";
import { renderMissingValues } from "./sections/missing-values.ts";
import { renderProtection } from "./sections/protection.ts";
import { renderReproducibility } from "./sections/reproducibility.ts";

const LANGUAGES: readonly Language[] = ["en", "ko"];

/**
 * A self-contained HTML page.
 *
 * @param options.hospitals training hospitals first; their loads may hold exact counts, which are suppressed here below the minimum cell
 * Disclosure: what the result and the options hold, after suppression; a result is already behind the gate.
 * Deterministic: the same result and options give the same text.
 */
export function renderReport(result: StudyResult, options: ReportOptions): string {
  const editions = LANGUAGES.map((language) => new Edition(language, result, options));
  return renderPage({
    language: options.language,
    editions: editions.map((edition) => ({
      language: edition.language,
      title: edition.say(options.words.title),
      content: renderEdition(edition),
    })),
  });
}

function renderEdition(edition: Edition): Html {
  const report = analysisReport(edition);
  return html`<article class="edition" lang="${edition.language}" aria-label="${edition.say(text("Report in English", "한국어 보고서"))}">
${renderHeadline(edition, report)}${report.sections}${renderMissingValues(edition)}${renderProtection(edition, report)}${renderHospitals(edition, report)}${renderReproducibility(edition, report)}</article>
`;
}
