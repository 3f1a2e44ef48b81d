/** A study from proposal to result, over real TLS and a real store, on every database that can be had here. */

import assert from "node:assert/strict";
import { test } from "node:test";
import { Code } from "@connectrpc/connect";
import { coordinatorPaths, readSettings, storeTarget } from "../home/coordinator-home.ts";
import { startCoordinator } from "../start-coordinator.ts";
import { openCoordinatorStore } from "../store/index.ts";
import { testDatabases } from "../store/testing.ts";
import { clock, connect, enrolMember, makeHome, memoryLog, random, refusalOf } from "../testing.ts";
import { hasEnded, TestFederation } from "../testing-federation.ts";
import { inventedStudy } from "../testing-study.ts";

for (const database of testDatabases) {
  test(`a study on ${database.name}`, async (t) => {
    const home = await makeHome(database);
    const log = memoryLog();
    const coordinator = await startCoordinator({ home: home.home, clock, random, log });
    const federation = await TestFederation.enrol(home, coordinator.url);
    const outsider = await enrolMember(home, coordinator.url, { id: "outsider" });
    const outside = connect(coordinator.url, home.rootPem, outsider);
    const study = inventedStudy();
    t.after(async () => {
      await federation.close();
      outside.close();
      await coordinator.close();
      await home.remove();
    });

    await t.test("a proposal whose file, roster or signature is not what it says is refused", async () => {
      const proposal = await federation.proposal(study);
      const { studies } = federation.connection;
      const other = await federation.proposal(inventedStudy("another"));
      const roster = await federation.roster();
      const [first, ...others] = roster.members;
      assert.ok(first !== undefined);
      const changed = { members: [{ ...first, organisation: "Somebody else" }, ...others] };
      const cases = [
        [{ ...proposal, files: [] }, Code.InvalidArgument, "coordinator/file-absent"],
        [
          { ...proposal, files: [{ name: "tables/invented.yaml", content: new Uint8Array(3) }] },
          Code.InvalidArgument,
          "coordinator/file-changed",
        ],
        [{ ...proposal, proposalJson: other.proposalJson }, Code.InvalidArgument, "identity/proposal-other-study"],
        [{ ...proposal, proposalJson: "{" }, Code.InvalidArgument, "coordinator/malformed"],
        [{ ...proposal, canonicalStudyJson: "{}" }, Code.InvalidArgument, "study/not-frozen"],
        [await federation.proposal(study, { roster: changed }), Code.FailedPrecondition, "coordinator/invited-not-member"],
      ] satisfies [Parameters<typeof studies.propose>[0], Code, string][];
      for (const [request, code, problem] of cases) assert.deepEqual(await refusalOf(studies.propose(request)), [code, problem]);
      assert.deepEqual(await refusalOf(outside.studies.propose(proposal)), [Code.FailedPrecondition, "coordinator/proposer-not-caller"]);
    });

    await t.test("a proposal is stored once and seen by its proposer and the invited only", async () => {
      const proposal = await federation.proposal(study);
      assert.equal((await federation.connection.studies.propose(proposal)).study, study.hash);
      assert.equal((await federation.connection.studies.propose(proposal)).study, study.hash);
      assert.deepEqual((await outside.studies.listStudies({})).studies, []);
      assert.deepEqual(await refusalOf(outside.studies.getStudy({ study: study.hash })), [
        Code.PermissionDenied,
        "coordinator/not-a-participant",
      ]);
      const { studies } = await federation.site("andong").connection.studies.listStudies({});
      assert.deepEqual(
        studies.map(({ id, state }) => [id, state]),
        [["invented", "proposed"]],
      );
    });

    await t.test("a run does not begin before enough hospitals have agreed", async () => {
      const [code] = await refusalOf(federation.startRun(study));
      assert.equal(code, Code.FailedPrecondition);
    });

    await t.test("the study is agreed when every invited hospital has decided", async () => {
      await federation.site("andong").approve(study.hash, ["headline"]);
      assert.equal((await federation.connection.studies.getStudy({ study: study.hash })).state, "recruiting");
      assert.equal(await federation.approveAll(study), "agreed");
      assert.equal((await federation.connection.studies.getStudy({ study: study.hash })).decisionJson.length, 4);
    });

    let run = "";
    await t.test("a run completes, and a repeated start is the same run", async () => {
      federation.startSites();
      ({ run } = await federation.startRun(study));
      assert.equal((await federation.startRun(study)).run, run);
      const ended = await federation.watch(run, hasEnded);
      assert.deepEqual([ended.status, ended.stopCode], ["completed", ""], JSON.stringify(ended.record.map(({ code }) => code)));
      assert.deepEqual(ended.record.at(-1)?.code, "completed");
      assert.equal((await federation.connection.studies.getStudy({ study: study.hash })).state, "completed");
    });

    await t.test("proposer and hospitals open the result", async () => {
      const result = await federation.result(run);
      assert.equal(result.analysis.outcome, "converged");
      assert.equal(result.analysis.n, 450);
      assert.equal(result.evaluation.sites.length, 4);
      assert.equal(result.run.sites, 3);
      assert.ok(result.run.bytesUp > 0 && result.run.bytesDown > 0);
    });

    await t.test("a member that did not take part is refused the result, and the refusal stands on the record", async () => {
      assert.deepEqual(await refusalOf(outside.studies.getResult({ run })), [Code.PermissionDenied, "coordinator/not-a-participant"]);
      assert.deepEqual(await refusalOf(outside.studies.getRun({ run })), [Code.PermissionDenied, "coordinator/not-a-participant"]);
    });

    await t.test("a second run of a completed study is refused", async () => {
      assert.deepEqual(await refusalOf(federation.startRun(study, "fedcba9876543210")), [
        Code.FailedPrecondition,
        "coordinator/study-state",
      ]);
    });

    await t.test("nothing broke, and refusals are in the store", async () => {
      assert.deepEqual(
        log.entries.filter(({ code }) => /run-step-broke|run-not-stored|fault/.test(code)),
        [],
      );
      await coordinator.close();
      const store = await openCoordinatorStore(storeTarget(coordinatorPaths(home.home), readSettings(coordinatorPaths(home.home))));
      const refusals = await store.transaction("look", (tx) => store.repositories.refusals.list(tx, { subject: run }));
      assert.deepEqual(
        refusals.map(({ askerId, askedFor }) => [askerId, askedFor]),
        [
          ["outsider", "result"],
          ["outsider", "run"],
        ],
      );
      await store.close();
    });
  });
}
