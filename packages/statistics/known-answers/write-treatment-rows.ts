/** Prints the rows that generated-treatment.R reads. */

import { generateTreatment, treatmentCsv } from "../src/causal/testing-treatment.ts";

process.stdout.write(treatmentCsv(generateTreatment()));
