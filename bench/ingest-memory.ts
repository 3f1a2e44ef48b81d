/**
 * Whether memory stays flat: the peak resident memory of a process that loads 1 and 10 million rows of 12 columns, and how fast it is.
 *
 *   node bench/ingest-memory.ts [ROWS ...]
 */

import { benchIngest, type IngestBenchmark } from "./ingest.ts";
import { isMain } from "./own-process.ts";

const ROW_COUNTS = [1_000_000, 10_000_000] as const;

export async function benchIngestMemory(rowCounts: readonly number[] = ROW_COUNTS): Promise<readonly IngestBenchmark[]> {
  const results: IngestBenchmark[] = [];
  for (const rowCount of rowCounts) results.push(await benchIngest(rowCount));
  return results;
}

if (isMain(import.meta.url)) await benchIngestMemory(process.argv.length > 2 ? process.argv.slice(2).map(Number) : ROW_COUNTS);
