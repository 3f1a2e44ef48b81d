import assert from "node:assert/strict";
import { test } from "node:test";
import { decodeSum } from "../encoding/encode.ts";
import type { SumLayout } from "../layout.ts";
import { Rehearsal, siteName } from "../testing.ts";
import { type SecureSumReason, SecureSumRefusal } from "./refusal.ts";
import { secureSumThreshold } from "./threshold.ts";

const layout: SumLayout = {
  vectors: [
    { name: "gradient", length: 3, encoding: "wide", bound: 1000 },
    { name: "counts", length: 3, encoding: "histogram", bound: 1000 },
    { name: "information", length: 2, encoding: "wide", bound: 1000 },
  ],
};

function vectorsOf(index: number): ReadonlyMap<string, Float64Array> {
  return new Map([
    ["gradient", Float64Array.of(index + 0.25, -3 * index, 1 / 8)],
    ["counts", Float64Array.of(index, 1, 0)],
    ["information", Float64Array.of(-index, 2 ** -20 * index)],
  ]);
}

function rehearsal(siteCount: number, options: { readonly exact?: boolean; readonly minimumSites?: number } = {}): Rehearsal {
  const made = new Rehearsal({ siteCount, layout, ...options });
  for (const [index, siteId] of made.everyone.entries()) made.vectors.set(siteId, vectorsOf(index));
  return made;
}

const refusal = (reason: SecureSumReason, siteId?: string) => (error: unknown) => {
  assert.ok(error instanceof SecureSumRefusal, String(error));
  assert.equal(error.reason, reason);
  if (siteId !== undefined) assert.equal(error.siteId, siteId);
  return true;
};

function assertSumOf(made: Rehearsal, survivors: readonly string[], bytes: Uint8Array): void {
  const sum = decodeSum(layout, bytes, survivors.length);
  for (const { name, length } of layout.vectors) {
    for (let entry = 0; entry < length; entry++) {
      const expected = survivors.reduce((total, siteId) => total + (made.vectors.get(siteId)?.get(name)?.[entry] ?? 0), 0);
      assert.equal(sum.vectors.get(name)?.[entry], expected);
    }
  }
}

for (const siteCount of [3, 5, 16]) {
  test(`the opened sum of ${siteCount} sites is the sum of their vectors`, () => {
    const made = rehearsal(siteCount, { exact: true });
    assertSumOf(made, made.everyone, made.through());
  });
}

/** Every set of `size` out of n, or, where there are too many, a stride through them. */
function subsets(n: number, size: number, countMax: number): number[][] {
  const all: number[][] = [];
  const grow = (start: number, chosen: number[]): void => {
    if (chosen.length === size) all.push(chosen);
    else for (let i = start; i < n; i++) grow(i + 1, [...chosen, i]);
  };
  grow(0, []);
  const stride = Math.ceil(all.length / countMax);
  return all.filter((_, index) => index % stride === 0);
}

for (const [siteCount, vanishing, tried] of [
  [4, 1, 4],
  [7, 2, 21],
  [16, 5, 6],
] as const) {
  test(`of ${siteCount} sites any ${vanishing} may vanish after the share step, and the sum is that of the survivors`, () => {
    for (const gone of subsets(siteCount, vanishing, tried)) {
      const made = rehearsal(siteCount);
      const vanished = gone.map(siteName);
      const survivors = made.everyone.filter((siteId) => !vanished.includes(siteId));
      assertSumOf(made, survivors, made.through(vanished));
    }
  });

  test(`of ${siteCount} sites ${vanishing + 1} vanishing leave fewer than t = ${secureSumThreshold(siteCount)}: no site signs and nothing is opened`, () => {
    const made = rehearsal(siteCount);
    const survivors = made.everyone.slice(vanishing + 1);
    made.keys();
    made.share();
    made.mask(survivors);
    for (const siteId of survivors) assert.throws(() => made.sign(survivors, [siteId]), refusal("too-few-survivors"));
    assert.throws(() => made.open(survivors), refusal("too-few-survivors"));
  });
}

test("an exact attempt stays unopened unless every member is in the list", () => {
  const made = rehearsal(5, { exact: true });
  const survivors = made.everyone.slice(1);
  made.keys();
  made.share();
  made.mask(survivors);
  for (const siteId of survivors) assert.throws(() => made.sign(survivors, [siteId]), refusal("exact-needs-everyone"));
  assert.throws(() => made.open(survivors), refusal("exact-needs-everyone"));
});

test("with the threshold met but fewer than minimumSites nothing is opened", () => {
  const made = rehearsal(7, { minimumSites: 6 });
  const survivors = made.everyone.slice(2);
  made.keys();
  made.share();
  made.mask(survivors);
  for (const siteId of survivors) assert.throws(() => made.sign(survivors, [siteId]), refusal("too-few-survivors"));
});

test("a member that announces nothing, and one that announces but does not share, are left out of the sum", () => {
  const made = rehearsal(7);
  const [silent = "", keysOnly = "", ...rest] = made.everyone;
  made.keys([keysOnly, ...rest]);
  made.share(rest);
  made.mask(rest);
  made.sign(rest);
  made.reveal(rest);
  assertSumOf(made, rest, made.open(rest));
  assert.ok(!made.sharers.includes(silent));
});

test("t of the survivors suffice to sign and to reveal", () => {
  const made = rehearsal(7);
  const everyone = made.everyone;
  const t = everyone.slice(0, secureSumThreshold(7));
  made.keys();
  made.share();
  made.mask();
  made.sign(everyone, t);
  made.reveal(everyone, t);
  assertSumOf(made, everyone, made.open(everyone));
});
