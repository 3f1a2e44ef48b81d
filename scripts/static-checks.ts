/** Types, lint and format, dead code: what can be said about the sources without running them. */

import { spawn } from "node:child_process";
import { delimiter, join } from "node:path";
import { fileURLToPath } from "node:url";

const root = fileURLToPath(new URL("..", import.meta.url));

const STATIC_CHECKS = [
  { name: "types", command: ["tsc", "-b"], mend: "" },
  {
    name: "lint and format",
    command: ["biome", "ci", "--error-on-warnings", "--colors=off", "."],
    mend: "`npm run format` mends the format",
  },
  { name: "generated files", command: ["node", "scripts/generate.ts", "--check"], mend: "" },
  { name: "dead code", command: ["knip", "--no-progress", "--no-config-hints"], mend: "" },
] as const;

/** Runs all of them, prints what fails, and returns the names of those that failed. */
export async function runStaticChecks(): Promise<string[]> {
  const failed: string[] = [];
  for (const { name, command, mend } of STATIC_CHECKS) {
    const startedMs = performance.now();
    const { passed, output } = await runTool(command);
    const seconds = ((performance.now() - startedMs) / 1000).toFixed(1);
    console.log(`${passed ? "✔" : "✖"} ${name} (${command[0]}, ${seconds} s)`);
    if (passed) continue;
    failed.push(name);
    console.log(output.trimEnd().replace(/^/gm, "    "));
    if (mend !== "") console.log(`    ${mend}`);
  }
  return failed;
}

function runTool([tool, ...args]: readonly [string, ...string[]]): Promise<{ readonly passed: boolean; readonly output: string }> {
  const env = { ...process.env, PATH: `${join(root, "node_modules", ".bin")}${delimiter}${process.env["PATH"]}`, NO_COLOR: "1" };
  return new Promise((resolve) => {
    const child = spawn(tool, args, { cwd: root, env, shell: process.platform === "win32", stdio: ["ignore", "pipe", "pipe"] });
    let output = "";
    child.stdout.on("data", (chunk) => {
      output += chunk;
    });
    child.stderr.on("data", (chunk) => {
      output += chunk;
    });
    child.on("error", (error) => resolve({ passed: false, output: error.message }));
    child.on("close", (status) => resolve({ passed: status === 0, output }));
  });
}
