/** Whether a table differs from one that left sums before by so few persons that the sums' difference would be theirs. */

import { differencingCheck } from "@dure/privacy";
import { personKeyTexts, rowKeyTexts } from "../store/frozen-table.ts";

/**
 * By rows, and where persons may have several by persons too: one patient's many rows are no crowd. Whose rows differ stands with one key in
 * each table, whoever is in one table only with one in all: a difference of 2 k − 1 keys is of at least k persons.
 *
 * @param hashes  as `hashRowKeys` gives them
 * @param earlier likewise, of every table that left sums
 */
export function compareTables(
  hashes: Uint8Array,
  earlier: readonly Uint8Array[],
  minimumCell: number,
): ReturnType<typeof differencingCheck> {
  const byRows = differencingCheck(rowKeyTexts(hashes), earlier.map(rowKeyTexts), minimumCell);
  const persons = personKeyTexts(hashes);
  if (byRows.kind === "refused" || persons === undefined) return byRows;
  const earlierPersons = earlier.flatMap((record) => {
    const found = personKeyTexts(record);
    return found === undefined ? [] : [found];
  });
  return differencingCheck(persons, earlierPersons, Math.max(0, 2 * minimumCell - 1));
}
