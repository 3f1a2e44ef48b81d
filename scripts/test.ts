/**
 * `npm test`: types, lint, format, dead code, the repository's own checks, and every test, with coverage.
 * `npm test -- packages/privacy apps/site/src/ledger` runs only the test files below these paths, without the static checks.
 */

import { globSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { runStaticChecks } from "./static-checks.ts";
import { startTestPostgres, TEST_POSTGRES_VARIABLE } from "./test-postgres.ts";
import { type Coverage, runTests } from "./test-run.ts";

/** More than these are no chance. */
const UNSTEADY_FILES_MAX = 3;
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
const { skipped, coverage, ...first } = await runTests(files, { withCoverage: isWhole }).catch(stopped);
const unsteady = first.passed || !isWhole ? [] : await rerunAlone(first.failedFiles).catch(stopped);
await stopPostgres();
if (!first.passed && unsteady.length === 0) failures.push("tests");
if (coverage !== undefined) failures.push(...checkCoverage(coverage));

for (const [reason, count] of skipped) console.log(`skipped: ${reason}: ${count} tests`);
for (const file of unsteady) console.log(`unsteady: ${file} failed beside the others and passed alone: its waiting needs mending`);
const seconds = Math.round((performance.now() - startedMs) / 1000);
console.log(failures.length === 0 ? `✔ all passed in ${seconds} s` : `✖ failed after ${seconds} s: ${failures.join(", ")}`);
process.exit(failures.length === 0 ? 0 : 1);

async function stopped(cause: unknown): Promise<never> {
  await stopPostgres();
  throw cause;
}

/**
 * Tests that drive real processes wait for each other on a busy machine, and a wait can be too short by chance. A few such files may show alone
 * that the product was not at fault; they are named at the end. Any other failure, and more than a few, stands.
 * @returns the files that passed alone, if all did
 */
async function rerunAlone(failed: readonly string[]): Promise<readonly string[]> {
  if (failed.length === 0 || failed.length > UNSTEADY_FILES_MAX || !failed.every((file) => file.endsWith(".int.test.ts"))) return [];
  console.log(`\nOnce more, with nothing beside: ${failed.join(", ")}`);
  const { passed } = await runTests(failed, { withCoverage: false, alone: true });
  return passed ? failed : [];
}

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
