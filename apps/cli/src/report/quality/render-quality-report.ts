/**
 * The quality report of one run: one HTML file in Korean and English for a data manager with little time, for the screen and for A4.
 *
 * First what to do first, then every failure by severity and table with counts and shares, then what stands behind it. It holds counts
 * of one hospital, exact and unsuppressed, and no id of a row: a document of that hospital, not a release.
 */

import { type Language, text } from "@dure/kernel";
import type { QualityReport } from "@dure/site/quality";
import { type Html, html } from "../html.ts";
import { renderPage } from "../page.ts";
import { renderGuide, renderNotApplicable, renderRequirements, renderThresholds, renderTrend } from "./background.ts";
import { renderByTable, renderFailures } from "./failures.ts";
import { renderFirstSteps, renderHeadline } from "./headline.ts";
import { type QualityEdition, qualityEdition } from "./quality-edition.ts";
import { QUALITY_STYLE } from "./quality-style.ts";
import { TITLE } from "./words.ts";

const LANGUAGES: readonly Language[] = ["en", "ko"];

/** Deterministic. @param language of the edition that is shown first */
export function renderQualityReport(report: QualityReport, language: Language): string {
  const editions = LANGUAGES.map((one) => qualityEdition(one, report));
  return renderPage({
    language,
    style: QUALITY_STYLE,
    editions: editions.map((edition) => ({
      language: edition.language,
      title: `${edition.say(TITLE)} – ${report.organisation}`,
      content: renderEdition(edition),
    })),
  });
}

const renderEdition = (
  edition: QualityEdition,
): Html => html`<article class="edition" lang="${edition.language}" aria-label="${edition.say(text("Report in English", "한국어 보고서"))}">
${renderHeadline(edition)}${renderFirstSteps(edition)}${renderTrend(edition)}${renderByTable(edition)}${renderFailures(edition)}${renderRequirements(edition)}${renderThresholds(edition)}${renderNotApplicable(edition)}${renderGuide(edition)}</article>
`;
