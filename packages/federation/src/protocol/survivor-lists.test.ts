/** One survivor list of a round, over all attempts: what a coordinator tries, and how the hospitals stop it. */

import assert from "node:assert/strict";
import { test } from "node:test";
import type { SurvivorList, UnmaskRequest } from "./messages.ts";
import { type Letter, TestFederation, testTiming } from "./testing.ts";

/** Five training hospitals and an external one; t is 4. Partial: four of five may make a sum. */
const partial = (): TestFederation => new TestFederation({ siteCount: 6, part: (part) => ({ ...part, exact: false }) });

const kindsOf = (run: TestFederation, siteId: string): readonly string[] => run.site(siteId).left.map(({ kind }) => kind);
const five = ["andong", "boryeong", "chuncheon", "daegu", "eumseong"];
const four = five.slice(0, 4);

/** Keeps letters of a kind back until `release`. */
function holdBack(run: TestFederation, isHeld: (letter: Letter) => boolean): void {
  run.intercept = (letter) => (isHeld(letter) ? [] : [letter]);
}

test("a second survivor list of a round is refused in every later attempt, the first one is signed again", async () => {
  const run = partial();
  holdBack(run, ({ message }) => message.kind === "unmask-request");
  run.arrive();
  await run.settle();
  for (const siteId of five) assert.ok(kindsOf(run, siteId).includes("survivor-signed"));
  holdBack(run, ({ message, from }) => message.kind === "vector" && from === "eumseong");
  for (const ms of [testTiming.phaseMs, testTiming.retryMs]) {
    run.pass(ms);
    run.arrive();
    await run.settle();
  }
  run.pass(testTiming.phaseMs);
  await run.settle();
  assert.deepEqual(run.sent.findLast(({ message }) => message.kind === "survivor-list")?.message, {
    kind: "survivor-list",
    run: run.tools.plan.run,
    round: 0,
    attempt: 2,
    survivors: four,
  });
  const refusing = four.filter((siteId) => run.site(siteId).refusals.length > 0);
  assert.ok(refusing.length > 0);
  for (const siteId of refusing) assert.deepEqual(run.site(siteId).refusals, ["secure-sum/another-survivor-list"]);
  for (const siteId of four) assert.equal(kindsOf(run, siteId).filter((kind) => kind === "survivor-signed").length, 1);
  assert.equal(run.durable.lastSum, null, "nothing was opened");
  run.intercept = (letter) => [letter];
  assert.equal((await run.finish()).status, "completed");
});

test("the list is refused by a hospital that was killed in between, for it was stored before it was signed", async () => {
  const run = partial();
  holdBack(run, ({ message }) => message.kind === "unmask-request");
  run.arrive();
  await run.settle();
  run.restart("andong");
  const { durable } = run.site("andong").state;
  assert.equal(durable?.survivorList?.round, 0);
  run.intercept = (letter) =>
    letter.message.kind === "survivor-list" ? [{ ...letter, message: { ...letter.message, survivors: four } } as Letter] : [letter];
  run.pass(testTiming.retryMs);
  await run.settle();
  assert.deepEqual(run.site("andong").refusals, ["secure-sum/another-survivor-list"]);
});

test("a coordinator that puts one hospital into both lists gets its shares from nobody", async () => {
  const run = partial();
  const isTold = (siteId: string): readonly string[] => (["andong", "boryeong"].includes(siteId) ? four : five);
  run.intercept = (letter) => {
    if (run.durable.round > 0 || run.durable.attempt > 1) return [letter];
    if (letter.message.kind === "survivor-list")
      return [{ ...letter, message: { ...letter.message, survivors: isTold(letter.to) } } as Letter];
    if (letter.message.kind === "unmask-request") {
      // To each the list that it signed, with every signature there is: eumseong is a survivor here and vanished there.
      return [{ ...letter, message: { ...letter.message, survivors: isTold(letter.to) } } as Letter];
    }
    return [letter];
  };
  run.arrive();
  await run.settle();
  for (const siteId of five) assert.equal(kindsOf(run, siteId).includes("unmask"), false, `${siteId} shows no share`);
  assert.equal(run.durable.lastSum, null);
  assert.ok(run.record.some(({ code }) => code.startsWith("attempt-failed/secure-sum/")));
});

interface Tampered {
  readonly what: string;
  readonly code: string;
  readonly exact: boolean;
  readonly change: (letter: Letter) => Letter;
}

const changed = <Message extends SurvivorList | UnmaskRequest>(
  kind: Message["kind"],
  change: (message: Message) => Partial<Message>,
): ((letter: Letter) => Letter) => {
  return (letter) =>
    letter.message.kind === kind && letter.to === "andong"
      ? ({ ...letter, message: { ...letter.message, ...change(letter.message as Message) } } as Letter)
      : letter;
};

const tampered: readonly Tampered[] = [
  {
    what: "an exact analysis is to be opened without one hospital",
    code: "secure-sum/exact-needs-everyone",
    exact: true,
    change: changed<SurvivorList>("survivor-list", ({ survivors }) => ({ survivors: survivors.slice(0, -1) })),
  },
  {
    what: "one hospital stands twice in the list",
    code: "secure-sum/duplicate-survivor",
    exact: false,
    change: changed<SurvivorList>("survivor-list", ({ survivors }) => ({ survivors: [...survivors, "boryeong"] })),
  },
  {
    what: "fewer survivors than t",
    code: "secure-sum/too-few-survivors",
    exact: false,
    change: changed<SurvivorList>("survivor-list", ({ survivors }) => ({ survivors: survivors.slice(0, 3) })),
  },
  {
    what: "shares are asked for with fewer than t signatures",
    code: "secure-sum/too-few-survivor-signatures",
    exact: true,
    change: changed<UnmaskRequest>("unmask-request", ({ signatures }) => ({ signatures: signatures.slice(0, 2) })),
  },
  {
    what: "one signature is counted often",
    code: "secure-sum/too-few-survivor-signatures",
    exact: true,
    change: changed<UnmaskRequest>("unmask-request", ({ signatures }) => ({
      signatures: signatures.map(() => signatures[0] ?? assert.fail()),
    })),
  },
  {
    what: "shares are asked for under another list than the signed one",
    code: "secure-sum/another-survivor-list",
    exact: false,
    change: changed<UnmaskRequest>("unmask-request", ({ survivors }) => ({ survivors: survivors.slice(0, -1) })),
  },
];

for (const { what, code, exact, change } of tampered) {
  test(`${code}: ${what}; nothing is shown, the attempt ends, the next one goes on`, async () => {
    const run = exact ? new TestFederation() : partial();
    let isOver = false;
    run.intercept = (letter) => {
      if (isOver) return [letter];
      const arriving = change(letter);
      isOver = arriving !== letter;
      return [arriving];
    };
    run.arrive();
    await run.settle();
    assert.ok(isOver);
    assert.deepEqual(run.site("andong").refusals, [code]);
    const aborts = run.site("andong").left.filter(({ kind }) => kind === "abort-attempt");
    assert.deepEqual(
      aborts.map((abort) => abort.kind === "abort-attempt" && abort.code),
      [code],
    );
    assert.equal((await run.finish()).status, "completed");
  });
}
