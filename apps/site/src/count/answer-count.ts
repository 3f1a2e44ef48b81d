/**
 * How many patients could this hospital bring to a study? Answered under the steward's standing approval, and under nothing else.
 *
 * Every refusal is the same word: no approval, an expired one, another asker, a column that is not opened, a limit that is reached, a
 * store that is being loaded. None depends on which patients were counted before. The reason stays in the hospital's own console.
 */

import { create } from "@bufbuild/protobuf";
import { type Clock, DureError, utf8 } from "@dure/kernel";
import { personKeys, personsOfStudy, prepareAnalysisTable } from "@dure/records";
import { alliance as wire } from "@dure/wire";
import type { LedgerWriter } from "../run/ledger-writer.ts";
import type { TableSource } from "../run/table-source.ts";
import type { SiteStore } from "../store/site-store.ts";
import { noisyCount } from "./noisy-count.ts";
import { type ReadQuestion, readQuestion } from "./read-question.ts";
import { findStandingApproval, isStandingApprovalSigned, QUESTIONS_PER_DAY_MAX, type StandingTerms } from "./standing-approval.ts";

export interface CountOptions {
  readonly question: wire.CountQuestion;
  readonly store: SiteStore;
  readonly source: TableSource;
  readonly siteSecret: Uint8Array;
  readonly clock: Clock;
  readonly siteId: string;
  /** The key that the steward enrolled with: where given, a standing approval under another key is none. */
  readonly stewardKey?: string;
  /** Where given, every answer is on the record before it leaves. */
  readonly ledger?: LedgerWriter;
}

const REFUSED = "not-taking-part";

/** Never throws on what the question holds. The same question gets the same answer, whatever has changed since. */
export async function answerCount(options: CountOptions): Promise<wire.CountReply> {
  const { question, store } = options;
  const reply = (answer: string): wire.CountReply => create(wire.CountReplySchema, { question: question.question, answer });
  const earlier = store.findCountAnswer(question.question);
  if (earlier !== undefined) return reply(earlier);
  const asked = checkAsker(options);
  if (asked.kind === "refused") return reply(refuse(options, asked.code));
  const counted = await count(options, asked.terms);
  return reply(keep(options, counted));
}

type Asked = { readonly kind: "admitted"; readonly terms: StandingTerms } | { readonly kind: "refused"; readonly code: string };

/** Before anything of the question is read: whoever may not ask costs nothing and leaves no row. */
function checkAsker({ question, store, clock, siteId, stewardKey }: CountOptions): Asked {
  const refused = (code: string): Asked => ({ kind: "refused", code: `count/${code}` });
  if (!/^[0-9A-Za-z_-]{1,64}$/.test(question.question)) return refused("malformed");
  const approval = findStandingApproval(store);
  if (approval === undefined) return refused("no-standing-approval");
  const { terms } = approval;
  if (terms.siteId !== siteId || (stewardKey !== undefined && approval.stewardKey !== stewardKey) || !isStandingApprovalSigned(approval))
    return refused("standing-approval-not-ours");
  if (clock.nowMs() >= terms.expiresAtMs) return refused("standing-approval-expired");
  if (terms.askers !== "any-member" && !terms.askers.includes(question.asker)) return refused("asker-not-admitted");
  const allowed = Math.min(QUESTIONS_PER_DAY_MAX, terms.questionsPerDayMax);
  return store.countQuestionsOf(question.asker, dayOf(clock)) < allowed ? { kind: "admitted", terms } : refused("questions-used-up");
}

type Counted =
  | { readonly kind: "counted"; readonly answer: string; readonly read: ReadQuestion }
  | { readonly kind: "refused"; readonly code: string };

async function count({ question, source, siteSecret }: CountOptions, terms: StandingTerms): Promise<Counted> {
  try {
    const read = readQuestion(question);
    const opened = Object.hasOwn(terms.tables, read.study.document.data.table) ? terms.tables[read.study.document.data.table] : undefined;
    if (!read.columns.every((column) => opened?.includes(column) === true)) return { kind: "refused", code: "count/column-not-opened" };
    const { source: rows } = await source.read(read.study, read.tableDocument);
    const table = prepareAnalysisTable(read.study.document, rows);
    const persons = personsOfStudy(read.study.document, table);
    const rowKeys = persons === undefined ? table.rowKeys : personKeys(table, persons);
    return { kind: "counted", answer: noisyCount({ rowKeys, siteSecret }), read };
  } catch (error) {
    // A question must not be able to end the agent, and a driver's message may quote what it choked on.
    return { kind: "refused", code: error instanceof DureError ? error.code : "count/malformed" };
  }
}

/** Stored before it leaves, refusals too: they use up a question of the day like any answer. */
function keep(options: CountOptions, counted: Counted): string {
  const { question, store, clock, ledger } = options;
  const answer = counted.kind === "counted" ? counted.answer : REFUSED;
  return store.transaction(() => {
    store.putCountAnswer({ question: question.question, asker: question.asker, day: dayOf(clock), answer });
    if (counted.kind === "refused") noteRefusal(options, counted.code);
    else
      ledger?.append({
        kind: "release",
        study: counted.read.study.hash,
        bytes: utf8(answer).byteLength,
        rules: ["feasibility-count", "noise-sigma-3", "rounded-to-5"],
        details: ["feasibility-count", `answer:${answer.replace("<", "below-")}`],
      });
    return answer;
  });
}

function refuse(options: CountOptions, code: string): string {
  options.store.transaction(() => noteRefusal(options, code));
  return REFUSED;
}

function noteRefusal({ store, clock, ledger }: CountOptions, code: string): void {
  store.putRefusal({ atMs: clock.nowMs(), run: "feasibility", code });
  ledger?.append({ kind: "refusal", details: ["feasibility-count", code] });
}

/** UTC date. */
const dayOf = (clock: Clock): string => new Date(clock.nowMs()).toISOString().slice(0, 10);
