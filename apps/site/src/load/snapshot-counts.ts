/** What is counted of a snapshot when its rows are complete: periods, eras, deaths, the end of follow-up. Counts only. */

export interface PeriodEffect {
  readonly rule: "first-to-last-event" | "of-the-source";
  /** Of the rule's definition in this program: another version may give other periods. */
  readonly ruleVersion: number;
  /** ISO day; no period lasts longer. */
  readonly exportDate: string;
  readonly persons: number;
  readonly personsWithoutEvent: number;
  readonly personsWithPeriod: number;
  readonly periods: number;
  /** Events of persons in PERSON on a day that no period of the person covers, over all event tables. */
  readonly eventsOutside: number;
  readonly eventsAfterExport: number;
  readonly events: number;
}

export interface EraCounts {
  /** `of-the-source`: the era tables of another OMOP database were taken over as they were. */
  readonly built: "rebuilt" | "of-the-source";
  readonly conditionEras: number;
  readonly drugEras: number;
  readonly doseEras: number;
  /** Drug exposures that are in no drug era, because the vocabulary knows no ingredient of theirs. */
  readonly drugRowsWithoutIngredient: number;
}

export interface FollowUp {
  readonly persons: number;
  readonly personsWithDeath: number;
  /** By contributor and by DEATH's type concept, which says how the death is known. */
  readonly deathSources: readonly { readonly contributor: string; readonly typeConceptId: number; readonly persons: number }[];
  /** Why the last period of each person ends: at the death, at the export date, at the last event or where the source says so, or never began. */
  readonly ends: Readonly<Record<"death" | "export-date" | "last-event" | "declared" | "no-period", number>>;
}
