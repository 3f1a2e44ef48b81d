/** For tests only: a bulk server on loopback that fails as told. Its data is invented. */

import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";

export interface BulkServer extends AsyncDisposable {
  readonly url: string;
  /** `METHOD path`, with the status that was answered. */
  readonly log: string[];
  readonly requests: IncomingMessage[];
  /** Answers given before the usual one, first in first out, by `METHOD path`. */
  readonly instead: Map<string, ((answer: ServerResponse, request: IncomingMessage) => void)[]>;
  /** Each path's content. */
  readonly files: Map<string, Buffer>;
  manifest: object;
  token: string;
}

export async function bulkServer(): Promise<BulkServer> {
  const server = createServer((request, answer) => {
    const path = (request.url ?? "").split("?")[0] ?? "";
    state.requests.push(request);
    answer.once("close", () => state.log.push(`${request.method} ${path} ${answer.statusCode}`));
    const instead = state.instead.get(`${request.method} ${path}`)?.shift();
    if (instead !== undefined) instead(answer, request);
    else usual(path, request, answer);
  });
  const usual = (path: string, request: IncomingMessage, answer: ServerResponse): void => {
    if (request.headers.authorization !== `Bearer ${state.token}`) answer.writeHead(401).end();
    else if (path === "/$export") answer.writeHead(202, { "content-location": `${state.url}/status` }).end();
    else if (path === "/status" && request.method === "DELETE") answer.writeHead(202).end();
    else if (path === "/status") answer.writeHead(200, { "content-type": "application/json" }).end(JSON.stringify(state.manifest));
    else sendFile(state.files.get(path), request, answer);
  };
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  const state: BulkServer = {
    url: `http://127.0.0.1:${port}`,
    ...{ log: [], requests: [], instead: new Map(), files: new Map(), manifest: {}, token: "secret-token" },
    [Symbol.asyncDispose]: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
  return state;
}

export function sendFile(bytes: Buffer | undefined, request: IncomingMessage, answer: ServerResponse, cutAt?: number): void {
  if (bytes === undefined) {
    answer.writeHead(404).end();
    return;
  }
  const from = Number(/^bytes=(\d+)-$/.exec(request.headers.range ?? "")?.[1] ?? 0);
  const body = bytes.subarray(from);
  const range = from === 0 ? {} : { "content-range": `bytes ${from}-${bytes.length - 1}/${bytes.length}` };
  answer.writeHead(from === 0 ? 200 : 206, {
    "content-type": "application/fhir+ndjson",
    etag: '"1"',
    "content-length": body.length,
    ...range,
  });
  if (cutAt === undefined) answer.end(body);
  else answer.write(body.subarray(0, cutAt), () => answer.destroy());
}
