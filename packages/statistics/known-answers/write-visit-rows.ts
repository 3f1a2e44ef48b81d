/** Prints the rows that generated-visits.R reads. */

import { survivalCsv } from "../src/survival/testing-cox.ts";
import { generateVisits } from "../src/survival/testing-visits.ts";

process.stdout.write(survivalCsv(generateVisits()));
