/** What the segments of one message share while they are converted: its time, its patient and visit, what was made of it so far. */

import { type Problem, unreachable } from "@dure/kernel";
import type { ResourceChange } from "../fhir/index.ts";
import { type CodeableConcept, codeableConcept, identifier } from "./datatypes.ts";
import { parseDateTime } from "./date-time.ts";
import type { Hl7Field, Hl7Message, Hl7Segment } from "./message.ts";
import { type Hl7ProblemCode, hl7Problem } from "./problems.ts";
import { cxKey, resourceId } from "./resource-ids.ts";

/**
 * A change, or an amendment: fields of a resource that the message says, where it says nothing of the rest. An order is cancelled by its number
 * alone, and what was ordered must stay.
 *
 * Where nothing is there yet, an amendment that may stand `alone` is kept as it is, so that an order that comes later than its end does not come
 * to life; one of a thing that may be of another type (`if-known`) is let go.
 */
export type Hl7Change = ResourceChange & { readonly amends?: "alone" | "if-known" };

export const CERTAINTIES = ["provisional", "differential", "refuted", "unconfirmed"] as const;
export type Certainty = (typeof CERTAINTIES)[number];

/** A site's own words, where HL7 leaves them open. */
export interface SiteTerms {
  /** Of times that carry no zone, such as `+09:00`. */
  readonly zone: string;
  /** URIs of coding systems by the names that the site writes into CWE-3. */
  readonly codingSystems: Readonly<Record<string, string>>;
  /** Diagnosis types (DG1-6) and classifications (DG1-17) that say less than a diagnosis. */
  readonly diagnosisCertainty: Readonly<Record<string, Certainty>>;
}

export const DEFAULT_TERMS: SiteTerms = {
  zone: "+09:00",
  codingSystems: {},
  // HL7 table 0052 has only W (working). R and RO (ruled out), S and IMP (suspected, impression) are what Korean order systems add to it.
  diagnosisCertainty: { W: "provisional", S: "provisional", IMP: "provisional", R: "differential", RO: "differential" },
};

export type Fields = Readonly<Record<string, unknown>>;

/** How much a message has to say about a thing that it is not about: see `versionOf`. */
export type Weight = "authoritative" | "mentioned";

export class Conversion {
  readonly message: Hl7Message;
  readonly terms: SiteTerms;
  /** The message's time as an instant in UTC. */
  readonly version: string;
  readonly changes: Hl7Change[] = [];
  readonly faults: Problem[] = [];
  /** Set by PID. */
  patientId = "";
  patientKey = "";
  /** Set by PV1, where the visit has a name. */
  visitId: string | undefined;
  /** A specimen before its orders belongs to all of them, and is made once. */
  readonly specimenIds = new Map<Hl7Segment, string>();
  readonly #file: string;
  readonly #number: number;
  readonly #seen = new Map<string, number>();

  constructor(input: {
    readonly message: Hl7Message;
    readonly terms: SiteTerms;
    readonly version: string;
    readonly file: string;
    readonly number: number;
  }) {
    this.message = input.message;
    this.terms = input.terms;
    this.version = input.version;
    this.#file = input.file;
    this.#number = input.number;
  }

  fault(code: Hl7ProblemCode, path: string): void {
    this.faults.push(hl7Problem(code, { file: this.#file, row: this.#number, path }));
  }

  put(resourceType: string, id: string, fields: Fields, weight: Weight = "authoritative"): void {
    this.changes.push({ kind: "put", resource: { resourceType, id, ...stated(fields) }, version: versionOf(this.version, weight) });
  }

  amend(resourceType: string, id: string, fields: Fields, amends: "alone" | "if-known" = "alone"): void {
    this.changes.push({ kind: "put", resource: { resourceType, id, ...stated(fields) }, version: this.version, amends });
  }

  delete(resourceType: string, id: string): void {
    this.changes.push({ kind: "delete", resource: { resourceType, id }, version: this.version });
  }

  /** Counts from 0 how often the message has used this key: equal results without a number keep apart by their order. */
  occurrence(key: string): number {
    const count = this.#seen.get(key) ?? 0;
    this.#seen.set(key, count + 1);
    return count;
  }

  /** A date of the segment; one that cannot be read is a fault and left out. */
  date(segment: Hl7Segment, field: number, component = 1): string | undefined {
    const text = segment.text(field, component);
    if (text === undefined) return undefined;
    const parsed = parseDateTime(text, this.terms.zone);
    switch (parsed.kind) {
      case "date-time":
        return parsed.text;
      case "unreadable":
        this.fault("hl7/bad-date", `${segment.name}-${field}`);
        return undefined;
      default:
        return unreachable(parsed);
    }
  }

  code(segment: Hl7Segment, field: number, table?: string): CodeableConcept | undefined {
    return codeableConcept(segment.first(field), this.terms.codingSystems, table);
  }

  codes(segment: Hl7Segment, field: number, table?: string): readonly CodeableConcept[] | undefined {
    const concepts = segment
      .repetitions(field)
      .map((repetition) => codeableConcept(repetition, this.terms.codingSystems, table))
      .filter((concept) => concept !== undefined);
    return concepts.length === 0 ? undefined : concepts;
  }

  get subject(): { readonly reference: string } {
    return { reference: `Patient/${this.patientId}` };
  }

  get encounter(): { readonly reference: string } | undefined {
    return this.visitId === undefined ? undefined : { reference: `Encounter/${this.visitId}` };
  }

  /** XCN as a reference to a Practitioner that has a number and nothing else; nothing without a number. */
  practitioner(field: Hl7Field | undefined): { readonly reference: string } | undefined {
    const number = field?.component(1);
    if (field === undefined || number === undefined) return undefined;
    const authority = field.component(9) ?? field.component(8) ?? "";
    const id = resourceId("Practitioner", authority, number);
    const system = authority === "" ? undefined : `urn:id:${encodeURIComponent(authority)}`;
    if (this.occurrence(`Practitioner/${id}`) === 0)
      this.put("Practitioner", id, { identifier: [identifier(number, system, undefined)] }, "mentioned");
    return { reference: `Practitioner/${id}` };
  }

  /** PL as a reference to a Location named by its point of care, room, bed and facility. */
  location(field: Hl7Field | undefined): { readonly reference: string } | undefined {
    if (field === undefined) return undefined;
    const parts = [field.component(1), field.component(2), field.component(3), field.component(4)];
    if (parts.every((part) => part === undefined)) return undefined;
    const value = parts.map((part) => part ?? "").join("^");
    const id = resourceId("Location", value);
    if (this.occurrence(`Location/${id}`) === 0) {
      const organization = this.organization(field.nested(4)?.component(1));
      this.put("Location", id, { identifier: [{ value }], managingOrganization: organization }, "mentioned");
    }
    return { reference: `Location/${id}` };
  }

  organization(name: string | undefined): { readonly reference: string } | undefined {
    if (name === undefined) return undefined;
    const id = resourceId("Organization", name);
    if (this.occurrence(`Organization/${id}`) === 0) this.put("Organization", id, { identifier: [{ value: name }] }, "mentioned");
    return { reference: `Organization/${id}` };
  }

  /** Takes the patient of a segment as the one that what follows is about. */
  usePatient(number: Hl7Field): void {
    this.patientKey = cxKey(number) ?? "";
    this.patientId = resourceId("Patient", this.patientKey);
  }
}

/**
 * A result carries a PV1 that says where the patient was, not how the visit stands; taken at its word it would reopen a closed visit. Its version
 * is put a thousand years back, behind every message that is about the visit and in order among its like; so a visit that only results speak of
 * is there, and what an ADT said of it always holds.
 */
function versionOf(instant: string, weight: Weight): string {
  if (weight === "authoritative") return instant;
  return `${String(Math.max(0, Number(instant.slice(0, 4)) - 1000)).padStart(4, "0")}${instant.slice(4)}`;
}

/** Without the fields that say nothing. */
function stated(fields: Fields): Fields {
  const kept: Record<string, unknown> = {};
  for (const name in fields) {
    const value = fields[name];
    if (value !== undefined && !(Array.isArray(value) && value.length === 0)) kept[name] = value;
  }
  return kept;
}
