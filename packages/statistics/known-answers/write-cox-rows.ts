/** Prints the rows that generated-cox.R reads. */

import { generateSurvival, survivalCsv } from "../src/survival/testing-cox.ts";

process.stdout.write(survivalCsv(generateSurvival()));
