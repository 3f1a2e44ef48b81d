/** For tests only: what a contract of the store is, and how it is checked on one database. */

import type { TestContext } from "node:test";
import type { Sha256 } from "@dure/kernel";
import type { CoordinatorRepositories } from "./repositories.ts";
import { enrolSamples, proposeSample } from "./samples.ts";
import type { CoordinatorStore } from "./store.ts";
import type { StoreTransaction } from "./tables.ts";

/** Facts about the store, each with its check. The checks share one store, so each uses ids of its own. */
export type Contract = Readonly<Record<string, (subject: ContractSubject) => Promise<void>>>;

export interface ContractSubject extends CoordinatorRepositories {
  readonly store: CoordinatorStore;
  /** One transaction. */
  run<Value>(work: (tx: StoreTransaction) => Promise<Value>): Promise<Value>;
  /** A proposed study. Its proposer `a` and the hospitals `b` and `c` are enrolled. */
  readonly study: Sha256;
}

export async function checkContract(t: TestContext, store: CoordinatorStore, contract: Contract): Promise<void> {
  const study = await store.transaction("prepare", async (tx) => {
    await enrolSamples(tx, store.repositories, ["a", "b", "c"]);
    return proposeSample(tx, store.repositories, "prepared", "a");
  });
  const subject: ContractSubject = { ...store.repositories, store, study, run: (work) => store.transaction("test", work) };
  for (const [fact, check] of Object.entries(contract)) await t.test(fact, () => check(subject));
}
