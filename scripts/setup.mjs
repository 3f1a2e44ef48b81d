/**
 * Brings node_modules to what package-lock.json says, and does nothing when it is there already.
 *
 * It runs before `npm test`, `npm run demo`, `npm run check` and `npm run bench`, on the machine's own Node (20 or newer), so it is
 * plain JavaScript without dependencies. A bare `npm ci` in its place would delete the tree of a program that is running from it.
 *
 * What is installed is known by a marker inside node_modules: it goes when the tree goes, and is written only after an installation that
 * succeeded. Without a marker, npm's own record (`node_modules/.package-lock.json`) decides, so that an `npm ci` by hand is not repeated.
 *
 * Only one set-up runs in a checkout. The lock is a listening socket, which the system closes when its owner dies, however it dies;
 * a file would stay behind. npm inherits the socket: when only this script is killed, the lock is held until npm has ended too.
 */

import { spawn, spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, readFileSync, realpathSync, writeFileSync } from "node:fs";
import { connect, createServer } from "node:net";
import { delimiter, dirname, join, resolve, sep } from "node:path";
import { fileURLToPath } from "node:url";

const NODE_MAJOR_MIN = 20;
const PRODUCT_NODE_MAJOR_MIN = 24;
/** A waiting set-up looks again this often while npm holds the socket alone and cannot answer. */
const RETRY_MS = 200;
const PROGRESS_MS = 15_000;
const ERROR_LINES_MAX = 15;

const root = realpathSync(resolve(dirname(fileURLToPath(import.meta.url)), ".."));
const modules = join(root, "node_modules");
const marker = join(modules, ".dure-installed");
const korean = /^ko/i.test(process.env.DURE_LANG || process.env.LC_ALL || process.env.LC_MESSAGES || process.env.LANG || "");

await main();

async function main() {
  if (Number(process.versions.node.split(".")[0]) < NODE_MAJOR_MIN) {
    fail(
      `Node ${process.versions.node} is running; ${NODE_MAJOR_MIN} or newer is needed. Install it, then repeat the command.`,
      `현재 Node ${process.versions.node}이(가) 실행 중이며, ${NODE_MAJOR_MIN} 이상이 필요합니다. 설치하신 뒤 명령을 다시 실행해 주세요.`,
    );
  }
  if (isInstalled()) return;
  const lock = await acquireLock();
  if (isInstalled()) {
    say("the other set-up has installed everything.", "다른 설치 작업이 모두 설치했습니다.");
  } else if (matchesNpmRecord()) {
    writeMarker();
    say("node_modules already holds what package-lock.json names.", "node_modules에 package-lock.json의 내용이 이미 설치되어 있습니다.");
  } else {
    await install(lock);
  }
  process.exit(0); // closes the socket: the next set-up may go on
}

/** Of everything that decides what `npm ci` installs: the lock, npm's settings, the scripts allowed, and the kind of machine. */
function wantedHash() {
  const { allowScripts } = JSON.parse(readFileSync(join(root, "package.json"), "utf8"));
  const hash = createHash("sha256");
  hash.update(readFileSync(join(root, "package-lock.json")));
  hash.update(readFileSync(join(root, ".npmrc")));
  hash.update(JSON.stringify([allowScripts, process.platform, process.arch]));
  return hash.digest("hex");
}

function isInstalled() {
  return existsSync(marker) && readFileSync(marker, "utf8") === wantedHash() && hasProductNode();
}

function writeMarker() {
  writeFileSync(marker, wantedHash());
}

/** The product's own Node, from the devDependency `node`. Its install script is what makes the binary, so its absence must show here. */
function hasProductNode() {
  const binary = join(modules, "node", "bin", process.platform === "win32" ? "node.exe" : "node");
  if (!existsSync(binary)) return false;
  const { stdout } = spawnSync(binary, ["--version"], { encoding: "utf8" });
  return Number(/^v(\d+)/.exec(stdout ?? "")?.[1] ?? 0) >= PRODUCT_NODE_MAJOR_MIN;
}

/**
 * True when npm itself recorded every package of the lock, the same entry byte for byte; optional ones may be absent. Of the workspaces,
 * which are only linked, the commands count: what they depend on shows in the packages.
 */
function matchesNpmRecord() {
  const record = join(modules, ".package-lock.json");
  if (!existsSync(record) || !hasProductNode()) return false;
  const wanted = JSON.parse(readFileSync(join(root, "package-lock.json"), "utf8")).packages;
  const found = JSON.parse(readFileSync(record, "utf8")).packages;
  const installed = (path, entry) => JSON.stringify(path.includes("node_modules/") ? entry : entry?.bin);
  const same = (path) => installed(path, found[path]) === installed(path, wanted[path]);
  return (
    Object.keys(found).every(same) &&
    Object.keys(wanted).every(
      (path) => path === "" || path in found || wanted[path].optional === true || installed(path, wanted[path]) === undefined,
    )
  );
}

/** Resolves with the listening socket; until then another set-up has it. */
async function acquireLock() {
  for (let waited = false; ; waited = true) {
    const server = await tryListen();
    if (server !== undefined) return server;
    if (!waited)
      say(
        "another set-up is running in this checkout; waiting for it.",
        "이 폴더에서 다른 설치 작업이 진행 중입니다. 끝날 때까지 기다립니다.",
      );
    await untilReleased();
  }
}

/**
 * Linux: the abstract namespace, which leaves no file. Windows: a named pipe. Elsewhere a loopback port, which also goes with its owner;
 * a stranger on that port makes a set-up wait, and the message says for what.
 */
function lockAddress() {
  const digest = createHash("sha256").update(root).digest();
  const name = `dure-setup-${digest.toString("hex").slice(0, 16)}`;
  if (process.platform === "linux") return { path: `\0${name}` };
  if (process.platform === "win32") return { path: `\\\\.\\pipe\\${name}` };
  return { host: "127.0.0.1", port: 49_152 + (digest.readUInt16BE(0) % 16_000) };
}

function tryListen() {
  return new Promise((resolveServer, reject) => {
    const server = createServer(() => {}); // a waiting set-up stays connected: the end of the connection wakes it
    server.once("error", (error) => (error.code === "EADDRINUSE" ? resolveServer(undefined) : reject(error)));
    server.listen(lockAddress(), () => resolveServer(server));
  });
}

function untilReleased() {
  return new Promise((released) => {
    const socket = connect(lockAddress());
    socket.on("error", () => {});
    socket.on("close", () => setTimeout(released, RETRY_MS));
  });
}

async function install(lock) {
  say(
    "node_modules is not what package-lock.json names: installing with npm ci (about a minute) …",
    "node_modules가 package-lock.json과 달라 npm ci로 설치합니다(1분가량 걸립니다) …",
  );
  const startedMs = performance.now();
  const seconds = () => Math.round((performance.now() - startedMs) / 1000);
  const ticker = setInterval(() => say(`still installing, ${seconds()} s`, `설치 중, ${seconds()}초 지났습니다`), PROGRESS_MS);
  const { status, output } = await runNpmCi(lock);
  clearInterval(ticker);
  if (status !== 0) failInstall(status, output);
  if (!hasProductNode()) {
    fail(
      "npm ci ended, but node_modules/node holds no Node 24: its install script did not run. If `npm config get ignore-scripts` says true, " +
        "set it to false for this checkout, then repeat the command.",
      "npm ci는 끝났지만 node_modules/node에 Node 24가 없습니다. 설치 스크립트가 실행되지 않았습니다. `npm config get ignore-scripts`가 true이면 " +
        "이 폴더에서 false로 바꾸신 뒤 명령을 다시 실행해 주세요.",
    );
  }
  writeMarker();
  say(`installed in ${seconds()} s.`, `${seconds()}초 만에 설치했습니다.`);
}

/** npm runs on the machine's Node: the one inside node_modules is about to be deleted. */
function runNpmCi(lock) {
  const inside = modules + sep;
  const path = (process.env.PATH ?? "").split(delimiter).filter((folder) => !resolve(folder).startsWith(inside));
  const descriptor = process.platform === "win32" ? undefined : lock._handle?.fd;
  return new Promise((done) => {
    const child = spawn("npm", ["ci", "--no-progress"], {
      cwd: root,
      env: { ...process.env, PATH: path.join(delimiter) },
      shell: process.platform === "win32",
      stdio: ["ignore", "pipe", "pipe", ...(descriptor >= 0 ? [descriptor] : [])],
    });
    let output = "";
    child.stdout.on("data", (chunk) => (output += chunk));
    child.stderr.on("data", (chunk) => (output += chunk));
    child.on("error", (error) => done({ status: 1, output: String(error) }));
    child.on("close", (code, signal) => done({ status: code ?? signal, output }));
  });
}

function failInstall(status, output) {
  const lines = output.split("\n").filter((line) => !/^npm warn|^(npm error)?\s*(at .*)?$/i.test(line)); // stacks tell a user nothing
  for (const line of lines.slice(-ERROR_LINES_MAX)) process.stderr.write(`  ${line}\n`);
  const network = /ENOTFOUND|ECONNREFUSED|ECONNRESET|ETIMEDOUT|EAI_AGAIN|ERR_SOCKET|UNABLE_TO|CERT|E40[13]|network/.test(output);
  if (/EUSAGE/.test(output)) {
    fail(
      "package.json and package-lock.json do not agree, so npm ci refuses. If you changed a dependency, run npm install and commit the lock; " +
        "otherwise restore both files from git.",
      "package.json과 package-lock.json이 서로 맞지 않아 npm ci가 거부했습니다. 의존성을 바꾸셨다면 npm install 후 잠금 파일을 커밋하시고, " +
        "아니라면 두 파일을 git에서 되돌려 주세요.",
    );
  }
  if (network) {
    fail(
      "the npm registry could not be reached or refused. Check the network, and behind a proxy `npm config get proxy`, `https-proxy` and " +
        "`registry`; then repeat the command. Nothing else has to be cleaned up.",
      "npm 레지스트리에 연결하지 못했거나 거부되었습니다. 네트워크를 확인하시고, 프록시를 쓰신다면 `npm config get proxy`, `https-proxy`, " +
        "`registry` 설정을 확인하신 뒤 명령을 다시 실행해 주세요. 따로 정리하실 것은 없습니다.",
    );
  }
  fail(
    `npm ci failed (${status}); its last lines are above. Repeating the command starts again from nothing.`,
    `npm ci가 실패했습니다(${status}). 위에 마지막 출력이 있습니다. 명령을 다시 실행하면 처음부터 설치합니다.`,
  );
}

function say(en, ko) {
  process.stderr.write(`${korean ? `준비: ${ko}` : `Set-up: ${en}`}\n`);
}

function fail(en, ko) {
  say(en, ko);
  process.exit(1);
}
