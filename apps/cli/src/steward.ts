/** What every steward's command opens: the folder, its record, its ledger; closed when the command is done. */

import { systemClock, systemRandom } from "@dure/machine";
import { LedgerWriter, readMemberSettings, type SitePaths, type SiteSettings, SiteStore, sitePaths } from "@dure/site";

export interface Steward {
  readonly paths: SitePaths;
  readonly settings: SiteSettings;
  readonly store: SiteStore;
  readonly ledger: LedgerWriter;
}

/** @throws DureError `site/not-enrolled`, `site/no-alliance` */
export async function withSteward<Result>(home: string, work: (steward: Steward) => Promise<Result>): Promise<Result> {
  const settings = readMemberSettings(home);
  const paths = sitePaths(home);
  const store = new SiteStore(paths.decisions);
  try {
    const { alliance, siteId } = settings;
    return await work({
      paths,
      settings,
      store,
      ledger: new LedgerWriter({ store, alliance, siteId, clock: systemClock, random: systemRandom }),
    });
  } finally {
    store.close();
  }
}
