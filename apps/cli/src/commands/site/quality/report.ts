/** `dure site quality report`: what a run found, on the terminal or as files; ids of rows at fault only here, and only on request. */

import { writeFileSync } from "node:fs";
import { resolve } from "node:path";
import { DureError, type Language, text } from "@dure/kernel";
import { defineCommand } from "../../../command.ts";
import { EXIT } from "../../../exit-status.ts";
import { homeOption } from "../../shared-options.ts";

const RUNS_MAX = 1_000_000;
const OWNER_ONLY = 0o600;

export const siteQualityReport = defineCommand({
  name: "site quality report",
  summary: text("show or save what the quality checks found", "품질 점검 결과를 보거나 저장합니다"),
  description: text(
    "Prints the result of the last run, or saves it: --html as a page in both languages that needs nothing else, --csv with the column names of " +
      "OHDSI's dashboard. Files hold exact counts of this hospital and no ids; they are for use inside it. --rows PLACE prints ids of up to 20 " +
      "rows at fault for each failed check of a table or a field (table.field) in the last run, to look them up; they are written to no file.",
    "마지막 점검 결과를 출력하거나 저장합니다. --html 은 다른 파일이 필요 없는 두 언어의 문서로, --csv 는 OHDSI 대시보드의 열 이름으로 저장합니다. 파일에는 이 병원의 " +
      "정확한 건수가 있고 식별자는 없으며, 병원 안에서 쓰기 위한 것입니다. --rows 위치 는 마지막 점검에서 테이블이나 필드(테이블.필드)의 실패한 점검마다 오류 행 식별자를 최대 20개 출력하며 파일로 저장하지 않습니다.",
  ),
  arguments: {},
  options: {
    home: homeOption,
    run: {
      kind: "whole-number",
      placeholder: "N",
      summary: text("this run, not the last", "마지막이 아닌 이 점검의 결과를 봅니다"),
      min: 1,
      max: RUNS_MAX,
    },
    html: { kind: "text", placeholder: "FILE", summary: text("save as a page to read and print", "읽고 인쇄할 문서로 저장합니다") },
    csv: { kind: "text", placeholder: "FILE", summary: text("save as a table for other programs", "다른 프로그램에서 쓸 표로 저장합니다") },
    rows: {
      kind: "text",
      placeholder: "PLACE",
      summary: text(
        "print ids of rows at fault of this field, table or check id",
        "이 필드, 테이블 또는 점검의 오류 행 식별자를 출력합니다",
      ),
    },
  },
  examples: [
    { line: "dure site quality report --home seoul --html quality.html", shows: text("a report to read and print", "읽고 인쇄할 보고서") },
    {
      line: "dure site quality report --home seoul --rows condition_occurrence.visit_occurrence_id",
      shows: text("which rows are at fault", "오류 행 찾기"),
    },
  ],
  async run({ output, language, workingFolder }, input) {
    const { exportCsv, exportJson, readFailingRows, readQualityReport } = await import("@dure/site/quality");
    const { formatFailingRows, formatQuality } = await import("../../../report/quality/format-quality.ts");
    const home = resolve(workingFolder, input.home);
    const report = readQualityReport(home, input.run);
    if (input.rows !== undefined) {
      const wanted = input.rows.toLowerCase();
      const { placeOf } = await import("@dure/clinical/quality");
      const found = report.results.filter(({ id, check }) => id === wanted || placeOf(check) === wanted);
      if (found.length === 0) throw unknownCheckId();
      const lists = found
        .map(({ id }) => ({ check: id, rows: readFailingRows(home, report.run.number, id) }))
        .filter(({ rows }) => rows.length > 0);
      output.result({
        json: lists.map(({ check, rows }) => ({ check, rows: rows.map((row) => ({ ...row })) })),
        text: formatFailingRows(lists, language),
      });
      return EXIT.done;
    }
    const { renderQualityReport } = await import("../../../report/quality/render-quality-report.ts");
    const saved: string[] = [];
    const save = (file: string | undefined, content: () => string): void => {
      if (file === undefined) return;
      write(resolve(workingFolder, file), content());
      saved.push(file);
    };
    save(input.html, () => renderQualityReport(report, language));
    save(input.csv, () => exportCsv(report));
    output.result(
      saved.length === 0
        ? { json: exportJson(report), text: formatQuality(report, language) }
        : { json: { saved }, text: describeSaved(saved, language) },
    );
    return EXIT.done;
  },
});

const describeSaved = (files: readonly string[], language: Language): string =>
  files.map((file) => text(`written: ${file}`, `저장함: ${file}`)[language]).join("\n");

function write(path: string, content: string): void {
  try {
    writeFileSync(path, content, { mode: OWNER_ONLY });
  } catch (cause) {
    throw new DureError(
      {
        code: "file/unwritable",
        severity: "error",
        place: { file: path },
        what: text("The file cannot be written.", "파일을 쓸 수 없습니다."),
        remedy: text("Name a file in a folder that exists and that you may write.", "쓰기 권한이 있는 기존 폴더 안의 파일을 지정하십시오."),
      },
      { cause },
    );
  }
}

const unknownCheckId = (): DureError =>
  new DureError({
    code: "quality/unknown-check-id",
    severity: "error",
    place: {},
    what: text("This run has no check of that name or place.", "이 점검에는 그런 이름이나 위치의 항목이 없습니다."),
    remedy: text(
      "Name a table or table.field as the report does, or the id in column checkid of its CSV.",
      "보고서에 적힌 테이블이나 테이블.필드, 또는 CSV의 checkid 열에 있는 이름을 적어 주십시오.",
    ),
  });
