/** A load that maps too little fails: a store that is green and empty is worse than none. */

import { DureError, type Problem, text } from "@dure/kernel";
import type { ContributorReport } from "./contributor-report.ts";

export interface MinimumMappedShare {
  /** Of all rows that carried a code, over all vocabularies; in [0, 1]. */
  readonly overall?: number;
  /** By the name of the vocabulary; one that no row carried is a problem, too: its figure would be no figure. */
  readonly byVocabulary?: Readonly<Record<string, number>>;
}

export interface PersonBound {
  readonly personCount: number;
  readonly personCountMin: number;
}

/** @throws DureError with every share that is too small, and `load/too-few-persons`. */
export function checkMappedShares(
  reports: readonly ContributorReport[],
  minimum: MinimumMappedShare | undefined,
  persons: PersonBound,
): void {
  const problems: Problem[] = [];
  if (persons.personCount < persons.personCountMin) problems.push(tooFewPersons(persons));
  const shares = sumByVocabulary(reports);
  const all = [...shares.values()].reduce((sum, share) => add(sum, share), NOTHING);
  if (minimum?.overall !== undefined && all.rows > 0 && all.mapped < minimum.overall * all.rows) {
    problems.push(mappedTooLittle(undefined, all, minimum.overall));
  }
  for (const [vocabulary, least] of Object.entries(minimum?.byVocabulary ?? {})) {
    const share = shares.get(vocabulary) ?? NOTHING;
    if (share.rows === 0) problems.push(notSeen(vocabulary));
    else if (share.mapped < least * share.rows) problems.push(mappedTooLittle(vocabulary, share, least));
  }
  if (problems.length > 0) throw new DureError(problems);
}

interface Share {
  readonly rows: number;
  readonly mapped: number;
}

const NOTHING: Share = { rows: 0, mapped: 0 };
const add = (a: Share, b: Share): Share => ({ rows: a.rows + b.rows, mapped: a.mapped + b.mapped });

function sumByVocabulary(reports: readonly ContributorReport[]): ReadonlyMap<string, Share> {
  const sums = new Map<string, Share>();
  for (const { vocabulary, rowsWithCode, rowsMapped } of reports.flatMap(({ mapped }) => mapped)) {
    sums.set(vocabulary, add(sums.get(vocabulary) ?? NOTHING, { rows: rowsWithCode, mapped: rowsMapped }));
  }
  return sums;
}

/** Rounded down, lest a share just below its bound look as if it had reached it. */
const percent = (share: number): string => (Math.floor(share * 1000) / 10).toFixed(1);

function mappedTooLittle(vocabulary: string | undefined, { rows, mapped }: Share, least: number): Problem {
  const [of, ofKo] = vocabulary === undefined ? ["of all codes", "전체 코드"] : [`of ${vocabulary}`, vocabulary];
  return {
    code: "load/mapped-too-little",
    severity: "error",
    place: vocabulary === undefined ? {} : { path: vocabulary },
    what: text(
      `${mapped} of ${rows} rows (${percent(mapped / rows)} %) ${of} got a standard concept; at least ${percent(least)} % is declared. Nothing was loaded.`,
      `${ofKo} ${rows}행 중 ${mapped}행(${percent(mapped / rows)} %)만 표준 개념으로 연결되었습니다. 선언된 최소 비율은 ${percent(least)} %입니다. 적재된 내용은 없습니다.`,
    ),
    remedy: text(
      "Load the vocabulary that has these codes, map the most frequent unmapped ones (dure site map), or declare another minimumMappedShare in the plan.",
      "해당 코드가 들어 있는 용어집을 적재하거나, 빈도가 높은 미연결 코드를 매핑(dure site map)하거나, 계획 문서의 minimumMappedShare를 조정해 주십시오.",
    ),
  };
}

const notSeen = (vocabulary: string): Problem => ({
  code: "load/vocabulary-not-seen",
  severity: "error",
  place: { path: vocabulary },
  what: text(
    "the plan declares a minimum for this vocabulary, but no row carried a code of it. Nothing was loaded.",
    "계획 문서에 이 용어집의 최소 비율이 선언되어 있으나 해당 코드가 있는 행이 없습니다. 적재된 내용은 없습니다.",
  ),
  remedy: text(
    "Check that all files were exported, and the name of the vocabulary.",
    "모든 파일이 내보내졌는지, 용어집 이름이 맞는지 확인해 주십시오.",
  ),
});

const tooFewPersons = ({ personCount, personCountMin }: PersonBound): Problem => ({
  code: "load/too-few-persons",
  severity: "error",
  place: {},
  what: text(
    `the load has ${personCount} persons; at least ${personCountMin} is declared. Nothing was loaded.`,
    `적재 대상 환자가 ${personCount}명입니다. 선언된 최소 인원은 ${personCountMin}명입니다. 적재된 내용은 없습니다.`,
  ),
  remedy: text(
    "Check that the exports are complete, or declare another personCountMin in the plan.",
    "내보내기 파일이 온전한지 확인하거나 계획 문서의 personCountMin을 조정해 주십시오.",
  ),
});
