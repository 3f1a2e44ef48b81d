/**
 * A site's policy for its FHIR data: which resources are things that happened, told by type, intent and status (f2o-060), and the few
 * other choices that decide what a load gives. A document with a version, an author, a date and a reason, in force for every load of
 * its source (f2o-061). There is no default: without a confirmed policy nothing is loaded.
 */

import { type Text, text } from "@dure/kernel";
import { z } from "zod";
import { type DocumentSource, type Finding, readDocument } from "../../document/read-document.ts";
import { isTimeZone } from "./dates.ts";
import { POLICY_PROFILES } from "./policy-profiles.ts";
import { INTENTS, NO_INTENT, NO_STATUS, OTHER_STATUS, type ResourceState, STATUSES } from "./resource-state.ts";

export type Decision = "use" | "observation" | "exclude";

/** Statuses by what becomes of them. `observation`: the record is kept as an observation about the thing, never as the thing. */
export type Admission = { readonly [Choice in Decision]?: readonly string[] | undefined };
/** By resource type, then by intent (`any` where the type has none, or for the intents not named). */
export type AdmissionTable = Readonly<Record<string, Readonly<Record<string, Admission>>>>;

export type FhirPolicy = z.infer<typeof schema>;

const statuses = z.array(z.string().min(1).max(40)).optional();
const isoDay = z.string().regex(/^\d{4}-\d{2}-\d{2}$/);
const words = z.string().min(3).max(500);

const schema = z.strictObject({
  dure: z.literal(1),
  kind: z.literal("fhir-policy"),
  /** The site's name for the source, as in the intake. */
  source: z.string().regex(/^[a-z][a-z0-9-]{0,31}$/),
  version: z.int().min(1),
  effectiveFrom: isoDay,
  /** The starting point; what holds is the table below. */
  profile: z.enum(POLICY_PROFILES),
  /** Absent in a draft. */
  confirmed: z.strictObject({ by: words, on: isoDay, reason: words }).optional(),
  timeZone: z.string().refine(isTimeZone, {
    message: "this is no time zone of the IANA database.",
    params: { ko: "IANA 데이터베이스에 없는 시간대입니다." },
  }),
  partialDates: z.enum(["first-day", "middle", "exclude"]),
  /** Which of a Patient's numbers is the hospital's own: the address of its system, or the id of the resource. */
  hospitalNumber: z.union([z.strictObject({ system: z.string().min(1).max(300) }), z.literal("resource-id")]),
  /** Code systems of the site's own, by address (`""`: codings that name no system), each with the name of its list. */
  codeSystems: z.record(z.string().max(300), z.string().min(1).max(100)),
  /** Results in words: only those that are a known result, a number, a titre or a range; or all, as they were written. */
  textResults: z.enum(["recognised", "as-written"]),
  medication: z.strictObject({
    /** A dispensing or order without a link is also dropped where better evidence of the same drug covers the same days. */
    sameDrugSameDays: z.boolean(),
    /** Orders that were stopped, of which the source does not say when. */
    stoppedOrdersWithoutDate: z.enum(["count", "exclude"]),
  }),
  admit: z.record(z.string(), z.record(z.string(), z.strictObject({ use: statuses, observation: statuses, exclude: statuses }))),
  /** A pair that the table does not name stops the load, or is excluded and counted. */
  otherwise: z.enum(["refuse", "exclude"]),
  /** f2o-132: what allows this hospital to use the data, and what it says of linkage. */
  accessBasis: words.optional(),
  /** f2o-025, f2o-026: every system of identifiers met in the source, how it was judged and what is done with it. */
  identifierSystems: z
    .array(
      z.strictObject({
        system: z.string().min(1).max(300),
        strategy: z.enum(["surrogate-key", "external-storage", "exclusion"]),
        framework: words,
        determination: words,
      }),
    )
    .optional(),
});

/** @throws DureError with every problem of the document. A draft is read like any other: whether it is confirmed is for the load to ask. */
export const parseFhirPolicy = (source: DocumentSource): FhirPolicy => readDocument(source, { component: "fhir-policy", schema, check });

/** What becomes of a resource in that state; undefined where the table does not say. */
export function decisionFor(policy: FhirPolicy, resourceType: string, state: ResourceState): Decision | undefined {
  const byIntent = policy.admit[resourceType];
  for (const intent of new Set([state.intent, NO_INTENT])) {
    const admission = byIntent?.[intent];
    if (admission === undefined) continue;
    for (const choice of ["use", "observation", "exclude"] as const) if (admission[choice]?.includes(state.status)) return choice;
  }
  return policy.otherwise === "exclude" ? "exclude" : undefined;
}

/** What no site may declare: errors are never records, and what is only suspected or ruled out is never a condition. */
const NEVER_USED: Readonly<Record<string, readonly string[]>> = {
  Condition: ["unconfirmed", "provisional", "differential", "refuted"],
  AllergyIntolerance: ["refuted"],
  Immunization: ["not-done"],
  Procedure: ["not-done"],
  MedicationAdministration: ["not-done"],
  MedicationStatement: ["not-taken"],
};

function check(policy: FhirPolicy): readonly Finding[] {
  return Object.entries(policy.admit).flatMap(([type, byIntent]) => {
    const allowed = STATUSES[type];
    if (allowed === undefined) return [finding([type], "unknown-type", unknownType(type), listOf(Object.keys(STATUSES)))];
    const intents = type === "MedicationRequest" ? [...INTENTS, NO_INTENT] : [NO_INTENT];
    return Object.entries(byIntent).flatMap(([intent, admission]) => [
      ...(intents.includes(intent) ? [] : [finding([type, intent], "unknown-intent", unknownIntent, listOf(intents))]),
      ...checkAdmission(type, intent, admission, [...allowed, NO_STATUS, OTHER_STATUS]),
    ]);
  });
}

function checkAdmission(type: string, intent: string, admission: Admission, allowed: readonly string[]): readonly Finding[] {
  const all = [...(admission.use ?? []), ...(admission.observation ?? []), ...(admission.exclude ?? [])];
  const kept = [...(admission.use ?? []), ...(admission.observation ?? [])];
  const forbidden = [
    ...kept.filter((status) => status === "entered-in-error"),
    ...(admission.use ?? []).filter((status) => NEVER_USED[type]?.includes(status)),
  ];
  const at = [type, intent];
  return [
    ...all.filter((status) => !allowed.includes(status)).map(() => finding(at, "unknown-status", unknownStatus, listOf(allowed))),
    ...all.filter((status, i) => all.indexOf(status) !== i).map((status) => finding(at, "twice", twice(status), sayOnce)),
    ...forbidden.map((status) => finding(at, "never-used", neverUsed(type, status), moveIt)),
    ...((admission.observation?.length ?? 0) > 0 && type !== "Condition" ? [finding(at, "only-conditions", onlyConditions, moveIt)] : []),
  ];
}

const finding = (at: readonly string[], code: string, what: Text, remedy: Text): Finding => ({
  path: ["admit", ...at],
  code: `fhir-policy/${code}`,
  what,
  remedy,
});

const listOf = (names: readonly string[]): Text =>
  text(`Use one of: ${names.join(", ")}.`, `다음 중 하나를 쓰십시오: ${names.join(", ")}.`);
const unknownType = (type: string): Text =>
  text(`${type} is no resource type that a policy decides on.`, `${type}은(는) 정책이 정하는 자원 종류가 아닙니다.`);
const unknownIntent: Text = text("this type has no such intent.", "이 자원 종류에 없는 의도(intent)입니다.");
const unknownStatus: Text = text("this type has no such status.", "이 자원 종류에 없는 상태(status)입니다.");
const twice = (status: string): Text => text(`${status} is decided twice.`, `${status}이(가) 두 번 정해져 있습니다.`);
const sayOnce: Text = text("Keep it in one of the lists.", "한 목록에만 남기십시오.");
const neverUsed = (type: string, status: string): Text =>
  text(
    `${type} with ${status} did not happen, or is not known to have happened.`,
    `${status} 상태의 ${type}은(는) 일어난 일로 볼 수 없습니다.`,
  );
const onlyConditions: Text = text("only a Condition can become an observation instead.", "관찰로 대신할 수 있는 것은 Condition뿐입니다.");
const moveIt: Text = text("Move it to another list.", "다른 목록으로 옮기십시오.");
