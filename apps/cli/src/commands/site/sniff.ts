/** `dure site sniff`: what the hospital's exports are, before there is a mapping for them. */

import { readdirSync, statSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { DureError, type JsonValue, type Language, type Problem, text } from "@dure/kernel";
import type { SniffedFile } from "@dure/site/load";
import { defineCommand } from "../../command.ts";
import { EXIT } from "../../exit-status.ts";
import { formatInteger } from "../../report/format.ts";
import { formatTable } from "../../text-table.ts";

const EXPORT_NAME = /\.(?:csv|tsv|txt|dat|psv|xlsx|parquet)$/i;

export const siteSniff = defineCommand({
  name: "site sniff",
  summary: text("tell what exported files are, and begin a mapping", "내보내기 파일의 형식을 알아내고 매핑 초안을 만듭니다"),
  description: text(
    "Reads every file of a folder, or one file, to its end and prints its format, delimiter, encoding, and for each column what it seems to " +
      "hold, how many rows lack it and how many different values it has (above some 5,000 about how many). Of the cells nothing is printed. --write begins a mapping " +
      "document in which what only you can know is marked FILL-IN.",
    "폴더의 모든 파일 또는 파일 하나를 끝까지 읽어 형식, 구분자, 인코딩을 출력하고, 열마다 무엇이 들어 있는지, 몇 행이 비었는지, 서로 다른 값이 몇 개인지(약 5,000개를 넘으면 어림값) " +
      "출력합니다. 셀의 값은 출력하지 않습니다. --write 는 매핑 문서의 초안을 저장하며, 담당자가 정해야 할 곳은 FILL-IN 으로 표시합니다.",
  ),
  arguments: {
    exports: {
      kind: "text",
      placeholder: "EXPORTS",
      summary: text("a folder of exported files, or one file", "내보내기 폴더 또는 파일 하나"),
    },
  },
  options: {
    sheet: {
      kind: "text",
      placeholder: "SHEET",
      summary: text("the workbook's sheet, by name or number", "통합 문서의 시트 이름이나 번호"),
    },
    write: {
      kind: "text",
      placeholder: "FILE",
      summary: text("write the beginning of a mapping to this new file", "매핑 초안을 이 새 파일에 저장합니다"),
    },
  },
  examples: [
    { line: "dure site sniff exports", shows: text("look at a folder of exports", "내보내기 폴더 살펴보기") },
    { line: "dure site sniff exports --write mapping.yaml", shows: text("and begin a mapping", "매핑 초안까지 만들기") },
  ],
  async run({ output, progress, language, workingFolder, signal }, input) {
    const { mappingSkeleton, sniffFile } = await import("@dure/site/load");
    const paths = exportsIn(resolve(workingFolder, input.exports));
    const problems: Problem[] = [];
    const files: SniffedFile[] = [];
    await progress.during(text("reading", "읽는 중"), async (tell) => {
      for (const [done, path] of paths.entries()) {
        tell(done, paths.length);
        try {
          files.push(await sniffFile(path, { signal, ...(input.sheet === undefined ? {} : { sheet: sheetOf(input.sheet) }) }));
        } catch (cause) {
          if (!(cause instanceof DureError)) throw cause;
          problems.push(...cause.problems);
        }
      }
    });
    if (files.length > 0) output.result({ json: files as unknown as JsonValue, text: formatFiles(files, language) }); // names, counts and kinds
    if (problems.length > 0) throw new DureError(problems);
    if (input.write !== undefined) writeNew(resolve(workingFolder, input.write), input.write, mappingSkeleton(files));
    return EXIT.done;
  },
});

const sheetOf = (sheet: string): string | number => (/^\d{1,4}$/.test(sheet) ? Number(sheet) : sheet);

function exportsIn(path: string): readonly string[] {
  const entry = statSync(path, { throwIfNoEntry: false });
  if (entry?.isDirectory() !== true) return [path];
  const names = readdirSync(path).filter((name) => EXPORT_NAME.test(name) && !name.startsWith(".") && !name.startsWith("~$"));
  if (names.length > 0) return names.sort().map((name) => join(path, name));
  throw new DureError({
    code: "ingest/no-exports",
    severity: "error",
    place: { file: path },
    what: text(
      "the folder has no exported files (csv, tsv, txt, dat, psv, xlsx, parquet).",
      "폴더에 내보내기 파일(csv, tsv, txt, dat, psv, xlsx, parquet)이 없습니다.",
    ),
    remedy: text("Name the folder with the exports, or one file.", "내보내기 폴더나 파일 하나를 지정하십시오."),
  });
}

function writeNew(path: string, name: string, content: string): void {
  try {
    writeFileSync(path, content, { flag: "wx" });
  } catch (cause) {
    const problem = {
      code: "file/unwritable",
      severity: "error" as const,
      place: { file: name },
      what: text("The file exists already or cannot be written.", "이미 있는 파일이거나 쓸 수 없습니다."),
      remedy: text("Name a new file in a folder that you may write.", "쓰기 권한이 있는 폴더의 새 파일 이름을 지정하십시오."),
    };
    throw new DureError(problem, { cause });
  }
}

function formatFiles(files: readonly SniffedFile[], language: Language): string {
  return files.map((file) => formatFile(file, language)).join("\n\n");
}

function formatFile(file: SniffedFile, language: Language): string {
  const say = (en: string, ko: string): string => text(en, ko)[language];
  const right = { align: "right" as const };
  const share = (count: number): string => (file.rowCount === 0 ? "" : `${((100 * count) / file.rowCount).toFixed(1)} %`);
  const table = formatTable(
    [
      { heading: say("column", "열") },
      { heading: say("seems to be", "추정") },
      { heading: say("missing", "빈 값"), ...right },
      { heading: say("different", "서로 다른 값"), ...right },
      { heading: "" },
    ],
    file.columns.map((column) => [
      column.name === "" ? say("(no name)", "(이름 없음)") : column.name,
      `${KINDS[column.kind][language]}${column.dateFormat === undefined ? "" : ` ${column.dateFormat}`}`,
      share(column.missingCount),
      column.kind === "empty" ? "" : distinct(column, language),
      remarks(column, file.doubledColumns.includes(column.name), language),
    ]),
  );
  return [`${file.name}: ${describeForm(file, language)}`, ...warnings(file, language), table].join("\n");
}

/** An estimate is off by one to two per cent, and has no more than three digits. */
function distinct({ distinctCount, isDistinctExact }: SniffedFile["columns"][number], language: Language): string {
  if (isDistinctExact) return formatInteger(distinctCount);
  const about = formatInteger(Number(distinctCount.toPrecision(3)));
  return text(`about ${about}`, `약 ${about}`)[language];
}

const KINDS = {
  empty: text("empty", "비어 있음"),
  date: text("date", "날짜"),
  number: text("number", "숫자"),
  code: text("code", "코드"),
  text: text("text", "글자"),
} as const;

const IDENTIFIERS = {
  "resident-registration-number": text("! resident registration number: leave it out", "! 주민등록번호로 보임: 제외하십시오"),
  name: text("! a person's name: leave it out", "! 사람 이름으로 보임: 제외하십시오"),
  contact: text("! address or telephone: leave it out", "! 주소나 연락처로 보임: 제외하십시오"),
} as const;

function remarks(column: SniffedFile["columns"][number], isDoubled: boolean, language: Language): string {
  const said = [
    ...(column.identifier === undefined ? [] : [IDENTIFIERS[column.identifier]]),
    ...(column.isLikelyPatientNumber ? [text("patient number", "환자 등록번호")] : []),
    ...(column.isAmbiguousDate ? [text("day or month first?", "일과 월의 순서 확인")] : []),
    ...(column.misfitCount > 0 ? [text(`${column.misfitCount} cells do not fit`, `맞지 않는 셀 ${column.misfitCount}개`)] : []),
    ...(isDoubled ? [text("! named twice in the header", "! 머리글에 두 번 나옴")] : []),
  ];
  return said.map((remark) => remark[language]).join("; ");
}

function describeForm({ form, rowCount, columns }: SniffedFile, language: Language): string {
  const size = text(`${rowCount} rows × ${columns.length} columns`, `${rowCount}행 × ${columns.length}열`)[language];
  if (form.format === "parquet") return `Parquet, ${size}`;
  if (form.format === "xlsx") {
    const others = form.sheets.filter((sheet) => sheet !== form.sheet);
    const rest = others.length === 0 ? "" : text(`; other sheets: ${others.join(", ")}`, `; 다른 시트: ${others.join(", ")}`)[language];
    return `Excel, ${text("sheet", "시트")[language]} ${form.sheet}, ${text(`header in row ${form.headerRow}`, `머리글 ${form.headerRow}행`)[language]}, ${size}${rest}`;
  }
  const quotes = form.hasQuotes ? text("quoted", "따옴표 있음") : text("no quotes", "따옴표 없음");
  return [DELIMITER_NAMES[form.delimiter][language], quotes[language], form.encoding.toUpperCase(), form.lineEnd.toUpperCase(), size].join(
    ", ",
  );
}

const DELIMITER_NAMES = {
  comma: text("comma", "쉼표"),
  tab: text("tab", "탭"),
  semicolon: text("semicolon", "세미콜론"),
  pipe: text("pipe", "세로줄"),
} as const;

function warnings(file: SniffedFile, language: Language): readonly string[] {
  const said = [
    ...(file.hasHeader
      ? []
      : [text("! The first line looks like data: export with a header.", "! 첫 줄이 자료로 보입니다. 머리글과 함께 내보내십시오.")]),
    ...(file.rowCount === 0 ? [text("! There are no rows.", "! 행이 없습니다.")] : []),
    ...(file.brokenRowCount === 0
      ? []
      : [
          text(
            `! ${file.brokenRowCount} rows do not have the header's columns.`,
            `! 머리글과 열 수가 다르거나 깨진 행이 ${file.brokenRowCount}개 있습니다.`,
          ),
        ]),
  ];
  return said.map((warning) => warning[language]);
}
