/** `dure study check`: every problem of a study document at once, or what it says and its hash. */

import { type Language, type Text, text } from "@dure/kernel";
import type { FrozenStudy, HashedFile, Variable } from "@dure/study";
import { defineCommand } from "../../command.ts";
import { EXIT } from "../../exit-status.ts";
import { readInputFile, studyFileReader } from "../../study-files.ts";
import { formatFields, formatTable } from "../../text-table.ts";

export const studyCheck = defineCommand({
  name: "study check",
  summary: text("check a study document and print its hash", "연구 문서를 점검하고 해시를 출력합니다"),
  description: text(
    "Reads a study (YAML or JSON) and the files it names, and reports every problem at once, each with its line and what to do. " +
      "A study without problems is printed as the hospitals will see it, with the hash that they sign.",
    "연구 문서(YAML 또는 JSON)와 문서에서 지정한 파일을 읽고, 모든 문제를 줄 번호와 해결 방법과 함께 한꺼번에 알려 드립니다. " +
      "문제가 없으면 병원에 표시될 내용과 병원이 서명할 해시를 출력합니다.",
  ),
  arguments: { study: { kind: "text", placeholder: "STUDY", summary: text("the study document", "연구 문서 파일") } },
  options: {},
  examples: [
    { line: "dure study check breast-recurrence.yaml", shows: text("check a study", "연구 점검") },
    { line: "dure study check --json breast-recurrence.yaml", shows: text("the same for a program", "프로그램에서 쓸 형식으로 출력") },
  ],
  async run({ output, workingFolder }, { study: path }) {
    const { checkStudy, freezeStudy, frozenFiles } = await import("@dure/study");
    const checked = checkStudy(readInputFile(path, workingFolder), { file: path });
    if (checked.kind === "refused") {
      output.problems(checked.problems);
      return EXIT.input;
    }
    const frozen = freezeStudy(checked.document, studyFileReader(path, workingFolder));
    const files = frozenFiles(frozen);
    const { id, title, analysis } = frozen.document;
    output.result({
      json: {
        study: { id, title, hash: frozen.hash },
        analysis: { kind: analysis.kind },
        files: files.map((file) => ({ ...file })),
        canonical: frozen.canonical,
      },
      text: describeStudy(frozen, files, output.language),
    });
    return EXIT.done;
  },
});

const WORDS = {
  study: text("study", "연구"),
  title: text("title", "제목"),
  purpose: text("purpose", "목적"),
  analysis: text("analysis", "분석"),
  table: text("table", "연구 테이블"),
  include: text("included rows", "포함 조건"),
  sites: text("fewest hospitals in a sum", "합산에 필요한 최소 병원 수"),
  cell: text("smallest cell shown", "표시되는 최소 셀 크기"),
  hash: text("hash (SHA-256)", "해시(SHA-256)"),
  variable: text("variable", "변수"),
  role: text("role", "역할"),
  type: text("type", "형식"),
  from: text("from", "정의"),
  file: text("file", "파일"),
  bytes: text("bytes", "바이트"),
} satisfies Record<string, Text>;

function describeStudy({ document, hash }: FrozenStudy, files: readonly HashedFile[], language: Language): string {
  const word = (name: keyof typeof WORDS): string => WORDS[name][language];
  const { data, privacy } = document;
  const fields: (readonly [string, string])[] = [
    [word("study"), document.id],
    [word("title"), document.title],
    [word("purpose"), document.purpose],
    [word("analysis"), document.analysis.kind],
    [word("table"), data.table],
    ...(data.include === undefined ? [] : [[word("include"), data.include] as const]),
    [word("sites"), String(privacy.secureSum.minimumSites)],
    [word("cell"), String(privacy.minimumCell)],
    [word("hash"), hash],
  ];
  const variableRow = ({ name, role, type, from }: Variable): readonly string[] => [name, role, type, from ?? name];
  const variables = formatTable(
    (["variable", "role", "type", "from"] as const).map((name) => ({ heading: word(name) })),
    data.variables.map(variableRow),
  );
  const hashed = formatTable(
    [{ heading: word("file") }, { heading: word("bytes"), align: "right" }, { heading: "SHA-256" }],
    files.map(({ name, bytes, sha256 }) => [name, String(bytes), sha256]),
  );
  return [formatFields(fields), variables, hashed].join("\n\n");
}
