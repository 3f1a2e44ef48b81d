/** Prints the rows that generated-visits.R reads. */

import { generateVisits } from "../src/survival/testing-visits.ts";
import { survivalCsv } from "../src/survival/testing-cox.ts";

process.stdout.write(survivalCsv(generateVisits()));
