/** What a site says of itself after the last sum, whatever the analysis: the own release `headline`, before the gate. */

import type { JsonValue } from "@dure/kernel";
import type { AnalysisTable } from "@dure/records";
import type { StudyDocument } from "@dure/study";
import type { BaselineHazard } from "../cox-result.ts";
import type { LocalOnExternal, SiteEvaluation } from "../result.ts";

export type SiteFigures = {
  readonly evaluation: SiteEvaluation;
  /** At an external site, one entry a local model released to it. */
  readonly localOnExternal: readonly LocalOnExternal[];
  /** Further counts that the evaluation shows, for the gate. */
  readonly cells?: readonly number[];
  /** For the own release `baseline-hazard`: leaves only where the steward granted that too. */
  readonly baseline?: BaselineFigures;
};

/** `cells`: events between neighbouring points. */
export type BaselineFigures = { readonly at: BaselineHazard["at"]; readonly cells: readonly number[] };

export interface FiguresRequest {
  readonly site: string;
  readonly role: "training" | "external";
  readonly table: AnalysisTable;
  /** The stricter of the study's and the site's own. */
  readonly minimumCell: number;
  /** The frozen result of the last sum. */
  readonly result: JsonValue;
  /** By site: models that other hospitals released to this one. */
  readonly releasedModels: () => ReadonlyMap<string, JsonValue>;
}

/** A hospital's model of its own, as it passes to others. `result` is the frozen one: it says what stands for missing values. */
export interface LocalModels {
  /** Undefined where these rows alone carry no model. Takes the time of a fit. */
  readonly fit: (study: StudyDocument, table: AnalysisTable, result: JsonValue) => Promise<JsonValue | undefined>;
  /** Fails: throws a DureError `federation/model-not-of-study`. */
  readonly parse: (study: StudyDocument, value: JsonValue, result: JsonValue) => JsonValue;
}

/** Undefined where too few rows (or rows of a class) stand behind a figure: the site then shows nothing. */
export type SiteFiguresOf = (study: StudyDocument, request: FiguresRequest) => Promise<SiteFigures | undefined>;
