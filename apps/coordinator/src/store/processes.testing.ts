/** For tests only: starts `writer.testing.ts`, and listens to what it acknowledges. */

import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import type { StoreTarget } from "./store.ts";

export interface Writer {
  /** Resolves when the store is open; rejects with what the process printed to stderr where it ended first. */
  readonly opened: Promise<void>;
  /** Resolves when `condition` holds; rejects where the process ended first. */
  until(condition: () => boolean): Promise<void>;
  /** Ids of rows that the process said are stored. Grows. */
  readonly acknowledged: readonly string[];
  /** SIGKILL, and waits until the process is gone. */
  kill(): Promise<void>;
}

export function startWriter(target: StoreTarget, name = ""): Writer {
  const program = fileURLToPath(new URL("./writer.testing.ts", import.meta.url));
  const child = spawn(process.execPath, [program, JSON.stringify(target), name], { stdio: ["pipe", "pipe", "pipe"] });
  const ended = once(child, "close");
  const acknowledged: string[] = [];
  const opened = waitForOpen(child, ended, acknowledged);
  opened.catch(() => undefined); // a test that kills before the opening does not ask
  const kill = async (): Promise<void> => {
    child.kill("SIGKILL");
    await ended;
  };
  const until = async (condition: () => boolean): Promise<void> => {
    while (!condition()) {
      if (child.exitCode !== null || child.signalCode !== null) throw new Error(`the process ended: ${child.exitCode ?? child.signalCode}`);
      await sleep(5);
    }
  };
  return { opened, acknowledged, until, kill };
}

function waitForOpen(child: ChildProcess, ended: Promise<unknown>, acknowledged: string[]): Promise<void> {
  const { stdout, stderr } = child;
  if (stdout === null || stderr === null) throw new Error("the process was started with pipes");
  let complaint = "";
  stderr.on("data", (chunk: Buffer) => {
    complaint += chunk.toString("utf8");
  });
  return new Promise((resolve, reject) => {
    createInterface({ input: stdout }).on("line", (line) => (line === "open" ? resolve() : acknowledged.push(line)));
    void ended.then(() => reject(new Error(complaint)));
  });
}
