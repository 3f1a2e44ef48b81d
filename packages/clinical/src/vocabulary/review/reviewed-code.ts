/** A code of a hospital's list on its way to a standard concept: what was suggested, who looked at it, what was decided. Usagi's terms. */

import type { Equivalence } from "../source-code.ts";

/** As Usagi writes them. Only what is approved maps anything. */
export const MAPPING_STATUSES = [
  "UNCHECKED",
  "AUTO_MAPPED",
  "AUTO_MAPPED_TO_1",
  "APPROVED",
  "FLAGGED",
  "IGNORED",
  "INVALID_TARGET",
] as const;
export type MappingStatus = (typeof MAPPING_STATUSES)[number];

/** What a target fills. Older files say EVENT, VALUE and UNIT. */
export const MAPPING_TYPES = ["MAPS_TO", "MAPS_TO_VALUE", "MAPS_TO_UNIT", "MAPS_TO_OPERATOR", "MAPS_TO_TYPE", "MAPS_TO_NUMBER"] as const;
export type MappingType = (typeof MAPPING_TYPES)[number];

export interface ReviewedTarget {
  readonly conceptId: number;
  readonly mappingType: MappingType;
  readonly conceptName: string;
  readonly domain: string;
  /** ISO days, both ends included, where the target holds for a time only. Usagi's file has no place for them. */
  readonly validStart?: string;
  readonly validEnd?: string;
  readonly createdBy: string;
  /** Milliseconds since 1970. */
  readonly createdOnMs: number;
}

export interface ReviewedCode {
  readonly code: string;
  /** In whatever language the hospital's list has. */
  readonly name: string;
  /** Rows that carry it. */
  readonly frequency: number;
  /** Further columns of the list, such as an English name or an ingredient; searched along with the name. */
  readonly info: Readonly<Record<string, string>>;
  /** How well the first suggestion fitted, 0 to 1. */
  readonly matchScore: number;
  readonly autoAssigned: readonly number[];
  readonly status: MappingStatus;
  readonly equivalence: Equivalence;
  readonly targets: readonly ReviewedTarget[];
  readonly statusSetBy: string;
  readonly statusSetOnMs: number;
  readonly comment: string;
  readonly assignedReviewer: string;
}
