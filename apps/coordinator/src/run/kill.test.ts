/** The coordinator is killed with SIGKILL while a run is under way, and started again: the run goes on to the same answer. */

import assert from "node:assert/strict";
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { createServer } from "node:net";
import { createInterface } from "node:readline";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { startCoordinator } from "../start-coordinator.ts";
import { testDatabases } from "../store/testing.ts";
import { clock, makeHome, memoryLog, random } from "../testing.ts";
import { hasEnded, TestFederation } from "../testing-federation.ts";
import { inventedStudy } from "../testing-study.ts";

const program = fileURLToPath(new URL("../coordinator-process.testing.ts", import.meta.url));

interface Started {
  readonly child: ChildProcess;
  /** The process's first line. */
  readonly said: string;
}

async function start(home: string): Promise<Started> {
  const child = spawn(process.execPath, [program, home], { stdio: ["pipe", "pipe", "ignore"] });
  assert.ok(child.stdout !== null);
  const [said] = await once(createInterface({ input: child.stdout }), "line");
  return { child, said: String(said) };
}

async function kill({ child }: Started): Promise<void> {
  const ended = once(child, "close");
  child.kill("SIGKILL");
  await ended;
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  server.close();
  await once(server, "close");
  assert.ok(typeof address === "object" && address !== null);
  return address.port;
}

for (const database of testDatabases) {
  test(`a coordinator killed in the middle of a run goes on to the same answer, on ${database.name}`, async (t) => {
    const port = await freePort();
    const home = await makeHome(database, port);
    let process = await start(home.home);
    assert.equal(process.said, "listening");
    const federation = await TestFederation.enrol(home, `https://localhost:${port}`);
    t.after(async () => {
      await federation.close();
      await kill(process);
      await home.remove();
    });

    await t.test("a second coordinator on the folder is refused, and the first goes on", async () => {
      await assert.rejects(startCoordinator({ home: home.home, clock, random, log: memoryLog() }), { code: "coordinator/already-running" });
      assert.equal((await federation.connection.studies.listMembers({})).memberJson.length, 4);
    });

    const answers: string[] = [];
    for (const killRounds of [[], [1, 3]]) {
      const study = inventedStudy(`Killed ${killRounds.length} times`);
      await t.test(`a run with the coordinator killed ${killRounds.length} times completes`, async () => {
        await federation.propose(study);
        await federation.approveAll(study);
        if (answers.length === 0) federation.startSites();
        const { run } = await federation.startRun(study);
        for (const round of killRounds) {
          await federation.watch(run, (status) => status.round >= round);
          await kill(process);
          process = await start(home.home);
          assert.equal(process.said, "listening");
        }
        const ended = await federation.watch(run, hasEnded);
        assert.deepEqual([ended.status, ended.stopCode], ["completed", ""]);
        const { analysis, evaluation } = await federation.result(run);
        answers.push(JSON.stringify({ analysis, evaluation }));
      });
    }
    assert.equal(answers.length, 2);
    assert.equal(answers[1], answers[0]);
  });
}
