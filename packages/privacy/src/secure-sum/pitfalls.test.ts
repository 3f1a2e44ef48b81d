/** One test a row of the table of pitfalls of secure aggregation, named by the pitfall. */

import assert from "node:assert/strict";
import { test } from "node:test";
import { bytesEqual } from "@dure/kernel";
import { decodeSum, encodeContribution, encodedByteLength, ringSegments } from "../encoding/encode.ts";
import { EncodingRefusal } from "../encoding/refusal.ts";
import type { SumLayout } from "../layout.ts";
import { predictableRandom, Rehearsal, type RehearsalPlan, rehearsedContext, rehearsedSite, siteName } from "../testing.ts";
import { announceKeys, hashKeyList } from "./announcement.ts";
import { x25519Agreement } from "./curves.ts";
import { bindKeys } from "./key-schedule.ts";
import { addMasked, openSum, startMaskedSum } from "./masked-sum.ts";
import { applyMasksInto, pairMaskKey, pairOperation, selfMaskKey } from "./masks.ts";
import { type SecureSumReason, SecureSumRefusal } from "./refusal.ts";
import { eraseSecrets, type PrivateKeys, type SiteSecrets } from "./secrets.ts";
import { hashSurvivorList } from "./survivors.ts";

const layout: SumLayout = {
  vectors: [
    { name: "gradient", length: 4, encoding: "wide", bound: 2 ** 20 },
    { name: "rowCount", length: 1, encoding: "histogram", bound: 2 ** 20 },
  ],
};

const refusal = (reason: SecureSumReason, siteId?: string) => (error: unknown) => {
  assert.ok(error instanceof SecureSumRefusal, String(error));
  assert.equal(error.reason, reason);
  if (siteId !== undefined) assert.equal(error.siteId, siteId);
  return true;
};

function rehearsal(plan: Partial<RehearsalPlan> = {}): Rehearsal {
  const made = new Rehearsal({ siteCount: 5, layout, ...plan });
  for (const [index, siteId] of made.everyone.entries()) {
    made.vectors.set(
      siteId,
      new Map([
        ["gradient", Float64Array.of(index, -index, 1 / 4, 1000)],
        ["rowCount", Float64Array.of(100 + index)],
      ]),
    );
  }
  return made;
}

/** All sites have masked. */
function masked(plan: Partial<RehearsalPlan> = {}): Rehearsal {
  const made = rehearsal(plan);
  made.keys();
  made.share();
  made.mask();
  return made;
}

const clearOf = (made: Rehearsal, siteId: string): Uint8Array =>
  encodeContribution(layout, { vectors: made.vectors.get(siteId) ?? new Map() }, made.context.members.length);

test("both shares of a peer asked: a list that names a site twice, and a second list that moves it to the vanished, are refused by all", () => {
  const made = masked();
  const everyone = made.everyone;
  const [doubled = "", ...others] = everyone;
  for (const siteId of everyone) assert.throws(() => made.sign([...everyone, doubled], [siteId]), refusal("duplicate-survivor"));
  made.sign(everyone);
  for (const siteId of others) {
    assert.throws(() => made.sign(others, [siteId]), refusal("another-survivor-list", siteId));
    assert.throws(() => made.reveal(others, [siteId]), refusal("another-survivor-list", siteId));
  }
  made.reveal(everyone);
  for (const siteId of others) assert.throws(() => made.reveal(others, [siteId]), refusal("wrong-phase", siteId));
  const kinds = made.unmaskShares.filter(({ about }) => about === doubled).map(({ kind }) => kind);
  assert.deepEqual(kinds, ["self", "self", "self", "self", "self"]);
});

test("both shares of a peer asked: without t signatures over the very list nobody shows a share", () => {
  const made = masked();
  const everyone = made.everyone;
  made.sign(everyone);
  const all = made.signatures.splice(0);
  made.signatures.push(...all.slice(0, 3));
  assert.throws(() => made.reveal(everyone, [siteName(0)]), refusal("too-few-survivor-signatures"));
  made.signatures.push(...all.slice(0, 3));
  assert.throws(() => made.reveal(everyone, [siteName(0)]), refusal("too-few-survivor-signatures"));
});

test("both shares of a peer asked: signatures over another list, of another attempt, or in another's name do not count", () => {
  const other = masked({ attempt: 1 });
  other.sign(other.everyone);
  const shorter = masked({ seed: "same attempt, other keys" });
  shorter.sign(shorter.everyone.slice(1));
  const own = masked();
  own.sign(own.everyone);
  const renamed = own.signatures.map(({ signature }, index) => ({ siteId: siteName((index + 1) % 5), signature }));
  for (const wrong of [other.signatures, shorter.signatures, renamed]) {
    own.signatures.splice(0, own.signatures.length, ...wrong);
    assert.throws(() => own.reveal(own.everyone, [siteName(2)]), refusal("bad-survivor-signature"));
  }
});

test("model inconsistency: a site that was shown another state signs other keys, and every other site aborts, naming it", () => {
  const made = rehearsal();
  made.toldContext.set(siteName(2), rehearsedContext({ siteCount: 5, layout, state: "another model" }));
  made.keys();
  for (const siteId of made.everyone.filter((each) => each !== siteName(2))) {
    assert.throws(() => made.share([siteId]), refusal("bad-announcement-signature", siteName(2)));
  }
});

test("model inconsistency: even past the signatures its masks do not cancel; the sum is noise and the difference to the others is not its update", () => {
  const made = rehearsal();
  const victim = siteName(2);
  const other = rehearsedContext({ siteCount: 5, layout, state: "another model" });
  made.keys();
  const { maskPrivateKey, selfSecret } = copyKeys(made.secretsOf(victim));
  made.share();
  made.mask();
  const vector = clearOf(made, victim);
  const binding = bindKeys(other, hashKeyList(made.announcements));
  const peers = made.announcements.filter(({ siteId }) => siteId !== victim);
  const pairs = peers.map((peer) => ({
    key: pairMaskKey(binding, { siteId: victim, agree: x25519Agreement(maskPrivateKey) }, peer),
    operation: pairOperation(other, victim, peer.siteId),
  }));
  const bytes = Uint8Array.from(vector);
  applyMasksInto(bytes, other, [
    { key: selfMaskKey(bindKeys(made.context, hashKeyList(made.announcements)), victim, selfSecret), operation: "add" },
    ...pairs,
  ]);
  made.masked.set(victim, { siteId: victim, bytes });
  made.sign(made.everyone);
  made.reveal(made.everyone);
  const opened = made.open(made.everyone);
  assert.throws(
    () => decodeSum(layout, opened, 5),
    (error: unknown) => error instanceof EncodingRefusal && error.reason === "sum-is-noise",
  );
  const honest = masked({ seed: "honest" });
  honest.sign(honest.everyone);
  honest.reveal(honest.everyone);
  assert.ok(!bytesEqual(opened, honest.open(honest.everyone)));
});

test("model inconsistency: sites that were shown different lists of keys cannot open each other's shares", () => {
  const made = rehearsal();
  made.keys();
  const late = made.announcements.pop();
  assert.ok(late);
  made.share([siteName(0)]);
  made.announcements.push(late);
  made.share(made.everyone.slice(1));
  assert.throws(() => made.mask([siteName(0)]), refusal("share-unreadable"));
  assert.throws(() => made.mask([siteName(1)]), refusal("share-unreadable", siteName(0)));
});

test("set difference across rounds: an exact round is not replayed with one site fewer, in the same attempt or in a new one", () => {
  const made = masked({ exact: true });
  const fewer = made.everyone.slice(1);
  for (const siteId of fewer) assert.throws(() => made.sign(fewer, [siteId]), refusal("exact-needs-everyone"));
  const again = masked({ exact: true, attempt: 1 });
  for (const siteId of fewer) assert.throws(() => again.sign(fewer, [siteId]), refusal("exact-needs-everyone"));
});

test("set difference across rounds: a new attempt with the same list is allowed and has the same hash to compare; one site fewer has another", () => {
  const first = masked();
  const second = masked({ attempt: 1 });
  for (const made of [first, second]) {
    made.sign(made.everyone);
    made.reveal(made.everyone);
  }
  assert.deepEqual(decodeSum(layout, first.open(first.everyone), 5), decodeSum(layout, second.open(second.everyone), 5));
  assert.equal(hashSurvivorList(first.everyone), hashSurvivorList(second.everyone.toReversed()));
  assert.notEqual(hashSurvivorList(first.everyone), hashSurvivorList(first.everyone.slice(1)));
});

test("drop-out lies: a vector that arrives after its site was declared vanished is discarded, and its mask key alone does not open it", () => {
  const made = masked();
  const late = siteName(1);
  const survivors = made.everyone.filter((siteId) => siteId !== late);
  made.sign(survivors);
  made.reveal(survivors);
  const accumulator = startMaskedSum(made.context);
  for (const siteId of survivors) addMasked(accumulator, made.masked.get(siteId) ?? { siteId, bytes: new Uint8Array(0) });
  const { context, announcements, sharers, unmaskShares } = made;
  openSum({ context, announcements, sharers, survivors, accumulator, unmaskShares });
  const vector = made.masked.get(late);
  assert.ok(vector);
  assert.throws(() => addMasked(accumulator, vector), refusal("sum-already-opened", late));
  assert.throws(() => openSum({ context, announcements, sharers, survivors, accumulator, unmaskShares }), refusal("sum-already-opened"));
});

test("key reuse: every attempt has fresh keys, and nothing of one is left after its round", () => {
  const first = rehearsal();
  const second = rehearsal({ attempt: 1 });
  const seen = new Set<string>();
  for (const made of [first, second]) {
    made.keys();
    for (const { sealPublicKey, maskPublicKey, selfSeedCommitment } of made.announcements)
      for (const each of [sealPublicKey, maskPublicKey, selfSeedCommitment]) seen.add(each.join());
  }
  assert.equal(seen.size, 2 * 5 * 3);
  const steps: SiteSecrets[] = [];
  const remember = () => steps.push(first.secretsOf(siteName(0)));
  remember();
  first.share();
  remember();
  first.mask();
  remember();
  first.sign(first.everyone);
  remember();
  first.reveal(first.everyone);
  remember();
  steps.push(eraseSecrets(first.secretsOf(siteName(0))));
  assert.deepEqual(
    steps.map(({ phase }) => phase),
    ["announced", "shares-sealed", "masked", "signed", "revealed", "erased"],
  );
  const secret = steps.flatMap(secretBytes);
  assert.ok(secret.length > 50);
  for (const bytes of secret) assert.ok(bytes.every((byte) => byte === 0));
});

test("quantisation overflow: a bound that could wrap the ring is refused before anything is encoded", () => {
  const tooWide: SumLayout = { vectors: [{ name: "gradient", length: 1, encoding: "wide", bound: 2 ** 60 }] };
  assert.throws(() => encodeContribution(tooWide, { vectors: new Map([["gradient", Float64Array.of(0)]]) }, 5), EncodingRefusal);
});

test("server drops honest sites: a list below max(t, minimumSites) is not signed, and a site never signs a list without itself", () => {
  const made = masked({ siteCount: 7, minimumSites: 6 });
  assert.throws(() => made.sign(made.everyone.slice(0, 5), [siteName(0)]), refusal("too-few-survivors"));
  assert.throws(() => made.sign(made.everyone.slice(1), [siteName(0)]), refusal("survivors-without-me", siteName(0)));
});

test("server drops honest sites: lists of keys and of sharers below max(t, minimumSites) stop before anything is masked", () => {
  const made = rehearsal({ siteCount: 7, minimumSites: 6 });
  made.keys(made.everyone.slice(0, 5));
  assert.throws(() => made.share(), refusal("too-few-announcements"));
  const later = rehearsal({ siteCount: 7, minimumSites: 6 });
  later.keys();
  later.share(later.everyone.slice(0, 5));
  assert.throws(() => later.mask([siteName(0)]), refusal("too-few-sharers"));
});

test("malformed Shamir share: a flipped bit anywhere in a shown share is an abort that names who gave it", () => {
  const made = masked({ siteCount: 4 });
  const survivors = made.everyone.slice(1);
  made.sign(survivors);
  made.reveal(survivors);
  const honest = [...made.unmaskShares];
  for (const [index, unmaskShare] of honest.entries()) {
    for (let byte = 0; byte < unmaskShare.share.length; byte += 13) {
      const share = Uint8Array.from(unmaskShare.share);
      share[byte] = (share[byte] ?? 0) ^ 4;
      made.unmaskShares.splice(0, honest.length, ...honest.with(index, { ...unmaskShare, share }));
      assert.throws(() => made.open(survivors), refusal("unmask-share-mismatch", unmaskShare.from));
    }
  }
  made.unmaskShares.splice(0, honest.length, ...honest);
  assert.doesNotThrow(() => made.open(survivors));
});

test("weights leak: of all that a site says, only its masked vector depends on its rows", () => {
  const made = masked();
  const altered = rehearsal();
  altered.vectors.set(
    siteName(3),
    new Map([
      ["gradient", Float64Array.of(7, 7, 7, 7)],
      ["rowCount", Float64Array.of(31)],
    ]),
  );
  altered.keys();
  altered.share();
  altered.mask();
  for (const each of [made, altered]) {
    each.sign(each.everyone);
    each.reveal(each.everyone);
  }
  const said = ({ announcements, shares, signatures, unmaskShares }: Rehearsal) => ({ announcements, shares, signatures, unmaskShares });
  assert.deepEqual(said(made), said(altered));
  assert.notDeepEqual(made.masked.get(siteName(3)), altered.masked.get(siteName(3)));
});

/**
 * Bytes of 40 sites' masked vectors against the uniform distribution: Pearson's χ² with 255 degrees of freedom and, over the 64-bit words,
 * Kolmogorov-Smirnov. Each limit has a false alarm of 10^-6 (χ² by Wilson & Hilferty: 161.6 and 377.1; KS: √n·D > 2.69), 3·10^-6 in all;
 * the seed is fixed, so that it cannot come back.
 */
test("biased generator: masked bytes and words are uniform, though the vector is constant", () => {
  const long: SumLayout = {
    vectors: [
      { name: "w", length: 3000, encoding: "wide", bound: 4 },
      { name: "h", length: 1000, encoding: "histogram", bound: 4 },
    ],
  };
  const counts = new Float64Array(256);
  const words: number[] = [];
  for (let seed = 0; seed < 8; seed++) {
    const made = new Rehearsal({ siteCount: 5, layout: long, seed: `uniform ${seed}` });
    const constant = new Map([
      ["w", new Float64Array(3000).fill(1.5)],
      ["h", new Float64Array(1000).fill(-3)],
    ]);
    for (const siteId of made.everyone) made.vectors.set(siteId, constant);
    made.keys();
    made.share();
    made.mask();
    for (const { bytes } of made.masked.values()) {
      for (const byte of bytes) counts[byte] = (counts[byte] ?? 0) + 1;
      const view = new DataView(bytes.buffer);
      for (let offset = 0; offset < bytes.length; offset += 64) words.push(Number(view.getBigUint64(offset, true)) / 2 ** 64);
    }
  }
  const expected = counts.reduce((total, count) => total + count, 0) / 256;
  const chiSquare = counts.reduce((total, count) => total + (count - expected) ** 2 / expected, 0);
  assert.ok(chiSquare > 161.6 && chiSquare < 377.1, `χ² ${chiSquare}`);
  words.sort((a, b) => a - b);
  const distance = words.reduce((most, word, i) => Math.max(most, word - i / words.length, (i + 1) / words.length - word), 0);
  assert.ok(Math.sqrt(words.length) * distance < 2.69, `D ${distance}`);
});

test("single-site cohort: fewer than three members, a minimum below three, and more than 100 are no attempt", () => {
  const attempt = (plan: Partial<RehearsalPlan>) => () => {
    const context = rehearsedContext({ siteCount: 5, layout, ...plan });
    announceKeys(context, rehearsedSite(siteName(0)).signer, predictableRandom("single"));
  };
  assert.throws(attempt({ siteCount: 1 }), refusal("too-few-members"));
  assert.throws(attempt({ siteCount: 2 }), refusal("too-few-members"));
  assert.throws(attempt({ siteCount: 4, minimumSites: 5 }), refusal("too-few-members"));
  for (const minimumSites of [0, 1, 2]) assert.throws(attempt({ minimumSites }), refusal("minimum-below-floor"));
  assert.throws(attempt({ siteCount: 101 }), refusal("too-many-members"));
  assert.doesNotThrow(attempt({ siteCount: 3 }));
});

function copyKeys(secrets: SiteSecrets): PrivateKeys {
  assert.ok(secrets.phase === "announced");
  return structuredClone(secrets.keys);
}

/** Every byte array that a phase keeps secret. What was announced, and hashes, are public. */
function secretBytes(secrets: SiteSecrets): Uint8Array[] {
  const couples =
    "dealt" in secrets ? secrets.dealt : "own" in secrets ? [secrets.own] : "held" in secrets ? [...secrets.held.values()] : [];
  const keys = "keys" in secrets ? Object.values(secrets.keys) : [];
  return [...keys, ...couples.flatMap(({ self, mask }) => [self.salt, self.share, mask.salt, mask.share])];
}

test("every byte of the encoded vector lies in one ring, so every byte is masked", () => {
  const covered = ringSegments(layout).reduce((end, { byteOffset, byteLength }) => (byteOffset === end ? end + byteLength : Number.NaN), 0);
  assert.equal(covered, encodedByteLength(layout));
});
