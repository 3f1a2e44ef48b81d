/** Prints the rows that generated-competing-risks.R reads. */

import { competingRisksCsv } from "../src/survival/testing-competing-risks.ts";

process.stdout.write(competingRisksCsv());
