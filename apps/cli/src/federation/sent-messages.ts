/** What left a hospital for one run, from its own ledger, as the report lists it. */

import { SiteStore, sitePaths, storedEntry } from "@dure/site";

export interface SentMessage {
  readonly round: number;
  readonly bytes: number;
  readonly vectors: readonly string[];
  /** Of figures in the hospital's own name. */
  readonly releases?: readonly string[];
}

/** @param home the hospital's folder */
export function sentMessages(home: string, run: string): readonly SentMessage[] {
  const store = new SiteStore(sitePaths(home).decisions);
  try {
    return [...store.ledger()].map(storedEntry).flatMap((entry): readonly SentMessage[] => {
      if (entry.run !== run || (entry.kind !== "contribution" && entry.kind !== "release")) return [];
      const names = (entry.vectors ?? []).map(({ name }) => name);
      const { round = 0, bytes = 0 } = entry;
      return [entry.kind === "release" ? { round, bytes, vectors: [], releases: names } : { round, bytes, vectors: names }];
    });
  } finally {
    store.close();
  }
}
