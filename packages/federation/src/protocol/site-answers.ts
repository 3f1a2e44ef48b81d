/** How a site says no: one word outside, the code in its own console. */

import { eraseSecrets } from "@dure/privacy";
import type { AttemptId, NotTakingPart } from "./messages.ts";
import type { SiteRunState, SiteStep } from "./site-reducer.ts";

/** What a refusal answers. */
export type Question = Omit<NotTakingPart, "kind">;

export const ownRelease = (run: string, about: Question["about"]): Question => ({ run, round: 0, attempt: 0, about });

export function questionOf(state: SiteRunState, { run, about }: Pick<Question, "run" | "about">): Question {
  return about === "sum" && state.attempt !== undefined ? { ...idOf(state.attempt.context), about } : ownRelease(run, about);
}

/** One answer outside; the code stays in the hospital's own console and ledger. */
export function refuse(state: SiteRunState, question: Question, code: string): SiteStep {
  if (state.attempt !== undefined) eraseSecrets(state.attempt.secrets);
  return {
    state: { ...state, attempt: undefined },
    effects: [
      { kind: "refused", run: question.run, code },
      { kind: "send", message: { kind: "not-taking-part", ...question } },
    ],
  };
}

export const idOf = ({ run, round, attempt }: AttemptId): AttemptId => ({ run, round, attempt });
