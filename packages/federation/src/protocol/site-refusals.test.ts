/**
 * Every way in which a coordinator can ask for what it may not have: one row each, with the code of the hospital's own console.
 *
 * The requests are those of a real run, changed and signed again with the coordinator's own key: this coordinator lies as well as it can.
 */

import assert from "node:assert/strict";
import { after, test } from "node:test";
import { createSigner, createSigningKey, makeRoster } from "@dure/identity";
import { sha256 } from "@dure/kernel";
import { hashLayout, type Sum } from "@dure/privacy";
import type { HeadlineRequest, LocalModelRequest, OpenRound, ToSite } from "./messages.ts";
import { headlineRequestTranscript, openRoundTranscript } from "./signing.ts";
import { siteRefusalCodes } from "./site-checks.ts";
import { earlierRunsOf, type SiteFacts } from "./site-durable.ts";
import type { SiteRunState } from "./site-reducer.ts";
import { approve, frozen, randomRows, START_MS, TestFederation, testHospital, twoFeatureStudy } from "./testing.ts";

const victim = "boryeong";

interface Scene {
  /** The victim just before the message. */
  readonly state: SiteRunState;
  readonly message: ToSite;
}

const federation = new TestFederation();
const scenes = await recordScenes(federation);
const { approvals, roster, study, training } = federation;

/** An honest run, and what the victim was asked in it. */
async function recordScenes(run: TestFederation): Promise<ReadonlyMap<string, Scene>> {
  const found = new Map<string, Scene>();
  run.intercept = (letter) => {
    if (letter.to === victim) {
      const message = letter.message as ToSite;
      const name = message.kind === "open-round" ? `round ${message.round}` : message.kind;
      found.set(name, { state: run.site(victim).state, message });
    }
    return [letter];
  };
  run.arrive();
  assert.equal((await run.finish()).status, "completed");
  return found;
}

interface Asked<Message> {
  readonly message?: Partial<Message>;
  readonly facts?: Partial<SiteFacts>;
  readonly state?: Partial<SiteRunState>;
  /** The honest message arrives first: the changed one is the next attempt, or asks again. */
  readonly afterHonest?: boolean;
  readonly signature?: (message: Uint8Array) => Uint8Array;
}

const rows = new Map<string, number>();

function refused(code: string, what: string, run: () => Promise<void>): void {
  rows.set(code, (rows.get(code) ?? 0) + 1);
  test(`${code}: ${what}`, run);
}

function sceneOf(name: string): Scene {
  const scene = scenes.get(name);
  assert.ok(scene, `the run had ${name}`);
  return scene;
}

/** Delivers the message and expects one thing to leave, the refusal; nothing is stored, no key is kept. */
async function expectRefusal(scene: Scene, asked: Asked<never>, expected: { code: string; message: ToSite }): Promise<void> {
  const site = federation.site(victim);
  site.change = {};
  site.state = scene.state;
  if (asked.afterHonest === true) {
    await federation.stepSite(victim, { kind: "from-coordinator", message: scene.message, facts: federation.facts(victim) });
  }
  site.state = { ...site.state, ...asked.state };
  site.change = asked.facts ?? {};
  site.refusals.length = 0;
  const before = site.state.durable;
  const { message } = expected;
  const left = await federation.stepSite(victim, { kind: "from-coordinator", message, facts: federation.facts(victim) });
  const about = { "headline-request": "headline", "local-model-request": "local-model" }[message.kind as string] ?? "sum";
  const { round, attempt } = message.kind === "open-round" ? message : { round: 0, attempt: 0 };
  assert.deepEqual(left, [{ kind: "not-taking-part", run: message.run, round, attempt, about }]);
  assert.deepEqual(site.refusals, [expected.code]);
  assert.deepEqual(site.state.durable, before);
  assert.equal(site.state.attempt, undefined);
}

function refusedRound(
  code: string,
  what: string,
  name: string,
  change: (message: OpenRound, state: SiteRunState) => Asked<OpenRound>,
): void {
  refused(code, `round, ${what}`, async () => {
    const scene = sceneOf(name);
    const honest = scene.message as OpenRound;
    const asked = change(honest, scene.state);
    const unsigned = { ...honest, attempt: honest.attempt + (asked.afterHonest === true ? 1 : 0), ...asked.message };
    const sign = asked.signature ?? federation.tools.sign;
    const isMalformed = code === "request-malformed";
    const message = { ...unsigned, signature: isMalformed ? honest.signature : sign(openRoundTranscript(unsigned)) };
    await expectRefusal(scene, asked as Asked<never>, { code, message });
  });
}

function refusedHeadline(code: string, what: string, change: (message: HeadlineRequest) => Asked<HeadlineRequest>): void {
  refused(code, `headline, ${what}`, async () => {
    const scene = sceneOf("headline-request");
    const honest = scene.message as HeadlineRequest;
    const asked = change(honest);
    const unsigned = { ...honest, ...asked.message };
    const sign = asked.signature ?? federation.tools.sign;
    const message = { ...unsigned, signature: code === "request-malformed" ? honest.signature : sign(headlineRequestTranscript(unsigned)) };
    await expectRefusal(scene, asked as Asked<never>, { code, message });
  });
}

function refusedModel(code: string, what: string, change: (message: LocalModelRequest) => Asked<LocalModelRequest>): void {
  refused(code, `local model, ${what}`, async () => {
    const scene = sceneOf("local-model-request");
    const honest = scene.message as LocalModelRequest;
    const asked = change(honest);
    await expectRefusal(scene, asked as Asked<never>, { code, message: { ...honest, ...asked.message } });
  });
}

const otherStudy = frozen({ ...study.document, id: "another-study" });
const ownHospital = federation.site(victim).hospital;
const ownApproval = federation.facts(victim).approval;
const without = (siteId: string) => ({
  roster: makeRoster(roster.members.filter((member) => member.siteId !== siteId)),
  approvals: approvals.filter(({ terms }) => terms.siteId !== siteId),
});
const otherKey = createSigningKey(federation.random);
const forge = createSigner("coordinator", otherKey.privateKey).sign;
const replaced = (siteId: string, approval: (typeof approvals)[number]) => ({
  approvals: approvals.map((item) => (item.terms.siteId === siteId ? approval : item)),
});

/** A real hospital as far as keys go: enrolled by CA and coordinator together, with a steward of its own who signed everything. */
const invented = testHospital("mallory", "training", randomRows(666), federation.random);
const withInvented = makeRoster([...roster.members, invented.member]);

/* The coordinator's word. */

refusedRound("coordinator-signature", "signed by another key", "round 2", () => ({ signature: forge }));
refusedRound("coordinator-signature", "changed after signing", "round 2", (message) => ({
  message: { deadlineMs: message.deadlineMs + 1 },
  signature: () => message.signature,
}));
refusedHeadline("coordinator-signature", "signed by another key", () => ({ signature: forge }));
refusedRound("request-malformed", "a sum that is no number", "round 2", (message) => ({
  message: { lastSum: changedSum(message.lastSum, (values) => values.fill(Number.NaN)) },
}));
refusedHeadline("request-malformed", "a sum that is no number", (message) => ({
  message: { lastSum: changedSum(message.lastSum, (values) => values.fill(Number.NaN)) },
}));

/* The own steward's word. */

for (const name of ["round 0", "round 3"]) {
  refusedRound("approval-expired", `the very millisecond, ${name}`, name, () => ({ facts: { nowMs: ownApproval.terms.expiresAtMs } }));
}
refusedHeadline("approval-expired", "after the run", () => ({ facts: { nowMs: ownApproval.terms.expiresAtMs } }));
refusedModel("approval-expired", "after the run", () => ({ facts: { nowMs: ownApproval.terms.expiresAtMs } }));
refusedRound("approval-other-study", "another hash than the approved one", "round 0", () => ({ message: { study: otherStudy.hash } }));
refusedModel("approval-other-study", "decided anew on another version", () => ({
  facts: { approval: approve(ownHospital, otherStudy, roster) },
}));
refusedRound("approval-other-roster", "the steward saw another invitation", "round 0", () => ({
  facts: { invitedRoster: withInvented },
}));
refusedRound("study-hash", "a document other than the one approved", "round 0", () => ({ facts: { study: otherStudy } }));
refusedRound("run-of-another-study", "a run's number is used again", "round 2", () => ({
  message: { study: otherStudy.hash, approvals: federation.hospitals.map((hospital) => approve(hospital, otherStudy, roster)) },
  facts: { study: otherStudy, approval: approve(ownHospital, otherStudy, roster) },
}));
refusedRound("sum-count-used-up", "one round more than approved", "round 2", () => ({
  facts: { approval: approve(ownHospital, study, roster, { sumCountMax: 2 }) },
}));
refusedHeadline("release-not-granted", "not ticked", () => ({
  facts: { approval: approve(ownHospital, study, roster, { releases: [] }) },
}));
refusedModel("release-not-granted", "not ticked", () => ({
  facts: { approval: approve(ownHospital, study, roster, { releases: ["headline"] }) },
}));

/* Who takes part. */

refusedRound("identity/roster-uninvited-member", "coordinator and CA enrolled a hospital together", "round 0", () => ({
  message: {
    roster: withInvented,
    approvals: [...approvals, approve(invented, study, roster)],
    contributors: [...training, invented.siteId],
  },
}));
refusedRound("identity/roster-uninvited-member", "and its steward even signed the longer roster", "round 0", () => ({
  message: {
    roster: withInvented,
    approvals: [...approvals, approve(invented, study, withInvented)],
    contributors: [...training, invented.siteId],
  },
}));
refusedHeadline("identity/roster-uninvited-member", "coordinator and CA enrolled a hospital together", () => ({
  message: { roster: withInvented, approvals: [...approvals, approve(invented, study, roster)] },
}));
refusedRound("identity/roster-changed-member", "another hospital's key is the coordinator's", "round 0", () => ({
  message: {
    roster: makeRoster(
      roster.members.map((member) => (member.siteId === "daegu" ? { ...member, identityKey: otherKey.publicKey } : member)),
    ),
  },
}));
refusedRound("identity/roster-too-few-training", "all but two were left out", "round 0", () => {
  const members = roster.members.filter(({ siteId }) => [victim, "andong", "eumseong"].includes(siteId));
  return {
    message: {
      roster: makeRoster(members),
      approvals: approvals.filter(({ terms }) => members.some(({ siteId }) => siteId === terms.siteId)),
      contributors: ["andong", victim],
    },
  };
});
refusedRound("not-in-roster", "the others without this hospital", "round 0", () => ({ message: without(victim) }));
refusedHeadline("not-in-roster", "so that it would pass for an external one and score any model", (message) => ({
  message: { ...without(victim), result: chosenModel(message) },
}));
refusedRound("identity/approval-missing", "another hospital did not approve", "round 0", () => ({
  message: { approvals: without("daegu").approvals },
}));
refusedRound("identity/approval-other-steward", "approved by somebody else", "round 0", () => {
  const approval = approve({ ...invented, siteId: "daegu" }, study, roster);
  return { message: replaced("daegu", approval) };
});
refusedRound("identity/approval-bad-signature", "terms were changed after signing", "round 0", () => {
  const approval = approve(federation.site("daegu").hospital, study, roster);
  return { message: replaced("daegu", { ...approval, terms: { ...approval.terms, sumCountMax: 1000 } }) };
});
refusedRound("identity/approval-expired", "another hospital's has expired", "round 0", () => {
  const approval = approve(federation.site("daegu").hospital, study, roster, { decidedAtMs: 1, expiresAtMs: START_MS - 1 });
  return { message: replaced("daegu", approval) };
});
refusedRound("identity/approval-other-study", "another hospital approved another study", "round 0", () => ({
  message: replaced("daegu", approve(federation.site("daegu").hospital, otherStudy, roster)),
}));
refusedRound("not-a-contributor", "this hospital is asked for a sum of the others", "round 0", () => ({
  message: { contributors: training.filter((siteId) => siteId !== victim) },
}));
refusedRound("contributors-not-in-roster", "one hospital twice", "round 0", () => ({ message: { contributors: [...training, "andong"] } }));
refusedRound("contributors-not-in-roster", "an external hospital", "round 0", () => ({
  message: { contributors: [...training, "eumseong"] },
}));
refusedRound("too-few-contributors", "two of four", "round 0", () => ({ message: { contributors: ["andong", victim] } }));
for (const name of ["round 1", "round 2", "round 7"]) {
  refusedRound("contributors-changed", `one left after the first sum, ${name}`, name, () => ({
    message: { contributors: training.filter((siteId) => siteId !== "daegu") },
  }));
}
refusedRound("contributors-changed", "the first round again with one hospital less", "round 1", (_message, state) => {
  const first = sceneOf("round 0").message as OpenRound;
  const message = { ...first, attempt: 9, contributors: training.filter((siteId) => siteId !== "daegu") };
  return { message, state: { ...state, durable: { ...first0(state), round: 0, state: first.state } } };
});
const earlierRuns = (...sets: readonly (readonly string[])[]): SiteFacts["earlierRuns"] =>
  sets.map((contributors) => ({ contributors, inferenceAccepted: [] }));
for (const earlier of [training.slice(0, 3), [...training, "gangneung"], ["andong", victim, "gangneung", "hapcheon"]]) {
  refusedRound("contributors-too-close", `an earlier run summed ${earlier.length} hospitals: ${earlier.at(-1)}`, "round 0", () => ({
    facts: { earlierRuns: earlierRuns(training, earlier) },
  }));
}
refusedRound("roster-changed", "a hospital left after the first sum", "round 2", () => ({ message: without("eumseong") }));
refusedHeadline("roster-changed", "another roster than the run's", () => ({ message: without("eumseong") }));

/* What follows from what. */

refusedRound("first-round-missed", "a run begins in the middle", "round 2", () => ({ state: { durable: undefined } }));
refusedRound("state-does-not-follow", "another beginning", "round 0", () => ({ message: { state: { phase: "moments" } } }));
refusedRound("state-does-not-follow", "no state at all", "round 2", () => ({ message: { state: null } }));
refusedRound("state-does-not-follow", "the same round with another state", "round 4", (message) => ({
  message: { state: chosenCoefficients(message) },
  afterHonest: true,
}));
refusedRound("state-does-not-follow", "coefficients chosen by the coordinator", "round 4", (message) => ({
  message: { state: chosenCoefficients(message) },
}));
refusedRound("state-does-not-follow", "another sum under the true state", "round 4", (message) => ({
  message: { lastSum: changedSum(message.lastSum, (values) => values.set([(values[0] ?? 0) + 1])) },
}));
refusedRound("state-does-not-follow", "a sum over another number of hospitals", "round 4", (message) => ({
  message: { lastSum: { siteCount: 3, vectors: message.lastSum?.vectors ?? new Map() } },
}));
refusedRound("state-does-not-follow", "a sum of another layout", "round 4", () => ({
  message: { lastSum: { siteCount: training.length, vectors: new Map() } },
}));
refusedRound("state-does-not-follow", "a sum beyond its bounds, with the state that follows from it", "round 3", (message, state) => {
  const lie = changedSum(message.lastSum, (values) => values.fill(1e9));
  const absorbed = federation.part.absorb(first0(state).state, lie);
  assert.ok(absorbed.kind === "continue" || absorbed.kind === "refused");
  return { message: { lastSum: lie, ...(absorbed.kind === "continue" ? { state: absorbed.state } : {}) } };
});
refusedRound("layout-not-of-this-state", "a hash of something else", "round 2", () => ({ message: { layout: sha256("wider") } }));
refusedRound("layout-not-of-this-state", "the layout of the round before", "round 2", (_message, state) => ({
  message: { layout: hashLayout(federation.part.layout(first0(state).state)) },
}));
refusedRound("round-out-of-order", "one is skipped", "round 3", (message) => ({ message: { round: message.round + 1 } }));
refusedRound("round-out-of-order", "an earlier one once more", "round 3", () => ({
  message: { ...(sceneOf("round 1").message as OpenRound), attempt: 7 },
}));
refusedRound("round-out-of-order", "no sum to follow from", "round 3", () => ({ message: { lastSum: undefined } }));
refusedRound("run-ended", "another round after the end", "round 3", (_message, state) => ({
  state: { durable: { ...first0(state), ended: true } },
}));

/* Own releases. */

refusedHeadline("result-without-run", "a hospital that trained in nothing", () => ({ state: { durable: undefined } }));
refusedHeadline("run-ended", "after the end", () => ({
  state: { durable: { ...first0(sceneOf("headline-request").state), ended: true } },
}));
refusedHeadline("result-does-not-follow", "a model chosen by the coordinator", (message) => ({
  message: { result: chosenModel(message) },
}));
refusedHeadline("result-does-not-follow", "the true result of another sum", (message) => ({
  message: { lastSum: otherScores(message.lastSum) },
}));
refusedHeadline("local-models-not-of-roster", "models from nowhere, to be scored", (message) => ({
  message: { localModels: [...message.localModels, { from: "nobody", to: victim, box: new Uint8Array(8) }] },
}));
refusedHeadline("local-models-not-of-roster", "two models in one hospital's name", () => ({
  message: { localModels: ["andong", "andong"].map((from) => ({ from, to: victim, box: new Uint8Array(8) })) },
}));
refusedHeadline("already-answered-for-another-result", "the result of a second, invented last sum", (message) => ({
  message: followUp(message),
  afterHonest: true,
}));
refusedModel("result-without-run", "a hospital that trained in nothing", () => ({ state: { durable: undefined } }));
refusedModel("run-ended", "after the end", () => ({
  state: { durable: { ...first0(sceneOf("local-model-request").state), ended: true } },
}));
refusedModel("result-does-not-follow", "a model chosen by the coordinator", (message) => ({ message: { result: chosenModel(message) } }));
refusedModel("already-answered-for-another-result", "the result of a second, invented last sum", (message) => ({
  message: followUp(message),
  afterHonest: true,
}));

test("the honest requests of the table are answered", async () => {
  const site = federation.site(victim);
  site.change = {};
  for (const [name, answer] of [
    ["round 0", "keys"],
    ["round 4", "keys"],
    ["local-model-request", "local-model"],
    ["headline-request", "headline"],
  ] as const) {
    const { state, message } = sceneOf(name);
    site.state = state;
    const left = await federation.stepSite(victim, { kind: "from-coordinator", message, facts: federation.facts(victim) });
    assert.deepEqual(
      left.map(({ kind }) => kind),
      [answer],
      name,
    );
  }
});

test("contributors that differ from an earlier run's by enough hospitals, or by one that accepted it, are summed", async () => {
  const { state, message } = sceneOf("round 0");
  const site = federation.site(victim);
  const ask = async (runs: SiteFacts["earlierRuns"], asked: Partial<OpenRound> = {}) => {
    site.state = state;
    site.change = { earlierRuns: runs };
    const signed = federation.signOpenRound({ ...(message as OpenRound), ...asked });
    const left = await federation.stepSite(victim, { kind: "from-coordinator", message: signed, facts: federation.facts(victim) });
    site.change = {};
    return left.map(({ kind }) => kind);
  };
  assert.deepEqual(await ask(earlierRuns(training, [...training, "gangneung", "hapcheon", "icheon"])), ["keys"]);
  const longer = [...training, "gangneung"];
  assert.deepEqual(await ask([{ contributors: longer, inferenceAccepted: ["gangneung"] }]), ["keys"]);
  assert.deepEqual(await ask([{ contributors: longer, inferenceAccepted: ["andong"] }]), ["not-taking-part"]);
  const withoutDaegu = training.filter((siteId) => siteId !== "daegu");
  const accepting = approve(federation.site("daegu").hospital, study, roster, { acceptsInference: true });
  assert.deepEqual(await ask(earlierRuns(withoutDaegu), replaced("daegu", accepting)), ["keys"]);
  assert.deepEqual(await ask(earlierRuns(withoutDaegu)), ["not-taking-part"]);
});

test("two runs of a study at one time: the second one's list is not signed when the first has opened a sum meanwhile", async () => {
  const run = new TestFederation({ seed: 2 });
  run.intercept = (letter) => {
    const isLate = letter.message.kind === "survivor-list" && letter.to === victim;
    if (isLate) run.site(victim).change = { earlierRuns: earlierRuns(training.slice(0, 3)) };
    return [letter];
  };
  run.arrive();
  await run.settle();
  assert.deepEqual(run.site(victim).refusals, ["contributors-too-close"]);
  assert.equal(
    run.site(victim).left.some(({ kind }) => kind === "survivor-signed" || kind === "unmask"),
    false,
  );
});

test("what a run's contributors were, and who accepted inference, is stored with the first survivor list", async () => {
  const run = new TestFederation({ seed: 3 });
  run.arrive();
  await run.finish();
  const { durable } = run.site(victim).state;
  assert.ok(durable);
  assert.deepEqual(earlierRunsOf([durable, { ...durable, contributors: null }]), [{ contributors: run.training, inferenceAccepted: [] }]);
});

test("an open round that comes twice, or after a later attempt, changes nothing and is not answered", async () => {
  const { state, message } = sceneOf("round 2");
  const site = federation.site(victim);
  site.state = state;
  const honest = message as OpenRound;
  const deliver = (asked: OpenRound) =>
    federation.stepSite(victim, { kind: "from-coordinator", message: asked, facts: federation.facts(victim) });
  await deliver(federation.signOpenRound({ ...honest, attempt: 3 }));
  const before = site.state;
  for (const attempt of [3, 2, 1]) {
    assert.deepEqual(await deliver(federation.signOpenRound({ ...honest, attempt })), []);
    assert.equal(site.state, before);
  }
});

test("a run stops when the approvals expire while it goes on", async () => {
  const run = new TestFederation({ study: twoFeatureStudy() });
  run.nowMs = ownApproval.terms.expiresAtMs - 50_000;
  run.intercept = (letter) => {
    run.nowMs += 500;
    return [letter];
  };
  run.arrive();
  const durable = await run.finish();
  assert.ok(durable.status === "stopped" && durable.round > 0, "it had begun");
  assert.ok(run.training.some((siteId) => run.site(siteId).refusals.length > 0));
  for (const siteId of run.training) assert.ok(run.site(siteId).refusals.every((code) => code === "approval-expired"));
});

after(() => {
  const other = ["approval-expired", "approval-other-study", "approval-other-roster"];
  const missing = [...siteRefusalCodes, ...other].filter((code) => !rows.has(code));
  assert.deepEqual(missing, [], "a code without a row");
});

function first0(state: SiteRunState): NonNullable<SiteRunState["durable"]> {
  assert.ok(state.durable);
  return state.durable;
}

function changedSum(sum: Sum | undefined, change: (values: Float64Array) => void): Sum {
  assert.ok(sum);
  const vectors = new Map([...sum.vectors].map(([name, values]) => [name, values.slice()]));
  for (const values of vectors.values()) change(values);
  return { siteCount: sum.siteCount, vectors };
}

/** The state of a Newton round with the coefficients that would isolate somebody. */
function chosenCoefficients(message: OpenRound): OpenRound["state"] {
  const state = JSON.parse(JSON.stringify(message.state));
  assert.equal(state.phase, "newton");
  state.fits[0].newton.trial = [25, -5, 0];
  return state;
}

function chosenModel(message: { readonly result: unknown }): LocalModelRequest["result"] {
  const result = JSON.parse(JSON.stringify(message.result));
  result.models.full.coefficients = [0, 1, 0];
  return result;
}

/** As many rows in other bins: a sum that could have been. */
const otherScores = (sum: Sum): Sum => changedSum(sum, (values) => void values.reverse());

function followUp({ lastSum }: { readonly lastSum: Sum }): { readonly lastSum: Sum; readonly result: LocalModelRequest["result"] } {
  const lie = otherScores(lastSum);
  const absorbed = federation.part.absorb(first0(sceneOf("headline-request").state).state, lie);
  assert.ok(absorbed.kind === "done");
  return { lastSum: lie, result: absorbed.result };
}
