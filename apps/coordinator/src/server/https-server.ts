/**
 * HTTP/2 over TLS 1.3, and HTTP/1.1 for proxies, with the alliance's services behind it.
 *
 * `connectNodeAdapter` would do, but it reads a call's whole body before anybody asks who calls, and prints broken connections to the
 * console. Here the certificate is judged first, and a caller who is refused has sent his body for nothing.
 */

import { once } from "node:events";
import type { IncomingMessage, ServerResponse } from "node:http";
import {
  constants,
  createSecureServer,
  type Http2SecureServer,
  type Http2ServerRequest,
  type Http2ServerResponse,
  type ServerHttp2Session,
} from "node:http2";
import type { Socket } from "node:net";
import type { TLSSocket } from "node:tls";
import { type ConnectRouter, createConnectRouter, createContextValues } from "@connectrpc/connect";
import { universalRequestFromNodeRequest, universalResponseToNodeResponse } from "@connectrpc/connect-node";
import { shownChain } from "@dure/identity";
import { DureError, faultCode } from "@dure/kernel";
import { messageBytesMax } from "@dure/wire";
import type { Listen } from "../home/coordinator-home.ts";
import { connectionIdleMs, connectionMegabytesMax, shutdownMs, streamsPerConnectionMax } from "../limits.ts";
import type { CoordinatorLog } from "../log.ts";
import { coordinatorProblem } from "../problems.ts";
import { type Callers, callerKey } from "./callers.ts";
import { guard, openPaths } from "./guard.ts";

export interface TlsFiles {
  readonly key: string;
  /** Leaf, issuing, root. */
  readonly chain: string;
  /** Root and issuing certificates: with them Node shows the whole chain of a client. */
  readonly authorities: readonly string[];
}

export interface HttpsServerOptions {
  readonly tls: TlsFiles;
  readonly callers: Callers;
  readonly log: CoordinatorLog;
  /** Registers the services. */
  routes(router: ConnectRouter): void;
}

type Request = IncomingMessage | Http2ServerRequest;
type Response = ServerResponse | Http2ServerResponse;
type Handler = ReturnType<typeof createConnectRouter>["handlers"][number];

export class HttpsServer {
  readonly #server: Http2SecureServer;
  readonly #callers: Callers;
  readonly #log: CoordinatorLog;
  readonly #handlers: ReadonlyMap<string, Handler>;
  readonly #shutdown = new AbortController();
  readonly #sessions = new Set<ServerHttp2Session>();
  readonly #sockets = new Set<Socket>();
  #callCount = 0;

  constructor({ tls, callers, log, routes }: HttpsServerOptions) {
    this.#callers = callers;
    this.#log = log;
    this.#handlers = handlersOf(routes, log, this.#shutdown.signal);
    this.#server = createSecureServer(
      {
        ...certificateOptions(tls),
        minVersion: "TLSv1.3",
        allowHTTP1: true,
        requestCert: true,
        rejectUnauthorized: false,
        maxSessionMemory: connectionMegabytesMax,
        settings: { maxConcurrentStreams: streamsPerConnectionMax },
      },
      (request, response) => void this.#handle(request, response),
    );
    this.#server.on("session", (session) => this.#watch(session));
    this.#server.on("secureConnection", (socket: Socket) => this.#keep(socket));
    for (const fault of ["sessionError", "tlsClientError", "clientError"]) {
      this.#server.on(fault, (cause: unknown) => this.#log.info({ code: "coordinator/connection-broken", fault: faultCode(cause) }));
    }
  }

  /** @returns the port that it listens on. @throws DureError `coordinator/address-unusable` */
  async listen({ host, port }: Listen): Promise<number> {
    this.#server.listen(port, host);
    try {
      await once(this.#server, "listening");
    } catch (cause) {
      throw new DureError(coordinatorProblem("address-unusable", { path: `${host}:${port}` }), { cause });
    }
    const address = this.#server.address();
    return typeof address === "object" && address !== null ? address.port : port;
  }

  /** New connections are given this certificate. */
  renewCertificate(tls: TlsFiles): void {
    this.#server.setSecureContext(certificateOptions(tls));
  }

  /** Takes no more calls, lets those that run end, then cuts every connection: an open HTTP/2 session would keep the server for ever. */
  async close(): Promise<void> {
    const closed = this.#server.listening ? once(this.#server, "close") : Promise.resolve();
    this.#server.close();
    this.#shutdown.abort();
    const endMs = performance.now() + shutdownMs;
    while (this.#callCount > 0 && performance.now() < endMs) await new Promise((resolve) => setTimeout(resolve, 5));
    for (const session of this.#sessions) session.destroy();
    for (const socket of this.#sockets) socket.destroy();
    await closed;
  }

  async #handle(request: Request, response: Response): Promise<void> {
    this.#callCount++;
    // A caller who breaks off while nobody reads his body tells it to nobody; without a listener that would end the process.
    request.on("error", () => undefined);
    response.on("error", () => undefined);
    response.once("close", () => this.#callCount--);
    try {
      await this.#answer(request, response);
    } catch (cause) {
      // The caller is gone, or sent something that is no HTTP: there is nobody to tell.
      this.#log.info({ code: "coordinator/call-broken", fault: faultCode(cause) });
      cut(response);
    }
  }

  async #answer(request: Request, response: Response): Promise<void> {
    const path = (request.url ?? "").split("?", 1)[0] ?? "";
    const handler = this.#handlers.get(path);
    if (handler === undefined) {
      response.statusCode = 404;
      response.end();
      return;
    }
    const { connection, socket } = connectionOf(request);
    const verdict = await this.#callers.judge(connection, () => shownChain(socket.getPeerCertificate(true)));
    const values = createContextValues().set(callerKey, { verdict, address: socket.remoteAddress ?? "" });
    const call = universalRequestFromNodeRequest(request as IncomingMessage, response as ServerResponse, undefined, values); // both kinds are taken; the overload names one
    const isRead = verdict.kind === "known" || openPaths.has(path);
    await universalResponseToNodeResponse(await handler(isRead ? call : { ...call, body: noBody() }), response as ServerResponse); // as above
  }

  #watch(session: ServerHttp2Session): void {
    this.#sessions.add(session);
    session.setTimeout(connectionIdleMs, () => session.close());
    session.on("close", () => this.#sessions.delete(session));
    session.on("error", () => session.destroy());
  }

  #keep(socket: Socket): void {
    this.#sockets.add(socket);
    socket.on("close", () => this.#sockets.delete(socket));
    socket.on("error", () => socket.destroy());
  }
}

function handlersOf(routes: HttpsServerOptions["routes"], log: CoordinatorLog, shutdownSignal: AbortSignal): ReadonlyMap<string, Handler> {
  const router = createConnectRouter({
    grpc: false,
    grpcWeb: false,
    // Masked vectors do not shrink, and nobody may make the coordinator unpack what he sent packed.
    acceptCompression: [],
    readMaxBytes: messageBytesMax,
    writeMaxBytes: messageBytesMax,
    interceptors: [guard(log)],
    shutdownSignal,
  });
  routes(router);
  return new Map(router.handlers.map((handler) => [handler.requestPath, handler]));
}

const certificateOptions = ({ key, chain, authorities }: TlsFiles) => ({ key, cert: chain, ca: [...authorities] });

function cut(response: Response): void {
  if ("stream" in response) response.stream.close(constants.NGHTTP2_INTERNAL_ERROR);
  else response.destroy();
}

/** A connection outlives its calls: its HTTP/2 session, or its TLS socket. */
function connectionOf(request: Request): { readonly connection: object; readonly socket: TLSSocket } {
  const session = "stream" in request ? request.stream.session : undefined;
  const socket = (session?.socket ?? request.socket) as TLSSocket; // this server listens with TLS only
  return { connection: session ?? socket, socket };
}

async function* noBody(): AsyncGenerator<Uint8Array<ArrayBuffer>> {}
