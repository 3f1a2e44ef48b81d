/** The demonstration as a user runs it, from an installed tree: wall time, and the memory of all its processes together. */

import { spawn } from "node:child_process";
import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

export interface DemoBench {
  readonly seconds: number;
  /** Most at any moment, of all processes together; each shared page is counted once. Undefined where the system does not say (not Linux). */
  readonly pssBytesMax: number | undefined;
  readonly processCountMax: number;
}

const root = fileURLToPath(new URL("..", import.meta.url));
const SAMPLE_MS = 500;

export async function benchDemo(): Promise<DemoBench> {
  const folder = mkdtempSync(join(tmpdir(), "dure-bench-"));
  const startMs = performance.now();
  const child = spawn("npm", ["run", "--silent", "demo", "--", "--out", folder], { cwd: root, stdio: ["ignore", "ignore", "pipe"] });
  const ended = new Promise<number>((resolve, reject) => {
    child.once("error", reject);
    child.once("exit", (code) => resolve(code ?? 1));
  });
  let errors = "";
  child.stderr.on("data", (chunk: Buffer) => {
    errors = `${errors}${chunk.toString()}`.slice(-2_000);
  });
  let pssBytesMax: number | undefined;
  let processCountMax = 0;
  const timer = setInterval(() => {
    const processes = descendantsOf(child.pid ?? -1);
    const bytes = processes.reduce((sum, pid) => sum + pssBytes(pid), 0);
    if (bytes > (pssBytesMax ?? 0)) pssBytesMax = bytes;
    processCountMax = Math.max(processCountMax, processes.length);
  }, SAMPLE_MS);
  try {
    const status = await ended;
    if (status !== 0) throw new Error(`the demonstration ended with status ${status}:\n${errors}`);
    return { seconds: (performance.now() - startMs) / 1000, pssBytesMax, processCountMax };
  } finally {
    clearInterval(timer);
    rmSync(folder, { recursive: true, force: true });
  }
}

/** The process and all that it started, by the parents that Linux tells of; empty elsewhere. */
function descendantsOf(ancestor: number): readonly number[] {
  const children = new Map<number, number[]>();
  for (const pid of processIds()) {
    const parent = parentOf(pid);
    if (parent !== undefined) children.set(parent, [...(children.get(parent) ?? []), pid]);
  }
  const found = [ancestor];
  for (const pid of found) found.push(...(children.get(pid) ?? []));
  return found;
}

function processIds(): readonly number[] {
  try {
    return readdirSync("/proc")
      .filter((name) => /^\d+$/.test(name))
      .map(Number);
  } catch {
    return [];
  }
}

/** The fourth field; the second is the program's name in brackets, which may hold spaces. */
function parentOf(pid: number): number | undefined {
  const stat = readProc(pid, "stat");
  return stat === undefined ? undefined : Number(stat.slice(stat.lastIndexOf(")") + 2).split(" ")[1]);
}

function pssBytes(pid: number): number {
  const kilobytes = /^Pss:\s+(\d+) kB$/m.exec(readProc(pid, "smaps_rollup") ?? "")?.[1];
  return 1024 * Number(kilobytes ?? 0);
}

/** Undefined for a process that has ended meanwhile. */
function readProc(pid: number, name: string): string | undefined {
  try {
    return readFileSync(`/proc/${pid}/${name}`, "utf8");
  } catch {
    return undefined;
  }
}
