import assert from "node:assert/strict";
import { test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { text } from "@dure/kernel";
import { Progress } from "./progress.ts";

const LABEL = text("reading rows", "행을 읽는 중");

function recorder(stream: { readonly isTTY?: boolean; readonly columns?: number }) {
  let written = "";
  const sink = {
    ...stream,
    write: (chunk: string) => {
      written += chunk;
    },
  };
  return { sink, written: () => written };
}

test("work of less than a second leaves no trace", async () => {
  const { sink, written } = recorder({ isTTY: true });
  const value = await new Progress({ stream: sink, language: "en", silent: false }).during(LABEL, async (report) => {
    report(1, 2);
    await sleep(20);
    return 7;
  });
  assert.deepEqual([value, written()], [7, ""]);
});

test("on a terminal longer work draws a bar in one line of the terminal's width, and clears it", async () => {
  const { sink, written } = recorder({ isTTY: true, columns: 60 });
  await new Progress({ stream: sink, language: "ko", silent: false }).during(LABEL, async (report) => {
    report(500, 2000);
    await sleep(1_300);
  });
  assert.ok(written().startsWith(`\r\u001b[K행을 읽는 중  ${"█".repeat(6)}${"░".repeat(18)}  25 % (500 / 2,000)`));
  assert.ok(written().endsWith("\r\u001b[K"));
  assert.ok(!written().includes("\n"));
});

test("elsewhere longer work prints sparse lines, and with JSON none", async () => {
  const plain = recorder({});
  const silent = recorder({});
  await Promise.all([
    new Progress({ stream: plain.sink, language: "en", silent: false }).during(LABEL, () => sleep(1_400)),
    new Progress({ stream: silent.sink, language: "en", silent: true }).during(LABEL, () => sleep(1_400)),
  ]);
  assert.equal(plain.written(), "reading rows: 1 s\n");
  assert.equal(silent.written(), "");
});

test("work that does not let go of the thread is drawn when it reports", async () => {
  const { sink, written } = recorder({});
  await new Progress({ stream: sink, language: "en", silent: false }).during(LABEL, (report) => {
    const startedMs = performance.now();
    while (performance.now() - startedMs < 1_100) report(1, 4);
  });
  assert.match(written(), /^reading rows: 25 % \(1 \/ 4\), about \d s left\n$/);
});

test("a failure clears the bar and is passed on", async () => {
  const { sink, written } = recorder({ isTTY: true });
  const work = new Progress({ stream: sink, language: "en", silent: false }).during(LABEL, async () => {
    await sleep(1_200);
    throw new RangeError("broken");
  });
  await assert.rejects(work, RangeError);
  assert.ok(written().endsWith("\r\u001b[K"));
});
