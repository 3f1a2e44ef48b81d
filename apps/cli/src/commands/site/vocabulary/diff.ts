/** `dure site vocabulary diff`: what the vocabulary that waits would change. */

import { resolve } from "node:path";
import { type JsonValue, type Language, text } from "@dure/kernel";
import { systemClock } from "@dure/machine";
import type { ChangedConcept, CodeChange, VocabularyDifference } from "@dure/site/vocabulary";
import { defineCommand } from "../../../command.ts";
import { EXIT } from "../../../exit-status.ts";
import { formatFields, formatTable } from "../../../text-table.ts";
import { homeOption } from "../../shared-options.ts";
import { conceptChanges } from "./words.ts";

export const siteVocabularyDiff = defineCommand({
  name: "site vocabulary diff",
  summary: text("show what the waiting vocabulary would change", "대기 중인 용어집이 무엇을 바꾸는지 보여 줍니다"),
  description: text(
    "Compares the vocabulary in use with the one that waits, before it is accepted: concepts of the newest snapshot that become non-standard or " +
      "invalid or change their domain, with their rows by table; codes of the hospital that are mapped, unmapped or mapped elsewhere from then " +
      "on; rows of the site's map that have to change; and which of the documents given (mappings, research tables, cohorts) are touched. Changes nothing.",
    "승인하기 전에 사용 중인 용어집과 대기 중인 용어집을 비교합니다. 최신 적재본의 개념 가운데 비표준이나 무효가 되거나 도메인이 바뀌는 것과 테이블별 행 수, " +
      "새로 매핑되거나 매핑이 풀리거나 대상이 바뀌는 병원 코드, 고쳐야 할 기관 매핑의 행, 지정한 문서(매핑, 연구 테이블, 코호트) 가운데 영향을 받는 것을 보여 주며 아무것도 바꾸지 않습니다.",
  ),
  arguments: {},
  options: {
    home: homeOption,
    document: {
      kind: "list",
      placeholder: "FILE",
      summary: text("a mapping, research table or cohort to look through", "살펴볼 매핑, 연구 테이블, 코호트 문서"),
    },
  },
  examples: [
    {
      line: "dure site vocabulary diff --home seoul --document tables/breast-registry.yaml --document cohorts/diabetes.json",
      shows: text("see what an update changes", "업데이트로 바뀌는 내용 확인"),
    },
  ],
  async run({ output, progress, language, workingFolder, signal }, input) {
    const { vocabularyDifference } = await import("@dure/site/vocabulary");
    const documents = input.document.map((path) => resolve(workingFolder, path));
    const home = { home: resolve(workingFolder, input.home), clock: systemClock, signal };
    const difference = await progress.during(text("comparing", "비교 중"), () => vocabularyDifference(home, documents));
    output.result({ json: difference as unknown as JsonValue, text: formatDifference(difference, language) }); // concepts, codes and counts
    return EXIT.done;
  },
});

type Say = (en: string, ko: string) => string;
const right = { align: "right" as const };

function formatDifference(difference: VocabularyDifference, language: Language): string {
  const say: Say = (en, ko) => text(en, ko)[language];
  const { from, to, snapshot, conceptCounts, siteMap, documents } = difference;
  const head = formatFields([
    [say("in use", "사용 중"), `${from.number} (${from.version})`],
    [say("waits", "대기"), `${to.number} (${to.version})`],
    [say("rows of snapshot", "행 수를 센 적재본"), snapshot === null ? say("none", "없음") : String(snapshot)],
    [say("new concepts", "새 개념"), String(conceptCounts.added)],
    ...(["missing", "invalid", "non-standard", "domain"] as const).map(
      (change) => [conceptChanges[change][language], String(conceptCounts[change])] as const,
    ),
  ]);
  const mapRows = siteMap.map(({ conceptId, instead, rowCount }) => [String(conceptId), instead.join(", "), String(rowCount)]);
  return [
    head,
    section(
      say("Concepts in use that change", "사용 중인 개념의 변화"),
      say,
      usedTable(difference, say, language),
      difference.usedConceptCount,
    ),
    section(say("Codes in use that change", "사용 중인 코드의 변화"), say, codeTable(difference.codes, say), difference.codeCount),
    section(
      say("Rows of the site's map to change", "고쳐야 할 기관 매핑의 행"),
      say,
      [[{ heading: say("target", "대상") }, { heading: say("instead", "대신") }, { heading: say("rows", "행"), ...right }], mapRows],
      siteMap.length,
    ),
    section(say("Documents touched", "영향을 받는 문서"), say, documentTable(documents, say, language), documents.length),
  ].join("\n\n");
}

type TableOf = Parameters<typeof formatTable>;

/** What was left off is said. */
function section(title: string, say: Say, [columns, rows]: TableOf, count: number): string {
  if (count === 0) return `${title}: ${say("none", "없음")}`;
  const shown = new Set(rows.map(([first]) => first)).size;
  const more = count > rows.length && count > shown ? [say(`and ${count - shown} more`, `그 밖에 ${count - shown}개`)] : [];
  return [`${title}: ${count}`, formatTable(columns, rows), ...more].join("\n");
}

function usedTable({ usedConcepts }: VocabularyDifference, say: Say, language: Language): TableOf {
  const columns = [...changeColumns(say), { heading: say("rows", "행") }];
  const rows = usedConcepts.map((concept) => [
    ...changeCells(concept, language),
    Object.entries(concept.rowsByTable)
      .map(([table, count]) => `${table} ${count}`)
      .join(", "),
  ]);
  return [columns, rows];
}

const changeColumns = (say: Say) => [
  { heading: say("concept", "개념") },
  { heading: say("name", "이름") },
  { heading: say("change", "변화") },
  { heading: say("instead", "대신") },
];

function changeCells(concept: ChangedConcept, language: Language): readonly string[] {
  const { conceptId, name, change, domainBefore, domainAfter, instead } = concept;
  const said = conceptChanges[change][language];
  return [String(conceptId), name, change === "domain" ? `${said} (${domainBefore} → ${domainAfter ?? ""})` : said, instead.join(", ")];
}

function codeTable(codes: readonly CodeChange[], say: Say): TableOf {
  const words = {
    "newly-mapped": say("newly mapped", "새로 매핑됨"),
    "newly-unmapped": say("no longer mapped", "매핑이 풀림"),
    "other-target": say("mapped elsewhere", "대상이 바뀜"),
  };
  const columns = [
    ...[{ heading: say("code", "코드") }, { heading: say("change", "변화") }, { heading: say("before", "이전") }],
    ...[{ heading: say("after", "이후") }, { heading: say("rows", "행"), ...right }],
  ];
  const rows = codes.map(({ vocabulary, code, change, before, after, rowCount }) => [
    ...[`${vocabulary} ${code}`, words[change], before.join(", "), after.join(", "), String(rowCount)],
  ]);
  return [columns, rows];
}

function documentTable(documents: VocabularyDifference["documents"], say: Say, language: Language): TableOf {
  const rows = documents.flatMap(({ document, concepts, descendants }) => [
    ...concepts.map((concept) => [document, ...changeCells(concept, language)]),
    ...descendants.map(({ conceptId, added, removed }) => [
      ...[
        document,
        String(conceptId),
        "",
        say(`concepts below it: ${added} more, ${removed} fewer`, `하위 개념: ${added}개 추가, ${removed}개 제외`),
      ],
    ]),
  ]);
  return [[{ heading: say("document", "문서") }, ...changeColumns(say)], rows];
}
