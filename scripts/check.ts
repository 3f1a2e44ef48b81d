/** `npm run check`: everything that `npm test` says about the sources, without running the product. A few seconds. */

import { globSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { runStaticChecks } from "./static-checks.ts";
import { runTests } from "./test-run.ts";

const failures = await runStaticChecks();
const { passed } = await runTests(globSync("scripts/checks/*.test.ts", { cwd: fileURLToPath(new URL("..", import.meta.url)) }), {
  withCoverage: false,
});
process.exit(passed && failures.length === 0 ? 0 : 1);
