/** Writes the two files that generated-binned.R reads: `node known-answers/write-binned-rows.ts FOLDER`. */

import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { binnedRows } from "../src/survival/testing-binned-rows.ts";
import { survivalCsv } from "../src/survival/testing-cox.ts";

for (const name of ["rows from 0", "visits"] as const) {
  writeFileSync(join(process.argv[2] ?? ".", `${name}.csv`), survivalCsv(binnedRows(name)));
}
