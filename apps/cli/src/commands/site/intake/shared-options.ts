/** What the commands of `dure site intake` have in common: options, and how a report is shown. */

import { DureError, formatProblem, type Language, text } from "@dure/kernel";
import type { DeliveryReport, FaultPolicy } from "@dure/site/intake";
import type { OptionDefinition } from "../../../command.ts";
import { formatTable } from "../../../text-table.ts";

/** In one file: more than these and the file is not what it should be. */
const FAULTS_MAX_DEFAULT = 1000;

export const intakeOptions = {
  source: {
    kind: "text",
    placeholder: "NAME",
    summary: text("this site's name for where the data comes from (default emr)", "자료 출처에 붙인 이름(기본값 emr)"),
  },
  onFault: {
    kind: "text",
    placeholder: "continue|stop",
    summary: text("what to do at an item that cannot be read (default continue)", "읽을 수 없는 항목을 만났을 때의 처리(기본값 continue)"),
  },
  faultsMax: {
    kind: "whole-number",
    placeholder: "COUNT",
    min: 0,
    max: 1_000_000_000,
    summary: text("faults allowed in one file (default 1000)", "파일 하나에 허용할 오류 수(기본값 1000)"),
  },
  keepFreeText: {
    kind: "flag",
    summary: text(
      "keep notes, conclusions and attachments, which may name anybody",
      "이름이 들어 있을 수 있는 기록지, 소견, 첨부도 보관합니다",
    ),
  },
} as const satisfies Readonly<Record<string, OptionDefinition>>;

export const DEFAULT_SOURCE = "emr";

/** @throws DureError `intake/bad-option` */
export function faultPolicy(onFault: string | undefined, faultsMax: number | undefined): FaultPolicy {
  if (onFault !== undefined && onFault !== "continue" && onFault !== "stop") {
    throw new DureError({
      code: "intake/bad-option",
      severity: "error",
      place: { path: "--on-fault" },
      what: text("neither `continue` nor `stop`.", "`continue`나 `stop`이 아닙니다."),
      remedy: text("Give one of the two.", "둘 중 하나를 주십시오."),
    });
  }
  return { onFault: onFault ?? "continue", faultsMax: faultsMax ?? FAULTS_MAX_DEFAULT };
}

/** Deliveries with their counts, then the first faults of each. */
export function formatDeliveries(deliveries: readonly DeliveryReport[], language: Language): string {
  const say = (en: string, ko: string): string => text(en, ko)[language];
  const right = { align: "right" as const };
  const table = formatTable(
    [
      { heading: say("delivery", "반입"), ...right },
      { heading: say("file", "파일") },
      { heading: say("items", "항목"), ...right },
      { heading: say("added", "추가"), ...right },
      { heading: say("replaced", "정정"), ...right },
      { heading: say("deleted", "삭제"), ...right },
      { heading: say("merged", "병합"), ...right },
      { heading: say("outdated", "이전 내용"), ...right },
      { heading: say("faults", "오류"), ...right },
      { heading: "" },
    ],
    deliveries.map(({ number, name, itemsIn, added, replaced, deleted, merged, outdated, faultCount, isDone }) => [
      String(number),
      name,
      ...[itemsIn, added, replaced, deleted, merged, outdated, faultCount].map(String),
      isDone ? "" : say("not finished", "미완료"),
    ]),
  );
  const faults = deliveries.flatMap((delivery) => delivery.faults.map((problem) => formatProblem(problem, language)));
  return faults.length === 0 ? table : `${table}\n\n${faults.join("\n")}`;
}
