/** How much the store takes in one piece. Each limit keeps one write within a few hundred megabytes of memory on either database. */

import { type Text, text } from "@dure/kernel";
import { storeTooLarge } from "./problems.ts";

/** A study document is written by a person; the largest of ../shared/studies has 2 KB. */
export const studyJsonBytesMax = 2 ** 20;
/** 100 members (the largest complete graph of a secure sum) with three keys each take 40 KB. */
export const rosterJsonBytesMax = 2 ** 18;
/** Decisions, proposals, questions and checkpoints: terms, keys and signatures. */
export const signedJsonBytesMax = 2 ** 16;
/** A table document, a code list, or an ONNX graph with its initial params. */
export const blobBytesMax = 2 ** 26;
/** Names of files in one study. */
export const studyFilesCountMax = 100;
/** The reducer's state: the public state of an analysis and what the open round has collected. */
export const stateJsonBytesMax = 2 ** 26;
/** Codes, hashes and counts beside one message of a run's record. */
export const detailJsonBytesMax = 2 ** 16;
/** A local model with calibration bins; a network's params would come as a blob. */
export const ownReleaseJsonBytesMax = 2 ** 22;
export const runSummaryBytesMax = 2 ** 20;
export const sealedResultBytesMax = 2 ** 26;
/** Rows that one listing returns. */
export const listRowsMax = 10_000;

/** Throws `store/too-large` with what was found and what is allowed. */
export function assertSize(what: Text, value: string | Uint8Array, bytesMax: number): void {
  const found = typeof value === "string" ? Buffer.byteLength(value) : value.byteLength;
  if (found > bytesMax) throw storeTooLarge(what, found, bytesMax);
}

export const sizeNames = {
  study: text("A study document", "연구 문서"),
  roster: text("A roster", "참여 기관 명부"),
  proposal: text("A proposal", "연구 제안"),
  decision: text("A decision", "기관 결정"),
  question: text("A feasibility question", "타당성 질의"),
  blob: text("A study's file", "연구 파일"),
  state: text("The state of a run", "실행 상태"),
  detail: text("The detail of a run's message", "실행 기록의 세부 내용"),
  ownRelease: text("A release", "기관 공개 자료"),
  summary: text("A run's summary", "실행 요약"),
  sealedResult: text("A sealed result", "봉인된 결과"),
  checkpoint: text("A ledger checkpoint", "원장 체크포인트"),
} as const;
