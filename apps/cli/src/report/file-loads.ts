/** What a report needs of a hospital's own records, taken from a site's load report and from what left the site. */

import type { LeftTheHospital, LoadReport } from "./report-options.ts";

/** What is needed of a site's report on one file. */
export interface FileCounts {
  readonly path: string;
  readonly rowsIn: number;
  readonly excluded: readonly { readonly reason: string; readonly rowCount: number }[];
}

export const fileLoads = (files: readonly FileCounts[]): readonly LoadReport[] =>
  files.map(({ path, rowsIn, excluded }) => ({
    source: path,
    rowsIn,
    rowsOut: rowsIn - excluded.reduce((sum, { rowCount }) => sum + rowCount, 0),
    excluded,
  }));

/** One message that left a site. */
export interface SentMessage {
  readonly round: number;
  readonly bytes: number;
  /** Names of the masked vectors; empty for an own release and for messages without figures. */
  readonly vectors: readonly string[];
  /** Own releases that travelled in it. */
  readonly releases?: readonly string[];
}

/** Messages of the same content together, in the order in which each kind first left. */
export function summariseSent(messages: readonly SentMessage[]): readonly LeftTheHospital[] {
  const kinds = Map.groupBy(messages, ({ vectors, releases }) => JSON.stringify([vectors, releases]));
  return [...kinds.values()].map((alike) => {
    const [first] = alike;
    return {
      roundCount: new Set(alike.map(({ round }) => round)).size,
      messageCount: alike.length,
      bytes: alike.reduce((sum, { bytes }) => sum + bytes, 0),
      vectors: first?.vectors ?? [],
      releases: first?.releases ?? [],
    };
  });
}
