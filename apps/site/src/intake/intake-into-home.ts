/** Intake into a site's folder: its store, its sources, and what has come in so far. */

import type { Clock } from "@dure/kernel";
import { readSettings, sitePaths } from "../home/site-home.ts";
import { type TakeInOptions, type TakeInReport, takeInFiles } from "./fhir/take-in-files.ts";
import { openIntakeStore } from "./intake-duckdb.ts";
import type { DeliveryReport, IntakeStore } from "./intake-store.ts";

/** Another intake, or a load that reads the store, may be at work for this long before somebody else is told to come back. */
const WAIT_MS_MAX = 10_000;

export interface HomeIntake extends Omit<TakeInOptions, "store"> {
  readonly home: string;
  readonly paths: readonly string[];
  readonly clock: Clock;
}

/** @throws DureError as `takeInFiles`; `site/not-enrolled`; `store/in-use` (transient) after waiting 10 s. */
export const takeInIntoHome = (intake: HomeIntake): Promise<TakeInReport> =>
  withIntakeStore(intake, (store) => takeInFiles(intake.paths, { ...intake, store }));

export interface IntakeStatus {
  readonly deliveries: readonly DeliveryReport[];
  readonly sources: readonly {
    readonly source: string;
    readonly counts: readonly { readonly resourceType: string; readonly count: number }[];
    readonly mergedPatientCount: number;
  }[];
}

/** Counts only. */
export const intakeStatus = (home: string, clock: Clock): Promise<IntakeStatus> =>
  withIntakeStore({ home, clock }, async (store) => {
    const deliveries = await store.deliveries();
    const sources = [...new Set(deliveries.map(({ source }) => source))].sort();
    const ofSource = async (source: string) => ({
      source,
      counts: await store.counts(source),
      mergedPatientCount: (await store.merges(source)).size,
    });
    return { deliveries, sources: await Promise.all(sources.map(ofSource)) };
  });

export async function withIntakeStore<Result>(
  { home, clock, signal }: { readonly home: string; readonly clock: Clock; readonly signal?: AbortSignal },
  work: (store: IntakeStore) => Promise<Result>,
): Promise<Result> {
  readSettings(home);
  const waiting = { clock, waitMsMax: WAIT_MS_MAX, ...(signal === undefined ? {} : { signal }) };
  const store = await openIntakeStore(sitePaths(home).intake, waiting);
  try {
    return await work(store);
  } finally {
    await store.close();
  }
}
