/** What somebody needs to run the study again and to see that it is the same one. */

import { type Text, text } from "@dure/kernel";
import type { AnalysisReport } from "../analysis-report.ts";
import type { Edition } from "../edition.ts";
import { formatBytes, formatInteger } from "../format.ts";
import { type Html, html } from "../html.ts";
import { renderSection } from "./parts.ts";

export function renderReproducibility(edition: Edition, report: AnalysisReport): Html {
  const { study, run } = edition.result;
  const entries: readonly (readonly [Text, string])[] = [
    [text("Study", "연구"), study.id],
    [text("Study hash (SHA-256)", "연구 해시(SHA-256)"), study.hash],
    ...report.record,
    [
      text("Rounds; up, down", "라운드; 송신, 수신"),
      `${formatInteger(run.rounds)}; ${formatBytes(run.bytesUp)}, ${formatBytes(run.bytesDown)}`,
    ],
    [
      text("Hospitals absent", "불참 병원"),
      run.absent.length === 0 ? edition.say(text("none", "없음")) : run.absent.map((site) => edition.hospitalName(site)).join(", "),
    ],
    ...edition.options.hospitals.flatMap((hospital) =>
      hospital.snapshot === undefined
        ? []
        : [[text(`Data snapshot, ${hospital.displayName.en}`, `자료 스냅숏, ${hospital.displayName.ko}`), hospital.snapshot] as const],
    ),
    ...edition.options.record.entries.map((entry) => [entry.name, entry.value] as const),
  ];
  const items = entries.map(([name, value]) => html`<div><dt>${edition.say(name)}</dt><dd>${value}</dd></div>\n`);
  return renderSection(edition, {
    name: "reproducibility",
    title: text("Reproducibility record", "재현 기록"),
    newPage: true,
    body: [html`<dl class="record">${items}</dl>`],
  });
}
