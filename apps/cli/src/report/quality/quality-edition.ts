/** One language's edition of a quality report. */

import type { Language, Text } from "@dure/kernel";
import type { QualityReport } from "@dure/site/quality";
import { type FaultGroup, groupFaults } from "./groups.ts";

export interface QualityEdition {
  readonly language: Language;
  readonly report: QualityReport;
  readonly groups: readonly FaultGroup[];
  readonly say: (words: Text) => string;
}

export const qualityEdition = (language: Language, report: QualityReport): QualityEdition => ({
  ...{ language, report, groups: groupFaults(report.results) },
  say: (words) => words[language],
});
