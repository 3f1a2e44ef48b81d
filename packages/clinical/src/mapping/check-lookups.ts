/** Whether the look-ups of a mapping lead to a vocabulary, and whether deliveries of changes can be told apart. */

import { text } from "@dure/kernel";
import type { Finding } from "../document/read-document.ts";
import type { Lookup } from "./lookup-schema.ts";
import type { Mapping } from "./schema.ts";

/** Longer chains are refused; a cycle is one. */
const LOOKUP_STEPS_MAX = 8;

/** The steps of a look-up, the first one first; undefined where the chain points nowhere or never ends. */
export function lookupSteps(mapping: Mapping, name: string): readonly Lookup[] | undefined {
  const steps: Lookup[] = [];
  for (let next: string | undefined = name; next !== undefined; ) {
    const step: Lookup | undefined = Object.hasOwn(mapping.lookups ?? {}, next) ? mapping.lookups?.[next] : undefined;
    if (step === undefined || steps.length === LOOKUP_STEPS_MAX) return undefined;
    steps.push(step);
    next = step.next;
  }
  return steps;
}

/** Whether what a code means depends on the day. */
const hasValidity = (step: Lookup): boolean =>
  step.table?.from !== undefined ||
  step.table?.to !== undefined ||
  (step.codes ?? []).some((entry) => ("from" in entry && entry.from !== undefined) || ("to" in entry && entry.to !== undefined));

export function checkLookups(mapping: Mapping): readonly Finding[] {
  const ofLookups = Object.entries(mapping.lookups ?? {}).flatMap(([name, step]): readonly Finding[] => {
    const path = ["lookups", name];
    const findings: Finding[] = [];
    if (step.table !== undefined && step.codes !== undefined) findings.push(finding(path, "mapping/lookup-shape", SHAPE));
    if ((step.next === undefined) === (step.vocabulary === undefined)) findings.push(finding(path, "mapping/lookup-end", END));
    if (step.next !== undefined && lookupSteps(mapping, name) === undefined)
      findings.push(finding([...path, "next"], "mapping/lookup-chain", CHAIN));
    if (step.table !== undefined && hasValidity(step) && step.table.dateFormat === undefined)
      findings.push(finding(path, "mapping/lookup-shape", FORMAT));
    return findings;
  });
  const ofValues = Object.entries(mapping.files).flatMap(([file, { values }]) =>
    Object.entries(values).flatMap(([name, value]) => {
      if (!("lookUp" in value) || value.asOf !== undefined) return [];
      const isDated = (lookupSteps(mapping, value.lookUp) ?? []).some(hasValidity);
      return isDated ? [finding(["files", file, "values", name], "mapping/as-of", AS_OF)] : [];
    }),
  );
  return [...ofLookups, ...ofValues];
}

/**
 * Rows are kept under the surrogate of their person, so either every file has a key or none: a row known by surrogate cannot be joined
 * to one that is known by hospital number.
 */
export function checkDelivery(mapping: Mapping): readonly Finding[] {
  const files = Object.entries(mapping.files);
  const isKept = files.some(([, file]) => file.key !== undefined);
  return files.flatMap(([name, file]): readonly Finding[] => {
    const path = ["files", name];
    if (isKept && file.key === undefined) return [finding(path, "mapping/missing-key", KEY)];
    if (!isKept && file.delivery === "changes") return [finding(path, "mapping/missing-key", KEY)];
    return file.deletedWhen !== undefined && file.delivery !== "changes"
      ? [finding([...path, "deletedWhen"], "mapping/deleted-when", DELETED)]
      : [];
  });
}

/** Whether rows of earlier deliveries are kept. */
export const keepsRows = (mapping: Mapping): boolean => Object.values(mapping.files).some(({ key }) => key !== undefined);

type Words = readonly [what: ReturnType<typeof text>, remedy: ReturnType<typeof text>];

const SHAPE: Words = [
  text("a look-up has a table or a list of codes, not both.", "조회표에는 table과 codes 가운데 하나만 둘 수 있습니다."),
  text("Split it into two, joined by `next`.", "`next`로 이어지는 두 조회표로 나누십시오."),
];
const FORMAT: Words = [
  text(
    "a table with from or to needs the format of their dates: dateFormat.",
    "from 또는 to가 있는 표에는 날짜 형식(dateFormat)이 필요합니다.",
  ),
  text('Add it, such as dateFormat: "%Y%m%d".', '추가하십시오. 예: dateFormat: "%Y%m%d"'),
];
const END: Words = [
  text("a look-up ends in a vocabulary or goes on in the next look-up.", "조회표는 vocabulary로 끝나거나 next로 이어져야 합니다."),
  text("Write one of `vocabulary` and `next`.", "`vocabulary`와 `next` 가운데 하나를 쓰십시오."),
];
const CHAIN: Words = [
  text(
    `the chain of look-ups leads nowhere, or has more than ${LOOKUP_STEPS_MAX} steps.`,
    `조회표의 연결이 끊겼거나 ${LOOKUP_STEPS_MAX}단계를 넘습니다.`,
  ),
  text("Correct the name in `next`.", "`next`의 이름을 고치십시오."),
];
const AS_OF: Words = [
  text("the look-up depends on the day, but the value has no asOf.", "조회표가 날짜에 따라 달라지는데 값에 asOf가 없습니다."),
  text("Name the date by which a code is valid: asOf.", "코드의 유효 여부를 판단할 날짜를 asOf로 지정하십시오."),
];
const KEY: Words = [
  text("this file has no key, and rows of earlier deliveries are kept.", "이전 제공분의 행을 보관하는데 이 파일에는 key가 없습니다."),
  text("Name the columns that together tell a row: key.", "행을 구별하는 열들을 key로 지정하십시오."),
];
const DELETED: Words = [
  text("deletedWhen without delivery: changes.", "delivery: changes 없이 deletedWhen이 있습니다."),
  text("A whole export deletes by leaving rows out.", "전체 내보내기에서는 빠진 행이 삭제로 처리됩니다. deletedWhen을 지우십시오."),
];

const finding = (path: readonly (string | number)[], code: string, [what, remedy]: Words): Finding => ({ path, code, what, remedy });
