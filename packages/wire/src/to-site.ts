/** Messages from the coordinator to a site, as protobuf and back. */

import { create } from "@bufbuild/protobuf";
import type { AttemptId, OpenRound, ToSite } from "@dure/federation/protocol";
import { canonicalJson, DureError, parseSha256, text, unreachable } from "@dure/kernel";
import { ToSiteSchema, type ToSite as WireToSite } from "./gen/dure/v1/run_pb.ts";
import {
  parseJson,
  readAnnouncement,
  readApproval,
  readBox,
  readRoster,
  readSum,
  writeAnnouncement,
  writeApproval,
  writeRoster,
  writeSum,
} from "./parts.ts";

export function writeToSite(message: ToSite): WireToSite {
  const id = "round" in message ? { run: message.run, round: message.round, attempt: message.attempt } : { run: message.run };
  return create(ToSiteSchema, { ...id, body: writeBody(message) });
}

type Body = NonNullable<Parameters<typeof create<typeof ToSiteSchema>>[1]>["body"];

function writeBody(message: ToSite): NonNullable<Body> {
  switch (message.kind) {
    case "open-round":
      return { case: "openRound", value: writeOpenRound(message) };
    case "key-list":
      return { case: "keyList", value: { announcements: message.announcements.map(writeAnnouncement) } };
    case "share-delivery":
      return { case: "shareDelivery", value: { shares: [...message.shares] } };
    case "survivor-list":
      return { case: "survivorList", value: { survivors: [...message.survivors] } };
    case "unmask-request":
      return { case: "unmaskRequest", value: { survivors: [...message.survivors], signatures: [...message.signatures] } };
    case "local-model-request":
      return { case: "localModelRequest", value: { lastSum: writeSum(message.lastSum), resultJson: canonicalJson(message.result) } };
    case "headline-request":
      return {
        case: "headlineRequest",
        value: {
          study: message.study,
          rosterJson: writeRoster(message.roster),
          lastSum: writeSum(message.lastSum),
          resultJson: canonicalJson(message.result),
          approvalJson: message.approvals.map(writeApproval),
          localModels: [...message.localModels],
          signature: message.signature,
        },
      };
    case "run-ended":
      return { case: "runEnded", value: { isCompleted: message.outcome === "completed" } };
    default:
      return unreachable(message);
  }
}

function writeOpenRound(message: OpenRound) {
  return {
    study: message.study,
    rosterJson: writeRoster(message.roster),
    approvalJson: message.approvals.map(writeApproval),
    contributors: [...message.contributors],
    stateJson: canonicalJson(message.state),
    ...(message.lastSum === undefined ? {} : { lastSum: writeSum(message.lastSum) }),
    layout: message.layout,
    deadlineMs: BigInt(message.deadlineMs),
    signature: message.signature,
  };
}

/** @throws DureError `wire/malformed` when a part is missing or has the wrong form. */
export function readToSite(wire: WireToSite): ToSite {
  try {
    return readBody(wire);
  } catch (cause) {
    if (cause instanceof DureError) throw cause;
    throw malformed(wire.run, cause);
  }
}

function readBody(wire: WireToSite): ToSite {
  const { run, round, attempt, body } = wire;
  const id: AttemptId = { run, round, attempt };
  switch (body.case) {
    case "openRound":
      return {
        kind: "open-round",
        ...id,
        study: parseSha256(body.value.study),
        roster: readRoster(body.value.rosterJson),
        approvals: body.value.approvalJson.map(readApproval),
        contributors: body.value.contributors,
        state: parseJson(body.value.stateJson),
        lastSum: body.value.lastSum === undefined ? undefined : readSum(body.value.lastSum),
        layout: parseSha256(body.value.layout),
        deadlineMs: Number(body.value.deadlineMs),
        signature: body.value.signature,
      };
    case "keyList":
      return { kind: "key-list", ...id, announcements: body.value.announcements.map(readAnnouncement) };
    case "shareDelivery":
      return { kind: "share-delivery", ...id, shares: body.value.shares.map(readBox) };
    case "survivorList":
      return { kind: "survivor-list", ...id, survivors: body.value.survivors };
    case "unmaskRequest": {
      const signatures = body.value.signatures.map(({ siteId, signature }) => ({ siteId, signature }));
      return { kind: "unmask-request", ...id, survivors: body.value.survivors, signatures };
    }
    case "localModelRequest":
      return { kind: "local-model-request", run, lastSum: needSum(body.value.lastSum), result: parseJson(body.value.resultJson) };
    case "headlineRequest":
      return {
        kind: "headline-request",
        run,
        study: parseSha256(body.value.study),
        roster: readRoster(body.value.rosterJson),
        lastSum: needSum(body.value.lastSum),
        result: parseJson(body.value.resultJson),
        approvals: body.value.approvalJson.map(readApproval),
        localModels: body.value.localModels.map(readBox),
        signature: body.value.signature,
      };
    case "runEnded":
      return { kind: "run-ended", run, outcome: body.value.isCompleted ? "completed" : "stopped" };
    case undefined:
      throw new RangeError("a message without a body");
    default:
      return unreachable(body);
  }
}

function needSum(sum: Parameters<typeof readSum>[0] | undefined) {
  if (sum === undefined) throw new RangeError("the last sum is missing");
  return readSum(sum);
}

export function malformed(run: string, cause: unknown): DureError {
  const what = text(
    "A message from the network does not have the form that this version understands.",
    "네트워크에서 받은 메시지가 이 버전이 이해하는 형식이 아닙니다.",
  );
  const remedy = text("Update both sides to the same version.", "양쪽을 같은 버전으로 올려 주십시오.");
  return new DureError({ code: "wire/malformed", severity: "error", place: { run }, what, remedy }, { cause });
}
