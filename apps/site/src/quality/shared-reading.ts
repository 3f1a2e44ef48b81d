/**
 * The clinical store, held for a short while at a time.
 *
 * A run of checks lasts minutes at a large hospital, and only one process at a time has the store. So the store is given back every few
 * seconds for long enough that an agent's reading or a load that waits can come in between.
 */

import type { Clock } from "@dure/kernel";
import type { ClinicalStore, Snapshot } from "../store/clinical-store.ts";
import { snapshotGone } from "./problems.ts";
import type { ReadSnapshot } from "./run-quality.ts";

export interface SharedReading extends AsyncDisposable {
  readonly read: ReadSnapshot;
}

/** Longer, and others would notice; shorter, and opening would cost more than reading. */
const HELD_MS_MAX = 3_000;
/** Whoever waits for the store tries every 100 ms. */
const GIVEN_BACK_MS = 150;

export interface SharedReadingOptions {
  readonly open: () => Promise<ClinicalStore>;
  readonly snapshot: Pick<Snapshot, "number" | "hash">;
  readonly clock: Clock;
  readonly signal?: AbortSignal;
}

/** Each reading fails with `quality/snapshot-gone` where a load has meanwhile removed the snapshot. */
export function shareReading({ open, snapshot, clock, signal }: SharedReadingOptions): SharedReading {
  let held: { readonly store: ClinicalStore; readonly sinceMs: number } | undefined;
  const giveBack = async (): Promise<void> => {
    const { store } = held ?? {};
    held = undefined;
    await store?.close();
  };
  const take = async (): Promise<ClinicalStore> => {
    if (held !== undefined && clock.nowMs() - held.sinceMs > HELD_MS_MAX) {
      await giveBack();
      await clock.sleep(GIVEN_BACK_MS, signal);
    }
    if (held !== undefined) return held.store;
    held = { store: await open(), sinceMs: clock.nowMs() };
    const snapshots = await held.store.snapshots();
    if (snapshots.some(({ number, hash }) => number === snapshot.number && hash === snapshot.hash)) return held.store;
    throw snapshotGone(snapshot.number);
  };
  return { read: async (work) => (await take()).read(work), [Symbol.asyncDispose]: giveBack };
}
