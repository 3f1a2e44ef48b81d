/** TXA to DocumentReference (segment map TXA[DocumentReference]): that there is a document, never its text. */

import type { Conversion } from "./conversion.ts";
import { eiIdentifier } from "./datatypes.ts";
import type { Hl7Segment } from "./message.ts";
import { eiKey, resourceId } from "./resource-ids.ts";

/** HL7 table 0271 (concept map CompletionStatus[DocumentReference]). */
const DOCUMENT_STATUS: Readonly<Record<string, string>> = {
  AU: "final",
  LA: "final",
  DI: "preliminary",
  DO: "preliminary",
  IN: "preliminary",
  IP: "preliminary",
  PA: "preliminary",
};
/** HL7 table 0273. */
const AVAILABILITY: Readonly<Record<string, string>> = { OB: "superseded", CA: "entered-in-error" };

/** What a document of this event does to its parent (TXA-13). */
const RELATIONS: Readonly<Record<string, string>> = { T05: "appends", T06: "appends", T09: "replaces", T10: "replaces" };

export function convertDocument(conversion: Conversion, txa: Hl7Segment, isCancelled: boolean): void {
  const key = eiKey(txa.first(12)) ?? eiKey(txa.first(14)) ?? eiKey(txa.first(15));
  if (key === undefined) {
    conversion.fault("hl7/no-code", "TXA-12");
    return;
  }
  const id = resourceId("DocumentReference", key);
  if (isCancelled) {
    conversion.delete("DocumentReference", id);
    return;
  }
  const created = conversion.date(txa, 6);
  const start = conversion.date(txa, 4);
  const parent = txa.first(13);
  const relation = RELATIONS[conversion.message.header.text(9, 2) ?? ""];
  const docStatus = DOCUMENT_STATUS[txa.text(17) ?? ""];
  conversion.put("DocumentReference", id, {
    masterIdentifier: eiIdentifier(txa.first(12)),
    status: AVAILABILITY[txa.text(19) ?? ""] ?? "current",
    docStatus,
    type: conversion.code(txa, 2, "0270"),
    subject: conversion.subject,
    author: txa
      .repetitions(9)
      .map((author) => conversion.practitioner(author))
      .filter((found) => found !== undefined),
    relatesTo:
      eiKey(parent) === undefined || relation === undefined
        ? undefined
        : [{ code: relation, target: { type: "DocumentReference", identifier: eiIdentifier(parent) } }],
    content: created === undefined ? [{ attachment: {} }] : [{ attachment: { creation: created } }],
    context: {
      ...(conversion.encounter === undefined ? {} : { encounter: [conversion.encounter] }),
      ...(start === undefined ? {} : { period: { start } }),
    },
  });
}
