/** A code as a source wrote it, and what it stands for in OMOP: the meeting point of every source format and the vocabulary. */

import { canonicalJson } from "@dure/kernel";

export interface SourceCode {
  /** OMOP's vocabulary_id (`SNOMED`, `KCD7`, `EDI`), or the name of one of the site's own lists. */
  readonly vocabulary: string;
  /** As that vocabulary writes it: `N20.1`, not `N201`. */
  readonly code: string;
  /** ISO day on which the code was used, where the code's meaning depends on it. */
  readonly onDate?: string;
}

/** Usagi's terms. WIDER: the target says less than the source did. */
export const EQUIVALENCES = ["EQUAL", "EQUIVALENT", "WIDER", "NARROWER", "INEXACT", "UNMATCHED", "UNREVIEWED"] as const;
export type Equivalence = (typeof EQUIVALENCES)[number];

export interface CodeTarget {
  /** A standard concept, valid on the day. */
  readonly conceptId: number;
  /** OMOP's domain_id: it decides the table, never the source does (f2o-037). */
  readonly domain: string;
  /** `event` is the row itself; the others fill value_as_concept_id, unit_concept_id and operator_concept_id of that row. */
  readonly relation: "event" | "value" | "unit" | "operator";
  readonly equivalence: Equivalence;
}

export interface ResolvedCode {
  /** The concept of the code itself, standard or not; 0 where the vocabulary does not list it. */
  readonly sourceConceptId: number;
  /** Empty for an unmapped code, whose rows are kept with concept 0 and counted. Several `event` targets make several rows. */
  readonly targets: readonly CodeTarget[];
  /** Where the targets come from: the vocabulary's own relations, the site's reviewed map, or a parent code. */
  readonly origin: "vocabulary" | "site-map" | "parent" | "none";
}

export const UNMAPPED: ResolvedCode = { sourceConceptId: 0, targets: [], origin: "none" };

/** Equal for equal codes: the key of a look-up's answer. */
export const sourceCodeKey = ({ vocabulary, code, onDate }: SourceCode): string => canonicalJson([vocabulary, code, onDate ?? ""]);
