/** Condition, AllergyIntolerance, Procedure and ImagingStudy: what a person has, and what was done. */

import { findConcept } from "../../concepts.ts";
import { candidatesOf } from "./code-systems.ts";
import { ALLERGY, RESOLVED_CONDITION, TYPE_CONCEPT } from "./concept-ids.ts";
import { spanOf, type When } from "./dates.ts";
import { type EventDraft, excluded, type MappedResource, type MappingContext } from "./draft.ts";
import { asText, codesIn, type Element, elementsOf, referenceId } from "./elements.ts";
import type { Decision } from "./policy.ts";
import { stateOf } from "./resource-state.ts";

/** Onset before the day of recording, that before the day of the visit (the guide's hierarchy, declared in docs/fhir-to-omop.md). */
export function mapCondition(condition: Element, context: MappingContext, decision: Decision): MappedResource {
  const subject = subjectOf(condition);
  if (subject === undefined) return excluded("no patient");
  const { start } = spanOf(condition, context.readDate, ["onsetDateTime", "onsetPeriod", "recordedDate"]);
  const end = spanOf(condition, context.readDate, ["abatementDateTime", "abatementPeriod"]).start ?? onsetEnd(condition, context);
  const codes = candidatesOf(condition["code"], context.sites, start?.date);
  if (codes.length === 0) return excluded("no coded content");
  const clinical = codesIn(condition["clinicalStatus"])[0];
  const verification = stateOf(condition).status;
  const provider = providerOf(condition["asserter"]) ?? providerOf(condition["recorder"]);
  const base: EventDraft = {
    table: "condition_occurrence",
    codes,
    ...subject,
    ...(provider === undefined ? {} : { provider }),
    ...(start === undefined ? {} : { start }),
    ...(end === undefined ? {} : { end }),
    typeConceptId: typeOf(conditionType(condition), start),
    ...(clinical === undefined ? {} : { status: statusOf(clinical) }),
  };
  if (decision !== "observation") return { kind: "events", events: [base] };
  const concept = findConcept(verification === "refuted" ? "ruled-out" : "suspected-diagnosis");
  return {
    kind: "events",
    events: [{ ...base, table: "observation", about: { conceptId: concept.id, when: "always" }, qualifierSourceValue: verification }],
  };
}

export function mapAllergy(allergy: Element, context: MappingContext): MappedResource {
  const subject = subjectOf(allergy);
  if (subject === undefined) return excluded("no patient");
  const { start } = spanOf(allergy, context.readDate, ["onsetDateTime", "onsetPeriod", "recordedDate"]);
  const kind = allergy["type"] === "allergy" ? "allergy" : "intolerance";
  const category = (Array.isArray(allergy["category"]) ? asText(allergy["category"][0]) : undefined) ?? "any";
  const conceptId = ALLERGY[kind].get(category) ?? ALLERGY[kind].get("any") ?? 0;
  const codes = candidatesOf(allergy["code"], context.sites, undefined);
  const manifestations = elementsOf(allergy["reaction"]).flatMap((reaction) => elementsOf(reaction["manifestation"]));
  if (codes.length === 0 && manifestations.length === 0) return excluded("no coded content");
  const isSelfReported = referenceId(allergy["asserter"], "Patient", "RelatedPerson") !== undefined;
  const typeConceptId = typeOf(isSelfReported ? TYPE_CONCEPT.selfReport : TYPE_CONCEPT.ehr, start);
  const provider = providerOf(allergy["asserter"]) ?? providerOf(allergy["recorder"]);
  const common = {
    table: "observation" as const,
    ...subject,
    ...(provider === undefined ? {} : { provider }),
    ...(start === undefined ? {} : { start }),
    typeConceptId,
  };
  const allergen: EventDraft = { ...common, codes, about: { conceptId, when: "code-is-no-finding" } };
  const reactions = manifestations.flatMap((manifestation): EventDraft[] => {
    const reaction = candidatesOf(manifestation, context.sites, undefined);
    if (reaction.length === 0) return [];
    return [
      { ...common, codes: reaction, about: { conceptId, when: "always" }, qualifierSourceValue: "manifestation", isAboutFirst: true },
    ];
  });
  return { kind: "events", events: [allergen, ...reactions] };
}

export function mapProcedure(procedure: Element, context: MappingContext): MappedResource {
  const subject = subjectOf(procedure);
  if (subject === undefined) return excluded("no patient");
  const { start, end } = spanOf(procedure, context.readDate, ["performedDateTime", "performedPeriod"]);
  const codes = candidatesOf(procedure["code"], context.sites, start?.date);
  if (codes.length === 0) return excluded("no coded content");
  const performers = elementsOf(procedure["performer"]).filter((performer) => !("modifierExtension" in performer));
  const provider = performers.flatMap((performer) => providerOf(performer["actor"]) ?? [])[0];
  const isSelfReported = referenceId(procedure["asserter"], "Patient", "RelatedPerson") !== undefined;
  return single({
    table: "procedure_occurrence",
    codes,
    ...subject,
    ...(provider === undefined ? {} : { provider }),
    ...(start === undefined ? {} : { start }),
    ...(end === undefined ? {} : { end }),
    typeConceptId: typeOf(isSelfReported ? TYPE_CONCEPT.selfReport : TYPE_CONCEPT.ehr, start),
  });
}

/** The study as one procedure; its series come from the DICOM files themselves. */
export function mapImagingStudy(study: Element, context: MappingContext): MappedResource {
  const subject = subjectOf(study);
  if (subject === undefined) return excluded("no patient");
  const start = context.readDate(study["started"]);
  const procedures = candidatesOf(study["procedureCode"], context.sites, start?.date);
  const modalities = [...elementsOf(study["modality"]), ...elementsOf(study["series"]).flatMap((series) => elementsOf(series["modality"]))];
  const codes = procedures.length > 0 ? procedures : candidatesOf(modalities.slice(0, 1), context.sites, undefined);
  if (codes.length === 0) return excluded("no coded content");
  return single({
    table: "procedure_occurrence",
    codes,
    ...subject,
    ...(start === undefined ? {} : { start }),
    typeConceptId: typeOf(TYPE_CONCEPT.ehr, start),
  });
}

export const single = (event: EventDraft): MappedResource => ({ kind: "events", events: [event] });

/** The patient and the visit, by either of the two names that FHIR R4 uses for each. */
export function subjectOf(resource: Element): { readonly patient: string; readonly encounter?: string } | undefined {
  const patient = referenceId(resource["subject"], "Patient") ?? referenceId(resource["patient"], "Patient");
  const encounter = referenceId(resource["encounter"], "Encounter") ?? referenceId(resource["context"], "Encounter");
  if (patient === undefined) return undefined;
  return encounter === undefined ? { patient } : { patient, encounter };
}

export const providerOf = (reference: unknown): string | undefined => referenceId(reference, "Practitioner");

/** A row whose day was put together from a part of a date says so, unless it already says who reported it (f2o-071, f2o-053). */
export const typeOf = (typeConceptId: number, start: When | undefined): number =>
  start?.isImputed === true && typeConceptId !== TYPE_CONCEPT.selfReport ? TYPE_CONCEPT.derived : typeConceptId;

function conditionType(condition: Element): number {
  if (referenceId(condition["asserter"], "Patient", "RelatedPerson") !== undefined) return TYPE_CONCEPT.selfReport;
  const categories = codesIn(condition["category"]);
  if (categories.includes("encounter-diagnosis")) return TYPE_CONCEPT.encounter;
  return categories.includes("problem-list-item") ? TYPE_CONCEPT.problemList : TYPE_CONCEPT.ehr;
}

const CLINICAL = new Set(["active", "recurrence", "relapse", "inactive", "remission", "resolved"]);

const statusOf = (clinical: string) => ({
  ...(clinical === "resolved" ? { conceptId: RESOLVED_CONDITION } : {}),
  sourceValue: CLINICAL.has(clinical) ? clinical : "(other)",
});

const onsetEnd = (condition: Element, context: MappingContext): When | undefined =>
  spanOf(condition, context.readDate, ["onsetPeriod"]).end;
