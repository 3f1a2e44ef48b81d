/** A page for each hospital: its figures, its own model against the shared one, what it loaded, what left it. */

import { text } from "@dure/kernel";
import type { AnalysisReport } from "../analysis-report.ts";
import type { Edition } from "../edition.ts";
import { formatBytes, formatCount, formatInteger } from "../format.ts";
import { type Html, html } from "../html.ts";
import { type SuppressedLoad, suppressLoad } from "../load-suppression.ts";
import type { HospitalReport, LeftTheHospital } from "../report-options.ts";
import { exclusionWords } from "./exclusion-words.ts";
import { leftNames } from "./left-names.ts";
import { note, ROLE_NAME, renderSection, renderTable } from "./parts.ts";
import { renderComparison } from "./performance.ts";

/** One section for each hospital, in the order of the options. */
export function renderHospitals(edition: Edition, report: AnalysisReport): readonly Html[] {
  return edition.options.hospitals.map((hospital, index) =>
    renderSection(edition, {
      name: `hospital-${index + 1}`,
      title: hospital.displayName,
      newPage: true,
      body: [
        html`<p class="role">${edition.say(ROLE_NAME[hospital.role])}</p>`,
        figures(edition, hospital, report),
        ...(report.hasLocalModels ? [comparison(edition, hospital)] : []),
        leftTable(edition, hospital),
        ...loadTables(edition, hospital),
      ],
    }),
  );
}

function figures(edition: Edition, hospital: HospitalReport, report: AnalysisReport): Html {
  const evaluation = edition.evaluationOf(hospital.siteId);
  if (evaluation === undefined) {
    return note(edition, text("This hospital did not release figures of its own.", "이 병원은 자체 수치를 공개하지 않았습니다."));
  }
  const entries = report.siteFigures(evaluation).map(([label, value]) => html`<div><dt>${edition.say(label)}</dt><dd>${value}</dd></div>`);
  return html`<dl class="key-figures small">${entries}</dl>\n`;
}

function comparison(edition: Edition, hospital: HospitalReport): Html {
  const rows = edition.comparisonsOf(hospital.role === "external" ? { site: hospital.siteId } : { model: hospital.siteId });
  if (rows.length > 0) return renderComparison(edition, rows);
  return hospital.role === "external"
    ? html``
    : note(
        edition,
        text("Its own model was not released for a test elsewhere.", "자체 모형을 다른 병원에서 시험하도록 공개하지 않았습니다."),
      );
}

function leftTable(edition: Edition, hospital: HospitalReport): Html {
  if (hospital.left.length === 0) return note(edition, text("Nothing left this hospital.", "이 병원에서 밖으로 나간 것은 없습니다."));
  return html`${renderTable(edition, {
    caption: text("What left this hospital", "이 병원에서 밖으로 나간 것"),
    columns: [
      { title: text("What", "내용"), cell: (row: LeftTheHospital) => leftNames(edition, row) },
      { title: text("Rounds", "라운드"), numeric: true, cell: (row) => formatInteger(row.roundCount) },
      { title: text("Messages", "메시지"), numeric: true, cell: (row) => formatInteger(row.messageCount) },
      { title: text("Size", "크기"), numeric: true, cell: (row) => formatBytes(row.bytes) },
    ],
    rows: hospital.left,
  })}${note(
    edition,
    text(
      "Masked sums are random numbers to anybody who holds fewer than all of them. The hospital's ledger has every message with its hash.",
      "가려진 합계 성분은 모든 병원의 것이 모이기 전에는 누구에게도 난수일 뿐입니다. 병원의 원장에는 모든 메시지와 그 해시가 기록되어 있습니다.",
    ),
  )}`;
}

function loadTables(edition: Edition, hospital: HospitalReport): readonly Html[] {
  const loads = hospital.loads.map((load) => suppressLoad(load, edition.result.study.minimumCell));
  if (loads.length === 0) return [];
  const rows = loads.flatMap((load) => [{ load, excluded: undefined }, ...load.excluded.map((excluded) => ({ load, excluded }))]);
  type Row = (typeof rows)[number];
  return [
    renderTable(edition, {
      caption: text(
        "Records brought in: rows in = rows used + rows left out by reason",
        "가져온 기록: 들어온 행 = 사용한 행 + 사유별 제외 행",
      ),
      columns: [
        {
          title: text("Source or reason", "원본 또는 사유"),
          cell: (row: Row) =>
            row.excluded === undefined
              ? row.load.source
              : html`<span class="reason">${exclusionWords(edition, row.excluded.reason)}</span>`,
        },
        { title: text("Rows in", "들어온 행"), numeric: true, cell: (row) => loadFigure(row, "rowsIn") },
        { title: text("Rows used", "사용한 행"), numeric: true, cell: (row) => loadFigure(row, "rowsOut") },
        {
          title: text("Left out", "제외"),
          numeric: true,
          cell: (row) => (row.excluded === undefined ? "" : formatCount(row.excluded.count)),
        },
      ],
      rows,
    }),
  ];
}

function loadFigure(row: { readonly load: SuppressedLoad; readonly excluded: unknown }, figure: "rowsIn" | "rowsOut"): string {
  return row.excluded === undefined ? formatCount(row.load[figure]) : "";
}
