/** The two places from which a site's analysis tables are read. */

import { parseResearchTable, type ResearchTable } from "@dure/clinical";
import { type Clock, fromUtf8, hashJson } from "@dure/kernel";
import { systemClock } from "@dure/machine";
import type { FrozenStudy } from "@dure/study";
import type { SiteSettings } from "../home/site-home.ts";
import { readFlatTable } from "../store/clinical-flat.ts";
import { readResearchTable } from "../store/clinical-table.ts";
import { openClinicalStoreWaiting } from "../store/open-clinical-store.ts";
import type { ReadTable, TableSource } from "./table-source.ts";

/** @param clock by which a reading waits for a load that has the store. */
export function tableSourceOf(settings: Pick<SiteSettings, "source">, clinicalPath: string, clock: Clock = systemClock): TableSource {
  const { source } = settings;
  return source.kind === "store" ? storeSource(clinicalPath, clock) : flatSource(source.path);
}

/** The OMOP store is opened for the reading only: a load may come at any other time. Whichever comes second waits its turn. */
const storeSource = (path: string, clock: Clock): TableSource => ({
  read: async (study, tableDocument) => {
    const store = await openClinicalStoreWaiting(path, clock);
    try {
      const table = tableOf(study, tableDocument);
      const states = study.document.data.variables.some(({ quality }) => quality !== undefined);
      const rows = await readResearchTable(store, table, { evidenceFor: states ? Object.keys(table.columns) : [] });
      return {
        source: rows,
        excluded: rows.excluded,
        evidence: rows.evidence,
        snapshot: rows.snapshot.number,
        snapshotHash: rows.snapshot.hash,
      };
    } finally {
      await store.close();
    }
  },
});

/** A flat file is its own snapshot, number 0. It has no records behind it, so nothing shows that they are mapped. */
const flatSource = (path: string): TableSource => ({
  read: async (study, tableDocument): Promise<ReadTable> => {
    const source = await readFlatTable(path, tableOf(study, tableDocument));
    return { source, excluded: [], evidence: new Map(), snapshot: 0, snapshotHash: hashJson([...source.rowKeys]) };
  },
});

const tableOf = (study: FrozenStudy, tableDocument: Uint8Array): ResearchTable =>
  parseResearchTable({ file: `tables/${study.document.data.table}.yaml`, text: fromUtf8(tableDocument) });
