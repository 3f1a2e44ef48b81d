import assert from "node:assert/strict";
import { test } from "node:test";
import { Code, ConnectError } from "@connectrpc/connect";
import type { Clock } from "@dure/kernel";
import { deliveriesMax, presenceMs } from "@dure/wire";
import { type Letter, Mailboxes } from "./mailboxes.ts";

/** Time that a test moves; a sleep ends only when it is aborted. */
function standingClock(): Clock & { nowAt(ms: number): void } {
  let now = 0;
  return {
    nowMs: () => now,
    nowAt: (ms) => {
      now = ms;
    },
    sleep: (_, signal) => new Promise((_resolve, reject) => signal?.addEventListener("abort", () => reject(new Error("aborted")))),
  };
}

const letter = (run: string, isKept = false): Letter => ({
  content: { case: "toSite", value: { run } } as unknown as Letter["content"],
  byteCount: 10,
  isKept,
});

const poll = (session: string, acknowledged = 0n, signal = new AbortController().signal) => ({
  session,
  acknowledged,
  waitMs: 1_000,
  signal,
});

function opened() {
  const clock = standingClock();
  const mailboxes = new Mailboxes(clock);
  const events: string[] = [];
  mailboxes.listen({
    onPresent: (site, session, isNew) => void events.push(`${site} present ${session}${isNew ? " new" : ""}`),
    onAway: (site) => void events.push(`${site} away`),
  });
  return { clock, mailboxes, events };
}

const runsOf = (deliveries: readonly { readonly content?: unknown }[]): readonly string[] =>
  deliveries.map(({ content }) => (content as { value: { run: string } }).value.run);

test("a letter wakes the poll that waits, comes again until it is acknowledged, and not after", async () => {
  const { mailboxes, events } = opened();
  const waiting = mailboxes.poll("a", poll("1"));
  assert.equal(mailboxes.put("a", letter("one")), true);
  const [first] = await waiting;
  assert.equal(first?.number, 1n);
  mailboxes.put("a", letter("two"));
  assert.deepEqual(runsOf(await mailboxes.poll("a", poll("1"))), ["one", "two"]);
  assert.deepEqual(runsOf(await mailboxes.poll("a", poll("1", 1n))), ["two"]);
  assert.deepEqual(events, ["a present 1 new", "a present 1", "a present 1"]);
});

test("numbers go on from what the hospital acknowledged to a coordinator before this one", async () => {
  const { mailboxes } = opened();
  const waiting = mailboxes.poll("a", poll("1", 57n));
  mailboxes.put("a", letter("one"));
  assert.deepEqual(
    (await waiting).map(({ number }) => number),
    [58n],
  );
});

test("another session drops what waited, and the old process's poll is refused", async () => {
  const { mailboxes } = opened();
  const first = mailboxes.poll("a", poll("1"));
  mailboxes.put("a", letter("taken"));
  await first;
  const displaced = mailboxes.poll("a", poll("1", 1n));
  const next = mailboxes.poll("a", poll("2"));
  await assert.rejects(displaced, (error) => ConnectError.from(error).code === Code.Aborted);
  mailboxes.put("a", letter("fresh"));
  assert.deepEqual(runsOf(await next), ["fresh"]);
});

test("a kept letter that waited is the first of the next session", async () => {
  const { mailboxes } = opened();
  const first = mailboxes.poll("a", poll("1"));
  mailboxes.put("a", letter("any"));
  await first;
  mailboxes.put("a", letter("kept", true));
  assert.deepEqual(runsOf(await mailboxes.poll("a", poll("2"))), ["kept"]);
});

test("a poll whose call ends is answered, and a hospital that stays silent is away", async () => {
  const { clock, mailboxes, events } = opened();
  const call = new AbortController();
  const waiting = mailboxes.poll("a", poll("1", 0n, call.signal));
  clock.nowAt(presenceMs * 2);
  mailboxes.sweep();
  assert.equal(mailboxes.sessionOf("a"), "1", "an open poll is presence");
  call.abort();
  assert.deepEqual(await waiting, []);
  clock.nowAt(presenceMs * 3 + 1);
  mailboxes.sweep();
  assert.equal(mailboxes.sessionOf("a"), undefined);
  assert.equal(mailboxes.put("a", letter("nobody")), false);
  assert.deepEqual(events, ["a present 1 new", "a away"]);
});

test("a mailbox that overflows is dropped: its process takes nothing any more", async () => {
  const { mailboxes, events } = opened();
  const first = mailboxes.poll("a", poll("1"));
  mailboxes.put("a", letter("0"));
  await first;
  for (let count = 1; count < deliveriesMax; count++) assert.equal(mailboxes.put("a", letter(String(count))), true);
  assert.equal(mailboxes.put("a", letter("too many")), false);
  assert.equal(events.at(-1), "a away");
});
