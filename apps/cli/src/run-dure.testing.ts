/** Runs the real command as a child process, as a person would. */

import { spawn } from "node:child_process";
import { fileURLToPath } from "node:url";

export interface Finished {
  readonly status: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

const launcher = fileURLToPath(new URL("../bin/dure.mjs", import.meta.url));

interface RunOptions {
  readonly cwd?: string;
  readonly environment?: Readonly<Record<string, string>>;
  /** Another Node than the one of the tests. */
  readonly node?: string;
}

export function runDure(
  words: readonly string[],
  { cwd, environment = { DURE_LANG: "en" }, node = process.execPath }: RunOptions = {},
): Promise<Finished> {
  return new Promise((resolve, reject) => {
    const child = spawn(node, [launcher, ...words], { cwd, env: { ...process.env, ...environment }, stdio: ["ignore", "pipe", "pipe"] });
    let [stdout, stderr] = ["", ""];
    child.stdout.on("data", (chunk) => {
      stdout += chunk;
    });
    child.stderr.on("data", (chunk) => {
      stderr += chunk;
    });
    child.once("error", reject);
    child.once("close", (status) => resolve({ status, stdout, stderr }));
  });
}

/** A command that runs until it is told to stop. */
export interface Running {
  /** Resolves with the first line that holds the text. Fails with everything it wrote where the process ends without one. */
  line(holding: string): Promise<string>;
  /** SIGTERM, and resolves when the process is gone. */
  stop(): Promise<void>;
  /** SIGKILL, likewise. */
  kill(): Promise<void>;
}

export function startDure(words: readonly string[], { environment = { DURE_LANG: "en" } }: RunOptions = {}): Running {
  const child = spawn(process.execPath, [launcher, ...words], {
    env: { ...process.env, ...environment },
    stdio: ["ignore", "pipe", "pipe"],
  });
  let written = "";
  for (const stream of [child.stdout, child.stderr]) {
    stream.on("data", (chunk) => {
      written += chunk;
      child.emit("written");
    });
  }
  const ended = new Promise<void>((resolve) => child.once("close", () => resolve()));
  const end = (signal: NodeJS.Signals): Promise<void> => {
    child.kill(signal);
    return ended;
  };
  const line = (holding: string): Promise<string> =>
    new Promise((resolve, reject) => {
      const look = (): void => {
        const found = written.split("\n").find((one) => one.includes(holding));
        if (found !== undefined) resolve(found);
      };
      child.on("written", look);
      void ended.then(() => reject(new Error(`dure ${words.join(" ")} ended without "${holding}":\n${written}`)));
      look();
    });
  return { line, stop: () => end("SIGTERM"), kill: () => end("SIGKILL") };
}
