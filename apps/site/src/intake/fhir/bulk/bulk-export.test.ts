import assert from "node:assert/strict";
import { generateKeyPairSync, verify } from "node:crypto";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { type Clock, DureError } from "@dure/kernel";
import type { IntakeStore } from "../../intake-store.ts";
import { contentOf, type IntakeFolder, intakeFolder } from "../../testing.ts";
import { backendServiceToken, givenToken } from "./access-token.ts";
import { type BulkOptions, cancelBulkExport, runBulkExport } from "./bulk-export.ts";
import { type BulkServer, bulkServer, sendFile } from "./bulk-server.testing.ts";
import { bulkFolder } from "./bulk-state.ts";

const TIME = "2026-01-02T00:00:00Z";

/** Time passes only by sleeping, and at once. */
function quickClock(): Clock & { readonly pausesMs: number[] } {
  let nowMs = Date.parse("2026-01-01T00:00:00Z");
  const pausesMs: number[] = [];
  return {
    pausesMs,
    nowMs: () => nowMs,
    sleep: async (durationMs) => {
      pausesMs.push(durationMs);
      nowMs += durationMs;
    },
  };
}

function fill(server: BulkServer): void {
  const patients = Array.from({ length: 200 }, (_, i) =>
    JSON.stringify({ resourceType: "Patient", id: `p${i}`, name: [{ text: "CANARY" }] }),
  );
  server.files.set("/a", Buffer.from(`${patients.join("\n")}\n`));
  server.files.set("/b", Buffer.from('{"resourceType":"Condition","id":"c"}\n'));
  const gone = { request: { method: "DELETE", url: "Patient/p0" } };
  server.files.set("/d", Buffer.from(`${JSON.stringify({ resourceType: "Bundle", type: "transaction", entry: [gone] })}\n`));
  server.files.set("/e", Buffer.from('{"resourceType":"OperationOutcome","issue":[{"diagnostics":"CANARY"}]}\n'));
  server.manifest = {
    transactionTime: TIME,
    request: `${server.url}/$export`,
    requiresAccessToken: true,
    output: [
      { type: "Patient", url: `${server.url}/a`, count: 200 },
      { type: "Condition", url: `${server.url}/b`, count: 2 },
    ],
    deleted: [{ type: "Bundle", url: `${server.url}/d` }],
    error: [{ type: "OperationOutcome", url: `${server.url}/e` }],
  };
}

const optionsOf = (folder: IntakeFolder, store: IntakeStore, server: BulkServer, clock = quickClock()): BulkOptions => ({
  folder: bulkFolder(join(folder.path, "bulk"), "emr"),
  http: { clock, token: givenToken(server.token) },
  intake: { store, source: "emr", minimisation: { keepsFreeText: false }, policy: { onFault: "continue", faultsMax: 10 } },
});

const orderOf = (server: BulkServer) => ({ url: `${server.url}/$export`, types: [] });

test("an export is asked for, waited for, downloaded and taken in; deletions delete, errors and losses are told", async () => {
  await using server = await bulkServer();
  await using folder = intakeFolder();
  fill(server);
  const store = await folder.open();
  const clock = quickClock();
  server.instead.set("GET /status", [
    (answer) => answer.writeHead(202, { "retry-after": "7", "x-progress": "40%" }).end(),
    (answer) => answer.writeHead(202).end(),
    (answer) => answer.writeHead(429, { "retry-after": "3" }).end(),
    (answer) => answer.writeHead(503).end(),
  ]);
  const seen: unknown[] = [];
  const options = { ...optionsOf(folder, store, server, clock), onProgress: (progress: unknown) => seen.push(progress) };
  const report = await runBulkExport({ ...orderOf(server), types: ["Patient", "Condition"], since: "2025-01-01T00:00:00Z" }, options);
  assert.deepEqual(clock.pausesMs, [7000, 2000, 3000, 2000]);
  assert.deepEqual(seen[0], { step: "waiting", percent: 40 });
  assert.equal(server.requests[0]?.url, "/$export?_type=Patient%2CCondition&_since=2025-01-01T00%3A00%3A00Z");
  assert.equal(server.requests[0]?.headers["prefer"], "respond-async");
  assert.deepEqual(
    report.deliveries.map(({ name, added, deleted, faultCount }) => [name, added, deleted, faultCount]),
    [
      ["Patient.0.ndjson", 200, 0, 0],
      ["Condition.1.ndjson", 1, 0, 0],
      ["deleted.0.ndjson", 0, 1, 0],
      ["error.0.ndjson", 0, 0, 1],
    ],
  );
  assert.deepEqual(
    report.warnings.map(({ code, place }) => [code, place.file]),
    [["intake/count-differs", "Condition.1.ndjson"]],
  );
  assert.deepEqual(await store.counts("emr"), [
    { resourceType: "Condition", count: 1 },
    { resourceType: "Patient", count: 199 },
  ]);
  assert.deepEqual(await contentOf(store, "Condition"), ['2026-01-02T00:00:00.000000000Z: {"resourceType":"Condition","id":"c"}']);
  assert.equal(server.log.at(-1), "DELETE /status 202");
  const left = readdirSync(join(folder.path, "bulk"), { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
  assert.deepEqual(
    left.map(({ name }) => name),
    ["state.json"],
  );
  const state = readFileSync(join(left[0]?.parentPath ?? "", "state.json"), "utf8");
  assert.deepEqual(JSON.parse(state), { version: 1, lastTransactionTime: TIME });

  await runBulkExport({ ...orderOf(server), since: "last" }, optionsOf(folder, store, server));
  assert(server.requests.some(({ url }) => url === "/$export?_since=2026-01-02T00%3A00%3A00Z"));
});

test("a broken file goes on by range, an expired link is had anew, and the token goes where it belongs", async () => {
  await using server = await bulkServer();
  await using other = await bulkServer();
  await using folder = intakeFolder();
  fill(server);
  const store = await folder.open();
  const patients = server.files.get("/a");
  server.instead.set("GET /a", [
    (answer, request) => sendFile(patients, request, answer, 3000),
    (answer) => answer.writeHead(403).end(), // the link expired
    (answer, request) => sendFile(patients, request, answer, 1000),
  ]);
  other.files.set("/moved", server.files.get("/b") ?? Buffer.alloc(0));
  other.instead.set("GET /moved", [(answer, request) => sendFile(other.files.get("/moved"), request, answer)]);
  server.instead.set("GET /b", [(answer) => answer.writeHead(302, { location: `${other.url}/moved` }).end()]);
  const report = await runBulkExport(orderOf(server), optionsOf(folder, store, server));
  assert.equal(report.deliveries[0]?.added, 200);
  const ranges = server.requests.filter(({ url }) => url === "/a").map(({ headers }) => [headers.range, headers["if-range"]]);
  assert.deepEqual(
    ranges.map(([range]) => range),
    [undefined, "bytes=3000-", "bytes=3000-", "bytes=4000-"],
  );
  assert.equal(server.log.filter((line) => line === "GET /status 200").length, 2);
  assert.equal(other.requests[0]?.headers.authorization, undefined);
});

test("a client that ends anywhere goes on with the same command, and takes in the same", async () => {
  await using server = await bulkServer();
  await using folder = intakeFolder();
  fill(server);
  const store = await folder.open();
  // After each request that the server has seen, the client is gone.
  for (let request = 1; request < 12; request++) {
    const gone = new AbortController();
    const before = server.requests.length;
    const options = optionsOf(folder, store, server);
    const timer = setInterval(() => server.requests.length - before >= request && gone.abort(), 1);
    const ended = await runBulkExport(orderOf(server), { ...options, http: { ...options.http, signal: gone.signal } }).then(
      () => true,
      () => false,
    );
    clearInterval(timer);
    if (ended) break;
  }
  await runBulkExport(orderOf(server), optionsOf(folder, store, server)).catch(() => undefined);
  assert.deepEqual(await store.counts("emr"), [
    { resourceType: "Condition", count: 1 },
    { resourceType: "Patient", count: 199 },
  ]);
});

test("what a server can do wrong has a name, without its words", async () => {
  const cases: readonly (readonly [code: string, path: string, ...Parameters<typeof repeat>])[] = [
    ["intake/refused", "GET /$export", (answer) => answer.writeHead(400).end("CANARY"), 1],
    ["intake/not-authorised", "GET /$export", (answer) => answer.writeHead(403).end("CANARY"), 1],
    ["intake/unreachable", "GET /$export", (answer) => answer.destroy(), 8],
    ["intake/bad-manifest", "GET /status", (answer) => answer.writeHead(200).end("<CANARY>"), 1],
    ["intake/export-gone", "GET /status", (answer) => answer.writeHead(404).end("CANARY"), 1],
    ["intake/took-too-long", "GET /status", (answer) => answer.writeHead(202, { "retry-after": "9999" }).end(), 144],
    ["intake/wrong-content-type", "GET /a", (answer) => answer.writeHead(200, { "content-type": "text/html" }).end("<CANARY>"), 1],
    [
      "intake/truncated",
      "GET /a",
      (answer) => answer.writeHead(200, { "content-type": "application/fhir+ndjson", "content-length": 9 }).flushHeaders(),
      0,
    ],
  ];
  for (const [code, path, wrong, times] of cases) {
    await using server = await bulkServer();
    await using folder = intakeFolder();
    fill(server);
    const store = await folder.open();
    const cut: typeof wrong = (answer, request) => sendFile(server.files.get("/a"), request, answer, 100);
    server.instead.set(path, times === 0 ? repeat(cut, 8) : repeat(wrong, times));
    const fault: unknown = await runBulkExport(orderOf(server), optionsOf(folder, store, server)).catch((cause: unknown) => cause);
    assert(fault instanceof DureError, code);
    assert.equal(fault.code, code);
    assert(!fault.message.includes("CANARY") && !fault.message.includes(server.token), code);
    await runBulkExport(orderOf(server), optionsOf(folder, store, server)); // the same command goes on, or begins anew
    assert.equal((await store.counts("emr")).length, 2, code);
  }
});

const repeat = (wrong: (answer: import("node:http").ServerResponse, request: import("node:http").IncomingMessage) => void, times: number) =>
  Array.from({ length: times }, () => wrong);

test("another export of the source waits until the pending one is finished or given up; http is for loopback only", async () => {
  await using server = await bulkServer();
  await using folder = intakeFolder();
  fill(server);
  const store = await folder.open();
  const options = optionsOf(folder, store, server);
  await assert.rejects(cancelBulkExport(options), { code: "intake/nothing-pending" });
  server.instead.set("GET /status", [(answer) => answer.writeHead(400).end()]);
  await assert.rejects(runBulkExport(orderOf(server), options), { code: "intake/refused" });
  await assert.rejects(runBulkExport({ url: `${server.url}/Group/1/$export`, types: [] }, options), { code: "intake/export-pending" });
  await cancelBulkExport(options);
  assert.equal(server.log.at(-1), "DELETE /status 202");
  await assert.rejects(runBulkExport({ url: "http://fhir.example.org/$export", types: [] }, options), { code: "intake/not-https" });
});

test("a backend service signs for its token, and asks for another when it is refused", async () => {
  await using server = await bulkServer();
  await using folder = intakeFolder();
  fill(server);
  const store = await folder.open();
  for (const { publicKey, privateKey } of [
    generateKeyPairSync("ec", { namedCurve: "secp384r1" }),
    generateKeyPairSync("rsa", { modulusLength: 2048 }),
  ]) {
    const assertions: string[] = [];
    const tokens = ["expired-token", server.token];
    server.instead.set(
      "POST /token",
      tokens.map((token) => (answer, request) => {
        request.setEncoding("utf8").on("data", (body: string) => assertions.push(new URLSearchParams(body).get("client_assertion") ?? ""));
        request.on("end", () => answer.writeHead(200).end(JSON.stringify({ access_token: token, expires_in: 3600 })));
      }),
    );
    const privateKeyPem = privateKey.export({ type: "pkcs8", format: "pem" }).toString();
    const token = backendServiceToken({ tokenUrl: `${server.url}/token`, clientId: "dure", privateKeyPem, keyId: "k1" });
    const { folder: downloads, intake } = optionsOf(folder, store, server);
    await runBulkExport(orderOf(server), { folder: downloads, intake, http: { clock: quickClock(), token } });
    assert.equal(assertions.length, 2);
    const [header = "", claims = "", signature = ""] = (assertions[0] ?? "").split(".");
    const read = (part: string) => JSON.parse(Buffer.from(part, "base64url").toString());
    assert.equal(read(header).kid, "k1");
    assert.deepEqual([read(claims).iss, read(claims).sub, read(claims).aud], ["dure", "dure", `${server.url}/token`]);
    const key = { key: publicKey, dsaEncoding: "ieee-p1363" } as const;
    assert(verify("sha384", Buffer.from(`${header}.${claims}`), key, Buffer.from(signature, "base64url")));
  }
  assert.throws(() => backendServiceToken({ tokenUrl: server.url, clientId: "dure", privateKeyPem: "no" }), { code: "intake/bad-key" });
});
