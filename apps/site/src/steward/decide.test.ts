import assert from "node:assert/strict";
import { test } from "node:test";
import { Code, ConnectError } from "@connectrpc/connect";
import type { SiteRunDurable } from "@dure/federation/protocol";
import {
  checkApproval,
  ledgerOrigin,
  parseApproval,
  parseDeclination,
  verifyApproval,
  verifyDeclination,
  verifyLedger,
} from "@dure/identity";
import { type JsonValue, sha256, utf8 } from "@dure/kernel";
import { readLedger } from "../ledger/export-ledger.ts";
import { findStanding } from "../run/standing.ts";
import { type ApprovalOptions, approveStudy, declineStudy, deliverDecisions } from "./decide.ts";
import { alliance, nowMs, passphrase, siteWithStudy, type TestSite, testCoordinator, toyStudy } from "./testing-site.ts";

const study = toyStudy();

const approvalOf = (site: TestSite, change: Partial<ApprovalOptions> = {}): ApprovalOptions => ({
  ...site,
  study: study.hash,
  passphrase,
  boardReference: " IRB-2026-014 ",
  expiresAtMs: nowMs + 86_400_000,
  sumCountMax: 30,
  minimumCell: 10,
  releases: ["headline"],
  acceptsInference: false,
  ...change,
});

const codesOf = (outcome: { readonly kind: string; readonly problems?: readonly { readonly code: string }[] }) =>
  outcome.problems?.map(({ code }) => code) ?? [];

const json = (document: string | undefined): JsonValue => JSON.parse(document ?? "null") as JsonValue;

const details = (site: TestSite) => [...readLedger(site.store)].map((entry) => entry.details?.join(" "));

test("an approval is signed for what the store holds, kept with its ledger entry, and honoured by the run's checks", async () => {
  using site = await siteWithStudy(study);
  const outcome = await approveStudy(approvalOf(site));
  assert.ok(outcome.kind === "approved" && !outcome.replacesEarlier);
  const decision = site.store.findDecision(study.hash);
  const approval = parseApproval(json(decision?.document));
  assert.ok(approval !== undefined);
  assert.deepEqual(verifyApproval(approval, site.hospital.member), []);
  assert.equal(approval.terms.boardReference, "IRB-2026-014");
  assert.equal(decision?.isDelivered, false);
  const [entry] = [...readLedger(site.store)];
  assert.equal(entry?.kind, "decision");
  assert.equal(entry?.objectSha256, sha256(utf8(decision?.document ?? "")));
  assert.deepEqual(entry?.details, ["approved", "release:headline"]);
  const facts = findStanding(site.store, study.hash, { siteId: "hospital-1", coordinatorKey: site.settings.coordinatorKey, nowMs });
  assert.ok(facts !== undefined);
  assert.deepEqual(
    checkApproval(facts.approval, { study: study.hash, invitedRoster: approval.terms.invitedRoster, nowMs, release: "headline" }),
    [],
  );
});

test("before a run the steward may decide again: the latest word stands and the ledger keeps all", async () => {
  using site = await siteWithStudy(study);
  await approveStudy(approvalOf(site));
  const again = await approveStudy(approvalOf(site, { sumCountMax: 40, releases: [] }));
  assert.ok(again.kind === "approved" && again.replacesEarlier);
  assert.equal(parseApproval(json(site.store.findDecision(study.hash)?.document))?.terms.sumCountMax, 40);
  const withdrawn = await declineStudy({ ...approvalOf(site), reason: "policy" });
  assert.equal(withdrawn.kind, "withdrawn");
  assert.equal(site.store.findDecision(study.hash)?.kind, "declined");
  assert.equal(findStanding(site.store, study.hash, { siteId: "hospital-1", coordinatorKey: "", nowMs }), undefined);
  assert.deepEqual(details(site), ["approved release:headline", "approved", "withdrawn reason:policy"]);
  assert.deepEqual(verifyLedger(readLedger(site.store), { origin: ledgerOrigin(alliance, "hospital-1") }).problems, []);
});

test("a study that was never approved is declined, in the steward's own signature", async () => {
  using site = await siteWithStudy(study);
  const outcome = await declineStudy(approvalOf(site));
  assert.equal(outcome.kind, "declined");
  const declination = parseDeclination(json(site.store.findDecision(study.hash)?.document));
  assert.ok(declination !== undefined);
  assert.deepEqual(verifyDeclination(declination, site.hospital.member), []);
});

test("while a run is in progress terms do not change, but the hospital can leave", async () => {
  using site = await siteWithStudy(study);
  await approveStudy(approvalOf(site));
  const durable = { run: "run-1", study: study.hash, ended: false } as unknown as SiteRunDurable; // the fields that decisions look at
  site.store.putRun(durable);
  assert.deepEqual(codesOf(await approveStudy(approvalOf(site, { sumCountMax: 99 }))), ["steward/run-in-progress"]);
  assert.equal((await declineStudy(approvalOf(site))).kind, "withdrawn");
  site.store.putRun({ ...durable, ended: true });
  assert.equal((await approveStudy(approvalOf(site))).kind, "approved");
});

test("what cannot be approved is refused by name, all at once, and leaves no trace", async () => {
  using site = await siteWithStudy(study);
  const rows: readonly (readonly [string, Partial<ApprovalOptions>, readonly string[]])[] = [
    ["no board", { boardReference: " " }, ["identity/approval-board-reference"]],
    [
      "everything at once",
      { boardReference: "", expiresAtMs: nowMs, sumCountMax: 0, minimumCell: -1 },
      ["identity/approval-board-reference", "identity/approval-dates", "identity/approval-sum-count", "identity/approval-minimum-cell"],
    ],
    ["another passphrase", { passphrase: "four words and a lake" }, ["identity/passphrase-wrong"]],
    ["a study that was not fetched", { study: sha256("another") }, ["steward/study-not-here"]],
    ["another hospital's folder", { settings: { siteId: "hospital-9" } }, ["steward/not-invited"]],
    ["a member with another steward", { settings: { siteId: "hospital-2" } }, ["steward/other-steward-key"]],
    ["no key file", { paths: { ...site.paths, steward: `${site.paths.steward}.gone` } }, ["steward/steward-key-absent"]],
  ];
  for (const [name, change, expected] of rows) assert.deepEqual(codesOf(await approveStudy(approvalOf(site, change))), expected, name);
  assert.equal(site.store.findDecision(study.hash), undefined);
  assert.deepEqual(details(site), []);
});

test("decisions are handed over once, and again only if they change", async () => {
  using site = await siteWithStudy(study);
  const coordinator = testCoordinator();
  await approveStudy(approvalOf(site));
  coordinator.failWith = Code.Unavailable;
  await assert.rejects(deliverDecisions(coordinator.connection, site.store), ConnectError);
  assert.equal(site.store.findDecision(study.hash)?.isDelivered, false);
  coordinator.failWith = Code.FailedPrecondition;
  assert.deepEqual(await deliverDecisions(coordinator.connection, site.store), [
    { study: study.hash, kind: "refused", code: "FailedPrecondition" },
  ]);
  assert.equal(site.store.findDecision(study.hash)?.isDelivered, false);
  coordinator.failWith = undefined;
  assert.deepEqual(await deliverDecisions(coordinator.connection, site.store), [{ study: study.hash, kind: "delivered" }]);
  assert.deepEqual(await deliverDecisions(coordinator.connection, site.store), []);
  assert.deepEqual(coordinator.decisions, [site.store.findDecision(study.hash)?.document]);
  await approveStudy(approvalOf(site, { sumCountMax: 31 }));
  await deliverDecisions(coordinator.connection, site.store);
  assert.equal(coordinator.decisions.length, 2);
});

test("a word that changed while it was on its way stays to be handed over", async () => {
  using site = await siteWithStudy(study);
  await approveStudy(approvalOf(site));
  const before = site.store.findDecision(study.hash);
  assert.ok(before !== undefined);
  const slow = {
    studies: {
      decide: async () => {
        site.store.putDecision({ ...before, document: before.document.replace("30", "31") });
        return {};
      },
    },
  } as unknown as Parameters<typeof deliverDecisions>[0]; // the one call that is made
  await deliverDecisions(slow, site.store);
  assert.equal(site.store.undeliveredDecisions().length, 1);
});
