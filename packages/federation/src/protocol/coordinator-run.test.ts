/** A run as the coordinator's reducer lives it: who is waited for, who is left out, what stops it, and what changes nothing. */

import assert from "node:assert/strict";
import { test } from "node:test";
import { canonicalJson, type JsonValue } from "@dure/kernel";
import { testTable } from "../site/testing.ts";
import type { ToCoordinator } from "./messages.ts";
import type { RunDurable } from "./run-plan.ts";
import { type Letter, START_MS, TestFederation, testTiming, twoFeatureStudy } from "./testing.ts";

const { phaseMs, joinMs, patienceMs } = testTiming;

/** What must be the same however the run went. */
const answerOf = ({ result, headlines }: RunDurable): string => canonicalJson({ result, headlines });

const whole = new TestFederation();
whole.arrive();
const expected = answerOf(await whole.finish());

const codes = (run: TestFederation): readonly string[] => run.record.map(({ code, sites }) => `${code} ${sites.join(" ")}`.trim());
const isLetter = (letter: Letter, kind: string, site: string): boolean =>
  letter.message.kind === kind && (letter.to === site || letter.from === site);

/** From the first letter of this kind to or from the site in this round on, the site is cut off. */
async function runUpTo(run: TestFederation, kind: string, site: string, round = 0): Promise<void> {
  let isReached = false;
  run.intercept = (letter) => {
    isReached ||= isLetter(letter, kind, site) && run.durable.round === round;
    return isReached && (letter.to === site || letter.from === site) ? [] : [letter];
  };
  run.arrive();
  await run.settle();
  assert.ok(isReached, `${kind} of ${site} in round ${round}`);
  run.intercept = (letter) => [letter];
}

test("a hospital that is away past its deadline makes the run waiting by name, and it goes on when the hospital is back", async () => {
  const run = new TestFederation();
  await runUpTo(run, "open-round", "daegu", 2);
  run.tell({ kind: "site-away", site: "daegu" });
  run.pass(phaseMs - 1);
  assert.equal(run.durable.status, "running");
  run.pass(1);
  assert.deepEqual([run.durable.status, run.durable.waitingFor], ["waiting", ["daegu"]]);
  run.pass(patienceMs / 2);
  assert.deepEqual([run.durable.status, run.durable.waitingFor], ["waiting", ["daegu"]]);
  run.restart("daegu");
  await run.settle();
  assert.equal(run.durable.waitingFor.length, 0);
  assert.equal(answerOf(await run.finish()), expected);
  assert.ok(codes(run).includes("waiting daegu"));
});

test("a run that waits stays waiting over a restart of the coordinator, and counts its patience on", async () => {
  const run = new TestFederation();
  await runUpTo(run, "open-round", "daegu", 2);
  run.tell({ kind: "site-away", site: "daegu" });
  run.pass(phaseMs);
  assert.equal(run.durable.status, "waiting");
  const { waitingSinceMs } = run.durable;
  run.restartCoordinator();
  run.tell({ kind: "site-away", site: "daegu" });
  await run.settle();
  run.nowMs = waitingSinceMs + patienceMs;
  run.tell({ kind: "tick" });
  run.pass(phaseMs);
  assert.deepEqual(run.durable.stopReason, { code: "patience-over", sites: ["daegu"], columns: [] });
});

test("past its patience a run is stopped, naming who was away", async () => {
  const run = new TestFederation();
  await runUpTo(run, "open-round", "daegu", 3);
  run.tell({ kind: "site-away", site: "daegu" });
  for (let passed = 0; passed <= patienceMs; passed += patienceMs / 8) run.pass(patienceMs / 8);
  assert.equal(run.durable.status, "stopped");
  assert.deepEqual(run.durable.stopReason, { code: "patience-over", sites: ["daegu"], columns: [] });
  const told = run.sent.filter(({ message }) => message.kind === "run-ended").map(({ to }) => to);
  assert.deepEqual(told, [...run.sites.keys()]);
});

test("a hospital that is connected but never answers is waited for by name, and ends the run when patience is over", async () => {
  const patienceMs = 6 * phaseMs;
  const run = new TestFederation({ timing: { patienceMs } });
  run.intercept = (letter) => (letter.to === "daegu" && run.durable.round > 1 ? [] : [letter]);
  run.arrive();
  await run.settle();
  run.pass(phaseMs);
  assert.deepEqual([run.durable.status, run.durable.waitingFor], ["waiting", ["daegu"]]);
  for (let passed = 0; passed <= patienceMs + 2 * phaseMs && run.durable.stage !== "ended"; passed += 20_000) {
    run.nowMs += 20_000;
    run.arrive();
    run.tell({ kind: "tick" });
    await run.settle();
  }
  assert.deepEqual(run.durable.stopReason, { code: "patience-over", sites: ["daegu"], columns: [] });
});

test("a coordinator that was down for longer than patience listens first, and then goes on with who calls", async () => {
  const run = new TestFederation();
  await runUpTo(run, "open-round", "daegu", 2);
  run.tell({ kind: "site-away", site: "daegu" });
  run.pass(phaseMs);
  run.nowMs += 2 * patienceMs;
  run.state = { ...run.state, present: new Map() };
  run.restartCoordinator();
  assert.equal(answerOf(await run.finish()), expected);
});

test("a coordinator that was down before the first sum does not leave out whoever calls second", async () => {
  const run = new TestFederation();
  run.nowMs = START_MS + 3 * joinMs;
  run.arrive();
  assert.equal(answerOf(await run.finish()), expected);
  assert.deepEqual(run.durable.absent, []);
});

test("who has not come when the first sum is due is left out for good, where enough remain", async () => {
  const run = new TestFederation();
  const others = [...run.sites.keys()].filter((siteId) => siteId !== "daegu");
  run.arrive(others);
  await run.settle();
  run.pass(joinMs - 1);
  assert.deepEqual([run.durable.status, run.durable.waitingFor], ["waiting", ["daegu"]]);
  run.pass(1);
  assert.deepEqual(run.durable.absent, ["daegu"]);
  assert.deepEqual(run.durable.contributors, ["andong", "boryeong", "chuncheon"]);
  const durable = await run.finish();
  assert.equal(durable.status, "completed");
  assert.ok(codes(run).includes("left-out/absent daegu"));
  assert.deepEqual(run.site("daegu").left, [], "it came later, and is asked for nothing");
  const told = run.sent.filter(({ message }) => message.kind === "run-ended").map(({ to }) => to);
  assert.deepEqual(told, [...run.sites.keys()], "whoever was left out hears of the end, too");
});

test("with one training hospital fewer than the study's minimum the run is stopped instead", async () => {
  const run = new TestFederation();
  run.arrive(["andong", "boryeong", "eumseong"]);
  await run.settle();
  run.pass(joinMs);
  assert.deepEqual(run.durable.stopReason, { code: "too-few-sites", sites: ["chuncheon", "daegu"], columns: [] });
});

const oneClass = (): TestFederation => {
  const columns = new Map([
    ["y", Float64Array.from({ length: 30 }, () => 0)],
    ["x", Float64Array.from({ length: 30 }, (_, i) => i / 10)],
    ["z", Float64Array.from({ length: 30 }, (_, i) => i % 2)],
  ]);
  const empty = testTable({ columns });
  return new TestFederation({ tables: [empty] });
};

test("a hospital with one class looks like any refusal: left out before the first sum, the reason in its own console", async () => {
  const run = oneClass();
  run.arrive();
  const durable = await run.finish();
  assert.equal(durable.status, "completed");
  assert.deepEqual(durable.absent, ["andong"]);
  assert.ok(run.site("andong").refusals.includes("gate/too-few-in-a-class"));
  assert.ok(codes(run).includes("left-out/not-taking-part andong"));
  assert.equal(JSON.stringify(run.record).includes("class"), false, "nothing outside says why");
});

test("a hospital with no rows answers with the very same bytes as one with one class", async () => {
  const none = new TestFederation({ tables: [testTable({ columns: new Map(["y", "x", "z"].map((name) => [name, new Float64Array()])) })] });
  const runs = [none, oneClass()];
  const answers: ToCoordinator[][] = [];
  for (const run of runs) {
    run.arrive();
    await run.settle();
    answers.push(run.site("andong").left.filter(({ kind }) => kind === "not-taking-part") as ToCoordinator[]);
  }
  assert.equal(answers[0]?.length, 1);
  assert.deepEqual(answers[0], answers[1]);
  assert.deepEqual(none.site("andong").refusals, ["gate/too-few-rows"]);
});

test("a hospital that refuses after the first sum stops the run", async () => {
  const run = new TestFederation();
  await runUpTo(run, "open-round", "daegu", 3);
  run.site("daegu").change = {
    approval: { ...run.facts("daegu").approval, terms: { ...run.facts("daegu").approval.terms, sumCountMax: 3 } },
  };
  const durable = await run.finish();
  assert.deepEqual(durable.stopReason, { code: "not-taking-part", sites: ["daegu"], columns: [] });
  assert.deepEqual(run.site("daegu").refusals, ["sum-count-used-up"]);
});

test("a hospital that withdraws is left out before the first sum and stops the run after it", async () => {
  const early = new TestFederation();
  await runUpTo(early, "keys", "daegu");
  early.tell({ kind: "site-withdrew", site: "daegu" });
  assert.deepEqual([(await early.finish()).status, early.durable.absent], ["completed", ["daegu"]]);
  const late = new TestFederation();
  await runUpTo(late, "keys", "daegu", 2);
  late.tell({ kind: "site-withdrew", site: "daegu" });
  assert.deepEqual(late.durable.stopReason, { code: "withdrawn", sites: ["daegu"], columns: [] });
});

for (const kind of ["keys", "shares", "vector", "survivor-signed", "unmask"] as const) {
  test(`a hospital restarted after ${kind} costs an attempt and no byte of the answer`, async () => {
    const run = new TestFederation();
    await runUpTo(run, kind, "chuncheon", 2);
    const { attempt } = run.durable;
    run.restart("chuncheon");
    assert.ok(codes(run).at(-1)?.startsWith("attempt-failed/site-restarted chuncheon"));
    run.pass(testTiming.retryMs);
    assert.equal(run.durable.attempt, attempt + 1);
    assert.equal(answerOf(await run.finish()), expected);
  });
  test(`a coordinator restarted when ${kind} is under way costs an attempt and no byte of the answer`, async () => {
    const run = new TestFederation();
    await runUpTo(run, kind, "chuncheon", 2);
    run.restartCoordinator();
    assert.equal(answerOf(await run.finish()), expected);
  });
}

test("a refusal that answers an earlier round, and one about sums after the last sum, stop nothing", async () => {
  const run = new TestFederation();
  run.intercept = (letter) => {
    if (letter.to !== "coordinator") return [letter];
    const refusal = (round: number): Letter => ({
      to: "coordinator",
      from: "daegu",
      message: { kind: "not-taking-part", run: run.tools.plan.run, round, attempt: 1, about: "sum" },
    });
    const { round, stage } = run.durable;
    return stage === "sums" ? (round > 0 ? [refusal(round - 1), letter] : [letter]) : [refusal(round), refusal(round - 1), letter];
  };
  run.arrive();
  assert.equal(answerOf(await run.finish()), expected);
});

test("a peer key with a bad signature ends the attempt naming its owner, and the next attempt goes on", async () => {
  const run = new TestFederation();
  let isForged = false;
  run.intercept = (letter) => {
    if (isForged || letter.message.kind !== "keys" || letter.from !== "daegu" || run.durable.round !== 1) return [letter];
    isForged = true;
    const announcement = { ...letter.message.announcement, maskPublicKey: new Uint8Array(32).fill(9) };
    return [{ to: "coordinator", from: "daegu", message: { ...letter.message, announcement } }];
  };
  run.arrive();
  assert.equal(answerOf(await run.finish()), expected);
  assert.ok(codes(run).includes("attempt-failed/secure-sum/bad-announcement-signature daegu"));
});

test("a coordinator that swaps a peer's key is found out by every hospital, which names the key's owner", async () => {
  const run = new TestFederation();
  let swaps = 0;
  run.intercept = (letter) => {
    if (letter.message.kind !== "key-list" || run.durable.round !== 1 || run.durable.attempt > 1) return [letter];
    swaps++;
    const announcements = letter.message.announcements.map((announcement) =>
      announcement.siteId === "daegu" ? { ...announcement, maskPublicKey: new Uint8Array(32).fill(9) } : announcement,
    );
    return [{ ...letter, message: { ...letter.message, announcements } } as Letter];
  };
  run.arrive();
  assert.equal(answerOf(await run.finish()), expected);
  assert.equal(swaps, 4);
  for (const siteId of run.training) assert.deepEqual(run.site(siteId).refusals, ["secure-sum/bad-announcement-signature"]);
  assert.ok(codes(run).some((code) => code.startsWith("attempt-failed/secure-sum/bad-announcement-signature") && code.endsWith("daegu")));
});

test("a message in another hospital's name is not taken", async () => {
  const run = new TestFederation();
  run.intercept = (letter) => {
    if (letter.to !== "coordinator" || letter.from !== "andong" || run.durable.round > 0 || run.durable.attempt > 1) return [letter];
    return letter.message.kind === "vector" ? [{ ...letter, from: "daegu" }] : [letter];
  };
  run.arrive();
  assert.equal(answerOf(await run.finish()), expected);
  assert.ok(codes(run).includes("attempt-failed/secure-sum/wrong-sender daegu"));
});

test("release requests that were lost are asked again, and the answer is the stored one", async () => {
  const run = new TestFederation();
  const lost = new Set<string>();
  run.intercept = (letter) => {
    const { kind } = letter.message;
    const isRelease = ["local-model-request", "headline-request", "local-model", "headline"].includes(kind);
    const name = `${kind} ${letter.to} ${letter.from}`;
    if (!isRelease || lost.has(name)) return [letter];
    lost.add(name);
    return [];
  };
  run.arrive();
  assert.equal(answerOf(await run.finish()), expected);
  assert.equal(lost.size, 2 * 4 + 2 * 5);
  for (const siteId of run.training) {
    const answers = run.site(siteId).left.filter(({ kind }) => kind === "headline");
    assert.equal(answers.length, 2, "computed once, given again");
    const figures = answers.map((answer) => answer.kind === "headline" && canonicalJson(answer.figures.value));
    assert.equal(figures[0], figures[1]);
  }
});

test("a hospital that refuses its releases has answered, and the result stands without its figures", async () => {
  const run = new TestFederation();
  const { approval } = run.facts("daegu");
  run.site("daegu").change = { approval: { ...approval, terms: { ...approval.terms, releases: [] } } };
  run.arrive();
  const durable = await run.finish();
  assert.equal(durable.status, "completed");
  assert.deepEqual(Object.keys(durable.headlines).sort(), ["andong", "boryeong", "chuncheon", "eumseong"]);
  assert.deepEqual(
    durable.localModels.map(({ from }) => from),
    ["andong", "boryeong", "chuncheon"],
  );
  assert.deepEqual(run.site("daegu").refusals, ["release-not-granted", "release-not-granted"]);
});

test("figures and models in another hospital's name are not taken", async () => {
  const run = new TestFederation();
  run.intercept = (letter) => {
    if (letter.message.kind === "headline" && letter.from === "daegu") {
      const figures = JSON.parse(JSON.stringify(letter.message.figures).replaceAll("daegu", "andong")) as JsonValue;
      return [{ to: "coordinator", from: "daegu", message: { ...letter.message, figures } }];
    }
    if (letter.message.kind === "local-model" && letter.from === "daegu") {
      const models = letter.message.models.map((model) => ({ ...model, from: "andong" }));
      return [{ to: "coordinator", from: "daegu", message: { ...letter.message, models } }];
    }
    return [letter];
  };
  run.arrive();
  const durable = await run.finish();
  assert.equal(durable.status, "completed");
  assert.equal(durable.headlines["daegu"], undefined);
  const honest = (siteId: string) => canonicalJson(whole.durable.headlines[siteId] ?? null);
  assert.equal(canonicalJson(durable.headlines["andong"] ?? null), honest("andong"));
  assert.deepEqual(
    durable.localModels.map(({ from }) => from),
    ["andong", "boryeong", "chuncheon"],
  );
});

test("a site that is away during the releases is waited for, and the run ends when it has answered", async () => {
  const run = new TestFederation();
  await runUpTo(run, "headline-request", "eumseong", whole.durable.round);
  run.tell({ kind: "site-away", site: "eumseong" });
  run.pass(1);
  run.pass(phaseMs);
  assert.deepEqual([run.durable.status, run.durable.waitingFor], ["waiting", ["eumseong"]]);
  run.restart("eumseong");
  assert.equal(answerOf(await run.finish()), expected);
});

test("a run that has ended takes no message any more", () => {
  const { state } = whole;
  whole.arrive();
  whole.tell({ kind: "site-withdrew", site: "daegu" });
  whole.tell({ kind: "tick" });
  assert.equal(whole.state, state);
  assert.equal(twoFeatureStudy().hash, whole.study.hash);
});
