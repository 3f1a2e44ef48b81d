/** For tests only: invented messages, and a sender that speaks MLLP. */

import { once } from "node:events";
import { connect, type Socket } from "node:net";
import { DEFAULT_TERMS } from "@dure/clinical/hl7v2";
import { FrameReader, frameOf } from "./mllp.ts";

export const emrSource = { source: "emr", terms: DEFAULT_TERMS } as const;

/** A laboratory result of an invented patient; the control id is the order's number too. */
export function resultMessage(
  controlId: string,
  options: { readonly value?: string; readonly status?: string; readonly at?: string; readonly more?: string } = {},
): string {
  const { value = "13.4", status = "F", at = "20240301101500", more = "" } = options;
  return [
    `MSH|^~\\&|LIS|HOSPITAL|DURE|HOSPITAL|${at}||ORU^R01^ORU_R01|${controlId}|P|2.5|||${more}`,
    "PID|1||1000042^^^HOSPITAL^MR||||19700101|F",
    `OBR|1|${controlId}^LIS||26464-8^Blood count^LN|||${at}`,
    `OBX|1|NM|718-7^Haemoglobin^LN||${value}|g/dL^^UCUM|12-16|N|||${status}|||${at}`,
    "",
  ].join("\r");
}

export interface Sender extends AsyncDisposable {
  readonly socket: Socket;
  readonly send: (message: string | Uint8Array) => void;
  /** The next answer as its segments' fields. */
  readonly answer: () => Promise<readonly (readonly string[])[]>;
  /** Sends and waits: MSA-1. */
  readonly ask: (message: string) => Promise<string>;
}

export async function openSender(port: number): Promise<Sender> {
  const socket = connect({ host: "127.0.0.1", port });
  await once(socket, "connect");
  socket.on("error", () => undefined);
  const frames = new FrameReader(1_000_000);
  const arrived: string[] = [];
  let wake = (): void => undefined;
  socket.on("data", (chunk: Buffer) => {
    for (const frame of frames.push(chunk)) if (frame.kind === "message") arrived.push(Buffer.from(frame.bytes).toString("utf8"));
    wake();
  });
  socket.on("close", () => wake());
  const answer = async (): Promise<readonly (readonly string[])[]> => {
    while (arrived.length === 0) {
      if (socket.destroyed) throw new Error("the connection was closed");
      await new Promise<void>((resolve) => {
        wake = resolve;
      });
    }
    return (arrived.shift() ?? "").split("\r").map((segment) => segment.split("|"));
  };
  const send = (message: string | Uint8Array): void => void socket.write(typeof message === "string" ? frameOf(message) : message);
  return {
    socket,
    send,
    answer,
    ask: async (message) => {
      send(message);
      return (await answer())[1]?.[1] ?? "";
    },
    [Symbol.asyncDispose]: async () => void socket.destroy(),
  };
}
