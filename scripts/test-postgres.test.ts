import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { connect } from "node:net";
import { test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { startTestPostgres, TEST_POSTGRES_VARIABLE } from "./test-postgres.ts";

async function accepts(url: string): Promise<boolean> {
  const { hostname, port } = new URL(url);
  const socket = connect({ host: hostname, port: Number(port) });
  const accepted = await new Promise<boolean>((resolve) => {
    socket.once("connect", () => resolve(true));
    socket.once("error", () => resolve(false));
  });
  socket.destroy();
  return accepted;
}

test("a server named in the environment is taken as it is", async () => {
  const start = await startTestPostgres({ [TEST_POSTGRES_VARIABLE]: "postgresql://example" });
  assert.equal(start.kind === "started" && start.postgres.url, "postgresql://example");
});

test("a server ends with the process that started it, even one killed with kill -9", async (context) => {
  const program = `
    import { startTestPostgres } from ${JSON.stringify(new URL("test-postgres.ts", import.meta.url).href)};
    const start = await startTestPostgres({});
    console.log(start.kind === "started" ? start.postgres.url : start.kind);
    setInterval(() => {}, 1000);`;
  const child = spawn(process.execPath, ["--input-type=module", "-e", program], { stdio: ["ignore", "pipe", "inherit"] });
  const [line] = await once(child.stdout, "data");
  const url = String(line).trim();
  if (url === "unavailable") {
    child.kill();
    return context.skip("no PostgreSQL");
  }
  assert.ok(await accepts(url));
  child.kill("SIGKILL");
  for (let tries = 0; tries < 200 && (await accepts(url)); tries++) await sleep(50);
  assert.ok(!(await accepts(url)));
});
