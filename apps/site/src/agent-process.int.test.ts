/** One agent a folder: real processes, with the keys and certificates of an enrolled hospital and no coordinator that answers. */

import assert from "node:assert/strict";
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { test } from "node:test";
import { createAlliance, createCertificateRequest, createSealKey, createSigningKey, createTlsKey, issueCertificate } from "@dure/identity";
import { systemRandom as random, systemClock, writePrivateFile } from "@dure/machine";
import { makeSiteHome, writeSettings } from "./home/site-home.ts";

const alliance = "test-alliance";
const siteId = "hospital-1";

/** A port on which nobody listens. */
async function closedPort(): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  server.close();
  await once(server, "close");
  return typeof address === "object" && address !== null ? address.port : assert.fail("it listened");
}

async function enrolledHome(root: string): Promise<void> {
  const paths = makeSiteHome(root);
  const nowMs = systemClock.nowMs();
  const { root: authority, issuing } = await createAlliance({ name: alliance, nowMs, random });
  const tlsKey = createTlsKey(random);
  const request = await createCertificateRequest(tlsKey, siteId);
  const { chain } = await issueCertificate(issuing, request, { role: "site", id: siteId, alliance, nowMs, random });
  writePrivateFile(paths.identitySeed, createSigningKey(random).privateKey);
  writePrivateFile(paths.sealSeed, createSealKey(random).privateKey);
  writePrivateFile(paths.siteSecret, random.bytes(32));
  writePrivateFile(paths.tlsKey, tlsKey);
  writePrivateFile(paths.tlsChain, chain);
  writePrivateFile(paths.allianceRoot, authority.certificate);
  writeSettings(paths, {
    version: 1,
    siteId,
    organisation: "Hospital 1",
    role: "site",
    alliance,
    coordinatorUrl: `https://localhost:${await closedPort()}`,
    coordinatorKey: createSigningKey(random).publicKey,
    stewardKey: createSigningKey(random).publicKey,
    source: { kind: "store" },
  });
}

/** Prints the code of each line of its log, and at the end the code with which it was refused. */
function spawnAgent(home: string): ChildProcess {
  const source = `
    const { runAgent } = await import(${JSON.stringify(new URL("./agent-process.ts", import.meta.url).href)});
    const { systemClock: clock, systemRandom: random } = await import("@dure/machine");
    const log = ({ code }) => console.log(code);
    const { signal } = new AbortController();
    await runAgent({ home: ${JSON.stringify(home)}, clock, random, signal, log }).catch((error) => {
      console.log(error.code);
      process.exitCode = 5;
    });`;
  return spawn(process.execPath, ["--input-type=module", "-e", source], { cwd: import.meta.dirname, stdio: ["ignore", "pipe", "inherit"] });
}

/** The first thing that it says; undefined where it ends in silence. */
async function firstWord(child: ChildProcess): Promise<string | undefined> {
  for await (const line of createInterface({ input: child.stdout ?? assert.fail("its output is read") })) return line;
  return undefined;
}

test("a second agent on one folder is refused by name; where the first was killed, the next one runs", async () => {
  const home = mkdtempSync(join(tmpdir(), "dure-agent-"));
  const started: ChildProcess[] = [];
  const start = (): ChildProcess => {
    const child = spawnAgent(home);
    started.push(child);
    return child;
  };
  try {
    assert.equal(await firstWord(start()), "site/not-enrolled");
    await enrolledHome(home);
    const first = start();
    assert.equal(await firstWord(first), "transport/unavailable");
    const second = start();
    const refused = once(second, "exit");
    assert.equal(await firstWord(second), "site/agent-running");
    assert.deepEqual(await refused, [5, null]);
    assert.equal(first.exitCode, null, "the first goes on");
    const killed = once(first, "exit");
    first.kill("SIGKILL");
    await killed;
    assert.equal(await firstWord(start()), "transport/unavailable");
  } finally {
    for (const child of started) child.kill("SIGKILL");
    rmSync(home, { recursive: true, force: true });
  }
});
