/** Building blocks that sections share: a titled section, a table with headers, a line of explanation. */

import { type Text, text } from "@dure/kernel";
import type { Edition } from "../edition.ts";
import { aucInterval, formatDecimal, formatInterval } from "../format.ts";
import { type Html, type HtmlValue, html } from "../html.ts";

export interface Section {
  readonly name: string;
  readonly title: Text;
  readonly body: readonly Html[];
  /** Starts on a page of its own when printed. */
  readonly newPage?: boolean;
}

export function renderSection(edition: Edition, section: Section): Html {
  const heading = edition.id(`${section.name}-heading`);
  return html`<section id="${edition.id(section.name)}" class="${section.newPage === true ? "new-page" : ""}" aria-labelledby="${heading}">
<h2 id="${heading}">${edition.say(section.title)}</h2>
${section.body}</section>
`;
}

export interface Column<Row> {
  readonly title: Text;
  readonly cell: (row: Row) => HtmlValue;
  /** Figures stand right, under one another. */
  readonly numeric?: boolean;
}

/** The first column names the row; every header carries its scope. */
export function renderTable<Row>(
  edition: Edition,
  table: { readonly caption: Text; readonly columns: readonly Column<Row>[]; readonly rows: readonly Row[] },
): Html {
  const alignment = (column: Column<Row>) => (column.numeric === true ? "figure" : "");
  const head = table.columns.map((column) => html`<th scope="col" class="${alignment(column)}">${edition.say(column.title)}</th>`);
  const rows = table.rows.map((row) => {
    const cells = table.columns.map((column, index) =>
      index === 0 ? html`<th scope="row">${column.cell(row)}</th>` : html`<td class="${alignment(column)}">${column.cell(row)}</td>`,
    );
    return html`<tr>${cells}</tr>\n`;
  });
  return html`<table><caption>${edition.say(table.caption)}</caption>
<thead><tr>${head}</tr></thead>
<tbody>${rows}</tbody></table>
`;
}

export const paragraph = (edition: Edition, words: Text): Html => html`<p>${edition.say(words)}</p>\n`;

export const note = (edition: Edition, words: Text): Html => html`<p class="note">${edition.say(words)}</p>\n`;

export function renderFigure(chart: Html, caption: string): Html {
  return html`<figure>${chart}<figcaption>${caption}</figcaption></figure>\n`;
}

/** `0.720 (0.701–0.739)`, without the interval where no standard error is known, a dash where there is no AUC. */
export function formatAuc(auc: number | undefined, standardError: number | undefined): string {
  if (auc === undefined) return "–";
  const estimate = formatDecimal(auc, 3);
  return standardError === undefined ? estimate : `${estimate} (${formatInterval(aucInterval(auc, standardError), 3)})`;
}

export const ROLE_NAME = { training: text("Training", "학습"), external: text("External", "외부 검증") } as const;
