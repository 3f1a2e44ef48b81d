/** Prints the rows that generated-glm.R reads. */

import { generateGlmRows } from "../src/glm/testing-glm.ts";
import { generatedCsv } from "../src/testing.ts";

process.stdout.write(generatedCsv(generateGlmRows()));
