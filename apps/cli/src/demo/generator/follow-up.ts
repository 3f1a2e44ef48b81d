/** What a hospital writes down after treatment: dated visits with what was found, and no column that says "recurred". */

import type { SeededRandom } from "@dure/kernel";
import type { Patient } from "./patient.ts";

export interface FollowUpVisit {
  readonly day: number;
  readonly finding: "free" | "local" | "distant";
}

/** Visits are planned this many days after diagnosis, and kept within some weeks. */
const PLANNED_DAYS = [180, 550, 1100, 1830, 2900];
const JITTER_DAYS = 40;
export const VISITS_MAX = PLANNED_DAYS.length + 2;

/**
 * Visits in order of day, at most VISITS_MAX: the planned ones before the patient was last seen, one at which the recurrence was found,
 * and the last one of a patient who is alive. From the recurrence on every visit carries its finding.
 */
export function drawFollowUp(random: SeededRandom, patient: Patient): readonly FollowUpVisit[] {
  const { recurrence, diagnosisDay, lastSeenDay } = patient;
  const days = PLANNED_DAYS.map((planned) => diagnosisDay + planned + random.below(2 * JITTER_DAYS) - JITTER_DAYS).filter(
    (day) => day < lastSeenDay,
  );
  if (recurrence !== undefined) days.push(recurrence.day);
  if (patient.deathDay === undefined) days.push(lastSeenDay);
  const ordered = [...new Set(days)].sort((a, b) => a - b);
  const found = recurrence?.distant === true ? "distant" : "local";
  return ordered.map((day) => ({ day, finding: recurrence !== undefined && day >= recurrence.day ? found : "free" }));
}
