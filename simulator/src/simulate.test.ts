import assert from "node:assert/strict";
import { test } from "node:test";
import { canonicalJson, type JsonValue } from "@dure/kernel";
import type { KillPoint } from "./faults.ts";
import { type SimulationOutcome, simulate } from "./simulate.ts";
import { inventedSites, inventedStudy, predictableRandom } from "./testing.ts";

const study = inventedStudy();
const sites = inventedSites(120);

const run = (seed: number, killPoints: readonly KillPoint[] = []): Promise<SimulationOutcome> =>
  simulate({ study, sites, random: predictableRandom(seed), seed, killPoints });

/** What must not depend on who was killed, and when. */
function answer(outcome: SimulationOutcome): string {
  assert.ok(outcome.result, `stopped: ${outcome.durable.stopReason?.code}, ${[...outcome.refusals].join("; ")}`);
  const { analysis, evaluation } = outcome.result;
  return canonicalJson({ analysis, evaluation } as unknown as JsonValue);
}

test("four hospitals train, a fifth validates, and every figure of the result is there", async () => {
  const outcome = await run(1);
  const { result } = outcome;
  assert.ok(result, outcome.durable.stopReason?.code);
  assert.equal(result.analysis.outcome, "converged");
  assert.equal(result.analysis.n, 480);
  assert.deepEqual(
    result.analysis.terms.map((term) => term.name),
    ["(intercept)", "x", "z"],
  );
  assert.deepEqual(
    result.evaluation.sites.map(({ site, role }) => `${site} ${role}`),
    ["andong training", "boryeong training", "chuncheon training", "daegu training", "eumseong external"],
  );
  assert.equal(result.evaluation.localOnExternal.length, 4);
  assert.deepEqual(
    { ...result.run, seconds: 0, bytesUp: 0, bytesDown: 0, rounds: 0 },
    {
      rounds: 0,
      seconds: 0,
      sites: 4,
      threshold: 3,
      collusion: 1,
      bytesUp: 0,
      bytesDown: 0,
      absent: [],
    },
  );
});

test("the order of messages does not show in the answer", async () => {
  const first = answer(await run(1));
  for (const seed of [2, 3, 4]) assert.equal(answer(await run(seed)), first);
});

test("a process killed before or after any stored effect changes no byte of the answer", async () => {
  const small = { study: inventedStudy({ holdout: true }), sites: inventedSites(90, { siteCount: 4, holdout: true }) };
  const killedAt = (killPoints: readonly KillPoint[]): Promise<SimulationOutcome> =>
    simulate({ ...small, random: predictableRandom(1), seed: 1, killPoints });
  const whole = await killedAt([]);
  const expected = answer(whole);
  assert.ok(whole.storedEffectCount > 50);
  for (let storedEffect = 0; storedEffect < whole.storedEffectCount; storedEffect++) {
    for (const when of ["before", "after"] as const) {
      assert.equal(answer(await killedAt([{ storedEffect, when }])), expected, `killed ${when} stored effect ${storedEffect}`);
    }
  }
});

test("five hospitals with folds survive a kill at every eleventh stored effect, three in one run", async () => {
  const whole = await run(1);
  const expected = answer(whole);
  for (let storedEffect = 0; storedEffect < whole.storedEffectCount; storedEffect += 11) {
    const killPoints = [0, 17, 40].map(
      (later): KillPoint => ({ storedEffect: storedEffect + later, when: later === 17 ? "before" : "after" }),
    );
    assert.equal(answer(await run(1, killPoints)), expected, `killed at stored effect ${storedEffect} and twice after`);
  }
});

test("what left each hospital is in its ledger, one masked vector a sum", async () => {
  const outcome = await run(1);
  for (const site of ["andong", "boryeong", "chuncheon", "daegu"]) {
    const left = outcome.left.get(site) ?? [];
    assert.equal(left.filter(({ kind }) => kind === "masked-vector").length, outcome.durable.round);
    assert.equal(left.filter(({ kind }) => kind === "own-release").length, 2);
  }
  assert.deepEqual(
    outcome.left.get("eumseong")?.map(({ kind }) => kind),
    ["own-release"],
  );
});
