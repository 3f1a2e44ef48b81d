/** One row a way to be refused, from the survivor list to the opened sum, and wherever steps come twice or in the wrong order. */

import assert from "node:assert/strict";
import { after, test } from "node:test";
import { release } from "../gate/releasable.ts";
import { type Rehearsal, rehearsedSite, siteName } from "../testing.ts";
import { hashKeyList } from "./announcement.ts";
import { commitShares } from "./commitments.ts";
import { hashContext } from "./context.ts";
import { addMasked, openSum, startMaskedSum } from "./masked-sum.ts";
import { maskVector } from "./masking.ts";
import type { UnmaskShare } from "./messages.ts";
import { SecureSumRefusal } from "./refusal.ts";
import {
  a,
  alter,
  announceInstead,
  b,
  c,
  flip,
  fromBToA,
  refused,
  rehearse,
  tested,
  testedElsewhere,
  upTo,
} from "./refusal-cases.testing.ts";
import { eraseSecrets } from "./secrets.ts";
import { revealShares, signSurvivors, survivorTranscript } from "./survivors.ts";

/* Step 4 and 5: survivors and unmasking. */

refused("duplicate-survivor", "one name twice", () => {
  const made = upTo("mask");
  made.sign([...made.everyone, a], [a]);
});
refused(
  "survivor-not-a-sharer",
  "a member that did not share",
  () => {
    const made = upTo("keys");
    made.share(made.everyone.slice(0, 4));
    made.mask([a]);
    made.sign(made.everyone, [a]);
  },
  siteName(4),
);
refused(
  "survivors-without-me",
  "this site's vector was sent",
  () => {
    const made = upTo("mask");
    made.sign(made.everyone.slice(1), [a]);
  },
  a,
);
refused("too-few-survivors", "three of five", () => {
  const made = upTo("mask");
  made.sign([a, b, c], [a]);
});
refused("exact-needs-everyone", "four of five in an exact analysis", () => {
  const made = upTo("mask", { exact: true });
  made.sign(made.everyone.slice(0, 4), [a]);
});
refused(
  "another-survivor-list",
  "a second list to sign",
  () => {
    const made = upTo("sign");
    made.sign(made.everyone.slice(0, 4), [a]);
  },
  a,
);
refused(
  "another-survivor-list",
  "shares asked under a list that was not signed",
  () => {
    const made = upTo("sign");
    made.reveal(made.everyone.slice(0, 4), [a]);
  },
  a,
);
refused(
  "bad-survivor-signature",
  "a flipped bit",
  () => {
    const made = upTo("sign");
    alter(
      made.signatures,
      ({ siteId }) => siteId === b,
      (each) => ({ ...each, signature: flip(each.signature, 10) }),
    );
    made.reveal(made.everyone, [a]);
  },
  b,
);
refused(
  "bad-survivor-signature",
  "a truncated one",
  () => {
    const made = upTo("sign");
    alter(
      made.signatures,
      ({ siteId }) => siteId === b,
      (each) => ({ ...each, signature: each.signature.subarray(1) }),
    );
    made.reveal(made.everyone, [a]);
  },
  b,
);
refused(
  "bad-survivor-signature",
  "a valid one by a site that is not in the list",
  () => {
    const made = upTo("mask");
    const list = made.everyone.slice(1);
    made.sign(list);
    const message = survivorTranscript(made.context, hashKeyList(made.announcements), list);
    made.signatures.push({ siteId: a, signature: rehearsedSite(a).signer.sign(message) });
    made.reveal(list, [b]);
  },
  a,
);
refused("too-few-survivor-signatures", "three of a threshold of four", () => {
  const made = upTo("sign");
  made.signatures.length = 3;
  made.reveal(made.everyone, [a]);
});
for (const [how, change] of [
  ["a member with another identity key", { members: rehearse().context.members.with(3, { ...rehearsedSite("x"), siteId: siteName(3) }) }],
  ["the members in another order", { members: rehearse().context.members.toReversed() }],
  ["an exact analysis told as a partial one", { exact: true }],
  ["a lower minimum", { minimumSites: 4 }],
  ["another run", { run: "run-2" }],
  ["another round", { round: 4 }],
] as const) {
  refused(
    "another-attempt",
    `secrets under ${how}`,
    () => {
      const made = upTo("mask");
      signSurvivors({ ...made.context, ...change }, made.secretsOf(a), made.everyone);
    },
    a,
  );
}
refused(
  "another-attempt",
  "secrets under another attempt's context",
  () => {
    const made = upTo("mask");
    signSurvivors({ ...made.context, attempt: 9 }, made.secretsOf(a), made.everyone);
  },
  a,
);

/* The coordinator. */

refused(
  "duplicate-vector",
  "one site twice",
  () => {
    const made = upTo("mask");
    const sum = startMaskedSum(made.context);
    const vector = made.masked.get(a);
    assert.ok(vector);
    addMasked(sum, vector);
    addMasked(sum, vector);
  },
  a,
);
refused(
  "sum-already-opened",
  "a late vector",
  () => {
    const sum = startMaskedSum(rehearse().context);
    sum.phase = "opened";
    addMasked(sum, { siteId: a, bytes: new Uint8Array(48) });
  },
  a,
);

function opened(change: (made: Rehearsal) => void, survivorsOf = (made: Rehearsal) => made.everyone): () => void {
  return () => {
    const made = upTo("reveal");
    change(made);
    made.open(survivorsOf(made));
  };
}
const shownByB = ({ from, about }: { from: string; about: string }): boolean => from === b && about === c;

refused(
  "wrong-share-kind",
  "a mask share of a survivor",
  opened((made) => alter(made.unmaskShares, shownByB, (each): UnmaskShare => ({ ...each, kind: "mask" }))),
  b,
);
refused(
  "duplicate-unmask-share",
  "two about one peer",
  opened((made) => made.unmaskShares.push(...made.unmaskShares.filter(shownByB))),
  b,
);
refused(
  "unmask-share-mismatch",
  "a truncated share",
  opened((made) => alter(made.unmaskShares, shownByB, (each) => ({ ...each, share: each.share.subarray(1) }))),
  b,
);
refused(
  "unmask-share-mismatch",
  "the share about another peer",
  opened((made) =>
    alter(made.unmaskShares, shownByB, (each) => ({
      ...each,
      share: made.unmaskShares.find(({ from, about }) => from === b && about === a)?.share ?? each.share,
    })),
  ),
  b,
);
refused(
  "too-few-unmask-shares",
  "three of a threshold of four about one site",
  opened((made) => {
    const kept = made.unmaskShares.filter(({ from, about }) => about !== c || from === a || from === b || from === c);
    made.unmaskShares.splice(0, made.unmaskShares.length, ...kept);
  }),
  c,
);

test("survivors-differ-from-sum: a list that names another set than was added", () => {
  const made = upTo("reveal");
  const accumulator = startMaskedSum(made.context);
  for (const vector of [...made.masked.values()].slice(0, 4)) addMasked(accumulator, vector);
  const { context, announcements, sharers, unmaskShares } = made;
  const open = (survivors: readonly string[]) => openSum({ context, announcements, sharers, survivors, accumulator, unmaskShares });
  for (const survivors of [made.everyone, made.everyone.slice(1)]) {
    assert.throws(
      () => open(survivors),
      (error: unknown) => error instanceof SecureSumRefusal && error.reason === "survivors-differ-from-sum",
    );
  }
});
tested.add("survivors-differ-from-sum");

/** A dealer whose shares all match their commitments, and rebuild something else than it announced. */
function dishonestDealer(kind: "self" | "mask"): Rehearsal {
  const made = upTo("keys");
  announceInstead(made, (announcement, dealt) => {
    for (const couple of dealt) couple[kind].share[5] = (couple[kind].share[5] ?? 0) ^ 1;
    const contextHash = hashContext(made.context);
    const shareCommitments = dealt.map((couple, index) => commitShares({ contextHash, from: b, to: siteName(index) }, couple));
    return { ...announcement, shareCommitments };
  });
  made.share();
  return made;
}

refused(
  "self-seed-mismatch",
  "shares that rebuild another seed than the dealer committed to",
  () => {
    const made = dishonestDealer("self");
    made.mask();
    made.sign(made.everyone);
    made.reveal(made.everyone);
    made.open(made.everyone);
  },
  b,
);
refused(
  "mask-key-mismatch",
  "shares that rebuild another key than the dealer announced",
  () => {
    const made = dishonestDealer("mask");
    const survivors = made.everyone.filter((siteId) => siteId !== b);
    made.mask(survivors);
    made.sign(survivors);
    made.reveal(survivors);
    made.open(survivors);
  },
  b,
);

/* Order of the steps. */

refused(
  "wrong-phase",
  "a vector is masked twice under one set of keys",
  () => {
    const made = upTo("share");
    const spent = made.secretsOf(a);
    made.mask([a]);
    maskVector(
      made.context,
      spent,
      made.shares.filter(({ to }) => to === a),
      release(new Uint8Array(48), []),
    );
  },
  a,
);
refused(
  "wrong-phase",
  "masking before shares were sealed",
  () => {
    const made = upTo("keys");
    made.mask([a]);
  },
  a,
);
refused(
  "wrong-phase",
  "shares sealed twice",
  () => {
    const made = upTo("share");
    made.share([a]);
  },
  a,
);
refused(
  "wrong-phase",
  "shares shown before a list was signed",
  () => {
    const made = upTo("mask");
    revealShares(made.context, made.secretsOf(a), made.everyone, []);
  },
  a,
);
refused(
  "wrong-phase",
  "shares shown twice",
  () => {
    const made = upTo("reveal");
    made.reveal(made.everyone, [a]);
  },
  a,
);
refused(
  "wrong-phase",
  "anything with erased secrets, also through an older object",
  () => {
    const made = upTo("mask");
    const held = made.secretsOf(a);
    eraseSecrets(held);
    signSurvivors(made.context, held, made.everyone);
  },
  a,
);

test("a refused step changes nothing: the honest message after it still goes through", () => {
  const made = upTo("share");
  const honest = made.shares;
  made.shares = honest.map((each) => (fromBToA(each) ? { ...each, box: flip(each.box) } : each));
  assert.throws(() => made.mask([a]), SecureSumRefusal);
  made.shares = honest;
  made.mask();
  assert.throws(() => made.sign([a, b, c], [a]), SecureSumRefusal);
  made.sign(made.everyone);
  made.reveal(made.everyone);
  assert.doesNotThrow(() => made.open(made.everyone));
});

after(() => {
  for (const reason of testedElsewhere) assert.ok(reason === "wrong-sender" || tested.has(reason), reason);
});
