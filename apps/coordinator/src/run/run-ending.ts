/** What is stored when a run ends: its result, sealed to those who may read it, and a summary of how it went. */

import type { RunSummary } from "@dure/federation/coordinator";
import { type RunDurable, runResult, trainingSites } from "@dure/federation/protocol";
import { sealTo } from "@dure/identity";
import { canonicalJson, type SecureRandom, utf8 } from "@dure/kernel";
import { collusionTolerated, secureSumThreshold } from "@dure/privacy";
import { resultContext } from "@dure/wire";
import type { LoadedRun } from "./plan-document.ts";

export interface RunEnding {
  readonly sealed: Uint8Array;
  readonly recipients: readonly string[];
  readonly summary: Uint8Array;
}

export interface EndingOptions {
  readonly loaded: Pick<LoadedRun, "tools" | "recipients">;
  readonly durable: RunDurable;
  readonly nowMs: number;
  readonly bytesUp: number;
  readonly bytesDown: number;
  readonly random: SecureRandom;
}

/**
 * The proposer's and the agreed hospitals' keys open the result; the coordinator keeps only the box. A run that was stopped for want of
 * hospitals has no result, and then the reason is sealed in its place: `{ study, stopReason }`.
 */
export function endRun({ loaded, durable, nowMs, bytesUp, bytesDown, random }: EndingOptions): RunEnding {
  const { plan } = loaded.tools;
  const siteCount = trainingSites(durable.roster).length;
  const summary: RunSummary = {
    rounds: durable.round,
    seconds: (nowMs - plan.startedAtMs) / 1000,
    sites: siteCount,
    threshold: secureSumThreshold(siteCount),
    collusion: collusionTolerated(siteCount, siteCount),
    bytesUp,
    bytesDown,
    absent: durable.absent,
  };
  const { document, hash } = plan.study;
  const told = runResult(plan.study, durable, summary) ?? { study: { id: document.id, hash }, stopReason: durable.stopReason };
  const sealed = sealTo({
    recipients: [...new Set(loaded.recipients.map(({ sealKey }) => sealKey))],
    plaintext: utf8(JSON.stringify(told)),
    context: resultContext(plan.run),
    random,
  });
  return { sealed, recipients: loaded.recipients.map(({ id }) => id), summary: utf8(canonicalJson({ ...summary })) };
}
