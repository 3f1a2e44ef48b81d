/** What a site says of itself after the last sum, whatever the analysis: the own release `headline`, before the gate. */

import type { JsonValue } from "@dure/kernel";
import type { AnalysisTable } from "@dure/records";
import type { StudyDocument } from "@dure/study";
import type { FrozenModel, LocalOnExternal, SiteEvaluation } from "../result.ts";

export type SiteFigures = {
  readonly evaluation: SiteEvaluation;
  /** At an external site, one entry a local model released to it. */
  readonly localOnExternal: readonly LocalOnExternal[];
};

export interface FiguresRequest {
  readonly site: string;
  readonly role: "training" | "external";
  readonly table: AnalysisTable;
  /** The stricter of the study's and the site's own. */
  readonly minimumCell: number;
  /** The frozen result of the last sum. */
  readonly result: JsonValue;
  /** By site: models that other hospitals released to this one. */
  readonly releasedModels: () => ReadonlyMap<string, FrozenModel>;
}

/** Undefined where too few rows (or rows of a class) stand behind a figure: the site then shows nothing. */
export type SiteFiguresOf = (study: StudyDocument, request: FiguresRequest) => Promise<SiteFigures | undefined>;
