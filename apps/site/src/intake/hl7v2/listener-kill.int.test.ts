/** A listener killed with SIGKILL under load: every message that was answered AA is in the store. */

import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import test from "node:test";
import { fileURLToPath } from "node:url";
import { contentOf, intakeFolder } from "../testing.ts";
import { openSender, resultMessage } from "./testing-sender.ts";

test("every message answered before kill -9 is stored, and what was not is taken when it is sent again", { timeout: 60_000 }, async () => {
  await using folder = intakeFolder();
  const answered = new Set<string>();
  const ids = Array.from({ length: 120 }, (_, index) => `K${index}`);
  for (const killAfter of [5, 40]) {
    const child = spawn(process.execPath, [fileURLToPath(import.meta.resolve("./testing-listener-process.ts")), folder.storePath], {
      stdio: ["ignore", "pipe", "inherit"],
    });
    const [line] = (await once(child.stdout, "data")) as [Buffer];
    await using sender = await openSender(Number(line.toString()));
    for (const id of ids) if (!answered.has(id)) sender.send(resultMessage(id));
    for (let count = 0; count < killAfter; count += 1) {
      const [, msa] = await sender.answer();
      assert.equal(msa?.[1], "AA");
      answered.add(msa?.[2] ?? "");
    }
    const exited = once(child, "exit");
    child.kill("SIGKILL");
    await exited;
  }
  const stored = (await contentOf(await folder.open(), "DiagnosticReport")).join("\n");
  assert.ok(answered.size >= 45);
  for (const id of answered) assert.ok(stored.includes(`"value":"${id}"`), "an answered message is missing");
});
