import assert from "node:assert/strict";
import { test } from "node:test";
import { fromBinary, toBinary } from "@bufbuild/protobuf";
import { asReceived, type Leaving, type ToCoordinator, type ToSite } from "@dure/federation/protocol";
import { type Approval, createSigningKey, makeRoster, signApproval } from "@dure/identity";
import { type JsonValue, sha256 } from "@dure/kernel";
import { type GateAnswer, gateContribution, gateRelease, type MaskedVector, maskVector, Releasable, releaseAgain } from "@dure/privacy";
import { Rehearsal } from "@dure/privacy/testing";
import { ToCoordinatorSchema, ToSiteSchema } from "./gen/dure/v1/run_pb.ts";
import { readToCoordinator, writeToCoordinator } from "./to-coordinator.ts";
import { readToSite, writeToSite } from "./to-site.ts";

const id = { run: "r1", round: 3, attempt: 2 };
const bytes = (...values: number[]): Uint8Array => Uint8Array.from(values);
const roster = makeRoster([
  { siteId: "a", organisation: "A", role: "training", identityKey: "AA", sealKey: "BB", stewardKey: "CC" },
  { siteId: "b", organisation: "B", role: "external", identityKey: "DD", sealKey: "EE", stewardKey: "FF" },
]);
const sum = { siteCount: 2, vectors: new Map([["x", Float64Array.of(0.1, -0, 2 ** 60, 5e-324)]]) };
const announcement = {
  siteId: "a",
  sealPublicKey: bytes(1),
  maskPublicKey: bytes(2),
  selfSeedCommitment: bytes(3),
  shareCommitments: [bytes(4), bytes(5)],
  signature: bytes(6),
};
const hash = sha256("x");
const steward = createSigningKey({ kind: "secure", bytes: (length) => new Uint8Array(length).fill(7) });
const approval: Approval = signApproval(
  {
    siteId: "a",
    study: hash,
    invitedRoster: hash,
    boardReference: "2026-001",
    expiresAtMs: 2_000_000_000_000,
    sumCountMax: 60,
    minimumCell: 5,
    releases: ["headline"],
    acceptsInference: false,
    decidedAtMs: 1_700_000_000_000,
  },
  steward.privateKey,
);

const toSite: readonly ToSite[] = [
  {
    kind: "open-round",
    ...id,
    study: hash,
    roster,
    approvals: [approval],
    contributors: ["a", "b"],
    state: { beta: [0.1, 1e-300] },
    lastSum: sum,
    layout: hash,
    deadlineMs: 1_700_000_000_000,
    signature: bytes(9),
  },
  { kind: "key-list", ...id, announcements: [announcement] },
  { kind: "share-delivery", ...id, shares: [{ from: "a", to: "b", box: bytes(1, 2) }] },
  { kind: "survivor-list", ...id, survivors: ["a"] },
  { kind: "unmask-request", ...id, survivors: ["a"], signatures: [{ siteId: "a", signature: bytes(7) }] },
  { kind: "local-model-request", run: "r1", lastSum: sum, result: { n: 1 } },
  {
    kind: "headline-request",
    run: "r1",
    study: hash,
    roster,
    approvals: [approval],
    lastSum: sum,
    result: { n: 1 },
    localModels: [{ from: "a", to: "b", box: bytes(3) }],
    signature: bytes(8),
  },
  { kind: "run-ended", run: "r1", outcome: "stopped" },
];

function passed<Value>(answer: GateAnswer<Value>): Releasable<Value> {
  assert.ok(answer.kind === "released");
  return answer.released;
}

const grant = { granted: ["headline", "local-model"], cells: [12], minimumCell: 5 };
const figures = passed(gateRelease<JsonValue>({ ...grant, release: "headline", value: { n: 12, auc: 0.1 } }));
const models = passed(gateRelease({ ...grant, release: "local-model", value: [{ from: "a", to: "b", box: "Ag" }] }));

/** A vector that went the whole way: gate, shares, masks. */
function maskedVector(): { readonly clear: Releasable<Uint8Array>; readonly masked: Releasable<MaskedVector> } {
  const layout = { vectors: [{ name: "rows", length: 2, encoding: "histogram", bound: 100 } as const] };
  const made = new Rehearsal({ siteCount: 3, layout });
  const contribution = { vectors: new Map([["rows", Float64Array.of(40, 50)]]), influence: [] };
  const policy = { minimumCell: 5, sumCountMax: 9, sumCountUsed: 0 };
  const clear = passed(gateContribution({ layout, contribution, siteCount: 3, policy, rowCount: 90 }));
  made.keys();
  made.share();
  const [site = ""] = made.everyone;
  const shares = made.shares.filter(({ to }) => to === site);
  return { clear, masked: maskVector(made.context, made.secretsOf(site), shares, clear).masked };
}

const { clear, masked } = maskedVector();

const leaving: readonly Leaving[] = [
  { kind: "keys", ...id, announcement },
  { kind: "shares", ...id, shares: [{ from: "a", to: "b", box: bytes(1) }] },
  { kind: "vector", ...id, masked },
  { kind: "survivor-signed", ...id, signature: { siteId: "a", signature: bytes(1) } },
  { kind: "unmask", ...id, shares: [{ from: "a", about: "b", kind: "self", share: bytes(1) }] },
  { kind: "local-model", run: "r1", models },
  { kind: "headline", run: "r1", figures },
  { kind: "not-taking-part", ...id, about: "sum" },
  { kind: "not-taking-part", run: "r1", round: 0, attempt: 0, about: "headline" },
  { kind: "abort-attempt", ...id, code: "false-share", accused: "b" },
];

for (const message of toSite) {
  test(`${message.kind} comes back as it was`, () => {
    const wire = fromBinary(ToSiteSchema, toBinary(ToSiteSchema, writeToSite(message)));
    assert.deepEqual(readToSite(wire), message);
  });
}

for (const message of leaving) {
  const about = "about" in message ? ` about ${message.about}` : "";
  test(`${message.kind}${about} comes back as the hospital let it go`, () => {
    const wire = fromBinary(ToCoordinatorSchema, toBinary(ToCoordinatorSchema, writeToCoordinator(message)));
    assert.deepEqual(readToCoordinator(wire, masked.value.siteId), asReceived(message));
  });
}

test("a masked vector belongs to the site of the connection", () => {
  const read = readToCoordinator(writeToCoordinator({ kind: "vector", ...id, masked }), "mallory");
  assert.equal(read.kind === "vector" && read.masked.siteId, "mallory");
});

test("what did not pass the gate is written by nobody: the compiler refuses it, and so does the encoder", () => {
  const alike = { value: masked.value, rules: masked.rules };
  // @ts-expect-error a masked vector that no gate released
  assert.throws(() => writeToCoordinator({ kind: "vector", ...id, masked: masked.value }), TypeError);
  // @ts-expect-error an object that only looks like a Releasable
  assert.throws(() => writeToCoordinator({ kind: "vector", ...id, masked: alike }), TypeError);
  // @ts-expect-error figures straight from the rows
  assert.throws(() => writeToCoordinator({ kind: "headline", run: "r1", figures: { n: 3, auc: 0.7 } }), TypeError);
  // @ts-expect-error a sealed model that no steward granted
  assert.throws(() => writeToCoordinator({ kind: "local-model", run: "r1", models: [{ from: "a", to: "b", box: "Ag" }] }), TypeError);
  // @ts-expect-error a message as the coordinator reads it is not one that leaves a hospital
  const read: Leaving = asReceived({ kind: "headline", run: "r1", figures }) satisfies ToCoordinator;
  assert.throws(() => writeToCoordinator(read), TypeError);
});

test("a vector that passed the gate but was not masked has no place in any message", () => {
  // @ts-expect-error the clear vector is a Releasable of another type
  const message: Leaving = { kind: "vector", ...id, masked: clear };
  assert.equal(writeToCoordinator(message).body.value, undefined);
  // @ts-expect-error masking takes nothing that the gate did not release
  assert.throws(() => maskVector(new Rehearsal({ siteCount: 3, layout: { vectors: [] } }).context, {}, [], clear.value), TypeError);
});

test("an answer is given again only while the steward's grant stands", () => {
  const again = releaseAgain({ release: "headline", granted: ["headline"], value: figures.value });
  assert.ok(again.kind === "released" && Releasable.isReleasable(again.released));
  assert.deepEqual(again.released.rules, ["own-release headline", "granted", "again"]);
  const withdrawn = releaseAgain({ release: "headline", granted: ["local-model"], value: figures.value });
  assert.equal(withdrawn.kind === "refused" && withdrawn.detail, "gate/release-not-granted");
  const notJson = releaseAgain({ release: "headline", granted: ["headline"], value: Number.NaN });
  assert.equal(notJson.kind === "refused" && notJson.detail, "gate/release-not-json");
});

test("no message cut short passes for the whole one", () => {
  const message = toSite[0] as ToSite;
  const whole = toBinary(ToSiteSchema, writeToSite(message));
  for (let length = 0; length < whole.byteLength; length += 5) {
    let read: ToSite | undefined;
    try {
      read = readToSite(fromBinary(ToSiteSchema, whole.subarray(0, length)));
    } catch {
      read = undefined;
    }
    assert.notDeepEqual(read, message, `${length} of ${whole.byteLength} bytes`);
  }
});

test("a hash that is none and a body that is missing are malformed", () => {
  const wire = writeToSite(toSite[0] as ToSite);
  if (wire.body.case === "openRound") wire.body.value.study = "zz";
  assert.throws(() => readToSite(wire), { code: "wire/malformed" });
  assert.throws(() => readToSite(fromBinary(ToSiteSchema, new Uint8Array())), { code: "wire/malformed" });
});
