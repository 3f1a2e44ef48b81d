/** One row a way to be refused, from the attempt to the masked vector; fails when a reason has no row. The rest is in unmask-refusals.test.ts. */

import assert from "node:assert/strict";
import { after, test } from "node:test";
import { sha256 } from "@dure/kernel";
import { release } from "../gate/releasable.ts";
import { predictableRandom, type Rehearsal, rehearsedContext, rehearsedSite } from "../testing.ts";
import { announceKeys, verifyAnnouncement } from "./announcement.ts";
import { addMasked, startMaskedSum } from "./masked-sum.ts";
import { maskVector } from "./masking.ts";
import type { AttemptContext, KeyAnnouncement } from "./messages.ts";
import { SecureSumRefusal, secureSumReasons } from "./refusal.ts";
import {
  a,
  alter,
  announceInstead,
  b,
  c,
  flip,
  fromBToA,
  layout,
  refused,
  rehearse,
  resign,
  tested,
  testedElsewhere,
  upTo,
} from "./refusal-cases.testing.ts";

/* The attempt itself. */

const announceIn =
  (change: Partial<AttemptContext>, siteId = a) =>
  () =>
    announceKeys({ ...rehearsedContext({ siteCount: 5, layout }), ...change }, rehearsedSite(siteId).signer, predictableRandom("refused"));
const members = rehearsedContext({ siteCount: 5, layout }).members;

refused("malformed-context", "a run without a name", announceIn({ run: "" }));
refused("malformed-context", "a run name over 128 bytes", announceIn({ run: "r".repeat(129) }));
refused("malformed-context", "a round that is no whole number", announceIn({ round: 0.5 }));
refused("malformed-context", "a negative attempt", announceIn({ attempt: -1 }));
refused(
  "malformed-context",
  "a short identity key",
  announceIn({ members: members.with(1, { siteId: b, identityKey: new Uint8Array(31) }) }),
  b,
);
refused("minimum-below-floor", "a minimum of two", announceIn({ minimumSites: 2 }));
refused("too-few-members", "four of a minimum of five", announceIn({ members: members.slice(0, 4), minimumSites: 5 }));
refused("too-many-members", "101", () =>
  announceKeys(rehearsedContext({ siteCount: 101, layout }), rehearsedSite(a).signer, predictableRandom("many")),
);
refused("duplicate-member", "one name twice", announceIn({ members: members.with(1, { ...rehearsedSite("x"), siteId: a }) }), a);
refused(
  "duplicate-member",
  "one identity key twice",
  announceIn({ members: members.with(1, { siteId: b, identityKey: rehearsedSite(a).identityKey }) }),
  b,
);
refused("not-a-member", "a signer from outside", announceIn({}, "stranger"), "stranger");
refused(
  "not-a-member",
  "a vector from outside",
  () => addMasked(startMaskedSum(rehearse().context), { siteId: "stranger", bytes: new Uint8Array(48) }),
  "stranger",
);
refused(
  "layout-hash-mismatch",
  "another layout than the one hashed",
  announceIn({ layout: { vectors: [{ name: "v", length: 3, encoding: "wide", bound: 10 }] } }),
);

/* Step 1 and 2: keys and shares. */

function announced(change: (announcement: KeyAnnouncement) => KeyAnnouncement): () => void {
  return () => {
    const made = upTo("keys");
    alter(made.announcements, ({ siteId }) => siteId === b, change);
    made.share([a]);
  };
}

refused(
  "malformed-announcement",
  "a short key",
  announced((each) => ({ ...each, sealPublicKey: new Uint8Array(31) })),
  b,
);
refused(
  "malformed-announcement",
  "a missing commitment",
  announced((each) => ({ ...each, shareCommitments: each.shareCommitments.slice(1) })),
  b,
);
refused(
  "malformed-announcement",
  "a long commitment",
  announced((each) => ({ ...each, selfSeedCommitment: new Uint8Array(33) })),
  b,
);
refused(
  "malformed-announcement",
  "a short signature",
  announced((each) => ({ ...each, signature: new Uint8Array(63) })),
  b,
);
for (const field of ["sealPublicKey", "maskPublicKey", "selfSeedCommitment", "signature"] as const) {
  refused(
    "bad-announcement-signature",
    `a flipped bit in ${field}`,
    announced((each) => ({ ...each, [field]: flip(each[field], 5) })),
    b,
  );
}
refused(
  "bad-announcement-signature",
  "a flipped bit in a commitment",
  announced((each) => ({ ...each, shareCommitments: each.shareCommitments.with(3, flip(each.shareCommitments[3] ?? new Uint8Array(32))) })),
  b,
);
refused(
  "bad-announcement-signature",
  "an announcement of the attempt before",
  announced(() => upTo("keys", { attempt: 7 }).announcements[1] as KeyAnnouncement),
  b,
);
refused(
  "bad-announcement-signature",
  "a peer's announcement under another name",
  announced((each) => ({ ...(upTo("keys").announcements[2] as KeyAnnouncement), siteId: each.siteId })),
  b,
);
refused(
  "duplicate-announcement",
  "one site twice",
  announced(() => upTo("keys").announcements[2] as KeyAnnouncement),
  c,
);
refused(
  "duplicate-announcement",
  "one mask key at two sites",
  () => {
    const made = upTo("keys");
    alter(
      made.announcements,
      ({ siteId }) => siteId === b,
      (each) => resign(made.context, { ...each, maskPublicKey: (made.announcements[0] as KeyAnnouncement).maskPublicKey }),
    );
    made.share([a]);
  },
  b,
);
refused(
  "own-announcement-altered",
  "this site's own keys are missing",
  () => {
    const made = upTo("keys");
    made.announcements.shift();
    made.share([a]);
  },
  a,
);
refused(
  "own-announcement-altered",
  "this site's own announcement of another time",
  () => {
    const made = upTo("keys");
    made.announcements[0] = upTo("keys", { seed: "other" }).announcements[0] as KeyAnnouncement;
    made.share([a]);
  },
  a,
);
refused("too-few-announcements", "three of five", () => {
  const made = rehearse();
  made.keys([a, b, c]);
  made.share([a]);
});
refused(
  "weak-key",
  "a seal key of small order",
  () => {
    const made = upTo("keys");
    alter(
      made.announcements,
      ({ siteId }) => siteId === b,
      (each) => resign(made.context, { ...each, sealPublicKey: new Uint8Array(32) }),
    );
    made.share([a]);
  },
  b,
);
refused(
  "weak-key",
  "a mask key of small order",
  () => {
    const made = upTo("keys");
    announceInstead(made, (announcement) => ({ ...announcement, maskPublicKey: new Uint8Array(32) }));
    made.share();
    made.mask([a]);
  },
  b,
);

/* Step 3: opening shares and masking. */

function delivered(change: (made: Rehearsal) => void): () => void {
  return () => {
    const made = upTo("share");
    change(made);
    made.mask([a]);
  };
}

refused(
  "share-not-for-me",
  "from a site without keys in the list",
  delivered((made) => made.shares.push({ from: "stranger", to: a, box: new Uint8Array(176) })),
  "stranger",
);
refused(
  "share-not-for-me",
  "addressed to another site",
  () => {
    const made = upTo("share");
    maskVector(
      made.context,
      made.secretsOf(a),
      made.shares.filter(({ to }) => to === c),
      release(new Uint8Array(48), []),
    );
  },
  a,
);
refused(
  "duplicate-share",
  "two from one site",
  delivered((made) => made.shares.push(...made.shares.filter(fromBToA))),
  b,
);
for (const index of [0, 80, 159, 165]) {
  refused(
    "share-unreadable",
    `a flipped bit at byte ${index} of the box`,
    delivered((made) => alter(made.shares, fromBToA, (each) => ({ ...each, box: flip(each.box, index) }))),
    b,
  );
}
refused(
  "share-unreadable",
  "a truncated box",
  delivered((made) => alter(made.shares, fromBToA, (each) => ({ ...each, box: each.box.subarray(1) }))),
  b,
);
refused(
  "share-unreadable",
  "an empty box",
  delivered((made) => alter(made.shares, fromBToA, (each) => ({ ...each, box: new Uint8Array(0) }))),
  b,
);
refused(
  "share-unreadable",
  "the box meant for another site",
  delivered((made) =>
    alter(made.shares, fromBToA, (each) => ({ ...each, box: made.shares.find(({ from, to }) => from === b && to === c)?.box ?? each.box })),
  ),
  b,
);
refused(
  "share-commitment-mismatch",
  "the dealer seals another share than it committed to",
  () => {
    const made = upTo("keys");
    const secrets = made.secretsOf(b);
    assert.ok(secrets.phase === "announced");
    const couple = secrets.dealt[0];
    assert.ok(couple);
    couple.mask.share[3] = (couple.mask.share[3] ?? 0) ^ 1;
    made.share();
    made.mask([a]);
  },
  b,
);
refused(
  "too-few-sharers",
  "three of five",
  delivered((made) => made.shares.splice(0, made.shares.length, ...made.shares.filter(({ from }) => from === b || from === c))),
);
refused(
  "wrong-vector-length",
  "a site's own vector",
  () => {
    const made = upTo("share");
    maskVector(made.context, made.secretsOf(a), [], release(new Uint8Array(47), []));
  },
  a,
);
refused(
  "wrong-vector-length",
  "a masked vector at the coordinator",
  () => addMasked(startMaskedSum(rehearse().context), { siteId: a, bytes: new Uint8Array(64) }),
  a,
);

test("an announcement is checked on arrival as it is in the list", () => {
  const made = upTo("keys");
  for (const announcement of made.announcements) assert.doesNotThrow(() => verifyAnnouncement(made.context, announcement));
  const stale = { ...made.context, hashes: { ...made.context.hashes, state: sha256("another") } };
  for (const announcement of made.announcements) assert.throws(() => verifyAnnouncement(stale, announcement), SecureSumRefusal);
});

after(() => {
  assert.deepEqual([...tested, ...testedElsewhere].toSorted(), [...secureSumReasons].toSorted());
});
