import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { createAlliance, createCertificateRequest, issueCertificate } from "./certificates/authority.ts";
import { verifyPeerCertificate } from "./certificates/peer.ts";
import { createRevocationList } from "./certificates/revocation.ts";
import { createTlsKey } from "./certificates/x509.ts";
import { checkRoster, checkRunRoster, hashRoster, makeRoster, parseRoster, type RosterMember, type SiteRole } from "./roster.ts";
import { makeHospital } from "./testing-hospitals.ts";
import { systemRandom as random } from "./testing-random.ts";

const hospitals = [1, 2, 3, 4].map((i) => makeHospital(`hospital-${i}`));
const external = makeHospital("hospital-5", "external");
const members = [...hospitals, external].map(({ member }) => member);
const invited = makeRoster(members);
const [first, second] = members as [RosterMember, RosterMember];
const codesOf = (problems: readonly { code: string }[]) => problems.map(({ code }) => code.replace("identity/roster-", ""));

test("a roster's hash does not depend on the order in which members are named", () => {
  fc.assert(
    fc.property(fc.shuffledSubarray(members, { minLength: members.length }), (shuffled) => {
      assert.equal(hashRoster(makeRoster(shuffled)), hashRoster(invited));
    }),
  );
  assert.deepEqual(checkRoster(invited), []);
});

test("each field of each member changes the hash", () => {
  const hashes = new Set([hashRoster(invited)]);
  for (const field of Object.keys(first) as (keyof RosterMember)[])
    hashes.add(hashRoster(makeRoster([{ ...first, [field]: "x" }, ...members.slice(1)])));
  assert.equal(hashes.size, 7);
});

test("each rule of a roster has its name", () => {
  const rows: readonly (readonly [string, readonly RosterMember[]])[] = [
    ["duplicate-organisation", [first, { ...second, organisation: first.organisation.toUpperCase() }]],
    [
      "duplicate-organisation",
      [
        { ...first, organisation: "가나 병원" },
        { ...second, organisation: "가나병원".normalize("NFD") },
      ],
    ],
    ["duplicate-identity-key", [first, { ...second, identityKey: first.identityKey }]],
    ["duplicate-seal-key", [first, { ...second, sealKey: first.sealKey }]],
    ["duplicate-steward-key", [first, { ...second, stewardKey: first.stewardKey }]],
    ["weak-identity-key", [{ ...first, identityKey: "A".repeat(43) }]],
    ["weak-steward-key", [{ ...first, stewardKey: "" }]],
    ["weak-seal-key", [{ ...first, sealKey: "A".repeat(43) }]],
    ["steward-is-agent", [{ ...first, stewardKey: first.identityKey }]],
    ["bad-site-id", [{ ...first, siteId: "a b" }]],
    ["not-sorted", [second, first]],
  ];
  for (const [code, changed] of rows) assert.deepEqual(codesOf(checkRoster({ members: changed })), [code]);
  assert.ok(codesOf(checkRoster({ members: [first, first] })).includes("duplicate-site"));
  const many = Array.from({ length: 101 }, (_, i) => ({ ...first, siteId: `h${String(i).padStart(3, "0")}` }));
  assert.ok(codesOf(checkRoster({ members: many })).includes("too-many"));
});

test("a subset of the invited roster with enough training hospitals may run", () => {
  fc.assert(
    fc.property(fc.subarray(members), fc.integer({ min: 3, max: 5 }), (chosen, minimumSites) => {
      const problems = codesOf(checkRunRoster(invited, makeRoster(chosen), minimumSites));
      const enough = chosen.filter(({ role }) => role === "training").length >= minimumSites;
      assert.deepEqual(problems, enough ? [] : ["too-few-training"]);
    }),
  );
});

test("a minimum below three, or none at all, is refused", () => {
  for (const minimum of [2, 0, -1, Number.NaN, 2.5])
    assert.ok(codesOf(checkRunRoster(invited, invited, minimum)).includes("minimum-below-floor"));
  assert.deepEqual(codesOf(checkRunRoster(invited, makeRoster(members.slice(0, 2)), 2)), ["too-few-training", "minimum-below-floor"]);
});

test("a member with another key, role or organisation than the approved one is refused, whatever the field", () => {
  const other = makeHospital("hospital-1").member;
  const changes: readonly Partial<RosterMember>[] = [
    { identityKey: other.identityKey },
    { sealKey: other.sealKey },
    { stewardKey: other.stewardKey },
    { organisation: "another" },
    { role: "external" satisfies SiteRole },
  ];
  for (const change of changes) {
    const run = makeRoster([{ ...first, ...change }, ...members.slice(1)]);
    assert.deepEqual(codesOf(checkRunRoster(invited, run, 3)), ["changed-member"]);
  }
});

test("a hospital enrolled by coordinator and CA together is refused by every site", async () => {
  // The CA certifies whom the coordinator likes: a hospital that does not exist, and its own key under the name of one that does.
  const nowMs = 1_790_000_000_000;
  const alliance = await createAlliance({ name: "breast-alliance", nowMs, random });
  const crl = await createRevocationList(alliance.issuing, { revoked: [], number: 1, nowMs });
  const trust = { root: alliance.root.certificate, crl, roles: ["site"] as const, alliance: "breast-alliance", nowMs };
  const invented = makeHospital("hospital-9");
  const impostor = makeHospital("hospital-1");
  for (const { member } of [invented, impostor]) {
    const csr = await createCertificateRequest(createTlsKey(random), member.siteId);
    const names = { role: "site", id: member.siteId, alliance: "breast-alliance", identityKey: member.identityKey } as const;
    const { chain } = await issueCertificate(alliance.issuing, csr, { ...names, nowMs, random });
    // As far as certificates go, both are hospitals of the alliance.
    assert.equal((await verifyPeerCertificate(chain, trust)).kind, "trusted");
  }
  for (const site of hospitals) {
    const added = makeRoster([...members, invented.member]);
    const replaced = makeRoster(
      members.map((member) => (member.siteId === "hospital-1" ? { ...impostor.member, organisation: member.organisation } : member)),
    );
    // Each site holds the roster that its own steward approved; nothing that the coordinator sends changes it.
    const approved = makeRoster(members);
    assert.ok(approved.members.some(({ siteId }) => siteId === site.member.siteId));
    const addedProblems = checkRunRoster(approved, added, 3);
    assert.deepEqual(codesOf(addedProblems), ["uninvited-member"]);
    assert.equal(addedProblems[0]?.place.site, "hospital-9");
    assert.deepEqual(codesOf(checkRunRoster(approved, replaced, 3)), ["changed-member"]);
  }
});

test("a roster survives the wire; a missing, further or mistyped field does not", () => {
  const json = JSON.parse(JSON.stringify(invited));
  assert.deepEqual(parseRoster(json), invited);
  const withMember = (change: object) => ({ members: [{ ...json.members[0], ...change }] });
  for (const wrong of [
    null,
    [],
    {},
    { members: 1 },
    withMember({ more: 1 }),
    withMember({ siteId: 1 }),
    withMember({ role: "observer" }),
    withMember({ sealKey: undefined }),
  ]) {
    assert.equal(parseRoster(wrong), undefined);
  }
});
