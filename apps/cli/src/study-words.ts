/** States and decisions of a study, in words for a table. */

import { type Language, type Text, text } from "@dure/kernel";

const states: Readonly<Record<string, Text>> = {
  proposed: text("proposed", "제안됨"),
  recruiting: text("recruiting", "동의 받는 중"),
  agreed: text("agreed", "동의 완료"),
  running: text("running", "실행 중"),
  waiting: text("waiting for a hospital", "병원을 기다리는 중"),
  completed: text("completed", "완료"),
  stopped: text("stopped", "중단됨"),
  declined: text("too few agree", "동의한 병원 부족"),
  withdrawn: text("withdrawn", "철회됨"),
  archived: text("archived", "보관됨"),
};

const decisions = {
  approved: text("approved", "승인"),
  declined: text("declined", "거절"),
  none: text("not decided", "미결정"),
} as const satisfies Record<string, Text>;

/** A state that this version does not know is shown as it came. */
export const stateWord = (state: string, language: Language): string => states[state]?.[language] ?? state;

export const decisionWord = (decision: "approved" | "declined" | undefined, language: Language): string =>
  decisions[decision ?? "none"][language];

/** UTC, to the minute. */
export const timeWord = (atMs: number): string => `${new Date(atMs).toISOString().slice(0, 16).replace("T", " ")} UTC`;
