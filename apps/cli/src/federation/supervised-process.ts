/**
 * A process that is started again when it dies, as systemd or Kubernetes would do it: within a second, as often as it takes.
 *
 * Its own standard output and errors are JSON lines; the last few are kept, so that a process that cannot start is not silent.
 */

import { type ChildProcess, spawn } from "node:child_process";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";

const launcher = fileURLToPath(new URL("../../bin/dure.mjs", import.meta.url));

const RESTART_MS = 500;
/** Deaths within a second of the start, in a row, after which the supervisor gives up: something is wrong that a restart cannot mend. */
const EARLY_DEATHS_MAX = 10;
const EARLY_MS = 1_000;
const LINES_KEPT = 20;

export interface SupervisedOptions {
  /** The words after `dure`. */
  readonly words: readonly string[];
  readonly environment?: Readonly<Record<string, string>>;
  onLine?(line: string): void;
  /** Called when the supervisor gives up, with the last lines that the process wrote. */
  onGivenUp?(lastLines: readonly string[]): void;
}

export class SupervisedProcess {
  readonly #options: SupervisedOptions;
  readonly #lastLines: string[] = [];
  #child: ChildProcess | undefined;
  #isStopping = false;
  #earlyDeathCount = 0;
  #restartTimer: NodeJS.Timeout | undefined;

  constructor(options: SupervisedOptions) {
    this.#options = options;
    // Nobody is left to restart or to end it when this process goes.
    process.once("exit", () => this.#child?.kill("SIGKILL"));
    this.#start();
  }

  /** Undefined between a death and the next start. */
  get pid(): number | undefined {
    return this.#child?.pid;
  }

  get lastLines(): readonly string[] {
    return this.#lastLines;
  }

  /** As an operating system would: no warning, nothing flushed. The supervisor starts it again. */
  kill(): void {
    this.#child?.kill("SIGKILL");
  }

  /** Asks it to end and waits; after five seconds it is killed. */
  async stop(): Promise<void> {
    this.#isStopping = true;
    clearTimeout(this.#restartTimer);
    const child = this.#child;
    if (child === undefined || child.exitCode !== null || child.signalCode !== null) return;
    const ended = new Promise<void>((resolve) => child.once("exit", () => resolve()));
    child.kill("SIGTERM");
    const timer = setTimeout(() => child.kill("SIGKILL"), 5_000);
    await ended;
    clearTimeout(timer);
  }

  #start(): void {
    const startedMs = performance.now();
    const { words, environment } = this.#options;
    const child = spawn(process.execPath, [launcher, ...words], {
      env: { ...process.env, ...environment },
      stdio: ["ignore", "pipe", "pipe"],
    });
    this.#child = child;
    for (const stream of [child.stdout, child.stderr]) createInterface({ input: stream }).on("line", (line) => this.#keep(line));
    child.once("exit", () => this.#died(performance.now() - startedMs));
  }

  #keep(line: string): void {
    this.#lastLines.push(line);
    if (this.#lastLines.length > LINES_KEPT) this.#lastLines.shift();
    this.#options.onLine?.(line);
  }

  #died(livedMs: number): void {
    this.#child = undefined;
    if (this.#isStopping) return;
    this.#earlyDeathCount = livedMs < EARLY_MS ? this.#earlyDeathCount + 1 : 0;
    if (this.#earlyDeathCount >= EARLY_DEATHS_MAX) {
      this.#options.onGivenUp?.(this.#lastLines);
      return;
    }
    this.#restartTimer = setTimeout(() => this.#start(), RESTART_MS);
  }
}
