/** Coordinators that try. Each attack is first shown to work where the claim ends, so that its failure within the claim means something. */

import assert from "node:assert/strict";
import { test } from "node:test";
import { bytesEqual } from "@dure/kernel";
import { encodeContribution } from "../encoding/encode.ts";
import type { SumLayout } from "../layout.ts";
import { Rehearsal, siteName } from "../testing.ts";
import { hashKeyList } from "./announcement.ts";
import { commitSelfSecret, unpackShown } from "./commitments.ts";
import { hashContext, memberIndex } from "./context.ts";
import { x25519Agreement } from "./curves.ts";
import { bindKeys } from "./key-schedule.ts";
import { applyMasksInto, type MaskStream, pairMaskKey, pairOperation, selfMaskKey } from "./masks.ts";
import type { UnmaskShare } from "./messages.ts";
import { SecureSumRefusal } from "./refusal.ts";
import { rebuildSecret, type ShareAt } from "./shamir.ts";
import { collusionTolerated, secureSumThreshold } from "./threshold.ts";

const layout: SumLayout = { vectors: [{ name: "gradient", length: 64, encoding: "wide", bound: 1000 }] };
const victim = siteName(2);

/** What the attacker has gathered: both shares of every peer that its colluders hold, and what honest sites showed. */
interface Loot {
  readonly made: Rehearsal;
  readonly colluders: readonly string[];
  readonly selfShares: Map<number, Uint8Array>;
  readonly maskShares: Map<number, Uint8Array>;
}

/** All have masked; the coordinator and its colluders have the victim's masked vector and their own shares of its secrets. */
function prepare(siteCount: number, colluderCount: number): Loot {
  const made = new Rehearsal({ siteCount, layout });
  for (const [index, siteId] of made.everyone.entries()) {
    made.vectors.set(siteId, new Map([["gradient", Float64Array.from({ length: 64 }, (_, entry) => Math.sin(index + entry) * 900)]]));
  }
  made.keys();
  made.share();
  made.mask();
  const colluders = made.everyone.filter((siteId) => siteId !== victim).slice(0, colluderCount);
  const loot: Loot = { made, colluders, selfShares: new Map(), maskShares: new Map() };
  for (const siteId of colluders) {
    const secrets = made.secretsOf(siteId);
    assert.ok(secrets.phase === "masked");
    const couple = secrets.held.get(victim);
    assert.ok(couple);
    loot.selfShares.set(memberIndex(made.context, siteId) + 1, Uint8Array.from(couple.self.share));
    loot.maskShares.set(memberIndex(made.context, siteId) + 1, Uint8Array.from(couple.mask.share));
  }
  return loot;
}

function pocket({ made, selfShares, maskShares }: Loot, shown: readonly UnmaskShare[]): void {
  for (const { from, about, kind, share } of shown) {
    if (about !== victim) continue;
    const opened = unpackShown({ contextHash: hashContext(made.context), from: about, to: from }, kind, share);
    assert.ok(opened);
    (kind === "self" ? selfShares : maskShares).set(memberIndex(made.context, from) + 1, opened.share);
  }
}

/** Takes off the victim's vector whatever the gathered shares rebuild. */
function attack({ made, selfShares, maskShares }: Loot): {
  readonly bytes: Uint8Array;
  readonly seedFound: boolean;
  readonly keyFound: boolean;
} {
  const { context, announcements } = made;
  const threshold = secureSumThreshold(context.members.length);
  const binding = bindKeys(context, hashKeyList(announcements));
  const own = announcements.find(({ siteId }) => siteId === victim);
  const maskedVector = made.masked.get(victim);
  assert.ok(own && maskedVector);
  const shares = (of: ReadonlyMap<number, Uint8Array>): ShareAt[] => [...of].map(([x, share]) => ({ x, share })).slice(0, threshold);
  const selfSecret = rebuildSecret(shares(selfShares));
  const agree = x25519Agreement(rebuildSecret(shares(maskShares)));
  const streams: MaskStream[] = [{ key: selfMaskKey(binding, victim, selfSecret), operation: "subtract" }];
  for (const peer of announcements) {
    if (peer.siteId === victim) continue;
    const operation = pairOperation(context, victim, peer.siteId) === "add" ? "subtract" : "add";
    streams.push({ key: pairMaskKey(binding, { siteId: victim, agree }, peer), operation });
  }
  const bytes = Uint8Array.from(maskedVector.bytes);
  applyMasksInto(bytes, context, streams);
  const seedFound = bytesEqual(commitSelfSecret(hashContext(context), victim, selfSecret), own.selfSeedCommitment);
  return { bytes, seedFound, keyFound: maskShares.size >= threshold };
}

const clearVector = ({ made }: Loot): Uint8Array =>
  encodeContribution(layout, { vectors: made.vectors.get(victim) ?? new Map() }, made.context.members.length);

/** The victim is declared vanished; every other site follows the protocol and shows what it then may. */
function dropVictim(loot: Loot): void {
  const { made } = loot;
  const list = made.everyone.filter((siteId) => siteId !== victim);
  made.sign(list);
  made.reveal(list);
  pocket(loot, made.unmaskShares);
}

test("the attack is real: with t colluding members the dropped hospital's vector is read to the last bit", () => {
  const loot = prepare(7, secureSumThreshold(7));
  const { bytes, seedFound } = attack(loot);
  assert.ok(seedFound);
  assert.deepEqual(bytes, clearVector(loot));
});

for (const siteCount of [5, 7, 16]) {
  const c = collusionTolerated(siteCount, 3);
  test(`a coordinator with ${c} of ${siteCount} members that falsely drops a hospital learns neither its self-mask nor its vector`, () => {
    const loot = prepare(siteCount, c);
    dropVictim(loot);
    const { bytes, seedFound, keyFound } = attack(loot);
    assert.equal(keyFound, true);
    assert.equal(loot.selfShares.size, c);
    assert.equal(seedFound, false);
    assert.ok(!bytesEqual(bytes, clearVector(loot)));
  });

  test(`nor does it get the missing self-mask shares of ${siteCount} by asking again, with the hospital in the list`, () => {
    const loot = prepare(siteCount, c);
    dropVictim(loot);
    const { made } = loot;
    for (const siteId of made.everyone) {
      if (siteId === victim) continue;
      assert.throws(() => made.sign(made.everyone, [siteId]), SecureSumRefusal);
      assert.throws(() => made.reveal(made.everyone, [siteId]), SecureSumRefusal);
    }
  });

  test(`two lists shown to two halves of ${siteCount} sites never both get t signatures`, () => {
    for (const split of new Set([1, Math.floor((siteCount - c) / 2), siteCount - c - 1])) {
      const { made, colluders } = prepare(siteCount, c);
      const honest = made.everyone.filter((siteId) => !colluders.includes(siteId) && siteId !== victim);
      const without = made.everyone.filter((siteId) => siteId !== victim);
      made.sign(without, honest.slice(0, split));
      made.sign(made.everyone, [...honest.slice(split), victim]);
      const t = secureSumThreshold(siteCount);
      const enough = [split, honest.length - split + 1].map((count) => count + c >= t);
      assert.ok(!(enough[0] && enough[1]), `split ${split}`);
    }
  });
}

test("what is left after the pair masks are off is uniform: the victim's vector under a self-mask that nobody rebuilt", () => {
  const loot = prepare(7, 2);
  dropVictim(loot);
  const { bytes } = attack(loot);
  const clear = clearVector(loot);
  const equal = bytes.reduce((count, byte, index) => count + (byte === clear[index] ? 1 : 0), 0);
  // 1040 bytes, each equal by chance with 1/256: 4.06 expected; P(more than 20) < 10^-8.
  assert.ok(equal <= 20, `${equal} bytes equal`);
});

test("the sum of all but one, known to colluders, gives the sum of the two honest sites and not one of them", () => {
  const made = new Rehearsal({ siteCount: 4, layout, exact: true });
  for (const siteId of made.everyone) made.vectors.set(siteId, new Map([["gradient", new Float64Array(64).fill(1)]]));
  const other = new Rehearsal({ siteCount: 4, layout, exact: true });
  for (const [index, siteId] of other.everyone.entries())
    other.vectors.set(siteId, new Map([["gradient", new Float64Array(64).fill([1, 1, 500, -498][index] ?? 0)]]));
  assert.deepEqual(made.through(), other.through());
});
