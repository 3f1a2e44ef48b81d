/**
 * A folder for what an export becomes while it is looked at, which is patients' data. It lies beside the export, where such data lies
 * anyway and there is room for it; in the system's temporary folder where that one cannot be written. Only its owner may enter. It is gone
 * afterwards; a process that was killed leaves it behind, and the next one to look at an export there removes it.
 */

import { mkdtemp, readdir, rm } from "node:fs/promises";
import { hostname, tmpdir } from "node:os";
import { dirname, join, resolve } from "node:path";

const PREFIX = ".dure-scratch-";
/** The folder's name says whose it is: folders on a server are shared by machines, on which numbers of processes mean nothing. */
const HOST = hostname().replace(/[^A-Za-z0-9]/g, "_");

/** Of this process, at work. */
const inUse = new Set<string>();

export async function withScratchFolder<Result>(exportPath: string, work: (folder: string) => Promise<Result>): Promise<Result> {
  const folder = await makeFolder(dirname(resolve(exportPath)));
  inUse.add(folder);
  try {
    return await work(folder);
  } finally {
    inUse.delete(folder);
    await rm(folder, { recursive: true, force: true });
  }
}

/** `mkdtemp` makes folders of mode 0700. */
async function makeFolder(beside: string): Promise<string> {
  try {
    await removeAbandoned(beside);
    return await mkdtemp(join(beside, `${PREFIX}${HOST}-${process.pid}-`));
  } catch {
    await removeAbandoned(tmpdir());
    return mkdtemp(join(tmpdir(), `${PREFIX}${HOST}-${process.pid}-`));
  }
}

async function removeAbandoned(parent: string): Promise<void> {
  for (const name of await readdir(parent)) {
    const [, host, pid] = NAME.exec(name) ?? [];
    if (host !== HOST || pid === undefined || isAtWork(join(parent, name), Number(pid))) continue;
    await rm(join(parent, name), { recursive: true, force: true }).catch(() => undefined); // another account's, for that account to remove
  }
}

const NAME = /^\.dure-scratch-([A-Za-z0-9_]+)-(\d+)-[A-Za-z0-9]+$/;

function isAtWork(folder: string, pid: number): boolean {
  if (pid === process.pid) return inUse.has(folder);
  try {
    process.kill(pid, 0);
    return true;
  } catch (cause) {
    return cause instanceof Error && "code" in cause && cause.code === "EPERM";
  }
}
