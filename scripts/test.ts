/**
 * `npm test`: types, lint, format, dead code, the repository's own checks, and every test, with coverage.
 * `npm test -- packages/privacy apps/site/src/ledger` runs only the test files below these paths, without the static checks.
 */

import { globSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { runStaticChecks } from "./static-checks.ts";
import { startTestPostgres, TEST_POSTGRES_VARIABLE } from "./test-postgres.ts";
import { type Coverage, runTests } from "./test-run.ts";

/** The repository's own checks are quick, and explain later failures. Then what lasts longest, so that two cores end together. */
const FOLDERS_IN_ORDER = ["scripts/", "simulator/", "apps/coordinator/", "apps/site/", "apps/cli/", "packages/", "examples/"];

const root = fileURLToPath(new URL("..", import.meta.url));
const startedMs = performance.now();
const filters = process.argv.slice(2).map((filter) => filter.replace(/^\.\//, "").replace(/\/+$/, ""));
const isWhole = filters.length === 0;
const files = testFiles(filters);
if (files.length === 0) {
  console.error(`No test file lies below ${filters.join(", ")}. Paths are taken from the repository's root, such as packages/privacy.`);
  process.exit(1);
}

const failures = isWhole ? await runStaticChecks() : [];
const stopPostgres = await providePostgres();
const { passed, skipped, coverage } = await runTests(files, { withCoverage: isWhole }).finally(stopPostgres);
if (!passed) failures.push("tests");
if (coverage !== undefined) failures.push(...checkCoverage(coverage));

for (const [reason, count] of skipped) console.log(`skipped: ${reason}: ${count} tests`);
const seconds = Math.round((performance.now() - startedMs) / 1000);
console.log(failures.length === 0 ? `✔ all passed in ${seconds} s` : `✖ failed after ${seconds} s: ${failures.join(", ")}`);
process.exit(failures.length === 0 ? 0 : 1);

function testFiles(below: readonly string[]): string[] {
  const all = globSync("{scripts,packages,simulator,apps,examples}/**/*.test.ts", {
    cwd: root,
    exclude: (path) => /node_modules/.test(String(path)),
  });
  const wanted = all
    .map((path) => path.replaceAll("\\", "/"))
    .filter((path) => below.length === 0 || below.some((start) => path === start || path.startsWith(`${start}/`)));
  const rank = (path: string): string => `${FOLDERS_IN_ORDER.findIndex((folder) => path.startsWith(folder))}${path}`;
  return wanted.sort((a, b) => (rank(a) < rank(b) ? -1 : 1));
}

/** Puts a PostgreSQL into the tests' environment. A build server must have one; a person without one sees what is not tested. */
async function providePostgres(): Promise<() => Promise<void>> {
  const start = await startTestPostgres();
  if (start.kind === "started") {
    process.env[TEST_POSTGRES_VARIABLE] = start.postgres.url;
    console.log(`✔ PostgreSQL for the tests: ${start.postgres.source}`);
    for (const signal of ["SIGINT", "SIGTERM"] as const) {
      process.once(signal, () => void start.postgres.stop().finally(() => process.exit(1)));
    }
    return start.postgres.stop;
  }
  const required = process.env["CI"] === "true";
  console.log(`${required ? "✖" : "!"} no PostgreSQL for the tests; those that need one ${required ? "cannot run" : "are skipped"}:`);
  for (const reason of start.reasons) console.log(`    ${reason}`);
  console.log(`    Install Debian's package postgresql, or name a server in ${TEST_POSTGRES_VARIABLE}.`);
  if (required) failures.push("PostgreSQL");
  return async () => {};
}

/**
 * The share of lines that the tests run must not fall below scripts/coverage-floor.json, which rises with what is reached: a ratchet.
 * What no test runs is then known, and new code without tests shows.
 */
function checkCoverage({ totalPercent, byWorkspace }: Coverage): string[] {
  const { linesPercent } = JSON.parse(readFileSync(`${root}/scripts/coverage-floor.json`, "utf8")) as { linesPercent: number }; // our own file
  const parts = [...byWorkspace].map(([folder, percent]) => `${folder} ${percent.toFixed(1)}`);
  console.log(`lines run by the tests: ${totalPercent.toFixed(1)} % (floor ${linesPercent} %): ${parts.join(", ")}`);
  if (totalPercent < linesPercent) return [`coverage (${totalPercent.toFixed(1)} % of lines, at least ${linesPercent} % are required)`];
  if (totalPercent >= linesPercent + 2) console.log(`the floor can rise: write ${Math.floor(totalPercent)} in scripts/coverage-floor.json`);
  return [];
}
