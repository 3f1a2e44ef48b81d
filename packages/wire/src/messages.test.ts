import assert from "node:assert/strict";
import { test } from "node:test";
import { fromBinary, toBinary } from "@bufbuild/protobuf";
import type { ToCoordinator, ToSite } from "@dure/federation/protocol";
import { type Approval, createSigningKey, makeRoster, signApproval } from "@dure/identity";
import { sha256 } from "@dure/kernel";
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

const toCoordinator: readonly ToCoordinator[] = [
  { kind: "keys", ...id, announcement },
  { kind: "shares", ...id, shares: [{ from: "a", to: "b", box: bytes(1) }] },
  { kind: "vector", ...id, masked: { siteId: "a", bytes: bytes(1, 2, 3) } },
  { kind: "survivor-signed", ...id, signature: { siteId: "a", signature: bytes(1) } },
  { kind: "unmask", ...id, shares: [{ from: "a", about: "b", kind: "self", share: bytes(1) }] },
  { kind: "local-model", run: "r1", models: [{ from: "a", to: "b", box: bytes(2) }] },
  { kind: "headline", run: "r1", figures: { n: 12, auc: 0.1 } },
  { kind: "not-taking-part", run: "r1", about: "sum" },
  { kind: "abort-attempt", ...id, code: "false-share", accused: "b" },
];

for (const message of toSite) {
  test(`${message.kind} comes back as it was`, () => {
    const wire = fromBinary(ToSiteSchema, toBinary(ToSiteSchema, writeToSite(message)));
    assert.deepEqual(readToSite(wire), message);
  });
}

for (const message of toCoordinator) {
  test(`${message.kind} comes back as it was`, () => {
    const wire = fromBinary(ToCoordinatorSchema, toBinary(ToCoordinatorSchema, writeToCoordinator(message)));
    assert.deepEqual(readToCoordinator(wire, "a"), message);
  });
}

test("a masked vector belongs to the site of the connection", () => {
  const message = toCoordinator[2] as ToCoordinator;
  const read = readToCoordinator(writeToCoordinator(message), "mallory");
  assert.equal(read.kind === "vector" && read.masked.siteId, "mallory");
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
