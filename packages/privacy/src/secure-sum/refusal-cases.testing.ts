/** For the tests of refusals: an attempt brought to any step, and ways to bend what was said in it. */

import assert from "node:assert/strict";
import { test } from "node:test";
import type { SumLayout } from "../layout.ts";
import { Rehearsal, type RehearsalPlan, rehearsedSite, siteName } from "../testing.ts";
import { announcementTranscript } from "./announcement.ts";
import type { ShareCouple } from "./commitments.ts";
import { contextTranscript } from "./context.ts";
import type { AttemptContext, KeyAnnouncement } from "./messages.ts";
import { type SecureSumReason, SecureSumRefusal } from "./refusal.ts";

export const layout: SumLayout = { vectors: [{ name: "v", length: 2, encoding: "wide", bound: 10 }] };
export const [a, b, c] = [siteName(0), siteName(1), siteName(2)];
/** Reasons that this process has a test of. */
export const tested = new Set<SecureSumReason>();

/** Those whose rows stand in unmask-refusals.test.ts, which checks that they do; `wrong-sender` is thrown by the round protocol. */
export const testedElsewhere: readonly SecureSumReason[] = [
  "wrong-sender",
  "duplicate-survivor",
  "survivor-not-a-sharer",
  "survivors-without-me",
  "too-few-survivors",
  "exact-needs-everyone",
  "another-survivor-list",
  "bad-survivor-signature",
  "too-few-survivor-signatures",
  "wrong-phase",
  "another-attempt",
  "duplicate-vector",
  "sum-already-opened",
  "survivors-differ-from-sum",
  "wrong-share-kind",
  "duplicate-unmask-share",
  "unmask-share-mismatch",
  "too-few-unmask-shares",
  "self-seed-mismatch",
  "mask-key-mismatch",
];

/** A test that `body` is refused for this reason, naming this site or none. */
export function refused(reason: SecureSumReason, how: string, body: () => unknown, siteId?: string): void {
  tested.add(reason);
  test(`${reason}: ${how}`, () => {
    assert.throws(body, (error: unknown) => {
      assert.ok(error instanceof SecureSumRefusal, String(error));
      assert.equal(error.reason, reason);
      assert.equal(error.code, `secure-sum/${reason}`);
      assert.equal(error.siteId, siteId);
      return true;
    });
  });
}

export const rehearse = (plan: Partial<RehearsalPlan> = {}): Rehearsal => new Rehearsal({ siteCount: 5, layout, ...plan });

export function upTo(step: "keys" | "share" | "mask" | "sign" | "reveal", plan: Partial<RehearsalPlan> = {}): Rehearsal {
  const made = rehearse(plan);
  made.keys();
  if (step === "keys") return made;
  made.share();
  if (step === "share") return made;
  made.mask();
  if (step === "mask") return made;
  made.sign(made.everyone);
  if (step === "reveal") made.reveal(made.everyone);
  return made;
}

/** Dishonest announcements are signed all the same. */
export function resign(context: AttemptContext, announcement: KeyAnnouncement): KeyAnnouncement {
  return {
    ...announcement,
    signature: rehearsedSite(announcement.siteId).signer.sign(announcementTranscript(contextTranscript(context), announcement)),
  };
}

export function alter<Item>(items: Item[], matches: (item: Item) => boolean, change: (item: Item) => Item): void {
  const index = items.findIndex(matches);
  const item = items[index];
  assert.ok(item !== undefined);
  items[index] = change(item);
}

export const flip = (bytes: Uint8Array, index = 0): Uint8Array => bytes.with(index, (bytes.at(index) ?? 0) ^ 1);

export const fromBToA = ({ from, to }: { readonly from: string; readonly to: string }): boolean => from === b && to === a;

/** The second site signs and keeps to what it likes. */
export function announceInstead(
  made: Rehearsal,
  change: (announcement: KeyAnnouncement, dealt: readonly ShareCouple[]) => KeyAnnouncement,
): void {
  const secrets = made.secretsOf(b);
  assert.ok(secrets.phase === "announced");
  const announcement = resign(made.context, change(secrets.announcement, secrets.dealt));
  alter(
    made.announcements,
    ({ siteId }) => siteId === b,
    () => announcement,
  );
  made.secrets.set(b, { ...secrets, announcement });
}
