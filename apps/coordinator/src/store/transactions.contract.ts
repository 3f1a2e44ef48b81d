import assert from "node:assert/strict";
import { sql } from "kysely";
import type { Contract } from "./contract.testing.ts";
import { enrolSamples, proposeSample, sampleChange, sampleMember, sampleRun } from "./samples.ts";

export const transactionsContract: Contract = {
  "an error inside a transaction undoes all of it and passes through unchanged": async ({ store, members }) => {
    const fault = new Error("of the caller");
    const attempt = store.transaction("fail", async (tx) => {
      await enrolSamples(tx, store.repositories, ["undone"]);
      throw fault;
    });
    await assert.rejects(attempt, (cause) => cause === fault);
    assert.equal(await store.transaction("look", (tx) => members.find(tx, "undone")), undefined);
  },

  "a transaction inside a transaction is a defect, named at once instead of hanging": async ({ store }) => {
    const nested = store.transaction("outer", () => store.transaction("inner", async () => 1));
    await assert.rejects(nested, { message: /"inner" opens a transaction inside "outer"/ });
    assert.equal(await store.transaction("afterwards", async () => 2), 2);
  },

  "twenty transactions at once count to twenty": async ({ store, runs }) => {
    const study = await store.transaction("set up", async (tx) => {
      await enrolSamples(tx, store.repositories, ["counter"]);
      const hash = await proposeSample(tx, store.repositories, "counting", "counter");
      await runs.begin(tx, sampleRun("counting", hash));
      return hash;
    });
    const increment = () =>
      store.transaction("count", async (tx) => {
        const run = await runs.find(tx, "counting");
        assert.ok(run !== undefined);
        return runs.save(tx, sampleChange("counting", run.version));
      });
    const outcomes = await Promise.all(Array.from({ length: 20 }, () => retryContended(increment)));
    assert.deepEqual(new Set(outcomes.map(({ kind }) => kind)), new Set(["stored"]));
    assert.equal((await store.transaction("look", (tx) => runs.find(tx, "counting")))?.version, 21);
    assert.equal((await store.transaction("look", (tx) => runs.list(tx, { study }))).length, 1);
  },

  "a broken rule of the schema is store/refused and names the rule, never the value": async ({ store }) => {
    const attempt = store.transaction("break rule", (tx) => sql`insert into blob values ('secret-value', '', 0)`.execute(tx));
    await assert.rejects(attempt, (cause: Error & { code?: string }) => {
      assert.equal(cause.code, "store/refused");
      assert.match(cause.message, /23514, blob_sha256_check/);
      assert.doesNotMatch(cause.message, /secret-value/);
      return true;
    });
  },

  "a member's name may hold any script": async ({ store, members }) => {
    const name = "서울대학교병원 · Universitätsklinikum “Ω”";
    const certificate = { serial: "script", siteId: "script", fingerprint: "a".repeat(64), pem: "", issuedAtMs: 1, expiresAtMs: 2 };
    await store.transaction("enrol", (tx) => members.enrol(tx, { ...sampleMember("script"), organisation: name }, certificate as never));
    assert.equal((await store.transaction("look", (tx) => members.find(tx, "script")))?.organisation, name);
  },
};

/** Twenty writers of one row on ten connections may give way more often than the store tries by itself. */
async function retryContended<Value>(work: () => Promise<Value>): Promise<Value> {
  for (;;) {
    try {
      return await work();
    } catch (cause) {
      if (!(cause instanceof Error) || !("code" in cause) || cause.code !== "store/contended") throw cause;
    }
  }
}
