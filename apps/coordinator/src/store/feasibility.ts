/** Feasibility questions and the hospitals' noisy answers. An answer is never replaced: a second draw of the noise would tell more. */

import { canonicalJson, type JsonValue, parseSha256, type Sha256 } from "@dure/kernel";
import type { Selectable } from "kysely";
import { assertSize, listRowsMax, signedJsonBytesMax, sizeNames } from "./limits.ts";
import { insertOnce, parseStoredJson, type WriteOutcome, wholeNumber } from "./rows.ts";
import type { CoordinatorTables, StoreTransaction } from "./tables.ts";

export interface FeasibilityQuestion {
  /** Chosen by the asker, so that a repeated question counts once. */
  readonly questionId: string;
  readonly askerId: string;
  /** Hash of the draft it is about. */
  readonly study: Sha256;
  readonly question: JsonValue;
  readonly askedAtMs: number;
}

export interface FeasibilityAnswer {
  readonly siteId: string;
  /** A noisy count, "<10", or a refusal code. */
  readonly answer: string;
  readonly answeredAtMs: number;
}

export interface FeasibilityStore {
  ask(tx: StoreTransaction, question: FeasibilityQuestion): Promise<WriteOutcome>;
  find(tx: StoreTransaction, questionId: string): Promise<FeasibilityQuestion | undefined>;
  /** How many questions of the asker count since `sinceMs`, that moment included. */
  countSince(tx: StoreTransaction, askerId: string, sinceMs: number): Promise<number>;
  /** Questions asked since `sinceMs` that the hospital has not answered, oldest first. */
  unanswered(tx: StoreTransaction, siteId: string, sinceMs: number): Promise<readonly FeasibilityQuestion[]>;
  answer(tx: StoreTransaction, questionId: string, answer: FeasibilityAnswer): Promise<WriteOutcome>;
  answers(tx: StoreTransaction, questionId: string): Promise<readonly FeasibilityAnswer[]>;
}

export const sqlFeasibilityStore: FeasibilityStore = {
  ask(tx, { questionId, askerId, study, question, askedAtMs }) {
    const questionJson = canonicalJson(question);
    assertSize(sizeNames.question, questionJson, signedJsonBytesMax);
    const row = { questionId, askerId, studySha256: study, questionJson, askedAtMs };
    return insertOnce(tx, { table: "feasibilityQuestion", row, key: ["questionId"], mayDiffer: ["askedAtMs"] });
  },

  async find(tx, questionId) {
    const row = await tx.selectFrom("feasibilityQuestion").selectAll().where("questionId", "=", questionId).executeTakeFirst();
    return row === undefined ? undefined : questionOf(row);
  },

  async countSince(tx, askerId, sinceMs) {
    const row = await tx
      .selectFrom("feasibilityQuestion")
      .select((eb) => eb.fn.countAll<string>().as("count"))
      .where("askerId", "=", askerId)
      .where("askedAtMs", ">=", String(sinceMs))
      .executeTakeFirstOrThrow();
    return wholeNumber(row.count);
  },

  async unanswered(tx, siteId, sinceMs) {
    const answered = tx.selectFrom("feasibilityAnswer").select("questionId").where("siteId", "=", siteId);
    const rows = await tx
      .selectFrom("feasibilityQuestion")
      .selectAll()
      .where("askedAtMs", ">=", String(sinceMs))
      .where("questionId", "not in", answered)
      .orderBy("askedAtMs")
      .orderBy("questionId")
      .limit(listRowsMax)
      .execute();
    return rows.map(questionOf);
  },

  answer: (tx, questionId, { siteId, answer, answeredAtMs }) =>
    insertOnce(tx, {
      table: "feasibilityAnswer",
      row: { questionId, siteId, answer, answeredAtMs },
      key: ["questionId", "siteId"],
      mayDiffer: ["answeredAtMs"],
    }),

  async answers(tx, questionId) {
    const rows = await tx.selectFrom("feasibilityAnswer").selectAll().where("questionId", "=", questionId).orderBy("siteId").execute();
    return rows.map(({ siteId, answer, answeredAtMs }) => ({ siteId, answer, answeredAtMs: wholeNumber(answeredAtMs) }));
  },
};

const questionOf = (row: Selectable<CoordinatorTables["feasibilityQuestion"]>): FeasibilityQuestion => ({
  questionId: row.questionId,
  askerId: row.askerId,
  study: parseSha256(row.studySha256),
  question: parseStoredJson(row.questionJson),
  askedAtMs: wholeNumber(row.askedAtMs),
});
