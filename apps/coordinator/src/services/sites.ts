/** SiteService: what a running agent uses. It polls for what waits, posts what it has to say, and witnesses the others' ledgers. */

import { Code, ConnectError, type HandlerContext, type ServiceImpl } from "@connectrpc/connect";
import type { ToCoordinator } from "@dure/federation/protocol";
import { DureError } from "@dure/kernel";
import { pollWaitMsMax, postsPerPollMax, readToCoordinator, toCoordinatorBytes, type alliance as wire } from "@dure/wire";
import type { Coordination } from "../coordination.ts";
import { letterOf, type RunDriver } from "../run/run-driver.ts";
import { peerOf } from "../server/guard.ts";
import { refuse } from "../server/refusals.ts";
import { listCheckpoints, postCheckpoint } from "./checkpoints.ts";
import { takeAnswer } from "./counts.ts";

const SESSION = /^[A-Za-z0-9_-]{1,64}$/;
/** Codes of a site's own program: what may stand in a run's record. */
const CODE = /^[a-z0-9][a-z0-9/-]{0,39}$/;

export function siteService(c: Coordination): ServiceImpl<typeof wire.SiteService> {
  return {
    poll: (request, context) => poll(c, request, context),
    post: async (request, context) => {
      await post(c, request, peerOf(context).id);
      return {};
    },
    postCheckpoint: async ({ checkpointJson }, context) => {
      await postCheckpoint(c, checkpointJson, peerOf(context));
      return {};
    },
    listCheckpoints: async ({ site }, context) => ({ checkpointJson: [...(await listCheckpoints(c, site, peerOf(context)))] }),
  };
}

async function poll(c: Coordination, { session, acknowledged, waitMs, posts }: wire.PollRequest, context: HandlerContext) {
  if (!SESSION.test(session)) throw refuse(Code.InvalidArgument, "malformed", { path: "session" });
  const { id } = peerOf(context);
  if (posts.length > postsPerPollMax) throw refuse(Code.InvalidArgument, "malformed", { path: "posts" });
  for (const message of posts) await postOrDrop(c, message, id);
  const order = { session, acknowledged, waitMs: Math.min(waitMs, pollWaitMsMax), signal: context.signal };
  return { deliveries: [...(await c.mailboxes.poll(id, order))] };
}

/** A message that is refused for good would be refused again: it is dropped, and what came with it goes on. */
async function postOrDrop(c: Coordination, message: wire.PostRequest, site: string): Promise<void> {
  try {
    await post(c, message, site);
  } catch (error) {
    if (isFinal(error)) c.log.warn({ code: "coordinator/post-refused", site });
    else throw error;
  }
}

const FINAL: ReadonlySet<Code> = new Set([Code.InvalidArgument, Code.NotFound, Code.FailedPrecondition, Code.PermissionDenied]);

/** The server's guard gives a fault its code after this; what is thrown here is a refusal, or a message that cannot be read. */
const isFinal = (error: unknown): boolean =>
  error instanceof ConnectError ? FINAL.has(error.code) : error instanceof DureError && error.retry === "permanent";

/** A message of a process that another one has replaced is refused; one that comes before the first poll after a restart is not. */
async function post(c: Coordination, { session, content }: wire.PostRequest, site: string): Promise<void> {
  const current = c.mailboxes.sessionOf(site);
  if (current !== undefined && current !== session) throw refuse(Code.FailedPrecondition, "other-session", { site });
  switch (content.case) {
    case "toCoordinator":
      return postToRun(c, content.value, site);
    case "countReply":
      return takeAnswer(c, content.value, site);
    case undefined:
      throw refuse(Code.InvalidArgument, "malformed", { path: "content" });
  }
}

async function postToRun(c: Coordination, wireMessage: Parameters<typeof readToCoordinator>[0], site: string): Promise<void> {
  const message = readToCoordinator(wireMessage, site);
  const driver = c.runs.find(message.run);
  if (driver === undefined) return tellEnding(c, message.run, site);
  if (!driver.has(site)) throw refuse(Code.PermissionDenied, "not-a-participant", { run: message.run });
  assertCodes(message, driver);
  await driver.receive({ kind: "from-site", site, message }, toCoordinatorBytes(wireMessage));
}

/** An abort's words go into the record: they are codes and members, never free text. */
function assertCodes(message: ToCoordinator, driver: RunDriver): void {
  if (message.kind !== "abort-attempt") return;
  const isKnown = message.accused === undefined || driver.has(message.accused);
  if (!CODE.test(message.code) || !isKnown) throw refuse(Code.InvalidArgument, "malformed", { path: "abort_attempt" });
}

/** A late message of a run that is over: whoever sends it may not have heard. */
async function tellEnding(c: Coordination, runId: string, site: string): Promise<void> {
  if (runId === "") throw refuse(Code.InvalidArgument, "malformed", { path: "run" });
  const run = await c.store.transaction("read run", (tx) => c.store.repositories.runs.find(tx, runId));
  if (run === undefined) throw refuse(Code.NotFound, "unknown-run");
  // It is about to be taken up, or cannot be: either way its next attempt asks anew, and the message may be dropped.
  if (run.endedAtMs === undefined) throw refuse(Code.FailedPrecondition, "run-unavailable", { run: runId });
  const outcome = run.status === "completed" ? "completed" : "stopped";
  c.mailboxes.put(site, letterOf({ kind: "run-ended", run: runId, outcome }));
}
