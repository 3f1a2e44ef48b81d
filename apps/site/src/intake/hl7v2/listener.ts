/**
 * The MLLP listener: HL7 v2 over TCP or TLS into the intake store.
 *
 * A message is answered with AA only when it is durably in the store, so what was answered survives a kill, and what was not is sent again by its
 * sender; a message that comes twice is answered AA twice and changes nothing. Every wait and every size has a limit; a sender that breaks one
 * loses its connection, not the others.
 */

import { hash } from "node:crypto";
import { createServer as createPlainServer, type Server, type Socket } from "node:net";
import { createServer as createTlsServer } from "node:tls";
import { MessageSplitter, type RawMessage } from "@dure/clinical/hl7v2";
import { type Clock, DureError, type Language, text } from "@dure/kernel";
import type { IntakeStore } from "../intake-store.ts";
import { answersTo, type Verdict } from "./acknowledge.ts";
import { IntakeWriter } from "./intake-writer.ts";
import { FrameReader, frameOf } from "./mllp.ts";
import { MESSAGE_BYTES_MAX } from "./take-files.ts";
import { countOutcomes, type Hl7Source, type MessageCounts, type MessageOutcome, NO_MESSAGES, understandMessage } from "./take-messages.ts";

export interface ListenerLimits {
  readonly messageBytesMax: number;
  /** A hospital has some ten sending systems; more is a mistake. */
  readonly connectionsMax: number;
  /** A connection on which nothing happened; senders keep theirs open and open a new one when needed. */
  readonly idleMs: number;
  /** From a message's first byte to its last. */
  readonly messageMs: number;
  /** Messages of one connection that wait for their answer; beyond it nothing more is read from it. */
  readonly unansweredMax: number;
}

const DEFAULT_LIMITS: ListenerLimits = {
  messageBytesMax: MESSAGE_BYTES_MAX,
  connectionsMax: 32,
  idleMs: 3_600_000,
  messageMs: 60_000,
  unansweredMax: 100,
};

/** With one message being read, a connection holds some 20 MB at most, and all of them well under a gigabyte. */
const UNANSWERED_BYTES_MAX = 8 * 1024 * 1024;
/** A sender that does not take its last answers is left behind. */
const FINISH_MS_MAX = 5_000;
/** Answers that a sender does not read: some thousand, then it is not listening. */
const UNREAD_ANSWER_BYTES_MAX = 1_048_576;
/** Messages whose repetition is told without asking the store; an older one is found there to change nothing. */
const REMEMBERED_MESSAGES_MAX = 10_000;

export interface ListenerOptions extends Hl7Source {
  readonly open: () => Promise<IntakeStore>;
  /** Loopback unless the site says otherwise. */
  readonly host: string;
  /** 0 for any free one. */
  readonly port: number;
  /** PEM texts. With `clientRoots`, senders must show a certificate of these. */
  readonly tls?: { readonly key: string; readonly chain: string; readonly clientRoots?: string };
  readonly limits?: Partial<ListenerLimits>;
  readonly language: Language;
  readonly clock: Clock;
  /** Counts and codes; never anything of a message. */
  readonly log: (entry: Readonly<Record<string, string | number>>) => void;
}

export interface Listener {
  readonly host: string;
  readonly port: number;
  readonly counts: () => MessageCounts & { readonly repeated: number; readonly notStored: number };
  /** Takes no new connection and reads no more, answers what was read, and ends. */
  readonly close: () => Promise<void>;
}

/** @throws DureError `hl7/cannot-listen` */
export async function startListener(options: ListenerOptions): Promise<Listener> {
  const intake = new MessageIntake(options);
  const limits = { ...DEFAULT_LIMITS, ...options.limits };
  const connections = new Set<Connection>();
  const accept = (socket: Socket): void => {
    if (connections.size >= limits.connectionsMax) {
      options.log({ event: "connection-refused", reason: "connections-max", allowed: limits.connectionsMax });
      socket.destroy();
      return;
    }
    const connection = new Connection(socket, { intake, limits, clock: options.clock, log: options.log });
    connections.add(connection);
    socket.on("close", () => connections.delete(connection));
  };
  const server = createServer(options, accept);
  const port = await listen(server, options);
  return {
    host: options.host,
    port,
    counts: () => intake.counts,
    close: async () => {
      const closed = new Promise<void>((resolve) => server.close(() => resolve()));
      await Promise.all([...connections].map((connection) => connection.finish()));
      await closed;
      await intake.close();
    },
  };
}

function createServer({ tls }: ListenerOptions, accept: (socket: Socket) => void): Server {
  if (tls === undefined) return createPlainServer({ noDelay: true, keepAlive: true }, accept);
  const { key, chain, clientRoots } = tls;
  const clients = clientRoots === undefined ? {} : { ca: clientRoots, requestCert: true, rejectUnauthorized: true };
  const server = createTlsServer({ key, cert: chain, minVersion: "TLSv1.2", handshakeTimeout: 10_000, ...clients }, accept);
  server.on("tlsClientError", (_, socket) => socket.destroy());
  return server;
}

function listen(server: Server, { host, port }: ListenerOptions): Promise<number> {
  return new Promise((resolve, reject) => {
    server.once("error", (cause) => reject(cannotListen(host, port, cause)));
    server.listen({ host, port }, () => {
      const address = server.address();
      resolve(typeof address === "object" && address !== null ? address.port : port);
    });
  });
}

/** From a message's bytes to its verdict; shared by all connections. */
class MessageIntake {
  readonly #options: ListenerOptions;
  readonly #writer: IntakeWriter;
  /** Of messages that are in the store; in order of arrival. */
  readonly #stored = new Set<string>();
  #answerCount = 0;
  #messageCount = 0;
  #counts = { ...NO_MESSAGES, repeated: 0, notStored: 0 };

  constructor(options: ListenerOptions) {
    this.#options = options;
    this.#writer = new IntakeWriter({
      open: options.open,
      source: options.source,
      name: "mllp",
      clock: options.clock,
      onFault: (code) => options.log({ event: "not-stored", code }),
    });
  }

  get counts() {
    return this.#counts;
  }

  /** The answers, when they may be given. */
  async take(raw: Omit<RawMessage, "number">): Promise<readonly string[]> {
    this.#messageCount += 1;
    const outcome = understandMessage({ ...raw, number: this.#messageCount }, "mllp", this.#options, this.#options.clock);
    const verdict = await this.#verdict(raw, outcome);
    if (outcome.message?.header.text(9) === "ACK") return [];
    this.#answerCount += 1;
    const nowMs = this.#options.clock.nowMs();
    const controlId = `DURE${nowMs.toString(36)}${this.#answerCount.toString(36)}`.toUpperCase();
    return answersTo({ message: outcome.message, verdict, controlId, nowMs, language: this.#options.language });
  }

  close(): Promise<void> {
    return this.#writer.close();
  }

  async #verdict(raw: Omit<RawMessage, "number">, outcome: MessageOutcome): Promise<Verdict> {
    const digest = `${outcome.message?.header.text(10) ?? ""} ${hash("sha256", raw.bytes)}`;
    if (this.#stored.has(digest)) {
      this.#counts = { ...this.#counts, repeated: this.#counts.repeated + 1 };
      return { kind: "accepted" };
    }
    const isStored = await this.#writer.write(outcome);
    if (!isStored) {
      this.#counts = { ...this.#counts, notStored: this.#counts.notStored + 1 };
      return { kind: "unavailable" };
    }
    this.#counts = { ...this.#counts, ...countOutcomes(this.#counts, [outcome]) };
    if (outcome.kind === "refused") {
      this.#options.log({ event: "message-refused", code: outcome.problem.code });
      return { kind: "refused", problem: outcome.problem };
    }
    this.#remember(digest);
    return { kind: "accepted" };
  }

  #remember(digest: string): void {
    this.#stored.add(digest);
    if (this.#stored.size <= REMEMBERED_MESSAGES_MAX) return;
    const [oldest] = this.#stored;
    if (oldest !== undefined) this.#stored.delete(oldest);
  }
}

interface ConnectionOptions {
  readonly intake: MessageIntake;
  readonly limits: ListenerLimits;
  readonly clock: Clock;
  readonly log: ListenerOptions["log"];
}

/** One sender: its messages are answered in their order. */
class Connection {
  readonly #socket: Socket;
  readonly #options: ConnectionOptions;
  readonly #frames: FrameReader;
  #unanswered = 0;
  #unansweredBytes = 0;
  #answering: Promise<void> = Promise.resolve();
  #messageTimer: NodeJS.Timeout | undefined;
  #isFinishing = false;

  constructor(socket: Socket, options: ConnectionOptions) {
    this.#socket = socket;
    this.#options = options;
    this.#frames = new FrameReader(options.limits.messageBytesMax);
    socket.setTimeout(options.limits.idleMs, () => this.#end("idle"));
    socket.on("data", (chunk: Buffer) => this.#read(chunk));
    // A sender that goes away is ordinary; what it was not answered it sends again.
    socket.on("error", () => socket.destroy());
    socket.on("close", () => clearTimeout(this.#messageTimer));
  }

  async finish(): Promise<void> {
    this.#isFinishing = true;
    this.#socket.pause();
    await this.#answering;
    const timer = setTimeout(() => this.#socket.destroy(), FINISH_MS_MAX);
    await new Promise<void>((resolve) => {
      if (this.#socket.destroyed) resolve();
      this.#socket.once("close", () => resolve());
      this.#socket.end(() => this.#socket.destroy());
    });
    clearTimeout(timer);
  }

  #read(chunk: Uint8Array): void {
    if (this.#isFinishing) return;
    for (const frame of this.#frames.push(chunk)) {
      if (frame.kind === "message") this.#takeFrame(frame.bytes);
      else this.#take({ kind: "too-large", bytes: new Uint8Array(0), hasByteOrderMark: false });
    }
    clearTimeout(this.#messageTimer);
    if (this.#frames.isInside) this.#messageTimer = setTimeout(() => this.#end("message-too-slow"), this.#options.limits.messageMs);
    if (this.#isFull) this.#socket.pause();
  }

  get #isFull(): boolean {
    return this.#unanswered >= this.#options.limits.unansweredMax || this.#unansweredBytes >= UNANSWERED_BYTES_MAX;
  }

  /** A frame holds one message; a sender that puts a batch into it gets an answer for each. */
  #takeFrame(bytes: Uint8Array): void {
    const splitter = new MessageSplitter(this.#options.limits.messageBytesMax);
    const raws = [...splitter.push(bytes), ...splitter.finish()];
    const empty: Omit<RawMessage, "number"> = { kind: "no-header", bytes: new Uint8Array(0), hasByteOrderMark: false };
    for (const raw of raws.length === 0 ? [empty] : raws) this.#take(raw);
  }

  #take(raw: Omit<RawMessage, "number">): void {
    this.#unanswered += 1;
    this.#unansweredBytes += raw.bytes.length;
    const answers = this.#options.intake.take(raw);
    this.#answering = this.#answering.then(async () => {
      for (const answer of await answers) this.#write(answer);
      this.#unanswered -= 1;
      this.#unansweredBytes -= raw.bytes.length;
      if (!this.#isFinishing && !this.#isFull) this.#socket.resume();
    });
  }

  #write(answer: string): void {
    if (this.#socket.destroyed || !this.#socket.writable) return;
    this.#socket.write(frameOf(answer));
    if (this.#socket.writableLength > UNREAD_ANSWER_BYTES_MAX) this.#end("answers-not-read");
  }

  #end(reason: string): void {
    this.#options.log({ event: "connection-ended", reason });
    this.#socket.destroy();
  }
}

const cannotListen = (host: string, port: number, cause: unknown): DureError =>
  new DureError(
    {
      code: "hl7/cannot-listen",
      severity: "error",
      place: { path: `${host}:${port}` },
      what: text("the address cannot be listened on.", "이 주소에서 수신할 수 없습니다."),
      remedy: text("Choose a free port and an address of this machine.", "사용 중이 아닌 포트와 이 컴퓨터의 주소를 지정하십시오."),
    },
    { cause },
  );
