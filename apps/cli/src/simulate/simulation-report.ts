/** report.html of a simulation: what left each simulated hospital comes from its own ledger. */

import type { StudyResult } from "@dure/federation/coordinator";
import { type Language, type Text, text } from "@dure/kernel";
import type { SimulationOutcome } from "@dure/simulator";
import type { FrozenStudy } from "@dure/study";
import type { SentMessage } from "../federation/sent-messages.ts";
import { type HospitalReport, renderReport, studyWords, summariseSent } from "../report/index.ts";

export interface SimulationReport {
  readonly study: FrozenStudy;
  readonly result: StudyResult;
  /** By site id. */
  readonly left: ReadonlyMap<string, readonly SentMessage[]>;
  readonly language: Language;
  /** YYYY-MM-DD. */
  readonly reportedOn: string;
  /** How it was run, as the report names it. */
  readonly command: string;
}

export function renderSimulationReport({ study, result, left, language, reportedOn, command }: SimulationReport): string {
  const name: Text = text("How it was run", "실행 방식");
  return renderReport(result, {
    language,
    words: studyWords(study.document),
    hospitals: result.evaluation.sites.map(
      ({ site, role }): HospitalReport => ({
        siteId: site,
        displayName: text(site, site),
        role,
        left: summariseSent(left.get(site) ?? []),
        loads: [],
      }),
    ),
    record: { reportedOn, entries: [{ name, value: command }] },
  });
}

/** What left in a simulation within one process. */
export const leftInProcess = (left: SimulationOutcome["left"]): ReadonlyMap<string, readonly SentMessage[]> =>
  new Map([...left].map(([site, messages]) => [site, messages.map(sentMessage)]));

const sentMessage = ({ kind, round, byteCount: bytes, vectors }: SimulatedMessage): SentMessage =>
  kind === "own-release" ? { round, bytes, vectors: [], releases: vectors } : { round, bytes, vectors };

type SimulatedMessage = SimulationOutcome["left"] extends ReadonlyMap<string, readonly (infer Message)[]> ? Message : never;
