#!/usr/bin/env node
/**
 * The command `dure`, started by whatever Node the machine has.
 *
 * The product needs Node 24 (native TypeScript, node:sqlite). On an older one the launcher starts itself again with the Node of the
 * checkout, hands signals on, and ends as its child ends. Plain JavaScript: it must be read by the old Node too.
 */

import { spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { fileURLToPath } from "node:url";

const NODE_MAJOR_MIN = 24;
const SIGNALS = ["SIGINT", "SIGTERM", "SIGHUP", "SIGQUIT", "SIGUSR2"];
/** A terminal sends these to the child itself: handed on as well, one Ctrl-C would count as two. */
const TERMINAL_SIGNALS = ["SIGINT", "SIGQUIT"];

if (Number(process.versions.node.split(".")[0]) >= NODE_MAJOR_MIN) {
  await keepCompiled();
  await import("../src/main.ts");
} else {
  runUnderOwnNode();
}

/** The sources are compiled once and kept in the checkout: a command then starts in half the time. Coverage would lose precision by it. */
async function keepCompiled() {
  if (process.env.NODE_V8_COVERAGE !== undefined) return;
  const { enableCompileCache } = await import("node:module");
  enableCompileCache(fileURLToPath(new URL("../../../node_modules/.cache/dure-compiled", import.meta.url)));
}

function runUnderOwnNode() {
  const binary = process.platform === "win32" ? "node.exe" : "node";
  const node = fileURLToPath(new URL(`../../../node_modules/node/bin/${binary}`, import.meta.url));
  if (!existsSync(node)) refuse();
  const child = spawn(node, [fileURLToPath(import.meta.url), ...process.argv.slice(2)], { stdio: "inherit" });
  for (const signal of SIGNALS) {
    process.on(signal, () => {
      if (!(process.stdin.isTTY && TERMINAL_SIGNALS.includes(signal))) child.kill(signal);
    });
  }
  child.on("exit", (code, signal) => {
    if (signal === null) process.exit(code ?? 1);
    for (const name of SIGNALS) process.removeAllListeners(name);
    process.kill(process.pid, signal); // the caller sees the child's own end
  });
}

function refuse() {
  const korean = /^ko/i.test(process.env.DURE_LANG || process.env.LC_ALL || process.env.LC_MESSAGES || process.env.LANG || "");
  process.stderr.write(
    korean
      ? `dure에는 Node ${NODE_MAJOR_MIN} 이상이 필요하며, 현재 Node는 ${process.versions.node}입니다. 이 폴더에서 \`node scripts/setup.mjs\`를 실행하시면 필요한 Node가 설치됩니다.\n`
      : `dure needs Node ${NODE_MAJOR_MIN} or newer; this is ${process.versions.node}. Run \`node scripts/setup.mjs\` in the checkout: it installs the right one.\n`,
  );
  process.exit(1);
}
