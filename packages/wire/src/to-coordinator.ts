/** Messages from a site to the coordinator, as protobuf and back. */

import { create } from "@bufbuild/protobuf";
import { type AttemptId, asReceived, type Leaving, type NotTakingPart, type ToCoordinator } from "@dure/federation/protocol";
import { canonicalJson, DureError, unreachable } from "@dure/kernel";
import { ToCoordinatorSchema, type ToCoordinator as WireToCoordinator } from "./gen/dure/v1/run_pb.ts";
import { parseJson, readAnnouncement, readBox, writeAnnouncement } from "./parts.ts";
import { malformed } from "./to-site.ts";

/**
 * Takes a message that leaves a hospital: what says anything about rows must have passed the gate, to the compiler and at run time.
 *
 * @throws TypeError on a vector, a headline or a local model that the gate did not release.
 */
export function writeToCoordinator(leaving: Leaving): WireToCoordinator {
  const message = asReceived(leaving);
  const id = "round" in message ? { run: message.run, round: message.round, attempt: message.attempt } : { run: message.run };
  return create(ToCoordinatorSchema, { ...id, body: writeBody(message) });
}

type Body = NonNullable<Parameters<typeof create<typeof ToCoordinatorSchema>>[1]>["body"];

function writeBody(message: ToCoordinator): NonNullable<Body> {
  switch (message.kind) {
    case "keys":
      return { case: "keys", value: writeAnnouncement(message.announcement) };
    case "shares":
      return { case: "shares", value: { shares: [...message.shares] } };
    case "vector":
      return { case: "maskedVector", value: message.masked.bytes };
    case "survivor-signed":
      return { case: "survivorSigned", value: { ...message.signature } };
    case "unmask": {
      const shares = message.shares.map(({ from, about, kind, share }) => ({ from, about, isSelf: kind === "self", share }));
      return { case: "unmask", value: { shares } };
    }
    case "local-model":
      return { case: "localModel", value: { models: [...message.models] } };
    case "headline":
      return { case: "headline", value: { figuresJson: canonicalJson(message.figures) } };
    case "not-taking-part":
      return { case: "notTakingPart", value: { about: message.about } };
    case "abort-attempt":
      return { case: "abortAttempt", value: { code: message.code, accused: message.accused ?? "" } };
    default:
      return unreachable(message);
  }
}

/**
 * @param from the site whose certificate the connection carries: a masked vector is this site's, whatever it says
 * @throws DureError `wire/malformed`
 */
export function readToCoordinator(wire: WireToCoordinator, from: string): ToCoordinator {
  try {
    return readBody(wire, from);
  } catch (cause) {
    if (cause instanceof DureError) throw cause;
    throw malformed(wire.run, cause);
  }
}

function readBody(wire: WireToCoordinator, from: string): ToCoordinator {
  const { run, round, attempt, body } = wire;
  const id: AttemptId = { run, round, attempt };
  switch (body.case) {
    case "keys":
      return { kind: "keys", ...id, announcement: readAnnouncement(body.value) };
    case "shares":
      return { kind: "shares", ...id, shares: body.value.shares.map(readBox) };
    case "maskedVector":
      return { kind: "vector", ...id, masked: { siteId: from, bytes: body.value } };
    case "survivorSigned":
      return { kind: "survivor-signed", ...id, signature: { siteId: body.value.siteId, signature: body.value.signature } };
    case "unmask": {
      const shares = body.value.shares.map((share) => ({
        from: share.from,
        about: share.about,
        kind: share.isSelf ? ("self" as const) : ("mask" as const),
        share: share.share,
      }));
      return { kind: "unmask", ...id, shares };
    }
    case "localModel":
      return { kind: "local-model", run, models: body.value.models.map(readBox) };
    case "headline":
      return { kind: "headline", run, figures: parseJson(body.value.figuresJson) };
    case "notTakingPart":
      return { kind: "not-taking-part", ...id, about: readAbout(body.value.about) };
    case "abortAttempt":
      return { kind: "abort-attempt", ...id, code: body.value.code, accused: body.value.accused === "" ? undefined : body.value.accused };
    case undefined:
      throw new RangeError("a message without a body");
    default:
      return unreachable(body);
  }
}

function readAbout(about: string): NotTakingPart["about"] {
  if (about === "sum" || about === "headline" || about === "local-model" || about === "baseline-hazard") return about;
  throw new RangeError("a refusal about something unknown");
}
