/** Prints the rows that generated-survival.R reads. */

import { survivalCsv } from "../src/survival/testing-kaplan-meier.ts";

process.stdout.write(survivalCsv());
