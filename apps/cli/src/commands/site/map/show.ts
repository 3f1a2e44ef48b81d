/** `dure site map show`: how far the lists are, or the codes of one, the most frequent first. */

import { resolve } from "node:path";
import type { MappingStatus } from "@dure/clinical/vocabulary";
import { DureError, type JsonValue, type Language, text } from "@dure/kernel";
import { systemClock } from "@dure/machine";
import type { HistoryEntry, ListedCode, ListProgress } from "@dure/site/map-review";
import { defineCommand } from "../../../command.ts";
import { EXIT } from "../../../exit-status.ts";
import { formatInteger } from "../../../report/format.ts";
import { formatTable } from "../../../text-table.ts";
import { homeOption } from "../../shared-options.ts";
import { withReviews } from "./open-reviews.ts";

const LINES = 30;
const ALL = 1_000_000;

export const siteMapShow = defineCommand({
  name: "site map show",
  summary: text("show the lists of codes, one list, or one code's history", "코드 목록들, 한 목록, 또는 한 코드의 이력을 보여 줍니다"),
  description: text(
    "Without a list: how many codes and rows of each list are approved. With one: its codes, the most frequent first, with status and target. " +
      "With a code as well: who decided what about it, and when.",
    "목록을 지정하지 않으면 목록마다 승인된 코드와 행의 수를 보여 줍니다. 목록을 지정하면 자주 쓰는 코드부터 상태와 대상 개념을 보여 주고, " +
      "코드까지 지정하면 누가 언제 무엇을 결정했는지 보여 줍니다.",
  ),
  arguments: {
    list: { kind: "optional-text", placeholder: "LIST", summary: text("the list of codes", "코드 목록") },
    code: { kind: "optional-text", placeholder: "CODE", summary: text("one code of it", "그 안의 한 코드") },
  },
  options: {
    home: homeOption,
    status: { kind: "text", placeholder: "STATUS", summary: text("only this status, such as UNCHECKED", "이 상태만(예: UNCHECKED)") },
    limit: {
      kind: "whole-number",
      placeholder: "N",
      summary: text("codes shown (30; with --json all)", "보여 줄 코드 수(30개, --json이면 전부)"),
      min: 1,
      max: 100_000,
    },
    all: { kind: "flag", summary: text("show all codes", "모든 코드를 보여 줍니다") },
  },
  examples: [{ line: "dure site map show LOCAL-LAB --home seoul --status UNCHECKED", shows: text("what is left to do", "남은 일") }],
  async run({ output, language, workingFolder }, input) {
    const { list, code } = input;
    const status = await parseStatus(input.status);
    await withReviews(resolve(workingFolder, input.home), (reviews) => {
      const nowMs = systemClock.nowMs();
      if (list === undefined) {
        const [lists, open] = [reviews.lists(), reviews.unmappedLists()];
        const tables = [formatLists(lists, language), ...(open.length === 0 ? [] : [formatOpen(open, language)])];
        output.result({ json: { lists, open } as unknown as JsonValue, text: tables.join("\n\n") }); // counts
        return;
      }
      const progress = reviews.progressOf(list);
      if (code !== undefined) {
        const history = reviews.history(list, code);
        output.result({ json: history as unknown as JsonValue, text: formatHistory(history, language) }); // names, statuses, ids
      } else {
        const limit = input.all ? ALL : (input.limit ?? (output.json ? ALL : LINES));
        const codes = reviews.codes(list, { limit, ...(status === undefined ? {} : { status }) }, nowMs);
        const count = status === undefined ? progress.codes : (progress.byStatus[status]?.codes ?? 0);
        const parts = [formatCodes(codes, language), ...(codes.length < count ? [formatRest(codes.length, count, language)] : [])];
        output.result({ json: codes as unknown as JsonValue, text: parts.join("\n\n") }); // a list of codes and names
      }
    });
    return EXIT.done;
  },
});

async function parseStatus(value: string | undefined): Promise<MappingStatus | undefined> {
  const { MAPPING_STATUSES } = await import("@dure/clinical/vocabulary");
  const status = MAPPING_STATUSES.find((candidate) => candidate === value?.toUpperCase());
  if (value === undefined || status !== undefined) return status;
  throw new DureError({
    code: "map/unknown-status",
    severity: "error",
    place: {},
    what: text("There is no such status.", "그런 상태는 없습니다."),
    remedy: text(`Use one of: ${MAPPING_STATUSES.join(", ")}.`, `다음 중 하나를 쓰십시오: ${MAPPING_STATUSES.join(", ")}.`),
  });
}

function formatLists(lists: readonly ListProgress[], language: Language): string {
  const say = (en: string, ko: string): string => text(en, ko)[language];
  if (lists.length === 0) return say("There is no list yet: dure site map add.", "아직 목록이 없습니다: dure site map add.");
  const right = { align: "right" as const };
  return formatTable(
    [
      { heading: say("list", "목록") },
      { heading: say("codes", "코드"), ...right },
      { heading: say("approved", "승인"), ...right },
      { heading: say("rows", "행"), ...right },
      { heading: say("rows approved", "승인된 행"), ...right },
    ],
    lists.map(({ list, codes, rows, byStatus }) => {
      const approved = byStatus.APPROVED ?? { codes: 0, rows: 0 };
      const share = rows === 0 ? "" : ` (${((100 * approved.rows) / rows).toFixed(1)} %)`;
      return [list, String(codes), String(approved.codes), String(rows), `${approved.rows}${share}`];
    }),
  );
}

function formatOpen(open: readonly { readonly list: string; readonly codes: number; readonly rows: number }[], language: Language): string {
  const say = (en: string, ko: string): string => text(en, ko)[language];
  const right = { align: "right" as const };
  return formatTable(
    [
      { heading: say("left open by the last load", "마지막 적재에서 남은 코드") },
      { heading: say("codes", "코드"), ...right },
      { heading: say("rows", "행"), ...right },
    ],
    open.map(({ list, codes, rows }) => [list, String(codes), String(rows)]),
  );
}

function formatCodes(codes: readonly ListedCode[], language: Language): string {
  const say = (en: string, ko: string): string => text(en, ko)[language];
  if (codes.length === 0) return say("No code is in this state.", "이 상태의 코드가 없습니다.");
  return formatTable(
    [
      { heading: say("code", "코드") },
      { heading: say("name", "이름") },
      { heading: say("rows", "행"), align: "right" },
      { heading: say("status", "상태") },
      { heading: say("score", "점수"), align: "right" },
      { heading: say("target", "대상 개념") },
      { heading: say("open at", "보는 사람") },
    ],
    codes.map(({ code, name, frequency, status, matchScore, targets, lockedBy }) => [
      ...[code, name, String(frequency), status, matchScore === 0 ? "" : matchScore.toFixed(2)],
      ...[targets.map(({ conceptId, conceptName }) => `${conceptId} ${conceptName}`.trim()).join("; "), lockedBy ?? ""],
    ]),
  );
}

function formatRest(shown: number, count: number, language: Language): string {
  const [left, all] = [formatInteger(count - shown), formatInteger(count)];
  return text(
    `${left} more of ${all} codes, less frequent than these: --all shows all of them, --limit N the first N.`,
    `전체 ${all}개 중 사용이 더 적은 ${left}개가 더 있습니다. --all 은 모두, --limit N 은 앞의 N개를 보여 줍니다.`,
  )[language];
}

function formatHistory(history: readonly HistoryEntry[], language: Language): string {
  const say = (en: string, ko: string): string => text(en, ko)[language];
  if (history.length === 0) return say("The list has no such code.", "목록에 그런 코드가 없습니다.");
  return formatTable(
    [
      { heading: say("when", "시각") },
      { heading: say("who", "사람") },
      { heading: say("status", "상태") },
      { heading: say("concepts", "개념") },
      { heading: say("comment", "의견") },
    ],
    history.map(({ atMs, by, status, conceptIds, comment }) => [
      new Date(atMs).toISOString().slice(0, 16),
      by,
      status,
      conceptIds.join(", "),
      comment,
    ]),
  );
}
