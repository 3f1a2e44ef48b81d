/** Why a staged row stays out of OMOP, as the number in its column `x`; 0 is a row that goes in. */

import type { ExclusionReason } from "@dure/clinical/fhir";

export const X = { none: 0, optedOut: 1, unknownPatient: 2, sameNumber: 3, noDate: 4, betterEvidence: 5 } as const;

export const reasonOf = (x: number): ExclusionReason => {
  const reasons: readonly ExclusionReason[] = [
    "the patient opted out",
    "the patient is not among the persons",
    "the same hospital number as another record",
    "no date",
    "better evidence of the same drug",
  ];
  const reason = reasons[x - 1];
  if (reason === undefined) throw new RangeError(`${x} is no reason`);
  return reason;
};
