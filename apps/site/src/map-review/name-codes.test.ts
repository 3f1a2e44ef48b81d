import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { DureError, encodeCp949 } from "@dure/kernel";
import { nameOpenCodes, readNamedCodes } from "./name-codes.ts";

test("any exported table names codes: the usual name counts, none where there are many, further names are kept, and open codes keep their frequency", async (t) => {
  const folder = mkdtempSync(join(tmpdir(), "dure-names-"));
  t.after(() => rmSync(folder, { recursive: true }));
  const path = join(folder, "results.txt");
  const lines = [
    "NO|CODE|KOR|ENG",
    "1|L1|혈색소|Hemoglobin",
    "2|L1|혈색소|",
    "3|L1|옛이름|",
    "4|L2|칼륨|Potassium",
    "5||이름만|",
    "6|LX|가|",
    "7|LX|나|",
    "8|LX|다|",
    "9|LX|라|",
  ];
  writeFileSync(path, encodeCp949(lines.join("\r\n")));
  const named = await readNamedCodes({ path, code: "CODE", names: ["KOR", "ENG"] });
  assert.deepEqual(named, [
    { code: "LX", name: "", frequency: 4, info: {} },
    { code: "L1", name: "혈색소", frequency: 3, info: { ENG: "Hemoglobin" } },
    { code: "L2", name: "칼륨", frequency: 1, info: { ENG: "Potassium" } },
  ]);
  const open = ["L2", "L9"].map((code) => ({ code, name: "", frequency: 70, info: {} }));
  assert.deepEqual(
    nameOpenCodes(open, named).map(({ code, name, frequency }) => [code, name, frequency]),
    [
      ["L2", "칼륨", 70],
      ["L9", "", 70],
    ],
  );
  await assert.rejects(
    readNamedCodes({ path, code: "CODES", names: [] }),
    (error) => error instanceof DureError && error.code === "map/missing-column" && error.problems[0]?.place.column === "CODES",
  );
});
