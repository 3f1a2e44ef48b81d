import assert from "node:assert/strict";
import { type JsonValue, sha256 } from "@dure/kernel";
import fc from "fast-check";
import type { Contract } from "./contract.testing.ts";
import { sampleChange, sampleRun, startMs } from "./samples.ts";

export const runsContract: Contract = {
  "a run begins once, also when its beginning is repeated after it moved on": async ({ run, study, runs }) => {
    const begun = sampleRun("begin", study);
    assert.deepEqual(await run((tx) => runs.begin(tx, begun)), { kind: "stored" });
    await run((tx) => runs.save(tx, sampleChange("begin", 1)));
    assert.deepEqual(await run((tx) => runs.begin(tx, begun)), { kind: "repeated" });
    assert.deepEqual(await run((tx) => runs.begin(tx, { ...begun, approvalsHash: sha256("others") })), {
      kind: "conflict",
      columns: ["approvalsSha256"],
    });
    const found = await run((tx) => runs.find(tx, "begin"));
    const { runId, roster, rosterHash, approvalsHash } = begun;
    const change = sampleChange("begin", 1);
    const state = { state: change.state, status: "running", waitingSites: [], bytesUp: 100, bytesDown: 10, version: 2 };
    assert.deepEqual(found, { runId, study, roster, rosterHash, approvalsHash, ...state, createdAtMs: startMs, updatedAtMs: startMs + 1 });
  },

  "a save under an old version is stale and changes nothing; the same save again is repeated": async ({ run, study, runs }) => {
    await run((tx) => runs.begin(tx, sampleRun("versions", study)));
    assert.deepEqual(await run((tx) => runs.save(tx, sampleChange("versions", 1))), { kind: "stored", version: 2 });
    assert.deepEqual(await run((tx) => runs.save(tx, { ...sampleChange("versions", 1), atMs: startMs + 99 })), {
      kind: "repeated",
      version: 2,
    });
    assert.deepEqual(await run((tx) => runs.save(tx, { ...sampleChange("versions", 1), bytesUp: 7 })), { kind: "stale", version: 2 });
    assert.deepEqual(await run((tx) => runs.save(tx, sampleChange("versions", 2))), { kind: "stored", version: 3 });
    assert.deepEqual(await run((tx) => runs.save(tx, sampleChange("versions", 1))), { kind: "stale", version: 3 });
    assert.deepEqual(await run((tx) => runs.save(tx, sampleChange("no-run", 1))), { kind: "unknown-run" });
    const record = await run((tx) => runs.record(tx, "versions"));
    assert.deepEqual(record, [
      { sequence: 1, kind: "round-opened", round: 1, attempt: 0, atMs: startMs + 1 },
      { sequence: 2, kind: "round-opened", round: 2, attempt: 0, atMs: startMs + 2 },
    ]);
    assert.deepEqual(await run((tx) => runs.record(tx, "versions", 1)), record.slice(1));
  },

  "two writers of one version: exactly one is stored": async ({ run, study, runs }) => {
    await run((tx) => runs.begin(tx, sampleRun("race", study)));
    const writers = Array.from({ length: 8 }, (_, writer) => ({ ...sampleChange("race", 1), state: { writer } }));
    const outcomes = await Promise.all(writers.map((change) => run((tx) => runs.save(tx, change))));
    assert.deepEqual(
      outcomes.map(({ kind }) => kind).sort(),
      ["stale", "stale", "stale", "stale", "stale", "stale", "stale", "stored"].sort(),
    );
    assert.equal((await run((tx) => runs.record(tx, "race"))).length, 1);
    const winner = outcomes.findIndex(({ kind }) => kind === "stored");
    assert.deepEqual((await run((tx) => runs.find(tx, "race")))?.state, { writer: winner });
  },

  "a waiting run names its hospitals and the reason, a stopped one its end": async ({ run, study, runs }) => {
    await run((tx) => runs.begin(tx, sampleRun("waiting", study)));
    const message = { kind: "site-away", siteId: "b", reason: "deadline-passed", detail: { deadlineMs: 5 } };
    const waiting = {
      ...sampleChange("waiting", 1),
      status: "waiting",
      statusReason: "site-away",
      waitingSites: ["b"],
      messages: [message],
    } as const;
    await run((tx) => runs.save(tx, waiting));
    const found = await run((tx) => runs.find(tx, "waiting"));
    assert.deepEqual(
      [found?.status, found?.statusReason, found?.waitingSites, found?.endedAtMs],
      ["waiting", "site-away", ["b"], undefined],
    );
    assert.deepEqual(await run((tx) => runs.record(tx, "waiting")), [{ sequence: 1, ...message, atMs: startMs + 1 }]);
    const stopped = { ...sampleChange("waiting", 2), status: "stopped", statusReason: "patience-over", messages: [] } as const;
    await run((tx) => runs.save(tx, stopped));
    assert.equal((await run((tx) => runs.find(tx, "waiting")))?.endedAtMs, startMs + 2);
    const open = await run((tx) => runs.list(tx, { statuses: ["running", "waiting"], study }));
    assert.equal(
      open.some(({ runId }) => runId === "waiting"),
      false,
    );
    assert.equal(
      open.some(({ runId }) => runId === "race"),
      true,
    );
  },

  "a restart names the run it starts anew": async ({ run, study, runs }) => {
    await run((tx) => runs.begin(tx, { ...sampleRun("restart", study), restartOf: "waiting" }));
    assert.equal((await run((tx) => runs.find(tx, "restart")))?.restartOf, "waiting");
    await assert.rejects(
      run((tx) => runs.begin(tx, { ...sampleRun("orphan", study), restartOf: "no-run" })),
      { code: "store/refused" },
    );
  },

  "any JSON state comes back equal, doubles to the last bit": async ({ run, study, runs }) => {
    await run((tx) => runs.begin(tx, sampleRun("json", study)));
    let version = 1;
    const values = fc
      .jsonValue({ noUnicodeString: false })
      .filter((value) => JSON.stringify(value).isWellFormed() && !hasLoneSurrogate(value));
    await fc.assert(
      fc.asyncProperty(values, fc.double({ noNaN: true, noDefaultInfinity: true }), async (value, double) => {
        const state = { value: value as JsonValue, double, nul: "\u0000", line: "\u2028" };
        const outcome = await run((tx) => runs.save(tx, { ...sampleChange("json", version), state }));
        assert.deepEqual(outcome, { kind: "stored", version: ++version });
        assert.equal(JSON.stringify((await run((tx) => runs.find(tx, "json")))?.state), JSON.stringify(sortKeys(state)));
      }),
      { numRuns: 25 },
    );
  },

  "a state of 8 MB is saved and read": async ({ run, study, runs }) => {
    await run((tx) => runs.begin(tx, sampleRun("large", study)));
    const state = { params: "0123456789abcdef".repeat(2 ** 19) };
    assert.deepEqual(await run((tx) => runs.save(tx, { ...sampleChange("large", 1), state })), { kind: "stored", version: 2 });
    assert.deepEqual((await run((tx) => runs.find(tx, "large")))?.state, state);
  },

  "an own release is answered once for each kind and subject": async ({ run, study, runs, ownReleases }) => {
    await run((tx) => runs.begin(tx, sampleRun("release", study)));
    const headline = {
      runId: "release",
      siteId: "a",
      kind: "headline",
      subject: "",
      release: { n: 120, auc: 0.7 },
      receivedAtMs: startMs,
    } as const;
    assert.deepEqual(await run((tx) => ownReleases.put(tx, headline)), { kind: "stored" });
    assert.deepEqual(await run((tx) => ownReleases.put(tx, { ...headline, receivedAtMs: startMs + 1 })), { kind: "repeated" });
    assert.deepEqual(await run((tx) => ownReleases.put(tx, { ...headline, release: { n: 119 } })), {
      kind: "conflict",
      columns: ["releaseJson"],
    });
    const model = { ...headline, kind: "local-model", subject: "b", release: { box: "AAAA" } } as const;
    await run((tx) => ownReleases.put(tx, model));
    assert.deepEqual(await run((tx) => ownReleases.list(tx, "release")), [headline, model]);
  },

  "a run's summary is kept byte for byte, once": async ({ run, runs }) => {
    const bytes = new TextEncoder().encode('{ "rounds": 6 }\n');
    assert.deepEqual(await run((tx) => runs.putSummary(tx, { runId: "begin", bytes, atMs: startMs })), { kind: "stored" });
    assert.deepEqual(await run((tx) => runs.putSummary(tx, { runId: "begin", bytes, atMs: startMs + 1 })), { kind: "repeated" });
    const other = { runId: "begin", bytes: new Uint8Array(1), atMs: startMs };
    assert.deepEqual(await run((tx) => runs.putSummary(tx, other)), { kind: "conflict", columns: ["summary", "summarySha256"] });
    assert.deepEqual(await run((tx) => runs.getSummary(tx, "begin")), bytes);
    assert.equal(await run((tx) => runs.getSummary(tx, "race")), undefined);
  },
};

function hasLoneSurrogate(value: unknown): boolean {
  if (typeof value === "string") return !value.isWellFormed();
  if (Array.isArray(value)) return value.some(hasLoneSurrogate);
  if (typeof value !== "object" || value === null) return false;
  return Object.entries(value).some(([key, member]) => hasLoneSurrogate(key) || hasLoneSurrogate(member));
}

/** Keys in the order of the canonical form; a store may give them back in no other. */
function sortKeys(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sortKeys);
  if (typeof value !== "object" || value === null) return value;
  const sorted: [string, unknown][] = Object.entries(value).map(([key, member]) => [key, sortKeys(member)]);
  return Object.fromEntries(sorted.sort(([a], [b]) => (a < b ? -1 : 1)));
}
