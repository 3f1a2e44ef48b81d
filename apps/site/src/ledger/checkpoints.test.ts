import assert from "node:assert/strict";
import { test } from "node:test";
import { Code, ConnectError } from "@connectrpc/connect";
import { appendEntry, emptyLedger, ledgerOrigin, ledgerRoot, parseSigningPrivateKey, signCheckpoint, verifyLedger } from "@dure/identity";
import { systemRandom as random } from "@dure/machine";
import { LedgerWriter } from "../run/ledger-writer.ts";
import {
  alliance,
  nowMs,
  proposed,
  type TestCoordinator,
  type TestHospital,
  testClock,
  testCoordinator,
  testHospital,
  toyStudy,
} from "../steward/testing-site.ts";
import { SiteStore } from "../store/site-store.ts";
import { readLedgerDocument, writeLedgerDocument } from "./checkpoint-documents.ts";
import { fetchCosignedNotes, knownLogKeys, publishCheckpoint, type Witnessed, witnessOthers } from "./checkpoints.ts";
import { ownLedgerCheck, readLedger } from "./export-ledger.ts";

const study = toyStudy();
const hospitals = [1, 2, 3].map((i) => testHospital(`hospital-${i}`));
const [hospital1, hospital2] = hospitals as [TestHospital, TestHospital, TestHospital];

class Site implements Disposable {
  readonly store = new SiteStore(":memory:");
  readonly clock = testClock();
  readonly hospital: TestHospital;
  readonly ledger: LedgerWriter;

  /** Every site has approved a study with every other one: so it knows their keys. */
  constructor(hospital: TestHospital) {
    this.hospital = hospital;
    this.ledger = new LedgerWriter({ store: this.store, alliance, siteId: hospital.member.siteId, clock: this.clock, random });
    const { canonicalStudyJson, proposalJson, rosterJson } = proposed(
      study,
      hospitals.map(({ member }) => member),
    );
    this.store.putStudy(
      { hash: study.hash, canonical: canonicalStudyJson, proposal: proposalJson, roster: rosterJson, receivedAtMs: nowMs },
      [],
    );
    this.store.putDecision({ study: study.hash, kind: "approved", document: "{}", decidedAtMs: nowMs, isDelivered: true });
  }

  append(count: number): void {
    for (let i = 0; i < count; i++)
      this.store.transaction(() => this.ledger.append({ kind: "refusal", run: `run-${i}`, details: ["no-approval"] }));
  }

  publish(coordinator: TestCoordinator) {
    return publishCheckpoint({ ...this, ...coordinator, identity: this.hospital.identity.privateKey });
  }

  witness(coordinator: TestCoordinator): Promise<readonly Witnessed[]> {
    const { store, clock, hospital } = this;
    return witnessOthers({
      connection: coordinator.connection,
      store,
      clock,
      siteId: hospital.member.siteId,
      alliance,
      identity: hospital.identity.privateKey,
    });
  }

  [Symbol.dispose](): void {
    this.store.close();
  }
}

const about = (answers: readonly Witnessed[], site: string): Witnessed | undefined => answers.find((answer) => answer.site === site);

test("checkpoints are published as the ledger grows, cosigned by the others, and the verifier names who and when", async () => {
  using log = new Site(hospital1);
  using witness = new Site(hospital2);
  const coordinator = testCoordinator();
  assert.deepEqual(await log.publish(coordinator), { kind: "unchanged" });
  log.append(5);
  assert.deepEqual(await log.publish(coordinator), { kind: "published", size: 5 });
  assert.deepEqual(await log.publish(coordinator), { kind: "unchanged" });
  assert.deepEqual(about(await witness.witness(coordinator), "hospital-1"), { site: "hospital-1", kind: "cosigned", size: 5 });
  assert.deepEqual(about(await witness.witness(coordinator), "hospital-1"), { site: "hospital-1", kind: "unchanged" });
  log.append(8);
  await log.publish(coordinator);
  assert.equal(about(await witness.witness(coordinator), "hospital-1")?.kind, "cosigned");
  const notes = await fetchCosignedNotes(coordinator.connection, "hospital-1");
  const { siteId, identityKey } = hospital1.member;
  const check = { origin: ledgerOrigin(alliance, siteId), ...ownLedgerCheck(log.store, { siteId, identityKey }) };
  const { witnesses } = ownLedgerCheck(log.store, { siteId, identityKey });
  const report = verifyLedger(readLedger(log.store), {
    origin: check.origin,
    checkpoints: notes,
    logKey: identityKey,
    witnesses: witnesses ?? [],
  });
  assert.deepEqual(report.problems, []);
  assert.equal(report.uncoveredCount, 0);
  assert.deepEqual(
    report.checkpoints.map(({ size, cosignedBy }) => [size, cosignedBy]),
    [
      [5, [{ name: "hospital-2", atMs: nowMs }]],
      [13, [{ name: "hospital-2", atMs: nowMs }]],
    ],
  );
});

test("a witness that missed checkpoints follows from the one that it cosigned, however long ago", async () => {
  using log = new Site(hospital1);
  using witness = new Site(hospital2);
  const coordinator = testCoordinator();
  log.append(3);
  await log.publish(coordinator);
  await witness.witness(coordinator);
  for (let i = 0; i < 4; i++) {
    log.append(2);
    await log.publish(coordinator);
    // The coordinator lists the newest only.
    coordinator.checkpoints.set("hospital-1", coordinator.checkpoints.get("hospital-1")?.slice(-1) ?? []);
  }
  assert.deepEqual(about(await witness.witness(coordinator), "hospital-1"), { site: "hospital-1", kind: "cosigned", size: 11 });
});

test("what was stored before the line broke is posted afterwards, the same bytes", async () => {
  using log = new Site(hospital1);
  using witness = new Site(hospital2);
  const coordinator = testCoordinator();
  log.append(4);
  await log.publish(coordinator);
  log.append(2);
  coordinator.failWith = Code.Unavailable;
  await assert.rejects(log.publish(coordinator), ConnectError);
  await assert.rejects(witness.witness(coordinator), ConnectError);
  coordinator.failWith = undefined;
  await log.publish(coordinator);
  assert.equal(coordinator.checkpoints.get("hospital-1")?.length, 2);

  // The cosignature is on the witness's disk before it leaves: if it got lost, the very line comes again.
  await witness.witness(coordinator);
  const [stored] = [witness.store.lastCheckpoint("hospital-1")];
  const others = (coordinator.checkpoints.get("hospital-1") ?? []).filter((json) => json !== stored);
  coordinator.checkpoints.set("hospital-1", others);
  witness.clock.set(nowMs + 60_000);
  await witness.witness(coordinator);
  assert.ok(coordinator.checkpoints.get("hospital-1")?.includes(stored ?? ""));
});

test("a checkpoint that the coordinator refuses holds back neither the next one nor the witnessing", async () => {
  using log = new Site(hospital1);
  const coordinator = testCoordinator();
  log.append(1);
  await log.publish(coordinator);
  log.append(1);
  const connection = {
    sites: { ...coordinator.connection.sites, postCheckpoint: () => Promise.reject(new ConnectError("no", Code.InvalidArgument)) },
  };
  const answer = await publishCheckpoint({
    ...log,
    connection,
    store: log.store,
    ledger: log.ledger,
    identity: hospital1.identity.privateKey,
  });
  assert.deepEqual(answer, { kind: "refused", size: 2, code: "InvalidArgument" });
  log.append(1);
  assert.deepEqual(await log.publish(coordinator), { kind: "published", size: 3 });
});

/** A ledger of that many entries whose entries are not those of any other. */
function forgedLedger(size: number) {
  let head = emptyLedger(ledgerOrigin(alliance, "hospital-1"));
  for (let i = 0; i < size; i++) head = appendEntry(head, { kind: "refusal", details: [`forged-${i}`] }, { atMs: nowMs, random }).head;
  return head;
}

function forgedDocument(size: number, key: Uint8Array = hospital1.identity.privateKey): string {
  const head = forgedLedger(size);
  const checkpoint = { origin: head.origin, size, root: ledgerRoot(head) };
  const note = signCheckpoint(checkpoint, parseSigningPrivateKey(key));
  return writeLedgerDocument({
    kind: "checkpoint",
    site: "hospital-1",
    size,
    root: checkpoint.root,
    note,
    proofs: [{ from: 6, hashes: [] }],
  });
}

test("a ledger that was cut, forked or rewritten is refused by name, and what was seen stays", async () => {
  using witness = new Site(hospital2);
  using log = new Site(hospital1);
  const rows: readonly (readonly [string, string, Partial<Witnessed>])[] = [
    ["cut", forgedDocument(5), { kind: "refused", code: "rollback", size: 5 }],
    ["forked", forgedDocument(6), { kind: "refused", code: "fork", size: 6 }],
    ["rewritten", forgedDocument(9), { kind: "refused", code: "inconsistent", size: 9 }],
    ["signed by somebody else", forgedDocument(9, hospital2.identity.privateKey), { kind: "refused", code: "bad-signature", size: 9 }],
    ["of another ledger", forgedDocument(9).replace("/hospital-1/", "/hospital-3/"), { kind: "refused", code: "other-origin", size: 9 }],
    ["without a proof from there", forgedDocument(9).replace('"from":6', '"from":7'), { kind: "refused", code: "unknown-proof", size: 9 }],
  ];
  const coordinator = testCoordinator();
  log.append(6);
  await log.publish(coordinator);
  await witness.witness(coordinator);
  const seen = witness.store.lastCheckpoint("hospital-1");
  for (const [name, document, expected] of rows) {
    coordinator.checkpoints.set("hospital-1", [document]);
    assert.deepEqual(about(await witness.witness(coordinator), "hospital-1"), { site: "hospital-1", ...expected }, name);
    assert.equal(witness.store.lastCheckpoint("hospital-1"), seen, name);
  }
});

test("what is no document is passed over", async () => {
  using witness = new Site(hospital2);
  const coordinator = testCoordinator();
  const good = forgedDocument(3);
  for (const json of [
    "",
    "{",
    "[]",
    "{}",
    good.replace('"size":3', '"size":-1'),
    good.replace('"root":"', '"root":"g'),
    good.replace('"proofs":[', '"proofs":["x",'),
    `${good}${" ".repeat(70_000)}`,
  ])
    assert.equal(readLedgerDocument(json), undefined);
  coordinator.checkpoints.set("hospital-1", ["{}", good.replace('"site":"hospital-1"', '"site":"hospital-3"')]);
  assert.deepEqual(about(await witness.witness(coordinator), "hospital-1"), { site: "hospital-1", kind: "unchanged" });
});

test("only hospitals of studies that the own steward approved are witnessed, and by the keys of those rosters", async () => {
  using site = new Site(hospital2);
  assert.deepEqual([...knownLogKeys(site.store).keys()], ["hospital-1", "hospital-2", "hospital-3"]);
  assert.deepEqual(knownLogKeys(site.store).get("hospital-1"), [hospital1.member.identityKey]);
  site.store.putDecision({ study: study.hash, kind: "declined", document: "{}", decidedAtMs: nowMs, isDelivered: true });
  assert.equal(knownLogKeys(site.store).size, 0);
  assert.deepEqual(await site.witness(testCoordinator()), []);
});
