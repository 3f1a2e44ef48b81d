/** report.html of the demonstration: beside the result, what each hospital's own folder says of loads and of what left. */

import type { StudyResult } from "@dure/federation/coordinator";
import { type Language, text } from "@dure/kernel";
import { systemClock } from "@dure/machine";
import { readOutcomeUnknown } from "@dure/site";
import type { FrozenStudy } from "@dure/study";
import type { LocalFederation } from "../federation/local-federation.ts";
import { sentMessages } from "../federation/sent-messages.ts";
import { fileLoads, type HospitalReport, renderReport, studyWords, summariseSent } from "../report/index.ts";
import type { DemoHospitalPlan } from "./hospitals.ts";

export interface DemoReport {
  readonly study: FrozenStudy;
  readonly run: string;
  readonly result: StudyResult;
  readonly hospitals: readonly DemoHospitalPlan[];
  readonly federation: LocalFederation;
  readonly language: Language;
}

export async function demoReport({ study, run, result, hospitals, federation, language }: DemoReport): Promise<string> {
  const reports = await Promise.all(hospitals.map((hospital) => hospitalReport(hospital, { study, run, federation })));
  return renderReport(result, {
    language,
    words: studyWords(study.document),
    hospitals: reports,
    record: {
      reportedOn: new Date(systemClock.nowMs()).toISOString().slice(0, 10),
      entries: [
        { name: text("Run", "실행 번호"), value: run },
        { name: text("Node.js", "Node.js"), value: process.version },
      ],
    },
  });
}

async function hospitalReport(
  { siteId, displayName, role }: DemoHospitalPlan,
  { study, run, federation }: Pick<DemoReport, "study" | "run" | "federation">,
): Promise<HospitalReport> {
  const home = federation.home(siteId);
  const load = federation.loads.get(siteId);
  const unknown = await readOutcomeUnknown(home, study);
  return {
    siteId,
    displayName,
    role,
    left: summariseSent(sentMessages(home, run)),
    loads: load === undefined ? [] : fileLoads(load.files),
    ...(unknown === 0 ? {} : { outcomeUnknown: reported(unknown, study.document.privacy.minimumCell) }),
    ...(load === undefined ? {} : { snapshot: `${load.snapshot} (${load.snapshotHash.slice(0, 12)})` }),
  };
}

const reported = (count: number, minimumCell: number) => (count < minimumCell ? { lessThan: minimumCell } : { n: count });
