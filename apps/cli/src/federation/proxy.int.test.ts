/** A hospital behind a proxy: enrolment and every later call go through its CONNECT tunnel, and nothing goes past it. */

import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { createServer, type Server } from "node:http";
import { type AddressInfo, connect } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { createEnrolmentToken, initAlliance, startCoordinator } from "@dure/coordinator";
import { systemClock as clock, systemRandom as random } from "@dure/machine";
import { connectFromHome, enrolSite, readSettings, sitePaths } from "@dure/site";

interface Proxy {
  readonly url: string;
  readonly tunnels: string[];
  close(): void;
}

/** Counts the tunnels; with `refuse` it opens none. */
async function startProxy(options: { readonly refuse?: boolean } = {}): Promise<Proxy> {
  const tunnels: string[] = [];
  const server: Server = createServer();
  server.on("connect", (request, socket) => {
    tunnels.push(request.url ?? "");
    if (options.refuse === true) {
      socket.end("HTTP/1.1 403 Forbidden\r\n\r\n");
      return;
    }
    const [host = "", port = ""] = (request.url ?? "").split(":");
    const onward = connect(Number(port), host, () => {
      socket.write("HTTP/1.1 200 Connection established\r\n\r\n");
      onward.pipe(socket);
      socket.pipe(onward);
    });
    for (const end of [onward, socket]) end.on("error", () => {});
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const close = (): void => {
    server.closeAllConnections();
    server.close();
  };
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, tunnels, close };
}

async function withProxyVariable<Result>(url: string, work: () => Promise<Result>): Promise<Result> {
  const before = process.env["HTTPS_PROXY"];
  process.env["HTTPS_PROXY"] = url;
  try {
    return await work();
  } finally {
    if (before === undefined) delete process.env["HTTPS_PROXY"];
    else process.env["HTTPS_PROXY"] = before;
  }
}

test("a hospital enrols and calls through its proxy, and a proxy that refuses is named", async () => {
  const folder = mkdtempSync(join(tmpdir(), "dure-proxy-"));
  const home = join(folder, "alliance");
  await initAlliance({ home, name: "loopback", listen: { host: "127.0.0.1", port: 0 }, dnsNames: ["localhost"], clock, random });
  const coordinator = await startCoordinator({ home, clock, random, log: { info: () => {}, warn: () => {}, error: () => {} } });
  const [open, closed] = [await startProxy(), await startProxy({ refuse: true })];
  try {
    const token = await createEnrolmentToken({ home, role: "site", id: "seoul", clock, random });
    const site = join(folder, "seoul");
    const options = { home: site, token, organisation: "Seoul", stewardPassphrase: "a passphrase of words", clock, random };
    await assert.rejects(
      withProxyVariable(closed.url, () => enrolSite(options)),
      { code: "transport/proxy-refused" },
    );
    await withProxyVariable(open.url, async () => {
      await enrolSite(options);
      const connection = connectFromHome(sitePaths(site), readSettings(site));
      const { memberJson } = await connection.studies.listMembers({});
      assert.equal(memberJson.length, 1);
      connection.close();
    });
    assert.ok(open.tunnels.length >= 3);
    assert.ok(open.tunnels.every((target) => target === `localhost:${coordinator.port}`));
  } finally {
    for (const proxy of [open, closed]) proxy.close();
    await coordinator.close();
    rmSync(folder, { recursive: true, force: true });
  }
});
