/** report.html of a simulation: what left each simulated hospital comes from its own ledger. */

import type { StudyResult } from "@dure/federation/coordinator";
import { type Language, text } from "@dure/kernel";
import type { SimulationOutcome } from "@dure/simulator";
import type { FrozenStudy } from "@dure/study";
import { type HospitalReport, renderReport, studyWords, summariseSent } from "../report/index.ts";

export interface SimulationReport {
  readonly study: FrozenStudy;
  readonly result: StudyResult;
  readonly left: SimulationOutcome["left"];
  readonly language: Language;
  /** YYYY-MM-DD. */
  readonly reportedOn: string;
}

export function renderSimulationReport({ study, result, left, language, reportedOn }: SimulationReport): string {
  return renderReport(result, {
    language,
    words: studyWords(study.document),
    hospitals: result.evaluation.sites.map(
      ({ site, role }): HospitalReport => ({
        siteId: site,
        displayName: text(site, site),
        role,
        left: summariseSent((left.get(site) ?? []).map(sentMessage)),
        loads: [],
      }),
    ),
    record: {
      reportedOn,
      entries: [{ name: text("How it was run", "실행 방식"), value: "dure simulate" }],
    },
  });
}

function sentMessage(message: {
  readonly kind: string;
  readonly round: number;
  readonly vectors: readonly string[];
  readonly byteCount: number;
}) {
  const { round, byteCount: bytes, vectors } = message;
  const [release] = vectors;
  return message.kind === "own-release" && release !== undefined ? { round, bytes, vectors: [], release } : { round, bytes, vectors };
}
