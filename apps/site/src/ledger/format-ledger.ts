/** What left this hospital, line by line, for a person: when, for which study and round, which vectors, how many bytes. */

import type { LedgerEntry, LedgerKind, LedgerVector } from "@dure/identity";
import { type Language, type Text, text } from "@dure/kernel";
import { alignedTable } from "../steward/aligned-text.ts";

const kinds: Readonly<Record<LedgerKind, Text>> = {
  contribution: text("masked sums", "가려진 합계"),
  message: text("message", "메시지"),
  release: text("own figures", "자체 수치"),
  decision: text("decision", "결정"),
  "frozen-table": text("table frozen", "표 고정"),
  load: text("load", "적재"),
  refusal: text("refusal", "거절"),
  lookup: text("patient lookup", "환자 조회"),
};

/** Kinds of which something went out; the others say what was decided, kept or refused. */
const leaving: ReadonlySet<LedgerKind> = new Set(["contribution", "message", "release"]);

/** Newest last; ends in a line of totals. */
export function formatLedger(entries: Iterable<LedgerEntry>, language: Language): string {
  const say = (words: Text): string => words[language];
  const list = [...entries];
  if (list.length === 0) return say(text("Nothing has left this hospital.", "이 병원에서 나간 자료가 없습니다."));
  const table = alignedTable(
    [
      { heading: say(text("no.", "번호")), align: "right" },
      { heading: say(text("when (UTC)", "시각 (UTC)")) },
      { heading: say(text("what", "종류")) },
      { heading: say(text("study", "연구")) },
      { heading: say(text("run", "실행")) },
      { heading: say(text("round", "라운드")), align: "right" },
      { heading: say(text("bytes", "바이트")), align: "right" },
      { heading: say(text("vectors, codes", "벡터, 코드")) },
    ],
    list.map((entry) => [
      String(entry.seq),
      new Date(entry.atMs).toISOString().slice(0, 19).replace("T", " "),
      say(kinds[entry.kind]),
      entry.study?.slice(0, 12) ?? "",
      entry.run?.slice(0, 12) ?? "",
      entry.round === undefined ? "" : entry.attempt === undefined ? String(entry.round) : `${entry.round}/${entry.attempt}`,
      entry.bytes === undefined ? "" : entry.bytes.toLocaleString("en-US"),
      contentOf(entry),
    ]),
  );
  return [...table, "", say(totalWords(list))].join("\n");
}

function contentOf({ vectors, details }: LedgerEntry): string {
  const parts = [...(vectors === undefined ? [] : [vectorList(vectors)]), ...(details ?? [])];
  return parts.filter((part) => part !== "").join(", ");
}

/** `gradient[8] × 6`: vectors of several fitted models under one name, which the exported file lists one by one. */
function vectorList(vectors: readonly LedgerVector[]): string {
  const counts = new Map<string, number>();
  for (const { name, length } of vectors) {
    const short = `${name.slice(name.lastIndexOf("/") + 1)}[${length}]`;
    counts.set(short, (counts.get(short) ?? 0) + 1);
  }
  return [...counts].map(([short, count]) => (count === 1 ? short : `${short} × ${count}`)).join(", ");
}

function totalWords(entries: readonly LedgerEntry[]): Text {
  const left = entries.filter(({ kind }) => leaving.has(kind));
  const bytes = left.reduce((total, entry) => total + (entry.bytes ?? 0), 0).toLocaleString("en-US");
  return text(
    `${entries.length} entries; ${left.length} messages left this hospital, ${bytes} bytes. No patient's row is among them.`,
    `기록 ${entries.length}건, 나간 메시지 ${left.length}건, ${bytes}바이트. 환자 개인의 행은 포함되어 있지 않습니다.`,
  );
}
