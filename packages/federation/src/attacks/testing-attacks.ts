/** For tests only: a run of two halves of which every opened sum is kept, as whoever opens them may. */

import type { JsonValue } from "@dure/kernel";
import type { Sum } from "@dure/privacy";
import type { AnalysisTable } from "@dure/records";
import type { StudyDocument } from "@dure/study";
import { coordinatorPartFor } from "../coordinator/registry.ts";
import { sitePartFor } from "../site/registry.ts";
import { runHalves, testTable } from "../site/testing.ts";

export interface OpenedSum {
  /** The public state in which it was asked for. */
  readonly state: JsonValue;
  readonly sum: Sum;
}

export interface WatchedRun {
  readonly opened: readonly OpenedSum[];
  readonly end: Awaited<ReturnType<typeof runHalves<JsonValue, JsonValue>>>["end"];
}

/** Honest hospitals and an honest coordinator that keeps what it opens. */
export async function watchRun(study: StudyDocument, tables: readonly AnalysisTable[]): Promise<WatchedRun> {
  const part = coordinatorPartFor(study);
  const opened: OpenedSum[] = [];
  const coordinator: typeof part = {
    ...part,
    absorb: (state, sum) => {
      opened.push({ state, sum });
      return part.absorb(state, sum);
    },
  };
  const { end } = await runHalves({ coordinator, site: () => sitePartFor(structuredClone(study)) }, tables);
  return { opened, end };
}

/** The first opened sum that holds this vector. */
export function openedVector({ opened }: WatchedRun, name: string): Float64Array | undefined {
  return opened.find(({ sum }) => sum.vectors.has(name))?.sum.vectors.get(name);
}

export const refusalOf = ({ end }: WatchedRun): string => (end.kind === "refused" ? end.refusal.code : "not refused");

/** Rows dealt out to hospitals in turn. */
export function dealOut(rows: readonly Readonly<Record<string, number>>[], siteCount = 3): readonly AnalysisTable[] {
  const names = Object.keys(rows[0] ?? {});
  return Array.from({ length: siteCount }, (_, site) => {
    const own = rows.filter((_row, i) => i % siteCount === site);
    const columns = new Map(names.map((name) => [name, Float64Array.from(own, (row) => row[name] ?? Number.NaN)]));
    return testTable({ columns, keyPrefix: `site-${site}` });
  });
}
