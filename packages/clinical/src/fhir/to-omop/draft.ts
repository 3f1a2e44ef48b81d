/**
 * What one resource says, before the vocabulary is asked: the shapes between reading FHIR and writing OMOP.
 *
 * A draft names persons, visits and providers by FHIR ids and things by the codes of their source. Which table an event ends up in is
 * decided later, by the domain of the concept that its code stands for (f2o-037). No draft holds a name, an address, an identifier or
 * a text that a person wrote; the number of a patient is the one exception, and only the encrypted key table takes it.
 */

import type { CandidateCode, SiteSystems } from "./code-systems.ts";
import type { ReadDate, When } from "./dates.ts";
import type { FhirPolicy } from "./policy.ts";

export type EventTable =
  | "condition_occurrence"
  | "drug_exposure"
  | "procedure_occurrence"
  | "device_exposure"
  | "measurement"
  | "observation"
  | "specimen";

export interface MappingContext {
  readonly policy: FhirPolicy;
  readonly sites: SiteSystems;
  readonly readDate: ReadDate;
  /** ISO day up to which the resource is known: what stands for the end of something that goes on. */
  readonly knownUntil: string;
  /** The code element of a Medication or the type of a Device, by `Medication/id`; undefined where it is not among the resources. */
  readonly definitionOf: (key: string) => unknown;
}

/** `reason` is one of `EXCLUSION_REASONS`; a resource is counted under one reason only. */
export type MappedResource =
  | { readonly kind: "excluded"; readonly reason: ExclusionReason }
  | { readonly kind: "person"; readonly person: PersonDraft }
  | { readonly kind: "visit"; readonly visit: VisitDraft; readonly payer?: PayerDraft }
  | { readonly kind: "payer"; readonly payer: PayerDraft }
  | { readonly kind: "provider"; readonly provider: ProviderDraft }
  | { readonly kind: "role"; readonly role: RoleDraft }
  | { readonly kind: "care-site"; readonly careSite: CareSiteDraft }
  | { readonly kind: "events"; readonly events: readonly EventDraft[] };

export interface PersonDraft {
  readonly id: string;
  readonly hospitalNumber: string;
  readonly genderConceptId: number;
  readonly genderSourceValue?: string;
  readonly yearOfBirth: number;
  readonly monthOfBirth?: number;
  readonly dayOfBirth?: number;
  readonly raceConceptId: number;
  readonly raceSourceValue?: string;
  readonly ethnicityConceptId: number;
  readonly ethnicitySourceValue?: string;
  /** The first three digits of the postal code. */
  readonly zip3?: string;
  readonly provider?: string;
  readonly careSite?: string;
  readonly death?: When;
}

export interface VisitDraft {
  readonly id: string;
  /** The encounter that this one is a part of. */
  readonly partOf?: string;
  readonly patient: string;
  readonly conceptId: number;
  readonly sourceValue?: string;
  readonly start: When;
  readonly end: When;
  readonly typeConceptId: number;
  readonly provider?: string;
  /** `Organization/id` or `Location/id`. */
  readonly careSite?: string;
  readonly admittedFromConceptId?: number;
  readonly admittedFromSourceValue?: string;
  readonly dischargedToConceptId?: number;
  readonly dischargedToSourceValue?: string;
}

export interface PayerDraft {
  readonly patient: string;
  readonly start: When;
  readonly end: When;
  readonly payerSourceValue?: string;
}

export interface ProviderDraft {
  readonly id: string;
}

/** What a PractitionerRole adds to its practitioner. */
export interface RoleDraft {
  readonly provider: string;
  readonly careSite?: string;
  readonly specialties: readonly CandidateCode[];
}

export interface CareSiteDraft {
  /** `Organization/id` or `Location/id`. */
  readonly key: string;
  readonly sourceValue?: string;
}

export interface EventDraft {
  /** Where the row goes while its code stands for no concept. */
  readonly table: EventTable;
  /** In the order of choice; empty only where `about` gives the concept. */
  readonly codes: readonly CandidateCode[];
  /** The value-as-concept pattern: the row is an observation of this concept, and what the code stands for is its value. */
  readonly about?: AboutConcept;
  readonly patient: string;
  readonly encounter?: string;
  readonly provider?: string;
  /** Absent: the day of the visit stands for it. */
  readonly start?: When;
  readonly end?: When;
  readonly typeConceptId: number;
  readonly value?: ValueDraft;
  readonly status?: { readonly conceptId?: number; readonly sourceValue: string };
  readonly qualifierSourceValue?: string;
  readonly drug?: DrugDraft;
  readonly amount?: AmountDraft;
  readonly anatomicSite?: readonly CandidateCode[];
  /** This row tells more of the first row of its resource. */
  readonly isAboutFirst?: true;
}

export interface AboutConcept {
  readonly conceptId: number;
  /** `always`, or only where the code names a thing and no finding of its own: a substance, an organism. */
  readonly when: "always" | "code-is-no-finding";
}

export interface ValueDraft {
  readonly number?: number;
  readonly operatorConceptId?: number;
  readonly codes?: readonly CandidateCode[];
  /** Of the structure of FHIR: a boolean, an interpretation. */
  readonly conceptId?: number;
  /** Of the site's own policy: a result in words. */
  readonly words?: string;
  readonly unit?: UnitDraft;
  readonly rangeLow?: number;
  readonly rangeHigh?: number;
  /** Says that the thing was looked for and is not there: such a row is never the thing itself. */
  readonly isDenied?: true;
}

export interface UnitDraft {
  readonly code: CandidateCode;
}

export interface AmountDraft {
  readonly quantity?: number;
  readonly unit?: UnitDraft;
}

/** 1 is the best evidence that a drug entered a person. */
export const EVIDENCE = { administration: 1, dispensing: 2, statement: 3, order: 4 } as const;

export interface DrugDraft {
  /** Absent for immunizations, which compete with nothing. */
  readonly evidence?: keyof typeof EVIDENCE;
  /** Id of the MedicationRequest that this is, or that it fulfils. */
  readonly request?: string;
  readonly quantity?: number;
  readonly daysSupply?: number;
  readonly refills?: number;
  /** Dose and times in figures and units; never the text of the instruction. */
  readonly sig?: string;
  readonly routes?: readonly CandidateCode[];
  readonly routeConceptId?: number;
  readonly doseUnitSourceValue?: string;
  readonly isStopped?: true;
}

export const EXCLUSION_REASONS = [
  "status or intent excluded by the policy",
  "a modifier extension or rule that nobody here understands",
  "an instruction not to do it",
  "no patient",
  "no coded content",
  "no reference to the resource that it describes",
  "no date",
  "no date of birth",
  "no number of the hospital's own",
  "merged into another record",
  "the same hospital number as another record",
  "the patient opted out",
  "the patient is not among the persons",
  "data absent",
  "a panel whose results are records of their own",
  "sampled data",
  "an order stopped before its first dose",
  "an order stopped at an unknown time",
  "better evidence of the same drug",
  "read with the resource that it describes",
  "a device without a date of use",
  "free text, kept out of OMOP",
  "billing, planning or administration",
  "no OMOP table for this type",
] as const;
export type ExclusionReason = (typeof EXCLUSION_REASONS)[number];

export const excluded = (reason: ExclusionReason): MappedResource => ({ kind: "excluded", reason });
