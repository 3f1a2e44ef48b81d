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
