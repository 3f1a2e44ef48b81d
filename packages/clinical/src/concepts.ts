/**
 * The concepts that mappings and research tables speak of, by a name of our own.
 *
 * A standard OMOP concept stands here only where its id is certain. Everything else is a local concept, from 2,000,000,000 on
 * (the range that OMOP leaves to users), and keeps its id for ever: stored rows hold it. To replace a local concept by a standard
 * one, add the standard one under a new name and publish new versions of the mappings.
 */

import type { Unit } from "./units.ts";

export interface Concept {
  readonly id: number;
  readonly name: string;
  readonly domain:
    | "Condition"
    | "Condition Status"
    | "Episode"
    | "Gender"
    | "Meas Value"
    | "Measurement"
    | "Metadata"
    | "Observation"
    | "Procedure"
    | "Drug"
    | "Type Concept"
    | "Unit"
    | "Visit";
  /** Vocabulary and code; local concepts belong to `Dure`. */
  readonly vocabulary: string;
  readonly code: string;
  /** The unit in which a number of this concept is stored. */
  readonly unit?: Unit;
}

export const LOCAL_CONCEPT_ID_MIN = 2_000_000_000;

export const CONCEPTS = {
  female: { id: 8532, name: "FEMALE", domain: "Gender", vocabulary: "Gender", code: "F" },
  male: { id: 8507, name: "MALE", domain: "Gender", vocabulary: "Gender", code: "M" },
  "sex-unknown": { id: 8551, name: "UNKNOWN", domain: "Gender", vocabulary: "Gender", code: "U" },
  yes: { id: 4188539, name: "Yes", domain: "Meas Value", vocabulary: "SNOMED", code: "373066001" },
  no: { id: 4188540, name: "No", domain: "Meas Value", vocabulary: "SNOMED", code: "373067005" },
  positive: { id: 9191, name: "Positive", domain: "Meas Value", vocabulary: "SNOMED", code: "10828004" },
  negative: { id: 9189, name: "Negative", domain: "Meas Value", vocabulary: "SNOMED", code: "260385009" },
  registry: { id: 32879, name: "Registry", domain: "Type Concept", vocabulary: "Type Concept", code: "OMOP4976952" },
  ehr: { id: 32817, name: "EHR", domain: "Type Concept", vocabulary: "Type Concept", code: "OMOP4976890" },
  inpatient: { id: 9201, name: "Inpatient Visit", domain: "Visit", vocabulary: "Visit", code: "IP" },
  outpatient: { id: 9202, name: "Outpatient Visit", domain: "Visit", vocabulary: "Visit", code: "OP" },
  emergency: { id: 9203, name: "Emergency Room Visit", domain: "Visit", vocabulary: "Visit", code: "ER" },
  "intensive-care": { id: 32037, name: "Intensive Care", domain: "Visit", vocabulary: "Visit", code: "OMOP4822460" },
  "primary-diagnosis": {
    id: 32902,
    name: "Primary diagnosis",
    domain: "Condition Status",
    vocabulary: "Condition Status",
    code: "OMOP4976975",
  },
  "secondary-diagnosis": {
    id: 32908,
    name: "Secondary diagnosis",
    domain: "Condition Status",
    vocabulary: "Condition Status",
    code: "OMOP4976981",
  },
  "breast-cancer": { id: 4112853, name: "Malignant tumor of breast", domain: "Condition", vocabulary: "SNOMED", code: "254837009" },
  "disease-recurrence": { id: 32529, name: "Disease Recurrence", domain: "Episode", vocabulary: "Episode", code: "32529" },
  "condition-occurrence-id": {
    id: 1147127,
    name: "condition_occurrence.condition_occurrence_id",
    domain: "Metadata",
    vocabulary: "CDM",
    code: "condition_occurrence.condition_occurrence_id",
  },
  "cdm-5.4": { id: 756265, name: "OMOP CDM Version 5.4.0", domain: "Metadata", vocabulary: "CDM", code: "CDM v5.4.0" },
  /** Largest diameter of the primary tumour, in millimetres. */
  "tumour-size": local(1, "Largest diameter of the primary tumour", "Measurement", "mm"),
  /** For sources that record the size as a class only; its values are the three classes below. */
  "tumour-size-class": local(2, "Class of the largest diameter of the primary tumour", "Measurement"),
  "size-up-to-20-mm": local(3, "Largest diameter up to 20 mm", "Meas Value"),
  "size-20-to-50-mm": local(4, "Largest diameter above 20 mm, up to 50 mm", "Meas Value"),
  "size-above-50-mm": local(5, "Largest diameter above 50 mm", "Meas Value"),
  /** 1, 2 or 3 (Nottingham modification of Bloom and Richardson). */
  "tumour-grade": local(6, "Histologic grade of the tumour, 1 to 3", "Measurement", "1"),
  "positive-nodes": local(7, "Number of positive regional lymph nodes", "Measurement", "1"),
  /** Positive or negative as the laboratory reported it. */
  "oestrogen-receptor": local(8, "Oestrogen receptor status", "Measurement"),
  "progesterone-receptor": local(9, "Progesterone receptor status", "Measurement"),
  /** Ligand binding or enzyme immunoassay of cytosol, per milligram of protein. */
  "oestrogen-receptor-content": local(10, "Oestrogen receptor content of cytosol protein", "Measurement", "fmol/mg"),
  "progesterone-receptor-content": local(11, "Progesterone receptor content of cytosol protein", "Measurement", "fmol/mg"),
  /** With decimals where the source has them: whole years of birth lose the fraction. */
  "age-at-diagnosis": local(12, "Age at diagnosis in years", "Observation", "a"),
  /** Yes or no: that the source says so, not that a drug was seen to be given. */
  "hormone-therapy": local(13, "Adjuvant hormone therapy given", "Observation"),
  chemotherapy: local(14, "Adjuvant chemotherapy given", "Observation"),
  "post-menopausal": local(15, "Post-menopausal at diagnosis", "Observation"),
  haemoglobin: local(16, "Haemoglobin in blood", "Measurement", "g/dL"),
  creatinine: local(17, "Creatinine in serum or plasma", "Measurement", "mg/dL"),
  "unit-mm": { id: 8588, name: "millimeter", domain: "Unit", vocabulary: "UCUM", code: "mm" },
  "unit-a": { id: 9448, name: "year", domain: "Unit", vocabulary: "UCUM", code: "a" },
  "unit-d": { id: 8512, name: "day", domain: "Unit", vocabulary: "UCUM", code: "d" },
  "unit-g/dL": { id: 8713, name: "gram per deciliter", domain: "Unit", vocabulary: "UCUM", code: "g/dL" },
  "unit-mg/dL": { id: 8840, name: "milligram per deciliter", domain: "Unit", vocabulary: "UCUM", code: "mg/dL" },
  "unit-fmol/mg": local(18, "femtomole per milligram", "Unit"),
  /** What was thought of, and what was looked for and is not there: named by the row's value, and never a condition. */
  "suspected-diagnosis": local(19, "Suspected diagnosis", "Observation"),
  "ruled-out": local(20, "Ruled out", "Observation"),
} as const satisfies Record<string, Concept>;

export type ConceptName = keyof typeof CONCEPTS;

export const conceptNames: readonly ConceptName[] = Object.keys(CONCEPTS) as ConceptName[]; // the keys of the constant just above

export const isConceptName = (name: string): name is ConceptName => Object.hasOwn(CONCEPTS, name);

export const findConcept = (name: ConceptName): Concept => CONCEPTS[name];

/** The concept of a unit in which numbers are stored; a count (unit "1") has none. */
export function unitConceptId(unit: Unit): number | undefined {
  const name = `unit-${unit}`;
  return isConceptName(name) ? CONCEPTS[name].id : undefined;
}

function local<Name extends string, Domain extends Concept["domain"]>(offset: number, name: Name, domain: Domain, unit?: Unit) {
  const base = { id: LOCAL_CONCEPT_ID_MIN + offset, name, domain, vocabulary: "Dure", code: `dure-${offset}` };
  return unit === undefined ? base : { ...base, unit };
}
