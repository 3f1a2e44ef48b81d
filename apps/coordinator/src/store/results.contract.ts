import assert from "node:assert/strict";
import { sha256 } from "@dure/kernel";
import type { Contract } from "./contract.testing.ts";
import { sampleRun, startMs } from "./samples.ts";

export const resultsContract: Contract = {
  "a sealed result goes to its recipients and to nobody else": async ({ run, study, runs, results }) => {
    await run((tx) => runs.begin(tx, sampleRun("sealed", study)));
    assert.deepEqual(await run((tx) => results.fetch(tx, "sealed", "a")), { kind: "no-result" });
    const sealed = Uint8Array.from([0, 255, 10, 13]);
    await run((tx) => results.put(tx, { runId: "sealed", recipients: ["b", "a"], sealed, sealedAtMs: startMs }));
    assert.deepEqual(await run((tx) => results.fetch(tx, "sealed", "b")), {
      kind: "found",
      sealed,
      hash: sha256(sealed),
      sealedAtMs: startMs,
    });
    assert.deepEqual(await run((tx) => results.fetch(tx, "sealed", "c")), { kind: "not-a-recipient" });
    assert.deepEqual(await run((tx) => results.recipients(tx, "sealed")), ["a", "b"]);
  },

  "a sealed result is stored once, with its recipients": async ({ run, study, runs, results }) => {
    await run((tx) => runs.begin(tx, sampleRun("sealed-2", study)));
    const result = { runId: "sealed-2", recipients: ["a"], sealed: new Uint8Array(3), sealedAtMs: startMs };
    assert.deepEqual(await run((tx) => results.put(tx, result)), { kind: "stored" });
    assert.deepEqual(await run((tx) => results.put(tx, { ...result, sealedAtMs: startMs + 1 })), { kind: "repeated" });
    assert.deepEqual(await run((tx) => results.put(tx, { ...result, recipients: ["a", "c"] })), {
      kind: "conflict",
      columns: ["recipientId"],
    });
    assert.deepEqual(await run((tx) => results.put(tx, { ...result, sealed: new Uint8Array(4) })), {
      kind: "conflict",
      columns: ["sealed", "sealedSha256"],
    });
    assert.deepEqual(await run((tx) => results.recipients(tx, "sealed-2")), ["a"]);
  },

  "a refusal is recorded once, whoever asked": async ({ run, refusals }) => {
    const refusal = {
      refusalId: "request-1",
      askerId: "",
      askedFor: "result",
      subject: "sealed",
      code: "coordinator/not-a-recipient",
      atMs: startMs,
    };
    assert.deepEqual(await run((tx) => refusals.record(tx, refusal)), { kind: "stored" });
    assert.deepEqual(await run((tx) => refusals.record(tx, { ...refusal, atMs: startMs + 1 })), { kind: "repeated" });
    await run((tx) => refusals.record(tx, { ...refusal, refusalId: "request-2", subject: "other" }));
    assert.deepEqual(await run((tx) => refusals.list(tx, { subject: "sealed" })), [refusal]);
    assert.equal((await run((tx) => refusals.list(tx))).length, 2);
  },

  "a ledger has one root for each size, and the first stays as evidence": async ({ run, ledgerCheckpoints }) => {
    const checkpoint = { siteId: "a", treeSize: 3, root: sha256("three"), signed: { size: 3 }, receivedAtMs: startMs };
    assert.deepEqual(await run((tx) => ledgerCheckpoints.put(tx, checkpoint)), { kind: "stored" });
    assert.deepEqual(await run((tx) => ledgerCheckpoints.put(tx, checkpoint)), { kind: "repeated" });
    const forked = { ...checkpoint, root: sha256("fork") };
    assert.deepEqual(await run((tx) => ledgerCheckpoints.put(tx, forked)), { kind: "conflict", columns: ["rootSha256"] });
    const larger = { ...checkpoint, treeSize: 12, root: sha256("twelve"), signed: { size: 12 } };
    await run((tx) => ledgerCheckpoints.put(tx, larger));
    assert.deepEqual(await run((tx) => ledgerCheckpoints.list(tx, "a")), [checkpoint, larger]);
    assert.deepEqual(await run((tx) => ledgerCheckpoints.latest(tx)), [larger]);
  },

  "other hospitals sign the latest checkpoint, each once": async ({ run, ledgerCheckpoints }) => {
    const cosignature = { siteId: "a", treeSize: 12, cosignerId: "b", signature: "AAAA", receivedAtMs: startMs };
    assert.equal((await run((tx) => ledgerCheckpoints.uncosigned(tx, "b"))).length, 1);
    assert.deepEqual(await run((tx) => ledgerCheckpoints.uncosigned(tx, "a")), []);
    assert.deepEqual(await run((tx) => ledgerCheckpoints.cosign(tx, cosignature)), { kind: "stored" });
    assert.deepEqual(await run((tx) => ledgerCheckpoints.cosign(tx, cosignature)), { kind: "repeated" });
    assert.deepEqual(await run((tx) => ledgerCheckpoints.cosign(tx, { ...cosignature, signature: "BBBB" })), {
      kind: "conflict",
      columns: ["signature"],
    });
    assert.deepEqual(await run((tx) => ledgerCheckpoints.uncosigned(tx, "b")), []);
    assert.deepEqual(await run((tx) => ledgerCheckpoints.cosignatures(tx, "a")), [cosignature]);
    await assert.rejects(
      run((tx) => ledgerCheckpoints.cosign(tx, { ...cosignature, treeSize: 99 })),
      { code: "store/refused" },
    );
  },
};
