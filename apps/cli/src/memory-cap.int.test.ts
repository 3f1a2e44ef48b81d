/**
 * The whole site in 4 GB: its agent, a load, an intake and a run of quality checks at the same time, in a control group that the operating
 * system gives no more than 4 GiB, page cache included: it ends a process that wants more. Where the tests may make no such group, what
 * the processes hold is added up ten times a second instead. docs/architecture.md has the budget.
 */

import assert from "node:assert/strict";
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdirSync, readFileSync, rmdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { createAlliance, createCertificateRequest, createSealKey, createSigningKey, createTlsKey, issueCertificate } from "@dure/identity";
import { systemRandom as random, systemClock, writePrivateFile } from "@dure/machine";
import { type SitePaths, writeSettings } from "@dure/site";
import { generateHospital, testHome, writeSources } from "@dure/site/testing";

const MIB = 2 ** 20;
const CAP_MIB = 4096;
type Role = "agent" | "quality" | "load" | "intake";

const options = { skip: existsSync("/proc/self/smaps_rollup") ? false : "this machine does not tell what a process holds" };
const launcher = fileURLToPath(new URL("../bin/dure.mjs", import.meta.url));

/** A control group of this process's own; undefined where none can be made. Memory's controller is version 1 here, version 2 there. */
class MemoryGroup {
  readonly #folder: string;

  private constructor(folder: string) {
    this.#folder = folder;
  }

  static make(mib: number): MemoryGroup | undefined {
    const found = [
      ["/sys/fs/cgroup/memory", "memory.limit_in_bytes"],
      ["/sys/fs/cgroup", "memory.max"],
    ] as const;
    for (const [root, limit] of found) {
      const folder = `${root}/dure-test-${process.pid}`;
      try {
        mkdirSync(folder);
        writeFileSync(join(folder, limit), String(mib * MIB));
        return new MemoryGroup(folder);
      } catch {
        if (existsSync(folder)) rmdirSync(folder);
      }
    }
    return undefined;
  }

  get members(): string {
    return join(this.#folder, "cgroup.procs");
  }

  get peakMib(): number {
    const path = ["memory.max_usage_in_bytes", "memory.peak"].map((name) => join(this.#folder, name)).find(existsSync);
    return path === undefined ? Number.NaN : Math.round(Number(readFileSync(path, "utf8")) / MIB);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (let tries = 0; tries < 50 && existsSync(this.#folder); tries++) {
      try {
        rmdirSync(this.#folder);
      } catch {
        await systemClock.sleep(100); // a process that was just ended
      }
    }
  }
}

/** Node inside the group from its first moment. */
const spawnIn = (group: MemoryGroup | undefined, words: readonly string[]): ChildProcess =>
  spawn("bash", ["-c", `${group === undefined ? "" : `echo $$ > ${group.members}; `}exec "$0" "$@"`, process.execPath, ...words], {
    cwd: import.meta.dirname,
    stdio: ["ignore", "pipe", "pipe"],
    env: { ...process.env, DURE_LANG: "en" },
  });

interface Ended {
  readonly status: number | null;
  readonly said: string;
}

/** What the processes hold at each moment, and the most of each and of all together. Shared pages are counted once, in parts. */
class Peaks {
  readonly mib = new Map<string, number>();
  readonly #running = new Map<Role, ChildProcess>();
  readonly #timer = setInterval(() => this.#measure(), 100);
  readonly #group: MemoryGroup | undefined;

  constructor(group: MemoryGroup | undefined) {
    this.#group = group;
  }

  async run(role: Role, words: readonly string[]): Promise<Ended> {
    const child = spawnIn(this.#group, words);
    this.#running.set(role, child);
    let said = "";
    for (const stream of [child.stdout, child.stderr]) stream?.on("data", (chunk) => (said += chunk));
    await once(child, "close");
    this.#running.delete(role);
    return { status: child.exitCode, said };
  }

  stop(role: Role): void {
    this.#running.get(role)?.kill("SIGTERM");
  }

  [Symbol.dispose](): void {
    clearInterval(this.#timer);
    for (const child of this.#running.values()) child.kill("SIGKILL");
  }

  #measure(): void {
    let [total, count] = [0, 0];
    for (const [role, { pid }] of this.#running) {
      const pss = pssMib(pid);
      total += pss;
      count += pss > 0 ? 1 : 0;
      this.#raise(role, pss);
    }
    this.#raise("together", total);
    this.#raise("processes at once", count);
  }

  #raise(name: string, value: number): void {
    this.mib.set(name, Math.max(this.mib.get(name) ?? 0, value));
  }
}

/** 0 where the process is gone. */
function pssMib(pid: number | undefined): number {
  try {
    return Math.round(Number(/^Pss:\s+(\d+)/m.exec(readFileSync(`/proc/${pid}/smaps_rollup`, "utf8"))?.[1]) / 1024);
  } catch {
    return 0;
  }
}

/** Keys and certificates of a member, and a coordinator that does not answer. */
async function enrol(paths: SitePaths): Promise<void> {
  const nowMs = systemClock.nowMs();
  const { root, issuing } = await createAlliance({ name: "a", nowMs, random });
  const tlsKey = createTlsKey(random);
  const request = await createCertificateRequest(tlsKey, "hospital-1");
  const { chain } = await issueCertificate(issuing, request, { role: "site", id: "hospital-1", alliance: "a", nowMs, random });
  writePrivateFile(paths.identitySeed, createSigningKey(random).privateKey);
  writePrivateFile(paths.sealSeed, createSealKey(random).privateKey);
  writePrivateFile(paths.siteSecret, random.bytes(32));
  writePrivateFile(paths.tlsKey, tlsKey);
  writePrivateFile(paths.tlsChain, chain);
  writePrivateFile(paths.allianceRoot, root.certificate);
  writeSettings(paths, {
    ...{ version: 1, siteId: "hospital-1", organisation: "Hospital 1", role: "site", alliance: "a", coordinatorUrl: "https://127.0.0.1:1" },
    ...{ coordinatorKey: createSigningKey(random).publicKey, stewardKey: createSigningKey(random).publicKey, source: { kind: "store" } },
  });
}

/** The agent, which meanwhile builds the research table again and again, as it does when a run begins; it says how often. */
const agentSource = (home: string, clinical: string): string => `
  const { runAgent } = await import("@dure/site");
  const { openClinicalStoreWaiting, readResearchTable } = await import("@dure/site/store");
  const { parseResearchTable } = await import("@dure/clinical");
  const { systemClock: clock, systemRandom: random } = await import("@dure/machine");
  const { readFileSync } = await import("node:fs");
  const stopping = new AbortController();
  process.on("SIGTERM", () => stopping.abort());
  const running = runAgent({ home: ${JSON.stringify(home)}, clock, random, signal: stopping.signal, log: () => {} });
  const table = parseResearchTable({ file: "t.yaml", text: readFileSync(${JSON.stringify(TABLE)}, "utf8") });
  let count = 0;
  while (!stopping.signal.aborted) {
    try {
      const store = await openClinicalStoreWaiting(${JSON.stringify(clinical)}, clock, stopping.signal);
      const { rowKeys } = await readResearchTable(store, table).finally(() => store.close());
      count += rowKeys.length > 1000 ? 1 : 0;
    } catch (error) { if (!stopping.signal.aborted && error.code !== "store/in-use") throw error; }
    await clock.sleep(1500, stopping.signal).catch(() => {});
  }
  await running.catch(() => {});
  console.log("tables " + count);`;

const TABLE = fileURLToPath(new URL("../../../tables/breast-registry.yaml", import.meta.url));
const RESOURCE_COUNT = 60_000;

function writeFhir(folder: string): void {
  mkdirSync(folder);
  const lines = Array.from({ length: RESOURCE_COUNT }, (_, i) =>
    JSON.stringify({
      ...{ resourceType: "Observation", id: `o${i}`, status: "final", subject: { reference: `Patient/p${i % 5000}` } },
      ...{ effectiveDateTime: "2024-03-02", code: { coding: [{ system: "http://loinc.org", code: "8867-4", display: "Heart rate" }] } },
      valueQuantity: { value: 60 + (i % 60), unit: "/min", system: "http://unitsofmeasure.org", code: "/min" },
    }),
  );
  writeFileSync(join(folder, "observations.ndjson"), `${lines.join("\n")}\n`);
}

test("a process that wants more than its group has is ended by the operating system", options, async (t) => {
  await using group = MemoryGroup.make(256);
  if (group === undefined) return t.skip("no control group can be made here");
  const child = spawnIn(group, [
    "-e",
    "const kept = []; for (let i = 0; i < 16; i++) kept.push(Buffer.alloc(2 ** 26, 1)); console.log('all of it')",
  ]);
  let said = "";
  child.stdout?.on("data", (chunk) => (said += chunk));
  await once(child, "close");
  assert.deepEqual([said, child.signalCode], ["", "SIGKILL"]);
});

test("agent, load, intake and quality checks run at the same time within 4 GiB", options, async (t) => {
  using home = testHome(generateHospital(61, 6000));
  await enrol(home.paths);
  const root = home.paths.root;
  const at = ["--home", root];
  const load = [launcher, "site", "load", ...at, "--plan", home.planPath];
  writeFhir(join(home.folder, "fhir"));
  await using group = MemoryGroup.make(CAP_MIB);
  using peaks = new Peaks(group);
  const first = await peaks.run("load", load);
  assert.equal(first.status, 0, first.said);

  writeSources(home.folder, generateHospital(62, 10_000));
  const agent = peaks.run("agent", ["--input-type=module", "-e", agentSource(root, home.paths.clinical)]);
  const inTurn = async (role: Role, words: readonly string[]): Promise<Ended> => {
    for (;;) {
      const ended = await peaks.run(role, words);
      if (!ended.said.includes("[store/in-use]")) return ended; // somebody else had the store for longer than a command waits
    }
  };
  const others = await Promise.all([
    inTurn("intake", [launcher, "site", "intake", "fhir", join(home.folder, "fhir"), ...at]),
    inTurn("load", load),
    inTurn("quality", [launcher, "site", "quality", "run", ...at]),
  ]);
  peaks.stop("agent");
  const { status, said } = await agent;
  t.diagnostic(
    `peak MiB (PSS): ${[...peaks.mib].map(([name, mib]) => `${name} ${mib}`).join(", ")}; with page cache ${group?.peakMib ?? "not measured"}`,
  );
  for (const ended of others) assert.equal(ended.status, 0, ended.said);
  assert.equal(status, 0, said);
  assert.ok(Number(/tables (\d+)/.exec(said)?.[1]) > 0, said);
  assert.ok((peaks.mib.get("processes at once") ?? 0) >= 3);
  assert.ok((peaks.mib.get("together") ?? CAP_MIB) < CAP_MIB);
});
