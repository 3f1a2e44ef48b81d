/**
 * For tests only: a process of its own that opens a store and writes into it, one row a transaction, saying on stdout what is stored.
 *
 * Arguments: the target as JSON, and a name for its rows. Without a name it only holds the store.
 */

import { openCoordinatorStore, type StoreTarget } from "./store.ts";

const [target = "", name = ""] = process.argv.slice(2);
const store = await openCoordinatorStore(JSON.parse(target) as StoreTarget); // the test that started this process wrote it
process.stdout.write("open\n");
process.stdin.on("end", () => process.exit(0)).resume(); // the test is gone

for (let row = 1; name !== ""; row++) {
  const refusal = { refusalId: `${name}-${row}`, askerId: name, askedFor: "test", subject: "x".repeat(100), code: "test", atMs: row };
  await store.transaction("write row", (tx) => store.repositories.refusals.record(tx, refusal));
  process.stdout.write(`${refusal.refusalId}\n`);
}
setInterval(() => undefined, 1_000);
