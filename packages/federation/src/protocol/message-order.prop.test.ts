/** The coordinator's durable result does not depend on the order in which hospitals' messages come, nor on those that come twice or late. */

import assert from "node:assert/strict";
import { test } from "node:test";
import { hashJson, type JsonValue, SeededRandom } from "@dure/kernel";
import fc from "fast-check";
import type { ToCoordinator } from "./messages.ts";
import { type Letter, TestFederation } from "./testing.ts";

const durableOf = (run: TestFederation): string => hashJson(run.durable as unknown as JsonValue);

const orderly = new TestFederation();
orderly.arrive();
await orderly.finish();
const expected = durableOf(orderly);

/** Any letter to the coordinator; to each hospital the oldest, for its post comes in order. */
function pickAny(random: SeededRandom): (queue: readonly Letter[]) => number {
  return (queue) => {
    const index = random.below(queue.length);
    const to = queue[index]?.to;
    return to === "coordinator" ? index : queue.findIndex((letter) => letter.to === to);
  };
}

/** Messages that a confused or malicious sender could add to those of the run. */
function noise(run: TestFederation, random: SeededRandom, past: readonly Letter[]): readonly Letter[] {
  const old = past[random.below(past.length)];
  if (old === undefined || old.to !== "coordinator") return [];
  const message = old.message as ToCoordinator;
  const { round, attempt } = run.durable;
  const id = { run: run.tools.plan.run, round, attempt: attempt - 1 };
  const late: readonly ToCoordinator[] = [
    { kind: "abort-attempt", ...id, code: "secure-sum/late", accused: "andong" },
    { kind: "not-taking-part", ...id, about: "sum" },
    { kind: "not-taking-part", ...id, about: "baseline-hazard" },
  ];
  const chosen = late[random.below(late.length)];
  const letters: Letter[] = [old, { to: "coordinator", from: "stranger", message }];
  if (message.kind !== "headline" && message.kind !== "not-taking-part") letters.push({ to: "coordinator", from: "eumseong", message });
  if (chosen !== undefined && run.durable.stage === "sums") letters.push({ to: "coordinator", from: "daegu", message: chosen });
  return letters;
}

test("shuffled, repeated, late, misplaced and foreign messages change no byte of what the coordinator stores", async () => {
  await fc.assert(
    fc.asyncProperty(fc.nat({ max: 1_000_000 }), async (seed) => {
      const random = new SeededRandom(seed);
      const run = new TestFederation();
      const past: Letter[] = [];
      let added = 0;
      run.next = pickAny(random);
      run.intercept = (letter) => {
        if (letter.to !== "coordinator") return [letter];
        past.push(letter);
        const extra = random.uniform() < 0.5 ? noise(run, random, past) : [];
        added += extra.length;
        return random.uniform() < 0.5 ? [...extra, letter, letter] : [letter, ...extra];
      };
      run.arrive();
      await run.settle();
      assert.equal(durableOf(run), expected);
      assert.ok(added > 50);
    }),
    { numRuns: 8 },
  );
});
