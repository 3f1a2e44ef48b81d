/** Prints the rows that generated-logistic.R reads. */

import { generatedCsv, generateRows } from "../src/testing.ts";

process.stdout.write(generatedCsv(generateRows()));
