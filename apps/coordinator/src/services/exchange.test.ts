/** What agents and researchers say to the coordinator beside a run's sums: counts, checkpoints, withdrawals; and what nobody should say. */

import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { Code, ConnectError } from "@connectrpc/connect";
import { defaultTiming } from "@dure/federation/protocol";
import {
  appendEntry,
  cosignatureLine,
  emptyLedger,
  hashRoster,
  ledgerOrigin,
  ledgerRoot,
  parseNote,
  signCheckpoint,
  signDeclination,
} from "@dure/identity";
import { coordinatorPaths, readSettings, storeTarget } from "../home/coordinator-home.ts";
import { questionsPerDayMax } from "../limits.ts";
import { type RunningCoordinator, startCoordinator } from "../start-coordinator.ts";
import { openCoordinatorStore } from "../store/index.ts";
import {
  allianceName,
  clock,
  connect,
  enrolMember,
  json,
  makeHome,
  memoryLog,
  random,
  refusalOf,
  type TestHome,
  type TestLog,
  type TestMember,
} from "../testing.ts";
import { hasEnded, TestFederation } from "../testing-federation.ts";
import { inventedStudy, tableFile } from "../testing-study.ts";

let home: TestHome;
let coordinator: RunningCoordinator;
let federation: TestFederation;
let log: TestLog;

/** Half a second is long for loopback, and short for a test that waits for a hospital which is away. */
const timing = { ...defaultTiming, phaseMs: 500, patienceMs: 30_000 };

before(async () => {
  home = await makeHome();
  log = memoryLog();
  coordinator = await startCoordinator({ home: home.home, clock, random, log, timing });
  federation = await TestFederation.enrol(home, coordinator.url);
});

after(async () => {
  await federation.close();
  await coordinator.close();
  await home.remove();
});

const files = [{ name: tableFile.name, content: tableFile.content.slice() }];

test("a feasibility question reaches the hospitals, also those that come later, and each answers once", async () => {
  const study = inventedStudy("How many?");
  const ask = { canonicalStudyJson: json(study.canonical), files, sites: ["andong", "boryeong"] };
  const { studies } = federation.connection;
  federation.site("andong").start();
  const { question } = await studies.askCount(ask);
  assert.equal((await studies.askCount(ask)).question, question, "the same question on the same day is one");
  await until(async () => (await studies.getCount({ question })).answers.some(({ answer }) => answer === "120"));
  assert.deepEqual(
    (await studies.getCount({ question })).answers.map(({ site, answer }) => [site, answer]),
    [
      ["andong", "120"],
      ["boryeong", ""],
    ],
  );
  federation.site("boryeong").start();
  await until(async () => (await studies.getCount({ question })).answers.every(({ answer }) => answer === "120"));
  assert.deepEqual(await refusalOf(federation.site("andong").connection.studies.getCount({ question })), [
    Code.NotFound,
    "coordinator/unknown-question",
  ]);
  const { sites } = federation.site("chuncheon").connection;
  const reply = (answer: string) => sites.post({ session: "s", content: { case: "countReply", value: { question, answer } } });
  assert.deepEqual(await refusalOf(reply("120")), [Code.NotFound, "coordinator/unknown-question"]);
  assert.deepEqual(await refusalOf(reply("a name")), [Code.InvalidArgument, "coordinator/malformed"]);
  await Promise.all([federation.site("andong").stop(), federation.site("boryeong").stop()]);
});

test(`more than ${questionsPerDayMax} questions a day are refused, and questions to nobody are`, async () => {
  const asker = await enrolMember(home, coordinator.url, { id: "curious", role: "researcher" });
  const { studies, close } = connect(coordinator.url, home.rootPem, asker);
  const ask = (title: string, sites = ["daegu"]) =>
    studies.askCount({ canonicalStudyJson: json(inventedStudy(title).canonical), files, sites });
  assert.deepEqual(await refusalOf(ask("x", [])), [Code.InvalidArgument, "coordinator/malformed"]);
  assert.deepEqual(await refusalOf(ask("x", ["researcher"])), [Code.InvalidArgument, "coordinator/unknown-member"]);
  for (let count = 0; count < questionsPerDayMax; count++) await ask(`Question ${count}`);
  assert.deepEqual(await refusalOf(ask("One more")), [Code.ResourceExhausted, "coordinator/too-many-questions"]);
  close();
});

test("checkpoints are witnessed, and a second history of one length is refused and recorded", async () => {
  const [log, witness] = [
    await enrolMember(home, coordinator.url, { id: "logger" }),
    await enrolMember(home, coordinator.url, { id: "witness" }),
  ];
  const [own, other] = [connect(coordinator.url, home.rootPem, log), connect(coordinator.url, home.rootPem, witness)];
  const document = checkpointDocument(log);
  await own.sites.postCheckpoint({ checkpointJson: json(document) });
  await own.sites.postCheckpoint({ checkpointJson: json(document) });
  assert.deepEqual((await other.sites.listCheckpoints({ site: "" })).checkpointJson, [json(document)]);
  const note = parseNote(document.note);
  assert.ok(note !== undefined);
  const line = cosignatureLine(note, { name: "witness", privateKey: witness.identity.privateKey }, clock.nowMs());
  const { site, size, root } = document;
  const cosignature = { kind: "cosignature", site, size, root, witness: "witness", line };
  await other.sites.postCheckpoint({ checkpointJson: json(cosignature) });
  assert.deepEqual((await own.sites.listCheckpoints({ site: "logger" })).checkpointJson, [json(document), json(cosignature)]);
  const refusals = [
    [own, cosignature, Code.NotFound, "coordinator/unknown-checkpoint"],
    [other, { ...cosignature, size: 7 }, Code.NotFound, "coordinator/unknown-checkpoint"],
    [other, { ...cosignature, line: line.replace("witness", "logger") }, Code.InvalidArgument, "coordinator/malformed"],
    [other, document, Code.InvalidArgument, "coordinator/malformed"],
    [own, { ...document, size: 9 }, Code.InvalidArgument, "coordinator/malformed"],
    [own, { kind: "else" }, Code.InvalidArgument, "coordinator/malformed"],
    [own, checkpointDocument(log, "refusal-b"), Code.PermissionDenied, "coordinator/ledger-fork"],
  ] as const;
  for (const [caller, value, code, problem] of refusals)
    assert.deepEqual(await refusalOf(caller.sites.postCheckpoint({ checkpointJson: json(value) })), [code, problem]);
  own.close();
  other.close();
});

function checkpointDocument(member: TestMember, code = "refusal-a") {
  const origin = ledgerOrigin(allianceName, member.id);
  const { head } = appendEntry(emptyLedger(origin), { kind: "refusal", details: [code] }, { atMs: 1, random });
  const root = ledgerRoot(head);
  const note = signCheckpoint({ origin, size: head.size, root }, member.identity.privateKey);
  return { kind: "checkpoint", site: member.id, size: head.size, root, note, proofs: [] };
}

test("messages that no run can use are refused, and the process goes on", async () => {
  const study = inventedStudy("Hostile messages");
  await federation.propose(study);
  await federation.approveAll(study);
  const { run } = await federation.startRun(study);
  const { sites } = federation.site("chuncheon").connection;
  const post = (value: object) => sites.post({ session: "s", content: { case: "toCoordinator", value } });
  const attempt = { run, round: 0, attempt: 1 };
  for (const [value, code, problem] of [
    [{ run }, Code.InvalidArgument, "wire/malformed"],
    [{ run: "" }, Code.InvalidArgument, "wire/malformed"],
    [{ ...attempt, body: { case: "headline", value: { figuresJson: "{" } } }, Code.InvalidArgument, "wire/malformed"],
    [{ ...attempt, body: { case: "notTakingPart", value: { about: "lunch" } } }, Code.InvalidArgument, "wire/malformed"],
    [{ ...attempt, body: { case: "abortAttempt", value: { code: "Somebody's Name" } } }, Code.InvalidArgument, "coordinator/malformed"],
    [
      { ...attempt, body: { case: "abortAttempt", value: { code: "x", accused: "nobody" } } },
      Code.InvalidArgument,
      "coordinator/malformed",
    ],
    [{ run: "no-such-run", body: { case: "notTakingPart", value: { about: "sum" } } }, Code.NotFound, "coordinator/unknown-run"],
  ] as const)
    assert.deepEqual(await refusalOf(post(value)), [code, problem]);
  assert.deepEqual(await refusalOf(sites.post({ session: "s" })), [Code.InvalidArgument, "coordinator/malformed"]);
  assert.deepEqual(await refusalOf(sites.poll({ session: "", waitMs: 1 })), [Code.InvalidArgument, "coordinator/malformed"]);

  federation.startSites();
  const { session } = federation.site("chuncheon");
  const bodies = [
    { case: "keys", value: { siteId: "chuncheon", sealPublicKey: new Uint8Array(3), signature: new Uint8Array(1) } },
    { case: "maskedVector", value: new Uint8Array(5) },
    { case: "unmask", value: { shares: [{ from: "x", about: "y", share: new Uint8Array(9) }] } },
    { case: "survivorSigned", value: { siteId: "boryeong", signature: new Uint8Array(0) } },
  ] as const;
  for (let round = 0; round < 4; round++) {
    for (const body of bodies) {
      // Whether a phase is waiting for it or not: it is dropped, or it costs the attempt; it never costs the process.
      const content = { case: "toCoordinator", value: { run, round, attempt: 1, body } };
      await sites.post({ session, content: content as Parameters<typeof sites.post>[0]["content"] & object }).catch((error: unknown) => {
        assert.equal(ConnectError.from(error).code, Code.InvalidArgument);
      });
    }
    await federation.watch(run, (status) => status.round > round);
  }
  const ended = await federation.watch(run, hasEnded);
  assert.equal(ended.status, "completed", JSON.stringify(ended.record.map(({ code }) => code)));
  await Promise.all([...federation.sites.values()].map((site) => site.stop()));
});

test("a hospital that is away makes the run wait, named on the record; when it is back the run completes", async () => {
  const study = inventedStudy("Somebody away");
  await federation.propose(study);
  await federation.approveAll(study);
  federation.startSites();
  const { run } = await federation.startRun(study);
  await federation.watch(run, ({ round }) => round >= 1);
  await federation.site("boryeong").stop();
  const waiting = await federation.watch(run, ({ status }) => status === "waiting" || status === "completed");
  assert.deepEqual([waiting.status, waiting.waitingFor], ["waiting", ["boryeong"]]);
  assert.equal((await federation.connection.studies.getStudy({ study: study.hash })).state, "waiting");
  federation.site("boryeong").start();
  const ended = await federation.watch(run, hasEnded);
  assert.equal(ended.status, "completed");
  assert.ok(ended.record.some(({ code, sites }) => code === "waiting" && sites.includes("boryeong")));
  await Promise.all([...federation.sites.values()].map((site) => site.stop()));
});

test("a hospital that withdraws during an exact analysis stops the run, and the reason is sealed in the result's place", async () => {
  const study = inventedStudy("Somebody withdraws");
  await federation.propose(study);
  await federation.approveAll(study);
  federation.startSites();
  const { run } = await federation.startRun(study);
  await federation.watch(run, ({ round }) => round >= 1);
  const roster = await federation.roster();
  const member = federation.site("chuncheon").member;
  const terms = {
    siteId: member.id,
    study: study.hash,
    invitedRoster: hashRoster(roster),
    decision: "withdrawn" as const,
    reason: "policy" as const,
    decidedAtMs: clock.nowMs(),
  };
  const { studies } = federation.site("chuncheon").connection;
  const forged = signDeclination(terms, member.identity.privateKey);
  assert.deepEqual(await refusalOf(studies.decide({ decisionJson: json(forged) })), [
    Code.InvalidArgument,
    "identity/declination-other-site",
  ]);
  await studies.decide({ decisionJson: json(signDeclination(terms, member.steward.privateKey)) });
  const ended = await federation.watch(run, hasEnded);
  assert.deepEqual([ended.status, ended.stopCode, ended.stopSites], ["stopped", "withdrawn", ["chuncheon"]]);
  assert.deepEqual((await federation.result(run)).stopReason, { code: "withdrawn", sites: ["chuncheon"], columns: [] });
  assert.equal((await federation.connection.studies.getStudy({ study: study.hash })).state, "stopped");
  await Promise.all([...federation.sites.values()].map((site) => site.stop()));
});

test("a study that too few hospitals can still agree to is declined", async () => {
  const study = inventedStudy("Declined");
  await federation.propose(study);
  const member = federation.site("andong").member;
  const terms = {
    siteId: member.id,
    study: study.hash,
    invitedRoster: hashRoster(await federation.roster()),
    decision: "declined" as const,
    reason: "review-board" as const,
    decidedAtMs: clock.nowMs(),
  };
  const decisionJson = json(signDeclination(terms, member.steward.privateKey));
  assert.equal((await federation.site("andong").connection.studies.decide({ decisionJson })).state, "declined");
  assert.deepEqual(await refusalOf(federation.site("daegu").approve(study.hash, [])), [
    Code.FailedPrecondition,
    "coordinator/decision-too-late",
  ]);
});

test("nothing broke inside, and what was refused is on the record", async () => {
  assert.deepEqual(
    log.entries.filter(({ code }) => /run-not-stored|^fault/.test(code)),
    [],
  );
  await coordinator.close();
  const paths = coordinatorPaths(home.home);
  const store = await openCoordinatorStore(storeTarget(paths, readSettings(paths)));
  const refusals = await store.transaction("look", (tx) => store.repositories.refusals.list(tx));
  assert.ok(refusals.some(({ code, askerId }) => code === "coordinator/ledger-fork" && askerId === "logger"));
  await store.close();
});

async function until(isThere: () => Promise<boolean>): Promise<void> {
  const endMs = clock.nowMs() + 20_000;
  while (!(await isThere())) {
    if (clock.nowMs() > endMs) throw new Error("it did not come");
    await clock.sleep(20);
  }
}
