import assert from "node:assert/strict";
import { test } from "node:test";
import { sha256 } from "@dure/kernel";
import {
  type Approval,
  type ApprovalTerms,
  type ApprovalUse,
  checkApproval,
  checkTerms,
  hashApprovals,
  parseApproval,
  signApproval,
  verifyApproval,
} from "./approval.ts";
import { parseDeclination, signDeclination, verifyDeclination } from "./declination.ts";
import { parseProposal, signProposal, verifyProposal } from "./proposal.ts";
import { hashRoster, makeRoster } from "./roster.ts";
import { verifyRunApprovals } from "./run-approvals.ts";
import { type Hospital, makeHospital } from "./testing-hospitals.ts";

const nowMs = 1_790_000_000_000;
const hospitals = [1, 2, 3].map((i) => makeHospital(`hospital-${i}`));
const [hospital, neighbour] = hospitals as [Hospital, Hospital];
const study = sha256("a study");
const roster = makeRoster(hospitals.map(({ member }) => member));
const invitedRoster = hashRoster(roster);
const terms: ApprovalTerms = {
  siteId: "hospital-1",
  study,
  invitedRoster,
  boardReference: "IRB-2026-014",
  expiresAtMs: nowMs + 1000,
  sumCountMax: 30,
  minimumCell: 10,
  releases: ["local-model", "headline"],
  acceptsInference: false,
  decidedAtMs: nowMs - 1000,
};
const approval = signApproval(terms, hospital.steward.privateKey);
const codesOf = (problems: readonly { code: string }[]) => problems.map(({ code }) => code.replace("identity/", ""));

test("an approval holds for the steward whom the roster names", () => {
  assert.deepEqual(verifyApproval(approval, hospital.member), []);
  assert.deepEqual(approval.terms.releases, ["headline", "local-model"]);
  assert.deepEqual(verifyApproval(parseApproval(JSON.parse(JSON.stringify(approval))) as Approval, hospital.member), []);
});

test("every term is under the signature", () => {
  const changes: { readonly [Field in keyof ApprovalTerms]: ApprovalTerms[Field] } = {
    siteId: "hospital-2",
    study: sha256("another study"),
    invitedRoster: sha256("another roster"),
    boardReference: "IRB-2026-015",
    expiresAtMs: nowMs + 2000,
    sumCountMax: 31,
    minimumCell: 5,
    releases: ["headline", "local-model", "baseline-hazard"],
    acceptsInference: true,
    decidedAtMs: nowMs,
  };
  assert.deepEqual(Object.keys(changes).sort(), Object.keys(terms).sort());
  for (const [field, value] of Object.entries(changes)) {
    const codes = codesOf(verifyApproval({ ...approval, terms: { ...approval.terms, [field]: value } }, hospital.member));
    assert.ok(codes.includes("approval-bad-signature"), field);
  }
});

test("another hospital's approval, an agent's signature and a malformed one are refused by name", () => {
  assert.deepEqual(codesOf(verifyApproval(approval, neighbour.member)), ["approval-other-site", "approval-other-steward"]);
  assert.deepEqual(codesOf(verifyApproval(signApproval(terms, hospital.identity.privateKey), hospital.member)), ["approval-other-steward"]);
  assert.deepEqual(codesOf(verifyApproval({ ...approval, signature: "" }, hospital.member)), ["approval-bad-signature"]);
});

test("each way in which an approval does not cover what is asked has its name", () => {
  const use: ApprovalUse = { study, invitedRoster, nowMs };
  const rows: readonly (readonly [Partial<ApprovalUse>, readonly string[]])[] = [
    [{}, []],
    [{ release: "headline", sumCount: 30, minimumCell: 10 }, []],
    [{ nowMs: terms.expiresAtMs - 1 }, []],
    [{ nowMs: terms.expiresAtMs }, ["approval-expired"]],
    [{ nowMs: Number.NaN }, ["approval-expired"]],
    [{ study: sha256("another study") }, ["approval-other-study"]],
    [{ invitedRoster: sha256("another roster") }, ["approval-other-roster"]],
    [{ release: "baseline-hazard" }, ["approval-release-not-granted"]],
    [{ sumCount: 31 }, ["approval-sums-spent"]],
    [{ sumCount: Number.NaN }, ["approval-sums-spent"]],
    [{ minimumCell: 5 }, ["approval-stricter-cell"]],
    [{ study: sha256("x"), nowMs: terms.expiresAtMs }, ["approval-expired", "approval-other-study"]],
  ];
  for (const [change, expected] of rows) assert.deepEqual(checkApproval(approval, { ...use, ...change }), expected);
});

test("terms that nobody should sign are named before the passphrase is asked for, and cannot be signed", () => {
  const rows: readonly (readonly [Partial<ApprovalTerms>, string])[] = [
    [{ boardReference: " " }, "approval-board-reference"],
    [{ boardReference: "x".repeat(201) }, "approval-board-reference"],
    [{ expiresAtMs: terms.decidedAtMs }, "approval-dates"],
    [{ sumCountMax: 0 }, "approval-sum-count"],
    [{ minimumCell: -1 }, "approval-minimum-cell"],
  ];
  for (const [change, code] of rows) {
    assert.deepEqual(codesOf(checkTerms({ ...terms, ...change })), [code]);
    assert.throws(() => signApproval({ ...terms, ...change }, hospital.steward.privateKey), RangeError);
  }
});

test("a document with a missing, further or mistyped field is no approval", () => {
  const json = JSON.parse(JSON.stringify(approval));
  const wrongs = [
    null,
    {},
    { ...json, more: 1 },
    { ...json, terms: { ...json.terms, more: 1 } },
    { ...json, terms: { ...json.terms, study: "x" } },
  ];
  for (const wrong of [
    ...wrongs,
    { ...json, terms: { ...json.terms, releases: ["rows"] } },
    { ...json, terms: { ...json.terms, sumCountMax: "30" } },
  ]) {
    assert.equal(parseApproval(wrong), undefined);
  }
});

test("the hash of a run's approvals does not depend on their order, and depends on each signature", () => {
  const others = hospitals.slice(1).map(({ member, steward }) => signApproval({ ...terms, siteId: member.siteId }, steward.privateKey));
  const all = [approval, ...others];
  assert.equal(hashApprovals(all), hashApprovals([...all].reverse()));
  assert.notEqual(hashApprovals(all), hashApprovals(others));
  assert.notEqual(hashApprovals(all), hashApprovals([{ ...approval, signature: "x" }, ...others]));
});

test("a run needs one good approval of every member, and no stranger's", () => {
  const all = hospitals.map(({ member, steward }) => signApproval({ ...terms, siteId: member.siteId }, steward.privateKey));
  const run = { runRoster: roster, approvals: all, study, invitedRoster, nowMs };
  const stranger = makeHospital("hospital-9");
  const strangers = signApproval({ ...terms, siteId: "hospital-9" }, stranger.steward.privateKey);
  const forged = signApproval({ ...terms, siteId: "hospital-2" }, stranger.steward.privateKey);
  const rows: readonly (readonly [readonly Approval[], readonly string[]])[] = [
    [all, []],
    [all.slice(1), ["approval-missing"]],
    [[...all, ...all.slice(0, 1)], ["approval-repeated"]],
    [[...all, strangers], ["approval-other-site"]],
    [all.with(1, forged), ["approval-other-steward"]],
  ];
  for (const [approvals, expected] of rows) assert.deepEqual(codesOf(verifyRunApprovals({ ...run, approvals })), expected);
  assert.deepEqual(codesOf(verifyRunApprovals({ ...run, nowMs: terms.expiresAtMs })), Array(3).fill("approval-expired"));
});

test("a steward's no is signed like a yes, and no agent says it", () => {
  const no = { siteId: "hospital-1", study, invitedRoster, decision: "declined", reason: "review-board", decidedAtMs: nowMs } as const;
  const declination = signDeclination(no, hospital.steward.privateKey);
  assert.deepEqual(verifyDeclination(declination, hospital.member), []);
  assert.deepEqual(parseDeclination(JSON.parse(JSON.stringify(declination))), declination);
  assert.deepEqual(codesOf(verifyDeclination(declination, neighbour.member)), ["declination-other-site"]);
  assert.deepEqual(codesOf(verifyDeclination(signDeclination(no, hospital.identity.privateKey), hospital.member)), [
    "declination-other-site",
  ]);
  const turned = { ...declination, terms: { ...declination.terms, decision: "withdrawn" as const } };
  assert.deepEqual(codesOf(verifyDeclination(turned, hospital.member)), ["declination-bad-signature"]);
  const json = JSON.parse(JSON.stringify(declination));
  for (const change of [{ reason: "the patients" }, { decision: "perhaps" }, { study: "" }, { note: "" }]) {
    assert.equal(parseDeclination({ ...json, terms: { ...json.terms, ...change } }), undefined);
  }
});

test("a signature on one kind of document never holds for another", () => {
  const declination = signDeclination(
    { siteId: "hospital-1", study, invitedRoster, decision: "declined", reason: "unstated", decidedAtMs: nowMs },
    hospital.steward.privateKey,
  );
  assert.deepEqual(codesOf(verifyApproval({ ...approval, signature: declination.signature }, hospital.member)), ["approval-bad-signature"]);
});

test("a proposal binds the proposer to one study and one invited roster", () => {
  const proposer = makeHospital("proposer");
  const offered = { study, invitedRoster, proposer: "kim", proposerSealKey: proposer.seal.publicKey, proposedAtMs: nowMs };
  const proposal = signProposal(offered, proposer.identity.privateKey);
  assert.deepEqual(verifyProposal(proposal, { study, invitedRoster }), []);
  assert.deepEqual(parseProposal(JSON.parse(JSON.stringify(proposal))), proposal);
  assert.deepEqual(codesOf(verifyProposal(proposal, { study: sha256("x"), invitedRoster })), ["proposal-other-study"]);
  assert.deepEqual(codesOf(verifyProposal(proposal, { study, invitedRoster: sha256("x") })), ["proposal-other-study"]);
  const swapped = { ...proposal, terms: { ...proposal.terms, proposerSealKey: hospital.seal.publicKey } };
  assert.deepEqual(codesOf(verifyProposal(swapped, { study, invitedRoster })), ["proposal-bad-signature"]);
  assert.equal(parseProposal({ ...JSON.parse(JSON.stringify(proposal)), more: 1 }), undefined);
});
