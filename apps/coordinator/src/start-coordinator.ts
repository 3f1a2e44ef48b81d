/**
 * A coordinator's process: the folder's lock, its store, its server, its console, and the runs that the process before left under way.
 *
 * Nothing here needs an operator after a crash: the system drops the locks of a dead process, and the next one takes up every run.
 */

import type { Timing } from "@dure/federation/protocol";
import { defaultTiming } from "@dure/federation/protocol";
import { parseSigningPrivateKey, signingKeyPair, signMessage } from "@dure/identity";
import { type Clock, DureError, faultCode, type SecureRandom } from "@dure/kernel";
import { alliance as wire } from "@dure/wire";
import { assertSameAlliance, consoleCommands, publicUrl } from "./admin/administer.ts";
import { openConsole } from "./admin/console.ts";
import { socketPath } from "./admin/socket-path.ts";
import type { Coordination } from "./coordination.ts";
import {
  type CoordinatorPaths,
  type CoordinatorSettings,
  coordinatorPaths,
  lockHome,
  readKey,
  readKeyText,
  readSettings,
  storeTarget,
} from "./home/coordinator-home.ts";
import { renewServerChain } from "./home/server-certificate.ts";
import { enrolmentBytesMax, holdMs, housekeepingMs, tickMs } from "./limits.ts";
import { type CoordinatorLog, createLog } from "./log.ts";
import { Mailboxes } from "./mailbox/mailboxes.ts";
import { RunRegistry } from "./run/run-registry.ts";
import { Callers } from "./server/callers.ts";
import { HttpsServer, type TlsFiles } from "./server/https-server.ts";
import { RevocationLists } from "./server/revocation-lists.ts";
import { repeatQuestions } from "./services/counts.ts";
import { enrolmentService } from "./services/enrolment.ts";
import { siteService } from "./services/sites.ts";
import { studyService } from "./services/studies.ts";
import { type CoordinatorStore, openCoordinatorStore } from "./store/index.ts";

export interface CoordinatorOptions {
  readonly home: string;
  readonly clock: Clock;
  readonly random: SecureRandom;
  /** Stops the coordinator, as `close` does. */
  readonly signal?: AbortSignal;
  /** JSON lines on standard error unless told otherwise. */
  readonly log?: CoordinatorLog;
  /** Deadlines and patience of runs that begin from now on. */
  readonly timing?: Timing;
}

export interface RunningCoordinator {
  readonly port: number;
  /** Address that hospitals use. */
  readonly url: string;
  /** Ends the calls under way, stores what must be stored, lets go of everything. May be called twice. */
  close(): Promise<void>;
  /** Resolves when the coordinator has stopped; rejects where it had to, because another process may hold its database. */
  readonly stopped: Promise<void>;
}

/**
 * @throws DureError `coordinator/not-initialised`, `coordinator/already-running`, `coordinator/key-absent`, `coordinator/other-alliance`,
 *   `coordinator/address-unusable`, and those of the store. Then nothing is left open.
 */
export async function startCoordinator(options: CoordinatorOptions): Promise<RunningCoordinator> {
  const paths = coordinatorPaths(options.home);
  const settings = readSettings(paths);
  const open: Closable[] = [];
  try {
    const lock = lockHome(paths);
    open.push({ close: async () => lock.release() });
    const store = await openCoordinatorStore(storeTarget(paths, settings));
    open.push(store);
    await assertSameAlliance(paths, store);
    return await serve({ ...options, log: options.log ?? createLog(), paths, settings, store }, open);
  } catch (cause) {
    await closeAll(open);
    throw cause;
  }
}

interface Closable {
  close(): Promise<void>;
}

interface Opened extends CoordinatorOptions {
  readonly log: CoordinatorLog;
  readonly paths: CoordinatorPaths;
  readonly settings: CoordinatorSettings;
  readonly store: CoordinatorStore;
}

async function serve(opened: Opened, open: Closable[]): Promise<RunningCoordinator> {
  const { paths, settings, clock, random, log } = opened;
  const c = coordinationOf(opened);
  await c.revocations.current();
  await renewServerChain({ paths, settings, nowMs: clock.nowMs(), random });
  const server = serverOf(c, paths);
  const port = await server.listen(settings.listen);
  open.push({ close: () => c.runs.stop() }, server);
  const url = publicUrl(settings, port);
  const { store, alliance, root } = c;
  const commands = consoleCommands({ store, alliance, root, url, clock, random }, (id) => leaveAlliance(c, id));
  open.push(await openConsole(socketPath(paths), commands, log));
  await c.runs.resume();
  const loops = startLoops(c, { paths, settings, server });
  open.push({ close: () => loops.stop() });
  log.info({ code: "coordinator/started", port });
  const handle = handleOf(open, log, opened.signal);
  loops.failed.catch(handle.fail);
  return { port, url, close: handle.close, stopped: handle.stopped };
}

function coordinationOf({ paths, settings, store, clock, random, log, timing = defaultTiming }: Opened): Coordination {
  const identity = signingKeyPair(parseSigningPrivateKey(readKey(paths.identitySeed)));
  const issuing = { certificate: readKeyText(paths.issuingCertificate), privateKey: readKeyText(paths.issuingKey) };
  const revocations = new RevocationLists({ issuing, store, clock });
  const mailboxes = new Mailboxes(clock);
  const runs = new RunRegistry({ store, mailboxes, clock, random, log, sign: (message) => signMessage(identity.privateKey, message) });
  const { alliance } = settings;
  const root = readKeyText(paths.rootCertificate);
  const c: Coordination = { alliance, root, issuing, identity, store, clock, random, log, revocations, mailboxes, runs, timing };
  mailboxes.listen({
    onPresent: (site, session, isNew) => {
      runs.arrived(site, session, isNew);
      if (isNew) repeatQuestions(c, site).catch((cause: unknown) => log.warn({ code: faultCode(cause), site }));
    },
    onAway: (site) => runs.left(site),
  });
  return c;
}

function serverOf(c: Coordination, paths: CoordinatorPaths): HttpsServer {
  const { alliance, root, issuing, revocations, clock, log } = c;
  const callers = new Callers({ alliance, root, issuing: issuing.certificate, revocations, clock });
  return new HttpsServer({
    tls: tlsFiles(paths),
    callers,
    log,
    routes: (router) => {
      router.service(wire.EnrolmentService, enrolmentService(c), { readMaxBytes: enrolmentBytesMax });
      router.service(wire.StudyService, studyService(c));
      router.service(wire.SiteService, siteService(c));
    },
  });
}

const tlsFiles = (paths: CoordinatorPaths): TlsFiles => ({
  key: readKeyText(paths.tlsKey),
  chain: readKeyText(paths.tlsChain),
  authorities: [readKeyText(paths.rootCertificate), readKeyText(paths.issuingCertificate)],
});

/** The list is signed anew at once; the member's open calls end, and runs that need it stop. */
async function leaveAlliance(c: Coordination, id: string): Promise<void> {
  await c.revocations.renew();
  c.mailboxes.drop(id);
  c.runs.withdrew(id);
}

interface Loops {
  /** Rejects when the process must not go on. */
  readonly failed: Promise<void>;
  stop(): Promise<void>;
}

function startLoops(
  c: Coordination,
  { paths, settings, server }: { readonly paths: CoordinatorPaths; readonly settings: CoordinatorSettings; readonly server: HttpsServer },
): Loops {
  const stopping = new AbortController();
  const { clock, random } = c;
  const ticking = repeat(c, tickMs, stopping.signal, async () => {
    c.mailboxes.sweep();
    c.runs.tick();
  });
  const housekeeping = repeat(c, housekeepingMs, stopping.signal, async () => {
    await c.revocations.current();
    if (await renewServerChain({ paths, settings, nowMs: clock.nowMs(), random })) server.renewCertificate(tlsFiles(paths));
  });
  // A connection that held the database for this process may have broken without anybody asking the database anything.
  const holding = repeat(c, holdMs, stopping.signal, () => c.store.transaction("hold store", async () => undefined));
  const failed = Promise.all([ticking, housekeeping, holding]).then(() => undefined);
  const stop = async (): Promise<void> => {
    stopping.abort();
    await failed.catch(() => undefined);
  };
  return { failed, stop };
}

/** A fault is logged and the next turn tries again, unless another process may hold the database. */
async function repeat({ clock, log }: Coordination, pauseMs: number, signal: AbortSignal, work: () => Promise<void>): Promise<void> {
  while (!signal.aborted) {
    try {
      await work();
    } catch (cause) {
      log.error({ code: faultCode(cause) });
      if (cause instanceof DureError && cause.code === "store/lock-lost") throw cause;
    }
    await clock.sleep(pauseMs, signal).catch(() => undefined);
  }
}

function handleOf(open: Closable[], log: CoordinatorLog, signal: AbortSignal | undefined) {
  const stopped = Promise.withResolvers<void>();
  stopped.promise.catch(() => undefined); // whoever started it may not ask
  let closing: Promise<void> | undefined;
  const close = (): Promise<void> => {
    closing ??= closeAll(open).then(() => {
      log.info({ code: "coordinator/stopped" });
      stopped.resolve();
    });
    return closing;
  };
  const fail = (cause: unknown): void => {
    stopped.reject(cause);
    void close();
  };
  signal?.addEventListener("abort", () => void close(), { once: true });
  if (signal?.aborted === true) void close();
  return { close, fail, stopped: stopped.promise };
}

/** Last opened, first closed. Every one is closed, whatever the others do. */
async function closeAll(open: Closable[]): Promise<void> {
  for (let closable = open.pop(); closable !== undefined; closable = open.pop()) await closable.close().catch(() => undefined);
}
