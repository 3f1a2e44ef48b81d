/** What the quality report's page has beside every report's look. */

export const QUALITY_STYLE = `
.key-figures.five { grid-template-columns: repeat(5, 1fr); }
.steps { margin: 0; padding-left: 26px; }
.steps li { margin-bottom: 14px; max-width: 84ch; break-inside: avoid; }
.steps p { margin: 0 0 2px; }
.severity { display: inline-block; margin-right: 6px; padding: 0 8px; border: 1px solid currentcolor; border-radius: 9px; font-size: 12.5px; line-height: 18px; white-space: nowrap; }
.severity.fatal { background: #7f1d1d; border-color: #7f1d1d; color: #fff; }
.severity.convention { color: #8a4b00; }
.severity.characterization { color: var(--quiet); }
.set-by { display: block; color: var(--accent); font-size: 12.5px; white-space: normal; }
code { font: 13.5px/1.4 ui-monospace, "D2Coding", Menlo, Consolas, monospace; overflow-wrap: anywhere; }
.spark { vertical-align: middle; }
.spark polyline { fill: none; stroke: var(--quiet); stroke-width: 1.5; }
.spark circle { fill: var(--ink); }
h3 { margin: 22px 0 4px; font-size: 16.5px; }
details { margin: 12px 0; }
summary { cursor: pointer; font-weight: 600; }
summary:focus-visible { outline: 2px solid var(--accent); outline-offset: 2px; }
td.total, th.total { font-weight: 600; }
h3 code { font-size: 15.5px; font-weight: 600; }
.figure + td:not(.figure), .figure + th:not(.figure) { padding-left: 20px; }
.results { table-layout: fixed; margin-top: 6px; }
.results th:nth-child(1) { width: 33%; }
.results th:nth-child(3) { width: 25%; }
.results th:nth-child(4) { width: 12%; }
.results th:nth-child(5) { width: 13%; }
@media (max-width: 720px) { .key-figures.five { grid-template-columns: repeat(2, 1fr); } }
@media print {
  .severity { font-size: 8pt; line-height: 11pt; }
  code { font-size: 8.5pt; }
  h3 { font-size: 11pt; break-after: avoid; }
  table { break-inside: auto; }
  tr { break-inside: avoid; }
  thead { display: table-header-group; }
}
`;
