/**
 * A hospital that began by itself and joins an alliance later, in the same folder: a real coordinator on loopback, every step a command.
 */

import assert from "node:assert/strict";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { sitePaths } from "@dure/site";
import { generateHospital, writeSources } from "@dure/site/testing";
import { type Running, runDure, startDure } from "./run-dure.testing.ts";

const folder = mkdtempSync(join(tmpdir(), "dure-enrol-"));
const running: Running[] = [];
after(async () => {
  await Promise.all(running.map((process) => process.kill()));
  rmSync(folder, { recursive: true, force: true });
});

const environment = { DURE_LANG: "en", DURE_STEWARD_PASSPHRASE: "a passphrase that is thrown away" };
async function ask<Value>(...words: readonly string[]): Promise<Value> {
  const { status, stdout, stderr } = await runDure([...words, "--json"], { cwd: folder, environment });
  assert.equal(status, 0, `dure ${words.join(" ")}: ${stderr}`);
  return JSON.parse(stdout);
}

interface Load {
  readonly snapshot: number;
  readonly snapshotHash: string;
  readonly unchanged: boolean;
  readonly newPersonCount: number;
}
const load = (): Promise<Load> => ask("site", "ingest", "exports", "--mapping", "mapping.yaml", "--home", "hospital");

test("a folder of site init joins an alliance: keys and loads stay, the ledger begins with them, and the coordinator knows it", async () => {
  const listen = `127.0.0.1:${await findFreePort()}`;
  await ask("alliance", "init", "--home", "alliance", "--name", "clinics", "--listen", listen);
  const coordinator = startDure(["coordinator", "start", "--home", join(folder, "alliance")]);
  running.push(coordinator);
  await coordinator.line("coordinator/started");

  await ask("site", "init", "--home", "hospital", "--organisation", "Trial Hospital");
  writeSources(folder, generateHospital(51, 30));
  const paths = sitePaths(join(folder, "hospital"));
  const keys = () => [paths.personKey, paths.siteSecret].map((path) => readFileSync(path).toString("hex"));
  const [before, alone] = [keys(), await load()];
  assert.deepEqual([alone.snapshot, alone.newPersonCount], [1, 30]);

  const { token } = await ask<{ token: string }>("alliance", "invite", "trial", "--home", "alliance", "--role", "site");
  const enrol = ["site", "enrol", "--home", "hospital", "--token", token, "--organisation", "Trial Hospital"];
  const first = await ask<{ siteId: string; alliance: string }>(...enrol);
  assert.deepEqual([first.siteId, first.alliance], ["trial", "clinics"]);
  assert.deepEqual(await ask(...enrol), { ...first }, "a lost answer is asked for again");
  assert.deepEqual(keys(), before);

  const again = await load();
  assert.deepEqual([again.snapshot, again.unchanged, again.newPersonCount, again.snapshotHash], [1, true, 0, alone.snapshotHash]);
  const ledger = await ask<readonly { kind: string; details?: readonly string[]; objectSha256?: string }[]>(
    "site",
    "ledger",
    "--home",
    "hospital",
  );
  assert.deepEqual(
    ledger.filter(({ kind }) => kind === "load").map(({ details, objectSha256 }) => [details?.[0], objectSha256]),
    [["snapshot-1", alone.snapshotHash]],
  );
  assert.deepEqual(await ask("site", "review", "--home", "hospital"), [], "its certificate opens the coordinator's list");
});

function findFreePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once("error", reject);
    server.listen(0, "127.0.0.1", () => {
      const address = server.address();
      server.close(() => (typeof address === "object" && address !== null ? resolve(address.port) : reject(new Error("no port"))));
    });
  });
}
