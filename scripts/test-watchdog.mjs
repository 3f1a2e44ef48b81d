/**
 * Loaded before each test file: ends a process that outlives every patience, and says what kept it alive.
 *
 * node:test's own time limit is for single tests; a file whose tests have ended, but which left a server or a child behind, waits for ever.
 */

const FILE_MS_MAX = 4 * 60_000;

setTimeout(() => {
  const kept = [...new Set(process.getActiveResourcesInfo())].join(", ");
  process.stderr.write(`this file has not ended after ${FILE_MS_MAX / 1000} s; still open: ${kept}\n`);
  process.exit(1);
}, FILE_MS_MAX).unref();
