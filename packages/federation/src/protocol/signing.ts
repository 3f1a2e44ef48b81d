/** The bytes that the coordinator signs when it opens a round or asks for a headline. */

import { hashApprovals, hashRoster } from "@dure/identity";
import { hashJson, transcript } from "@dure/kernel";
import { type Sum, sumToJson } from "@dure/privacy";
import type { HeadlineRequest, OpenRound } from "./messages.ts";

const hashSum = (sum: Sum | undefined): string => (sum === undefined ? "" : hashJson(sumToJson(sum)));

export function openRoundTranscript(message: Omit<OpenRound, "signature">): Uint8Array {
  return transcript(
    "dure open-round 1",
    message.run,
    message.round,
    message.attempt,
    message.study,
    hashRoster(message.roster),
    hashApprovals(message.approvals),
    transcript(...message.contributors),
    hashJson(message.state),
    hashSum(message.lastSum),
    message.layout,
    message.deadlineMs,
  );
}

export function headlineRequestTranscript(message: Omit<HeadlineRequest, "signature">): Uint8Array {
  return transcript(
    "dure headline-request 1",
    message.run,
    message.study,
    hashRoster(message.roster),
    hashApprovals(message.approvals),
    hashSum(message.lastSum),
    hashJson(message.result),
    transcript(...message.localModels.flatMap((model) => [model.from, model.to, model.box])),
  );
}
