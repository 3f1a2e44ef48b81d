/** A study on one hospital's own rows: the two halves of the analysis with one site and no coordinator. */

import { parseResearchTable } from "@dure/clinical";
import type { Analysis } from "@dure/federation/coordinator";
import { runAlone } from "@dure/federation/site";
import { DureError, fromUtf8, text } from "@dure/kernel";
import { prepareAnalysisTable } from "@dure/records";
import { readSettings, sitePaths } from "@dure/site";
import { openClinicalStore, readFlatTable, readResearchTable } from "@dure/site/store";
import { checkStudy } from "@dure/study";
import { readInputFile, studyFileReader } from "./study-files.ts";

export interface LocalStudy {
  readonly home: string;
  /** The study document's path. */
  readonly study: string;
  readonly workingFolder: string;
}

/** @throws DureError with the problems of the document or the table, or `study/no-local-model` with the columns at fault */
export async function runLocally({ home, study: path, workingFolder }: LocalStudy): Promise<Analysis> {
  const checked = checkStudy(readInputFile(path, workingFolder), { file: path });
  if (checked.kind === "refused") throw new DureError(checked.problems);
  const { document } = checked;
  const file = `tables/${document.data.table}.yaml`;
  const content = studyFileReader(path, workingFolder)(file);
  const table = parseResearchTable({ file, text: content === undefined ? "" : fromUtf8(content) });
  const end = await runAlone(document, prepareAnalysisTable(document, await readOwnRows(home, table)));
  if (end.kind === "done") return end.result.analysis;
  throw new DureError({
    code: "study/no-local-model",
    severity: "error",
    place: { path: end.refusal.columns.join(", ") },
    what: text(
      `No result could be had from these rows alone: ${end.refusal.code}.`,
      `이 자료만으로는 결과를 얻을 수 없습니다: ${end.refusal.code}.`,
    ),
    remedy: text("Leave the named columns out, or join with other hospitals.", "해당 열을 빼거나 다른 병원과 함께 분석하십시오."),
  });
}

async function readOwnRows(home: string, table: Parameters<typeof readResearchTable>[1]) {
  const { source } = readSettings(home);
  if (source.kind === "flat") return readFlatTable(source.path, table);
  const store = await openClinicalStore(sitePaths(home).clinical);
  try {
    return await readResearchTable(store, table);
  } finally {
    await store.close();
  }
}
