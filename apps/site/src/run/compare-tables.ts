/** Whether a table differs from one that left sums before by so few persons that the sums' difference would be theirs. */

import { differencingCheck } from "@dure/privacy";
import { personKeyTexts, rowKeyTexts, splitHashes } from "../store/frozen-table.ts";

/**
 * Of all rows; of those behind the sums, for two studies over the same rows that hold out others differ by just those; and of the rows held
 * out, of which a hospital's own figures may be.
 *
 * @param hashes  of a frozen table, as the store keeps them
 * @param earlier likewise, of every table that left sums
 */
export function compareTables(
  hashes: Uint8Array,
  earlier: readonly Uint8Array[],
  minimumCell: number,
): ReturnType<typeof differencingCheck> {
  const own = splitHashes(hashes);
  const before = earlier.map(splitHashes);
  const whole = compareRows(
    own[0],
    before.map(([all]) => all),
    minimumCell,
  );
  if (whole.kind === "refused") return whole;
  const summed = compareRows(
    own[1],
    before.map(([, rows]) => rows),
    minimumCell,
  );
  return summed.kind === "refused" ? summed : differencingCheck(heldOut(own), before.map(heldOut), minimumCell);
}

function heldOut([all, summed]: readonly [Uint8Array, Uint8Array]): readonly string[] {
  if (all === summed) return [];
  const inSums = new Set(rowKeyTexts(summed));
  return rowKeyTexts(all).filter((key) => !inSums.has(key));
}

/**
 * By rows, and where persons may have several by persons too: one patient's many rows are no crowd. Whose rows differ stands with one key in
 * each table, whoever is in one table only with one in all: a difference of 2 k − 1 keys is of at least k persons.
 */
function compareRows(hashes: Uint8Array, earlier: readonly Uint8Array[], minimumCell: number): ReturnType<typeof differencingCheck> {
  const byRows = differencingCheck(rowKeyTexts(hashes), earlier.map(rowKeyTexts), minimumCell);
  const persons = personKeyTexts(hashes);
  if (byRows.kind === "refused" || persons === undefined) return byRows;
  const earlierPersons = earlier.flatMap((record) => {
    const found = personKeyTexts(record);
    return found === undefined ? [] : [found];
  });
  return differencingCheck(persons, earlierPersons, Math.max(0, 2 * minimumCell - 1));
}
