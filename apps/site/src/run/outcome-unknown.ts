/** How many of this hospital's own patients have no known outcome: with any, calibration would mislead. */

import { prepareAnalysisTable } from "@dure/records";
import { type FrozenStudy, frozenFiles } from "@dure/study";
import { readSettings, sitePaths } from "../home/site-home.ts";
import { SiteStore } from "../store/site-store.ts";
import { tableSourceOf } from "./store-source.ts";

/** Reads the newest snapshot. Disclosure: a count of the hospital's own; whoever shows it suppresses it below the cell. */
export async function readOutcomeUnknown(home: string, study: FrozenStudy): Promise<number> {
  const outcome = study.document.data.variables.find((variable) => variable.role === "outcome" || variable.role === "event")?.name;
  const paths = sitePaths(home);
  const store = new SiteStore(paths.decisions);
  try {
    const [file] = frozenFiles(study);
    const tableDocument = file === undefined ? undefined : store.findFile(file.sha256);
    if (tableDocument === undefined) return 0;
    const { source } = await tableSourceOf(readSettings(home), paths.clinical).read(study, tableDocument);
    const { excluded } = prepareAnalysisTable(study.document, source);
    return excluded.filter(({ reason }) => reason.startsWith(`${outcome}:`)).reduce((sum, { rowCount }) => sum + rowCount, 0);
  } finally {
    store.close();
  }
}
