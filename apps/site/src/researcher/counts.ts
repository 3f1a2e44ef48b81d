/** A feasibility question from an enrolled folder: how many patients could each hospital bring? */

import { type Clock, canonicalJson } from "@dure/kernel";
import type { FrozenStudy } from "@dure/study";
import { readRoster } from "@dure/wire";
import type { Connection } from "../alliance/connection.ts";

export interface CountOrder {
  readonly connection: Pick<Connection, "studies">;
  /** A draft serves: nothing is proposed by asking. */
  readonly study: FrozenStudy;
  readonly files: readonly { readonly name: string; readonly content: Uint8Array }[];
  /** Ids of hospitals. */
  readonly sites: readonly string[];
}

export interface CountAnswer {
  readonly site: string;
  /** A noisy count rounded to 5, `<10` or `not-taking-part`; undefined while none has come. */
  readonly answer?: string;
}

/** Ids of the hospitals that can be asked. */
export async function listHospitals(connection: Pick<Connection, "studies">): Promise<readonly string[]> {
  const { memberJson } = await connection.studies.listMembers({});
  return memberJson.flatMap((json) => readRoster(`{"members":[${json}]}`).members.map(({ siteId }) => siteId));
}

/** The same question on the same day is asked once. @returns its id */
export async function askCount({ connection, study, files, sites }: CountOrder): Promise<string> {
  const { question } = await connection.studies.askCount({
    canonicalStudyJson: canonicalJson(study.canonical),
    files: files.map(({ name, content }) => ({ name, content: content.slice() })),
    sites: [...sites],
  });
  return question;
}

export interface AnswersOptions {
  readonly connection: Pick<Connection, "studies">;
  readonly question: string;
  readonly clock: Clock;
  readonly waitMs: number;
  readonly signal?: AbortSignal;
  onAnswers?(answers: readonly CountAnswer[]): void;
}

const ASK_AGAIN_MS = 300;

/** Resolves when every hospital has answered, or with those answers that came in time. */
export async function waitForAnswers(options: AnswersOptions): Promise<readonly CountAnswer[]> {
  const { connection, question, clock, waitMs, signal, onAnswers } = options;
  const untilMs = clock.nowMs() + waitMs;
  for (;;) {
    const response = await connection.studies.getCount({ question }, signal === undefined ? {} : { signal });
    const answers = response.answers.map(({ site, answer }): CountAnswer => (answer === "" ? { site } : { site, answer }));
    onAnswers?.(answers);
    if (answers.every(({ answer }) => answer !== undefined) || clock.nowMs() >= untilMs) return answers;
    await clock.sleep(ASK_AGAIN_MS, signal);
  }
}
