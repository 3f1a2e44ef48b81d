import assert from "node:assert/strict";
import { test } from "node:test";
import { fileLoads, summariseSent } from "./file-loads.ts";

test("rows used are rows in less all rows left out", () => {
  const excluded = [
    { reason: "opted out", rowCount: 21 },
    { reason: "test entry", rowCount: 9 },
  ];
  assert.deepEqual(fileLoads([{ path: "visits.csv", rowsIn: 130, excluded }]), [
    { source: "visits.csv", rowsIn: 130, rowsOut: 100, excluded },
  ]);
});

test("messages of the same content are counted together, a round repeated counts once", () => {
  const gradient = { vectors: ["gradient"], bytes: 100 };
  const sent = [
    { ...gradient, round: 2 },
    { ...gradient, round: 2 },
    { round: 4, bytes: 30, vectors: [], releases: ["headline"] },
    { ...gradient, round: 3 },
  ];
  assert.deepEqual(summariseSent(sent), [
    { roundCount: 2, messageCount: 3, bytes: 300, vectors: ["gradient"], releases: [] },
    { roundCount: 1, messageCount: 1, bytes: 30, vectors: [], releases: ["headline"] },
  ]);
});
