/** One contract, checked on each database: the repositories are the same code, but a database may still answer differently. */

import { test } from "node:test";
import { type Contract, checkContract } from "./contract.testing.ts";
import { membersContract } from "./members.contract.ts";
import { resultsContract } from "./results.contract.ts";
import { runsContract } from "./runs.contract.ts";
import { openCoordinatorStore } from "./store.ts";
import { studiesContract } from "./studies.contract.ts";
import { testDatabases } from "./testing.ts";
import { transactionsContract } from "./transactions.contract.ts";

const contracts: Readonly<Record<string, Contract>> = {
  members: membersContract,
  studies: studiesContract,
  runs: runsContract,
  results: resultsContract,
  transactions: transactionsContract,
};

for (const { name, make } of testDatabases) {
  test(`the store on ${name}`, async (t) => {
    const { target, remove } = await make();
    const store = await openCoordinatorStore(target);
    t.after(() => store.close().then(remove));
    for (const [subject, contract] of Object.entries(contracts)) await t.test(subject, (inner) => checkContract(inner, store, contract));
  });
}
