/** The parts that messages of both directions share: sums, rosters, JSON, shares. */

import { create } from "@bufbuild/protobuf";
import type { SealedLocalModel } from "@dure/federation/protocol";
import { type Approval, parseApproval, parseRoster, type Roster } from "@dure/identity";
import { canonicalJson, type JsonValue } from "@dure/kernel";
import type { KeyAnnouncement, SealedShare, Sum } from "@dure/privacy";
import {
  KeyAnnouncementSchema,
  NamedVectorSchema,
  SumSchema,
  type KeyAnnouncement as WireAnnouncement,
  type Sum as WireSum,
} from "./gen/dure/v1/run_pb.ts";
import { float64FromBytes, float64ToBytes } from "./vectors.ts";

/** @throws SyntaxError on anything but JSON. Whoever uses the value checks its form. */
export const parseJson = (text: string): JsonValue => JSON.parse(text) as JsonValue; // JSON.parse gives JSON values only

export function writeSum(sum: Sum): WireSum {
  const vectors = [...sum.vectors].map(([name, values]) => create(NamedVectorSchema, { name, float64: float64ToBytes(values) }));
  return create(SumSchema, { siteCount: sum.siteCount, vectors });
}

export const readSum = (sum: WireSum): Sum => ({
  siteCount: sum.siteCount,
  vectors: new Map(sum.vectors.map((vector) => [vector.name, float64FromBytes(vector.float64)])),
});

export const writeRoster = (roster: Roster): string => canonicalJson({ members: roster.members.map((member) => ({ ...member })) });

/** @throws RangeError when the text is not a roster. */
export function readRoster(text: string): Roster {
  const roster = parseRoster(parseJson(text));
  if (roster === undefined) throw new RangeError("not a roster");
  return roster;
}

export const writeApproval = ({ terms, stewardKey, signature }: Approval): string =>
  canonicalJson({ terms: { ...terms }, stewardKey, signature });

/** @throws RangeError when the text is not an approval. Its signature is not checked here. */
export function readApproval(text: string): Approval {
  const approval = parseApproval(parseJson(text));
  if (approval === undefined) throw new RangeError("not an approval");
  return approval;
}

export const writeAnnouncement = (announcement: KeyAnnouncement): WireAnnouncement =>
  create(KeyAnnouncementSchema, { ...announcement, shareCommitments: [...announcement.shareCommitments] });

export const readAnnouncement = (wire: WireAnnouncement): KeyAnnouncement => ({
  siteId: wire.siteId,
  sealPublicKey: wire.sealPublicKey,
  maskPublicKey: wire.maskPublicKey,
  selfSeedCommitment: wire.selfSeedCommitment,
  shareCommitments: wire.shareCommitments,
  signature: wire.signature,
});

interface Box {
  readonly from: string;
  readonly to: string;
  readonly box: Uint8Array;
}

/** A sealed share or a sealed model, without the envelope's type name. */
export const readBox = ({ from, to, box }: Box): SealedShare & SealedLocalModel => ({ from, to, box });
