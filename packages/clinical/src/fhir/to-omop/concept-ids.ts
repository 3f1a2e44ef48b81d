/**
 * Concepts that the transformation itself assigns, by their ids in the OHDSI Standardized Vocabularies.
 *
 * What a source codes is looked up in the vocabulary; these stand for what FHIR says by structure: that a record is a prescription,
 * that a visit was ambulatory, that a value is below a limit. The fixed set of f2o-093: from the concept maps of the HL7 FHIR-to-OMOP
 * guide, which name no vocabulary release, and from OMOP's domains Type Concept, Gender, Race, Ethnicity, Visit, Meas Value and Meas
 * Value Operator, whose ids have stood since 2020. Each load checks them against the vocabulary it has.
 */

export const TYPE_CONCEPT = {
  ehr: 32817,
  administration: 32818,
  dischargeRecord: 32823,
  dispensing: 32825,
  encounter: 32827,
  medicationList: 32830,
  examination: 32836,
  prescription: 32838,
  problemList: 32840,
  governmentReport: 32848,
  laboratory: 32856,
  survey: 32862,
  selfReport: 32865,
  /** Derived from the record by a rule: rows whose day the source gave only in part (f2o-071). */
  derived: 32882,
} as const;

/** HL7 administrative-gender. `other` has no standard concept: the guide's 44814653 is of no standard and another domain. */
export const GENDER: ReadonlyMap<string, number> = new Map([
  ["male", 8507],
  ["female", 8532],
  ["unknown", 8551],
]);

/** OMB categories of US Core, whose extensions many servers send. */
export const RACE: ReadonlyMap<string, number> = new Map([
  ["1002-5", 8657],
  ["2028-9", 8515],
  ["2054-5", 8516],
  ["2076-8", 8557],
  ["2106-3", 8527],
]);

export const ETHNICITY: ReadonlyMap<string, number> = new Map([
  ["2135-2", 38003563],
  ["2186-5", 38003564],
]);

/** v3 ActCode. IMP and its two kinds are one visit concept; an observation encounter is the guide's choice. */
export const VISIT_CLASS: ReadonlyMap<string, number> = new Map([
  ["IMP", 9201],
  ["ACUTE", 9201],
  ["NONAC", 9201],
  ["AMB", 9202],
  ["OBSENC", 262],
  ["EMER", 9203],
  ["VR", 722455],
  ["HH", 581476],
]);

export const INPATIENT_VISIT = 9201;

export const ADMIT_SOURCE: ReadonlyMap<string, number> = new Map([
  ["hosp-trans", 38004515],
  ["emd", 8870],
  ["outp", 8756],
  ["born", 38004515],
  ["gp", 8940],
  ["mp", 8940],
  ["nursing", 8676],
  ["psych", 8971],
  ["rehab", 38004254],
]);

export const DISCHARGE_DISPOSITION: ReadonlyMap<string, number> = new Map([
  ["home", 8536],
  ["alt-home", 8536],
  ["other-hcf", 33007],
  ["hosp", 8546],
  ["long", 38004277],
  ["aadvice", 32216],
  ["exp", 32218],
  ["psy", 8971],
  ["rehab", 32266],
  ["snf", 8863],
]);

export const STILL_PATIENT = 32220;
export const EXPIRED = 32218;

export const OPERATOR: ReadonlyMap<string, number> = new Map([
  ["<", 4171756],
  ["<=", 4171754],
  [">=", 4171755],
  [">", 4172704],
]);

/** v3 ObservationInterpretation. */
export const INTERPRETATION: ReadonlyMap<string, number> = new Map([
  ["H", 4328749],
  ["HH", 4328749],
  ["HU", 4328749],
  ["L", 4267416],
  ["LL", 4267416],
  ["LU", 4267416],
  ["N", 4069590],
  ["A", 4135493],
  ["AA", 4135493],
  ["POS", 9191],
  ["DET", 9191],
  ["NEG", 9189],
  ["ND", 9189],
]);

export const YES = 4188539;
export const NO = 4188540;
export const POSITIVE = 9191;
export const NEGATIVE = 9189;

/** By FHIR's kind and category of a propensity; `any` where the source names none. */
export const ALLERGY: Readonly<Record<"allergy" | "intolerance", ReadonlyMap<string, number>>> = {
  allergy: new Map([
    ["food", 4188027],
    ["medication", 439224],
    ["environment", 4144450],
    ["biologic", 43530807],
    ["any", 43530807],
  ]),
  intolerance: new Map([
    ["food", 4340252],
    ["medication", 4240582],
    ["environment", 4172024],
    ["biologic", 36684107],
    ["any", 4172024],
  ]),
};

/** The guide puts these into OBSERVATION, whatever their domain: with an allergen as value they are no condition of their own. */
export const ALLERGY_CONCEPT_IDS: readonly number[] = [...new Set([...ALLERGY.allergy.values(), ...ALLERGY.intolerance.values()])];

/** Where an immunization's report comes from, if not from who gave it. */
export const IMMUNIZATION_ORIGIN: ReadonlyMap<string, number> = new Map([
  ["recall", TYPE_CONCEPT.selfReport],
  ["record", TYPE_CONCEPT.governmentReport],
  ["school", TYPE_CONCEPT.governmentReport],
  ["provider", TYPE_CONCEPT.administration],
]);

/** v3 RouteOfAdministration, where the vocabulary has no look-up for it. */
export const ROUTE: ReadonlyMap<string, number> = new Map([
  ["IDINJ", 4156706],
  ["IM", 4302612],
  ["IVINJ", 4171047],
  ["IV", 4171047],
  ["PO", 4132161],
  ["SQ", 4142048],
  ["TRNSDERM", 4262099],
]);

export const RESOLVED_CONDITION = 32906;
