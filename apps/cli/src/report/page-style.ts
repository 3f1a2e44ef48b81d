/** The page's look: quiet, dark on white, one green; A4 when printed. No font or picture is fetched from anywhere. */

export const PAGE_STYLE = `
:root { --ink: #1f2d3a; --quiet: #51606c; --rule: #d5dde2; --tint: #f3f7f7; --accent: #0f766e; color-scheme: light; }
* { box-sizing: border-box; }
html { background: #eef2f3; }
body { margin: 0; color: var(--ink); font: 16px/1.6 Pretendard, "Noto Sans CJK KR", "Noto Sans KR", "Apple SD Gothic Neo", "Malgun Gothic", system-ui, sans-serif; word-break: keep-all; overflow-wrap: break-word; }
main { max-width: 880px; margin: 0 auto 48px; padding: 44px 56px 56px; background: #fff; box-shadow: 0 1px 4px rgb(31 45 58 / 12%); }
.languages { max-width: 880px; margin: 16px auto 10px; padding: 0 8px; text-align: right; font-size: 14px; }
.languages label { position: relative; display: inline-block; padding: 3px 14px; border: 1px solid var(--quiet); background: #fff; cursor: pointer; }
.languages label:first-of-type { border-radius: 6px 0 0 6px; border-right: 0; }
.languages label:last-of-type { border-radius: 0 6px 6px 0; }
.languages input { position: absolute; inset: 0; margin: 0; opacity: 0; cursor: pointer; }
.languages label:has(:checked) { background: var(--ink); border-color: var(--ink); color: #fff; }
.languages label:has(:focus-visible) { outline: 2px solid var(--accent); outline-offset: 2px; }
body:has(#show-en:checked) .edition:lang(ko), body:has(#show-ko:checked) .edition:lang(en) { display: none; }
h1 { margin: 4px 0 8px; font-size: 29px; line-height: 1.28; letter-spacing: -0.01em; }
h2 { margin: 0 0 12px; padding-top: 26px; border-top: 1px solid var(--rule); font-size: 21px; line-height: 1.35; }
section { margin-top: 34px; }
p { margin: 0 0 12px; max-width: 78ch; }
.kicker, .role { margin: 0 0 6px; color: var(--quiet); font-size: 14px; }
.question { color: var(--quiet); }
.answer { margin: 20px 0; padding: 18px 22px; max-width: none; border-left: 4px solid var(--accent); background: var(--tint); font-size: 19px; line-height: 1.55; }
.note { max-width: 82ch; color: var(--quiet); font-size: 14px; }
.key-figures { display: grid; grid-template-columns: repeat(4, 1fr); gap: 0 24px; margin: 0; }
.key-figures div { display: flex; flex-direction: column-reverse; justify-content: flex-end; padding: 10px 0; border-top: 2px solid var(--ink); }
.key-figures dt { color: var(--quiet); font-size: 14px; line-height: 1.4; }
.key-figures dd { margin: 0; font-size: 25px; font-weight: 600; line-height: 1.3; font-variant-numeric: tabular-nums; }
.key-figures.small { grid-template-columns: repeat(3, 1fr); margin-bottom: 12px; }
.key-figures.small div { border-top: 1px solid var(--rule); }
.key-figures.small dd { font-size: 17px; }
figure { margin: 14px 0 18px; break-inside: avoid; }
figure svg { display: block; width: 100%; height: auto; }
figcaption { margin-top: 4px; color: var(--quiet); font-size: 14px; line-height: 1.5; }
.side-by-side { display: grid; grid-template-columns: 1.15fr 1fr; gap: 28px; align-items: start; break-inside: avoid; }
table { width: 100%; margin: 14px 0 16px; border-collapse: collapse; font-size: 14.5px; line-height: 1.4; font-variant-numeric: tabular-nums; }
caption { padding: 0 0 6px; text-align: left; font-weight: 600; }
th, td { padding: 6px 10px 6px 0; text-align: left; vertical-align: top; border-bottom: 1px solid var(--rule); font-weight: 400; }
thead th { border-top: 1.5px solid var(--ink); border-bottom: 1px solid var(--ink); color: var(--quiet); font-size: 13.5px; vertical-align: bottom; }
th.figure, td.figure { padding-right: 0; padding-left: 12px; text-align: right; white-space: nowrap; }
thead th.figure { white-space: normal; }
tbody tr:last-child > * { border-bottom: 1.5px solid var(--ink); }
.reason { display: inline-block; padding-left: 18px; color: var(--quiet); }
.reasons { margin: 0 0 12px; padding-left: 20px; }
.points, .record { margin: 0; }
.points div { margin-bottom: 12px; }
.points dt { font-weight: 600; }
.points dd { margin: 0; max-width: 76ch; }
.record { font-size: 14.5px; }
.record div { display: grid; grid-template-columns: 260px 1fr; gap: 16px; padding: 5px 0; border-bottom: 1px solid var(--rule); }
.record dt { color: var(--quiet); }
.record dd { margin: 0; overflow-wrap: anywhere; }
@media (max-width: 720px) {
  main { padding: 24px 18px 32px; }
  .key-figures, .key-figures.small { grid-template-columns: repeat(2, 1fr); }
  .side-by-side, .record div { grid-template-columns: 1fr; gap: 0; }
  table { display: block; overflow-x: auto; }
}
@page { size: A4; margin: 15mm 16mm 16mm; }
@media print {
  html { background: none; }
  body { font-size: 10.5pt; line-height: 1.5; print-color-adjust: exact; -webkit-print-color-adjust: exact; }
  main { max-width: none; margin: 0; padding: 0; box-shadow: none; }
  .languages { display: none; }
  h1 { font-size: 20pt; }
  h2 { margin-bottom: 6pt; font-size: 14pt; padding-top: 10pt; break-after: avoid; }
  section { margin-top: 12pt; }
  .answer { margin: 12pt 0; padding: 10pt 14pt; font-size: 12.5pt; }
  .key-figures dd { font-size: 16pt; }
  .key-figures.small dd { font-size: 11.5pt; }
  .key-figures dt, .note, figcaption, table, .record { font-size: 9pt; }
  thead th { font-size: 8.5pt; }
  th, td { padding-top: 3.5px; padding-bottom: 3.5px; }
  caption { font-size: 9.5pt; break-after: avoid; }
  table, .points div, .answer { break-inside: avoid; }
  .new-page { break-before: page; margin-top: 0; }
  .new-page h2 { border-top: 0; padding-top: 0; }
}
`;

/** Keeps the document's language and title in step with the edition shown; the page reads well without it. */
export const PAGE_SCRIPT = `
for (const choice of document.querySelectorAll(".languages input")) {
  choice.addEventListener("change", () => {
    document.documentElement.lang = choice.value;
    document.title = choice.dataset.title;
  });
}
`;
