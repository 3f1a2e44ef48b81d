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
  assert.ok(result.analysis.kind === "logistic-regression");
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

/**
 * Kills many times in a run, `stride` stored effects apart, until each has been killed at; every run must give the same bytes. One kill
 * costs an attempt, so this is the same coverage as a run for each kill at a tenth of the time; that nothing was missed is asserted.
 */
async function killEverywhere(
  simulateWith: (killPoints: readonly KillPoint[]) => Promise<SimulationOutcome>,
  options: { readonly stride: number; readonly when: KillPoint["when"]; readonly awayMs?: (effect: string) => number },
): Promise<number> {
  const { stride, when, awayMs = () => 1_000 } = options;
  const whole = await simulateWith([]);
  const expected = answer(whole);
  const effects = whole.storedEffects;
  assert.equal(new Set(effects).size, effects.length, "each stored effect has a name of its own");
  for (let first = 0; first < stride; first++) {
    const killPoints = effects
      .filter((_, i) => i % stride === first)
      .map((effect): KillPoint => ({ effect, when, awayMs: awayMs(effect) }));
    const outcome = await simulateWith(killPoints);
    assert.deepEqual(new Set(outcome.killed), new Set(killPoints), `killed ${when} every ${stride}th stored effect from ${first} on`);
    assert.equal(answer(outcome), expected, `killed ${when} every ${stride}th stored effect from ${first} on`);
  }
  return effects.length;
}

for (const when of ["before", "after"] as const) {
  test(`processes killed ${when} every stored effect change no byte of the answer`, async () => {
    const small = { study: inventedStudy({ holdout: true }), sites: inventedSites(90, { siteCount: 4, holdout: true }) };
    const count = await killEverywhere((killPoints) => simulate({ ...small, random: predictableRandom(1), seed: 1, killPoints }), {
      stride: 10,
      when,
    });
    assert.ok(count > 50);
  });
}

test("five hospitals with folds survive a kill at every stored effect, some of them away past their deadline", async () => {
  const awayMs = (effect: string): number => (effect.includes("share-delivery 2") ? 100_000 : 1_000);
  const count = await killEverywhere((killPoints) => run(1, killPoints), { stride: 12, when: "after", awayMs });
  assert.ok(count > 100);
});

test("one kill alone changes no byte of the answer, wherever it falls", async () => {
  const whole = await run(1);
  const expected = answer(whole);
  for (const [i, effect] of whole.storedEffects.entries()) {
    if (i % 16 !== 0) continue;
    const outcome = await run(1, [{ effect, when: i % 32 === 0 ? "before" : "after" }]);
    assert.equal(outcome.killed.length, 1);
    assert.equal(answer(outcome), expected, `killed at ${effect}`);
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
