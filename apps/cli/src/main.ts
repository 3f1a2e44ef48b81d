/**
 * The command `dure`.
 *
 * Ctrl-C and the signals to terminate abort the command's own signal; it ends in its own time. A second Ctrl-C ends the process at once,
 * which every store of the product survives.
 */

import { DureError } from "@dure/kernel";
import manifest from "../package.json" with { type: "json" };
import { runCommandLine, wantsJson } from "./command-line.ts";
import { COMMANDS, GROUPS } from "./commands/index.ts";
import { describeDefect } from "./defect.ts";
import { EXIT, type ExitStatus, exitStatusOf } from "./exit-status.ts";
import { languageOf } from "./language.ts";
import { Output } from "./output.ts";
import { Progress } from "./progress.ts";

const words = process.argv.slice(2);
const environment = process.env;
const language = languageOf(environment);
const json = wantsJson(words);
const output = new Output({ stdout: process.stdout, stderr: process.stderr, language, json });
const stopping = new AbortController();
let stoppedBy: ExitStatus | undefined;

stopOn("SIGINT", EXIT.interrupted);
stopOn("SIGTERM", EXIT.terminated);
stopOn("SIGHUP", EXIT.terminated);
process.stdout.on("error", endQuietlyWithoutReader);

process.exitCode = await run();

async function run(): Promise<ExitStatus> {
  const progress = new Progress({ stream: process.stderr, language, silent: json });
  const context = { output, progress, language, environment, workingFolder: process.cwd(), signal: stopping.signal };
  try {
    return await runCommandLine(words, { commands: COMMANDS, groups: GROUPS, version: manifest.version, context });
  } catch (error) {
    return reportFailure(error);
  }
}

function reportFailure(error: unknown): ExitStatus {
  if (environment["DURE_DEBUG"] === "1") console.error(error);
  if (stoppedBy !== undefined) return stoppedBy;
  if (error instanceof DureError) {
    output.problems(error.problems);
    return exitStatusOf(error);
  }
  output.problems([describeDefect(error)]);
  return EXIT.defect;
}

function stopOn(signal: NodeJS.Signals, status: ExitStatus): void {
  process.on(signal, () => {
    if (stoppedBy !== undefined) process.exit(status);
    stoppedBy = status;
    stopping.abort(new Error(`stopped by ${signal}`));
  });
}

/** `dure … | head` closes our stdout early: there is nobody left to tell. */
function endQuietlyWithoutReader(error: Error): void {
  if ("code" in error && error.code === "EPIPE") process.exit(EXIT.done);
  throw error;
}
