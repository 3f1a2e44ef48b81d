/** The operator's commands, on a coordinator that runs and on one that does not. */

import assert from "node:assert/strict";
import { existsSync, readdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { parseEnrolmentToken } from "@dure/identity";
import { coordinatorPaths } from "../home/coordinator-home.ts";
import { initAlliance } from "../home/init-alliance.ts";
import { startCoordinator } from "../start-coordinator.ts";
import { allianceName, clock, connect, enrolMember, json, makeHome, makeRequest, memoryLog, random } from "../testing.ts";
import { backupCoordinator, createEnrolmentToken, restoreCoordinator, revokeMember } from "./administer.ts";
import { command } from "./console.ts";
import { socketPath } from "./socket-path.ts";

const FIXED_PORT = 7443;

test("an alliance is founded once; its keys and settings are its owner's alone", async (t) => {
  const home = await makeHome();
  t.after(() => home.remove());
  const paths = coordinatorPaths(home.home);
  for (const file of [paths.settings, paths.rootKey, paths.issuingKey, paths.tlsKey, paths.identitySeed])
    assert.equal(statSync(file).mode & 0o777, 0o600, file);
  const again = { home: home.home, name: allianceName, listen: { host: "127.0.0.1", port: 0 }, dnsNames: ["localhost"], clock, random };
  await assert.rejects(initAlliance(again), { code: "coordinator/already-initialised" });
  assert.match(readFileSync(paths.rootCertificate, "utf8"), /BEGIN CERTIFICATE/);
});

test("a folder that holds no alliance is told so, and left as it is", async (t) => {
  const home = await makeHome();
  t.after(() => home.remove());
  const elsewhere = join(home.home, "elsewhere");
  await assert.rejects(startCoordinator({ home: elsewhere, clock, random, log: memoryLog() }), { code: "coordinator/not-initialised" });
  await assert.rejects(createEnrolmentToken({ home: elsewhere, role: "site", id: "a", clock, random }), {
    code: "coordinator/not-initialised",
  });
  assert.equal(existsSync(elsewhere), false);
});

test("a token made while the coordinator is stopped is good when it runs; one without a fixed port cannot be made", async (t) => {
  const home = await makeHome(undefined, FIXED_PORT);
  t.after(() => home.remove());
  const token = await createEnrolmentToken({ home: home.home, role: "site", id: "early", clock, random });
  assert.equal(parseEnrolmentToken(token).coordinator, `https://localhost:${FIXED_PORT}`);
  const settings = JSON.parse(readFileSync(coordinatorPaths(home.home).settings, "utf8"));
  writeFileSync(coordinatorPaths(home.home).settings, JSON.stringify({ ...settings, listen: { ...settings.listen, port: 0 } }));
  const portless = createEnrolmentToken({ home: home.home, role: "site", id: "early", clock, random });
  await assert.rejects(portless, { code: "coordinator/no-port" });
  const coordinator = await startCoordinator({ home: home.home, clock, random, log: memoryLog() });
  t.after(() => coordinator.close());
  const open = connect(coordinator.url, home.rootPem);
  const { request } = await makeRequest(token, "Hospital early");
  assert.ok((await open.enrolment.enrol({ requestJson: json(request) })).certificateChainPem.length > 0);
  open.close();
});

test("the console is a socket of the owner's, and refuses what it does not know", async (t) => {
  const home = await makeHome();
  const coordinator = await startCoordinator({ home: home.home, clock, random, log: memoryLog() });
  t.after(async () => {
    await coordinator.close();
    await home.remove();
  });
  const socket = socketPath(coordinatorPaths(home.home));
  assert.equal(statSync(socket).mode & 0o777, 0o600);
  for (const name of ["launch", "__proto__", "constructor"])
    await assert.rejects(command(socket, name, {}), { code: "coordinator/console-command" });
  await assert.rejects(command(socket, "create-token", "x".repeat(100_000)), { code: "coordinator/console-command" });
  await assert.rejects(revokeMember({ home: home.home, id: "nobody", reason: "unspecified", clock, random }), {
    code: "coordinator/unknown-member",
  });
  await assert.rejects(restoreCoordinator({ home: home.home, file: "x", clock }), { code: "coordinator/already-running" });
});

test("a backup taken while the coordinator runs brings everything back, and the replaced store is kept", async (t) => {
  const home = await makeHome();
  t.after(() => home.remove());
  const file = join(home.home, "backup");
  const first = await startCoordinator({ home: home.home, clock, random, log: memoryLog() });
  const member = await enrolMember(home, first.url, { id: "before-backup" });
  const report = await backupCoordinator({ home: home.home, file, clock, random });
  assert.ok(report.rows >= 3);
  await enrolMember(home, first.url, { id: "after-backup" });
  await first.close();

  const damaged = join(home.home, "damaged");
  writeFileSync(damaged, readFileSync(file, "utf8").slice(0, -100));
  await assert.rejects(restoreCoordinator({ home: home.home, file: damaged, clock }), { code: "store/backup-damaged" });
  assert.equal((await restoreCoordinator({ home: home.home, file, clock })).sha256, report.sha256);
  assert.equal(readdirSync(home.home).filter((name) => name.startsWith("store.before-restore-")).length, 1);

  const second = await startCoordinator({ home: home.home, clock, random, log: memoryLog() });
  const connection = connect(second.url, home.rootPem, member);
  const { memberJson } = await connection.studies.listMembers({});
  assert.deepEqual(
    memberJson.map((one) => JSON.parse(one).siteId),
    ["before-backup"],
  );
  connection.close();
  await second.close();
});

test("a store of another alliance is refused, at the start and at a restore", async (t) => {
  const [home, other] = [await makeHome(), await makeHome()];
  t.after(async () => {
    await home.remove();
    await other.remove();
  });
  const file = join(other.home, "backup");
  await backupCoordinator({ home: other.home, file, clock, random });
  await assert.rejects(restoreCoordinator({ home: home.home, file, clock }), { code: "coordinator/other-alliance" });
  const settings = JSON.parse(readFileSync(coordinatorPaths(home.home).settings, "utf8"));
  assert.equal(settings.alliance, allianceName);
  const paths = coordinatorPaths(home.home);
  writeFileSync(paths.rootCertificate, readFileSync(coordinatorPaths(other.home).rootCertificate));
  await assert.rejects(startCoordinator({ home: home.home, clock, random, log: memoryLog() }), { code: "coordinator/other-alliance" });
});

test("a signal stops the coordinator, and it can be started again", async (t) => {
  const home = await makeHome();
  t.after(() => home.remove());
  for (let turn = 0; turn < 2; turn++) {
    const stopping = new AbortController();
    const coordinator = await startCoordinator({ home: home.home, clock, random, signal: stopping.signal, log: memoryLog() });
    const member = await enrolMember(home, coordinator.url, { id: `turn-${turn}` });
    const connection = connect(coordinator.url, home.rootPem, member);
    const polling = connection.sites.poll({ session: "s", waitMs: 25_000 }).catch(() => undefined);
    await clock.sleep(50);
    stopping.abort();
    await coordinator.stopped;
    await polling;
    connection.close();
  }
});
