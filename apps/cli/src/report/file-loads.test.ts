import assert from "node:assert/strict";
import { test } from "node:test";
import { fileLoads } from "./file-loads.ts";

test("rows used are rows in less all rows left out, and the product's own reasons come in both languages", () => {
  const excluded = [
    { reason: "opted out", rowCount: 21 },
    { reason: "not a person of file patients", rowCount: 4 },
    { reason: "born: missing, which PERSON requires", rowCount: 2 },
    { reason: "test entry", rowCount: 3 },
  ];
  const [load] = fileLoads([{ path: "visits.csv", rowsIn: 130, excluded }]);
  assert.equal(load?.rowsOut, 100);
  assert.deepEqual(
    load?.excluded.map(({ reason }) => reason.ko),
    ["정보 제공 거부", "환자 파일에 없음", "필수 항목 결측: born", "test entry"],
  );
});
