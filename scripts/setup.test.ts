import assert from "node:assert/strict";
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import {
  appendFileSync,
  chmodSync,
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";

/**
 * A checkout with one dependency, a package `node` in a folder beside it, so that the real npm installs it without a network.
 * Its preinstall script counts the installations, and takes as long as the test says.
 */
function makeCheckout(context: TestContext, { installSeconds = 0 } = {}): string {
  const folder = mkdtempSync(join(tmpdir(), "dure-setup-"));
  context.after(() => rmSync(folder, { recursive: true, force: true }));
  mkdirSync(join(folder, "scripts"));
  mkdirSync(join(folder, "own-node", "bin"), { recursive: true });
  copyFileSync(fileURLToPath(new URL("setup.mjs", import.meta.url)), join(folder, "scripts", "setup.mjs"));
  symlinkSync(process.execPath, join(folder, "own-node", "bin", "node"));
  const own = { name: "node", version: "24.0.0" };
  const dependencies = { node: "file:own-node" };
  const count = `node -e "fs.appendFileSync('installations', 'x'); setTimeout(() => {}, ${installSeconds * 1000})"`;
  writeJson(join(folder, "own-node", "package.json"), own);
  writeJson(join(folder, "package.json"), { name: "checkout", version: "1.0.0", dependencies, scripts: { preinstall: count } });
  const packages = {
    "": { name: "checkout", version: "1.0.0", dependencies, hasInstallScript: true },
    "own-node": own,
    "node_modules/node": { resolved: "own-node", link: true },
  };
  writeJson(join(folder, "package-lock.json"), { name: "checkout", version: "1.0.0", lockfileVersion: 3, requires: true, packages });
  writeFileSync(join(folder, ".npmrc"), "audit=false\nfund=false\n");
  return folder;
}

/** Port 9 of the loopback: nothing listens there. */
const UNREACHABLE = "http://127.0.0.1:9/";

const writeJson = (path: string, value: unknown): void => writeFileSync(path, `${JSON.stringify(value, null, 2)}\n`);

function addDependency(folder: string, name: string, version: string): void {
  const manifest = JSON.parse(readFileSync(join(folder, "package.json"), "utf8"));
  writeJson(join(folder, "package.json"), { ...manifest, dependencies: { ...manifest.dependencies, [name]: version } });
}

const installations = (folder: string): number =>
  existsSync(join(folder, "installations")) ? readFileSync(join(folder, "installations")).length : 0;

function startSetup(folder: string, environment: Record<string, string> = {}): ChildProcess {
  const env = {
    ...process.env,
    NODE_V8_COVERAGE: "",
    DURE_LANG: "en",
    npm_config_registry: UNREACHABLE,
    npm_config_fetch_retries: "0",
    ...environment,
  };
  return spawn(process.execPath, [join(folder, "scripts", "setup.mjs")], { env, stdio: ["ignore", "ignore", "pipe"] });
}

async function finish(child: ChildProcess): Promise<{ status: number | null; said: string }> {
  let said = "";
  child.stderr?.on("data", (chunk) => {
    said += chunk;
  });
  const [status] = await once(child, "close");
  return { status, said };
}

const setup = (folder: string, environment?: Record<string, string>): ReturnType<typeof finish> => finish(startSetup(folder, environment));

async function until(condition: () => boolean): Promise<void> {
  for (let tries = 0; tries < 400 && !condition(); tries++) await sleep(25);
  assert.ok(condition());
}

test("a fresh checkout is installed once, and a second set-up is silent and touches nothing", async (context) => {
  const folder = makeCheckout(context);
  const first = await setup(folder);
  assert.equal(first.status, 0, first.said);
  assert.match(first.said, /installing with npm ci[\s\S]*installed in \d+ s/);
  writeFileSync(join(folder, "node_modules", "witness"), "");
  assert.deepEqual(await setup(folder), { status: 0, said: "" });
  assert.ok(existsSync(join(folder, "node_modules", "witness")));
  assert.equal(installations(folder), 1);
});

test("a changed lock is installed again", async (context) => {
  const folder = makeCheckout(context);
  await setup(folder);
  appendFileSync(join(folder, "package-lock.json"), "\n");
  rmSync(join(folder, "node_modules", ".package-lock.json"));
  assert.equal((await setup(folder)).status, 0);
  assert.equal(installations(folder), 2);
});

test("an npm ci by hand is recognised and not repeated", async (context) => {
  const folder = makeCheckout(context);
  await setup(folder);
  rmSync(join(folder, "node_modules", ".dure-installed"));
  const { status, said } = await setup(folder);
  assert.equal(status, 0);
  assert.match(said, /already holds/);
  assert.equal(installations(folder), 1);
});

test("a workspace that names a package which is there already needs no installation", async (context) => {
  const folder = makeCheckout(context);
  await setup(folder);
  const lock = JSON.parse(readFileSync(join(folder, "package-lock.json"), "utf8"));
  lock.packages["own-node"].dependencies = {};
  writeJson(join(folder, "package-lock.json"), lock);
  assert.equal((await setup(folder)).status, 0);
  assert.equal(installations(folder), 1);
});

test("two set-ups at once install once", async (context) => {
  const folder = makeCheckout(context, { installSeconds: 1 });
  const first = setup(folder);
  await until(() => installations(folder) === 1);
  const second = await setup(folder, { DURE_LANG: "ko" });
  assert.equal((await first).status, 0);
  assert.equal(second.status, 0);
  assert.match(second.said, /다른 설치 작업이 진행 중입니다[\s\S]*모두 설치했습니다/);
  assert.equal(installations(folder), 1);
});

test("a set-up killed with kill -9 leaves the lock to its npm, and the next one waits for that", async (context) => {
  const folder = makeCheckout(context, { installSeconds: 2 });
  const first = startSetup(folder);
  await until(() => installations(folder) === 1);
  const second = setup(folder);
  first.kill("SIGKILL");
  await once(first, "exit");
  const { status, said } = await second;
  assert.equal(status, 0, said);
  assert.match(said, /another set-up is running[\s\S]*already holds/);
  assert.equal(installations(folder), 1);
});

test("a lock that does not fit package.json is one clear message, in the user's language", async (context) => {
  const folder = makeCheckout(context);
  mkdirSync(join(folder, "another"));
  writeJson(join(folder, "another", "package.json"), { name: "another", version: "1.0.0" });
  addDependency(folder, "another", "file:another");
  const { status, said } = await setup(folder, { DURE_LANG: "ko" });
  assert.equal(status, 1);
  assert.match(said, /준비: package\.json과 package-lock\.json이 서로 맞지 않아/);
  assert.equal(installations(folder), 0);
});

test("an npm without a working binary is named, not taken for an installation", async (context) => {
  const folder = makeCheckout(context);
  chmodSync(join(folder, "own-node", "bin"), 0o755);
  rmSync(join(folder, "own-node", "bin", "node"));
  const { status, said } = await setup(folder);
  assert.equal(status, 1);
  assert.match(said, /holds no Node 24/);
});

test("a registry that cannot be reached is one clear message, and the next set-up starts afresh", async (context) => {
  const folder = makeCheckout(context);
  addDependency(folder, "another", "1.0.0");
  const lock = JSON.parse(readFileSync(join(folder, "package-lock.json"), "utf8"));
  lock.packages[""].dependencies.another = "1.0.0";
  lock.packages["node_modules/another"] = { version: "1.0.0", integrity: `sha512-${Buffer.alloc(64).toString("base64")}` };
  writeJson(join(folder, "package-lock.json"), lock);
  const { status, said } = await setup(folder, { npm_config_cache: join(folder, "cache") });
  assert.equal(status, 1);
  assert.match(said, /the npm registry could not be reached or refused/);
  assert.ok(!existsSync(join(folder, "node_modules", ".dure-installed")));
});
