/** A hospital as its agent lives a run: what is on the disk before anything leaves, and what the hospital says when it says no. */

import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { test } from "node:test";
import type { Leaving } from "@dure/federation/protocol";
import { signDeclination } from "@dure/identity";
import { type Clock, canonicalJson, type JsonValue, sha256, utf8 } from "@dure/kernel";
import { Releasable } from "@dure/privacy";
import { testClock, toySource } from "../steward/testing-site.ts";
import { openClinicalStore } from "../store/open-clinical-store.ts";
import { SiteStore } from "../store/site-store.ts";
import { tableSourceOf } from "./store-source.ts";
import { type Proposed, runStudy, TestAlliance, TestRun, type TestSiteProcess, victim } from "./testing-run.ts";

/** The answer of a run that nobody disturbs, over the rows that every alliance here has unless a test says otherwise. */
const undisturbed = await (async () => {
  using alliance = new TestAlliance();
  const run = new TestRun(alliance, "run-1", alliance.propose(runStudy()));
  assert.equal((await run.finish()).status, "completed");
  return run.answer;
})();

const left = (site: TestSiteProcess): readonly string[] => site.sent.map((message) => message.kind);

const ledgerKinds = (site: TestSiteProcess): readonly string[] => [...site.store.ledger()].map((entry) => JSON.parse(entry).kind as string);

/** What every hospital that took part looks like afterwards. */
function assertOver(alliance: TestAlliance): void {
  for (const site of alliance.sites.values()) {
    assert.deepEqual(site.verifyLedger().problems, []);
    assert.deepEqual(site.frozenFiles(), [], "the table of a run that has ended is gone");
  }
}

test("a run over real records ends, and every ledger holds what left: one masked vector a round, one headline", async () => {
  using alliance = new TestAlliance();
  const run = new TestRun(alliance, "run-1", alliance.propose(runStudy()));
  const { status, round } = await run.finish();
  assert.equal(status, "completed");
  assertOver(alliance);
  for (const site of alliance.sites.values()) {
    const isTraining = site.hospital.member.role === "training";
    const rounds = isTraining ? Array.from({ length: round }, () => "contribution") : [];
    assert.deepEqual(ledgerKinds(site), ["frozen-table", ...rounds, "release"], site.siteId);
    assert.deepEqual(site.log, []);
  }
});

test("what accounts for a message is on the disk in the moment in which the message is handed out", async () => {
  using alliance = new TestAlliance();
  const run = new TestRun(alliance, "run-1", alliance.propose(runStudy()));
  const checked = new Map<string, number>();
  for (const site of alliance.sites.values()) {
    site.onSend = (message) => {
      // Another connection sees what was committed, and nothing else.
      const onDisk = new SiteStore(site.paths.decisions);
      assertStored(onDisk, message);
      onDisk.close();
      checked.set(message.kind, (checked.get(message.kind) ?? 0) + 1);
    };
  }
  await run.finish();
  assert.equal(run.durable.status, "completed");
  assert.deepEqual([...checked.keys()].sort(), ["headline", "keys", "shares", "survivor-signed", "unmask", "vector"]);
});

function assertStored(store: SiteStore, message: Leaving): void {
  const durable = store.findRun(message.run);
  assert.ok(durable);
  const last = JSON.parse([...store.ledger()].at(-1) ?? "{}");
  switch (message.kind) {
    case "keys":
      assert.equal(durable.round, message.round);
      return;
    case "vector":
      assert.equal(durable.lastMaskedRound, message.round);
      assert.ok(Releasable.isReleasable(message.masked));
      assert.equal(last.maskedSha256, sha256(message.masked.value.bytes));
      assert.equal(last.round, message.round);
      return;
    case "survivor-signed":
      assert.equal(durable.survivorList?.round, message.round);
      assert.ok(durable.contributors);
      return;
    case "headline":
      assert.deepEqual(durable.headline?.figures, message.figures.value);
      assert.equal(last.objectSha256, sha256(utf8(canonicalJson(message.figures.value))));
      return;
    default:
      return;
  }
}

test("a hospital killed before any message arrives goes on with the same table to the same answer", async () => {
  using alliance = new TestAlliance();
  const run = new TestRun(alliance, "run-1", alliance.propose(runStudy()));
  const killedAt = new Set<string>();
  run.onArrival = (siteId, message) => {
    if (siteId !== victim || killedAt.has(message.kind)) return true;
    killedAt.add(message.kind);
    alliance.victim.restart();
    return false;
  };
  assert.equal((await run.finish()).status, "completed");
  assert.ok(killedAt.size >= 5, [...killedAt].join());
  assert.equal(run.answer, undisturbed);
  assert.equal(ledgerKinds(alliance.victim).filter((kind) => kind === "frozen-table").length, 1);
});

test("a store that another process has open costs the attempt: the next one succeeds", async () => {
  using alliance = new TestAlliance();
  const site = alliance.victim;
  const held = await openClinicalStore(site.paths.clinical);
  const rows = site.source;
  const store = tableSourceOf({ source: { kind: "store" } }, site.paths.clinical, impatientClock());
  site.source = {
    read: async (study, document) => {
      site.source = rows; // at the next attempt the load is over
      return store.read(study, document).finally(() => held.close());
    },
  };
  const run = new TestRun(alliance, "run-1", alliance.propose(runStudy()));
  assert.equal((await run.finish()).status, "completed");
  assert.equal(run.answer, undisturbed);
  assert.deepEqual(site.log, ["store/in-use"]);
  assert.ok(!left(site).includes("not-taking-part"));
  assert.ok(run.durable.contributors.includes(victim));
  assert.deepEqual(
    site.sent.flatMap((message) => (message.kind === "keys" && message.round === 0 ? [message.attempt] : [])),
    [1, 2],
  );
});

/** Its time passes while it sleeps, so waiting ends at once. */
function impatientClock(): Clock {
  const clock = testClock();
  return { nowMs: clock.nowMs, sleep: async (ms) => clock.set(clock.nowMs() + ms) };
}

test("a flat file that is replaced during a run changes nothing of it; the next run reads the new rows", async () => {
  using alliance = new TestAlliance();
  const site = alliance.victim;
  const path = join(site.paths.root, "toy.csv");
  const rowsOf = (count: number): string =>
    Array.from({ length: count }, (_, i) => `${45 + ((i * 7) % 31)},${i % 2},a,${(i * i) % 5 < 2 ? 1 : 0}`).join("\n");
  const write = (count: number): void => writeFileSync(path, `age,treated,site_code,y\n${rowsOf(count)}\n`);
  site.source = tableSourceOf({ source: { kind: "flat", path } }, site.paths.clinical);
  const agreed = alliance.propose(runStudy());

  write(150);
  const calm = new TestRun(alliance, "calm", agreed);
  await calm.finish();

  const run = new TestRun(alliance, "replaced", agreed);
  run.onArrival = (siteId, message) => {
    if (siteId === victim && message.kind === "open-round" && message.round === 2) {
      write(90);
      site.restart(); // and not even memory keeps the old rows
    }
    return true;
  };
  assert.equal((await run.finish()).status, "completed");
  assert.equal(run.answer, calm.answer);
  const later = new TestRun(alliance, "later", agreed);
  assert.equal((await later.finish()).status, "completed");
  assert.notEqual(later.answer, calm.answer);
  assertOver(alliance);
});

/** Lets a run come to this round and then does something to the victim. */
function at(run: TestRun, round: number, work: () => void): void {
  let isDone = false;
  run.onArrival = (siteId, message) => {
    if (!isDone && siteId === victim && message.kind === "open-round" && message.round === round) {
      isDone = true;
      work();
    }
    return true;
  };
}

test("an approval that expires in the middle of a run ends the hospital's part: the code inside, one word outside", async () => {
  using alliance = new TestAlliance();
  const expiresAtMs = alliance.clock.nowMs() + 3_600_000;
  const run = new TestRun(
    alliance,
    "run-1",
    alliance.propose(runStudy(), (siteId) => (siteId === victim ? { expiresAtMs } : {})),
  );
  at(run, 3, () => alliance.clock.set(expiresAtMs));
  const { status, stopReason } = await run.finish();
  assert.deepEqual([status, stopReason?.code, stopReason?.sites], ["stopped", "not-taking-part", [victim]]);
  assert.deepEqual(alliance.victim.log, ["approval-expired"]);
  assert.deepEqual(alliance.victim.sent.at(-1), { kind: "not-taking-part", run: "run-1", round: 3, attempt: 1, about: "sum" });
  assert.equal(ledgerKinds(alliance.victim).at(-1), "refusal");
  assertOver(alliance);
});

function withdraw(site: TestSiteProcess, { study, approvals }: Proposed): void {
  const { invitedRoster } = approvals[0]?.terms ?? assert.fail("there are approvals");
  const decidedAtMs = 1;
  const terms = { siteId: site.siteId, study: study.hash, invitedRoster, decision: "withdrawn", reason: "unstated", decidedAtMs } as const;
  const document = canonicalJson(signDeclination(terms, site.steward.privateKey) as unknown as JsonValue);
  site.store.putDecision({ study: study.hash, kind: "declined", document, decidedAtMs, isDelivered: false });
}

test("an approval withdrawn in the middle of a round stops everything from that moment; the run's end still removes its table", async () => {
  using alliance = new TestAlliance();
  const agreed = alliance.propose(runStudy());
  const run = new TestRun(alliance, "run-1", agreed);
  const site = alliance.victim;
  let sentBefore = Number.NaN;
  run.onArrival = (siteId, message) => {
    if (siteId === victim && message.kind === "share-delivery" && message.round === 3 && Number.isNaN(sentBefore)) {
      withdraw(site, agreed);
      sentBefore = site.sent.length;
    }
    return true;
  };
  const { status, stopReason } = await run.finish();
  assert.deepEqual([status, stopReason?.sites], ["stopped", [victim]]);
  assert.deepEqual(
    site.sent.slice(sentBefore).map(({ kind }) => kind),
    ["not-taking-part"],
  );
  assert.deepEqual(site.log, ["no-approval"]);
  assert.equal(site.store.findRun("run-1")?.ended, true);
  assertOver(alliance);
});

test("a study that nobody here approved is answered by one word, and a document that is not the approved one too", async () => {
  using alliance = new TestAlliance();
  const site = alliance.victim;
  const agreed = alliance.propose(runStudy());
  withdraw(site, agreed);
  const first = new TestRun(alliance, "not-approved", agreed);
  assert.equal((await first.finish()).status, "completed", "four others are enough");
  assert.deepEqual(site.log.splice(0), ["no-approval"]);

  const swapped = alliance.propose(runStudy());
  const raw = new DatabaseSync(site.paths.decisions);
  raw
    .prepare("UPDATE study SET canonical = (SELECT canonical FROM study WHERE hash = ?) WHERE hash = ?")
    .run(agreed.study.hash, swapped.study.hash);
  raw.close();
  const second = new TestRun(alliance, "swapped", swapped);
  assert.equal((await second.finish()).status, "completed");
  assert.deepEqual(site.log, ["study-hash"]);
  for (const { run, contributors } of [first, second].map((each) => ({ run: each.run, contributors: each.durable.contributors }))) {
    assert.ok(!contributors.includes(victim));
    assert.deepEqual(site.store.findRun(run), undefined, "nothing of the run is kept");
  }
  assert.deepEqual(left(site), ["not-taking-part", "not-taking-part"]);
});

for (const [what, rows, code] of [
  ["no rows at all", { rowCount: 0 }, "gate/too-few-rows"],
  ["rows of which none is complete", { rowCount: 160, ageMissing: 160 }, "gate/too-few-rows"],
  ["too few rows", { rowCount: 4 }, "gate/too-few-rows"],
  ["rows of one class", { rowCount: 160, events: 0 }, "gate/too-few-in-a-class"],
  ["rows of the other class", { rowCount: 160, events: 160 }, "gate/too-few-in-a-class"],
] as const) {
  test(`a hospital with ${what} takes no part: ${code} inside, the same word as ever outside, and the others go on`, async () => {
    using alliance = new TestAlliance({ [victim]: toySource(rows) });
    const run = new TestRun(alliance, "run-1", alliance.propose(runStudy()));
    assert.equal((await run.finish()).status, "completed");
    assert.deepEqual(alliance.victim.log, [code]);
    assert.ok(!left(alliance.victim).some((kind) => kind === "vector" || kind === "headline"));
    assert.equal(left(alliance.victim).at(-1), "not-taking-part");
    assert.ok(!run.durable.contributors.includes(victim));
  });
}
