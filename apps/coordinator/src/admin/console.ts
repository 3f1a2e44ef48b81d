/**
 * The operator's console of a running coordinator: HTTP over a Unix socket, mode 0600. Whoever may open the socket may read the folder's keys
 * as well, so nothing more is asked. One POST a command, JSON in and out.
 */

import { once } from "node:events";
import { chmodSync, rmSync } from "node:fs";
import { createServer, type IncomingMessage, request, type Server } from "node:http";
import { DureError, faultCode, fromUtf8, type Problem } from "@dure/kernel";
import { adminBytesMax } from "../limits.ts";
import type { CoordinatorLog } from "../log.ts";
import { coordinatorProblem } from "../problems.ts";

/** A command's name to what it does with its argument. */
export type ConsoleCommands = Readonly<Record<string, (argument: unknown) => Promise<unknown>>>;

type Answer = { readonly value: unknown } | { readonly problems: readonly Problem[] };

export interface Console {
  close(): Promise<void>;
}

export async function openConsole(path: string, commands: ConsoleCommands, log: CoordinatorLog): Promise<Console> {
  rmSync(path, { force: true }); // a killed process leaves its socket behind; the folder's lock says that nobody uses it
  const server = createServer((call, response) => {
    void obey(call, commands, log).then((answer) => response.end(JSON.stringify(answer)));
  });
  server.listen(path);
  await once(server, "listening");
  chmodSync(path, 0o600);
  return { close: () => closeServer(server) };
}

async function closeServer(server: Server): Promise<void> {
  const closed = once(server, "close");
  server.close();
  server.closeAllConnections();
  await closed;
}

async function obey(call: IncomingMessage, commands: ConsoleCommands, log: CoordinatorLog): Promise<Answer> {
  const name = (call.url ?? "").slice(1);
  try {
    const command = call.method === "POST" && Object.hasOwn(commands, name) ? commands[name] : undefined;
    if (command === undefined) throw new DureError(coordinatorProblem("console-command"));
    const value = await command(JSON.parse(await readAll(call)));
    log.info({ code: "coordinator/console", command: name });
    return { value };
  } catch (cause) {
    if (cause instanceof DureError) return { problems: cause.problems };
    log.error({ code: faultCode(cause), command: name });
    return { problems: [coordinatorProblem("internal")] };
  }
}

/**
 * Sends one command to the coordinator that runs; undefined where none listens.
 * @throws DureError with the coordinator's problems, or `coordinator/console-unreachable` where it broke off
 */
export async function command(path: string, name: string, argument: unknown): Promise<{ readonly value: unknown } | undefined> {
  const call = request({ socketPath: path, method: "POST", path: `/${name}` });
  call.end(JSON.stringify(argument));
  let answer: Answer;
  try {
    const [response] = (await once(call, "response")) as [IncomingMessage]; // node:http's own promise
    answer = JSON.parse(await readAll(response, Number.POSITIVE_INFINITY)) as Answer; // `obey` wrote it
  } catch (cause) {
    if (isNobody(cause)) return undefined;
    throw new DureError(coordinatorProblem("console-unreachable"), { retry: "ambiguous", cause });
  }
  if ("problems" in answer) throw new DureError(answer.problems);
  return answer;
}

const isNobody = (cause: unknown): boolean =>
  cause instanceof Error && "code" in cause && (cause.code === "ENOENT" || cause.code === "ECONNREFUSED");

async function readAll(stream: IncomingMessage, bytesMax: number = adminBytesMax): Promise<string> {
  const parts: Buffer[] = [];
  let byteCount = 0;
  // An IncomingMessage without an encoding gives buffers.
  for await (const part of stream as AsyncIterable<Buffer>) {
    byteCount += part.byteLength;
    if (byteCount > bytesMax) throw new DureError(coordinatorProblem("console-command"));
    parts.push(part);
  }
  return fromUtf8(Buffer.concat(parts));
}
