import assert from "node:assert/strict";
import { test } from "node:test";
import { hashRowKeys, joinHashes } from "../store/frozen-table.ts";
import { compareTables } from "./compare-tables.ts";

const secret = new Uint8Array(32).fill(7);
const k = 5;

/** Forty persons of seven visits each; `without` says which rows are left out. */
function hashesOf(without: (person: number, visit: number) => boolean, hasPersons = true): Uint8Array {
  const persons = Array.from({ length: 40 }, (_, person) =>
    Array.from({ length: 7 }, (_row, visit) => (without(person, visit) ? [] : [`p${person}-v${visit}`])).flat(),
  ).filter((rows) => rows.length > 0);
  return hashRowKeys(secret, persons.flat(), hasPersons ? persons.map((rows) => JSON.stringify(rows)) : undefined);
}

const whole = hashesOf(() => false);

test("a table without one person's many rows is refused, though its rows are many", () => {
  for (const count of [1, k - 1])
    assert.equal(
      compareTables(
        hashesOf((person) => person < count),
        [whole],
        k,
      ).kind,
      "refused",
    );
  assert.equal(
    compareTables(
      hashesOf((person) => person < 1, false),
      [hashesOf(() => false, false)],
      k,
    ).kind,
    "accepted",
    "rows alone",
  );
  assert.equal(
    compareTables(
      hashesOf((person) => person < 2 * k - 1),
      [whole],
      k,
    ).kind,
    "accepted",
  );
});

test("a table in which a few persons have other rows than before is refused", () => {
  for (const count of [1, k - 1]) {
    const late = hashesOf((person, visit) => person < count && visit > 1);
    assert.equal(compareTables(late, [whole], k).kind, "refused", `${count} persons`);
  }
  assert.equal(
    compareTables(
      hashesOf((person, visit) => person < k && visit > 1),
      [whole],
      k,
    ).kind,
    "accepted",
  );
});

test("the same table again is accepted, and with public data every table", () => {
  assert.equal(
    compareTables(
      hashesOf(() => false),
      [whole],
      k,
    ).kind,
    "accepted",
  );
  assert.equal(
    compareTables(
      hashesOf((person) => person < 1),
      [whole],
      0,
    ).kind,
    "accepted",
  );
});

test("a table of rows is compared with one of persons by its rows", () => {
  assert.equal(
    compareTables(
      hashesOf((person, visit) => person === 0 && visit === 0, false),
      [whole],
      k,
    ).kind,
    "refused",
  );
});

/** One row a person, of whom some are held out and some left out. */
function splitHashes(heldOut: (row: number) => boolean, isLeftOut: (row: number) => boolean = () => false): Uint8Array {
  const rows = Array.from({ length: 200 }, (_, row) => row).filter((row) => !isLeftOut(row));
  const keys = (of: readonly number[]): Uint8Array =>
    hashRowKeys(
      secret,
      of.map((row) => `row ${row}`),
    );
  return joinHashes(keys(rows), keys(rows.filter((row) => !heldOut(row))));
}

test("the same rows with a few others held out are refused, and so are held-out rows that differ by a few", () => {
  const earlier = splitHashes((row) => row < 40);
  const against = (later: Uint8Array): string => compareTables(later, [earlier], k).kind;
  for (const count of [1, k - 1]) assert.equal(against(splitHashes((row) => row < 40 + count)), "refused", `${count} more`);
  assert.equal(against(splitHashes((row) => row < 40)), "accepted");
  assert.equal(against(splitHashes((row) => row < 40 + k)), "accepted");
  const oneLess = splitHashes(
    (row) => row < 40,
    (row) => row === 0 || (row >= 100 && row < 100 + k),
  );
  assert.equal(against(oneLess), "refused", "of six patients one was held out");
  assert.equal(
    compareTables(
      splitHashes((row) => row < 41),
      [earlier],
      0,
    ).kind,
    "accepted",
    "public data",
  );
});

test("a study that holds a few out is refused after one over the same rows that holds none out, and the other way round", () => {
  const keys = Array.from({ length: 200 }, (_, row) => `row ${row}`);
  const none = hashRowKeys(secret, keys);
  const [few, many] = [splitHashes((row) => row < 2), splitHashes((row) => row < 40)];
  assert.equal(compareTables(few, [none], k).kind, "refused");
  assert.equal(compareTables(none, [few], k).kind, "refused");
  assert.equal(compareTables(none, [many], k).kind, "accepted");
});
