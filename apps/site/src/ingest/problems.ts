/** The problems that a load can find, in one place. None holds a cell's content: file, row and column are enough to find it. */

import type { MappingValue } from "@dure/clinical";
import { type Place, type Problem, type Text, text } from "@dure/kernel";
import type { ForeignFormat } from "./foreign-format.ts";

/** More problems of one file than these are counted, not listed: nobody reads them, and the first ones tell the cause. */
export const PROBLEMS_PER_FILE_MAX = 100;

/** What can be wrong with one value; the number stands in the staging table. `allowed` is what the mapping declares, never a cell. */
export const VALUE_FAULTS = {
  1: [
    "ingest/bad-date",
    (allowed) =>
      text(
        `not a date in the declared format (${allowed}), or a day that does not exist.`,
        `선언된 형식(${allowed})의 날짜가 아니거나 달력에 없는 날짜입니다.`,
      ),
    text("Correct the cell, or the format in the mapping.", "셀을 고치거나 매핑의 날짜 형식을 고치십시오."),
  ],
  2: [
    "ingest/bad-number",
    () => text("not a number.", "숫자가 아닙니다."),
    text(
      "Correct the cell; if it means that nothing was measured, add its text to `missing` in the mapping.",
      "셀을 고치십시오. 측정하지 않았다는 뜻의 표기라면 매핑의 `missing`에 추가하십시오.",
    ),
  ],
  3: [
    "ingest/out-of-range",
    (allowed) => text(`outside the range that the mapping allows (${allowed}).`, `매핑에서 허용한 범위(${allowed})를 벗어난 값입니다.`),
    text(
      "Correct the cell, or minimum and maximum in the mapping; check the unit.",
      "셀을 고치거나 매핑의 minimum, maximum을 고치십시오. 단위도 확인하십시오.",
    ),
  ],
  4: [
    "ingest/unknown-unit",
    (allowed) =>
      text(
        `the number's unit is empty or not one that the mapping knows (${allowed}).`,
        `단위가 비어 있거나 매핑에 없는 단위입니다(매핑에 있는 단위: ${allowed}).`,
      ),
    text(
      "Correct the unit, or add it to `units` of this value in the mapping.",
      "단위를 고치거나 매핑에서 이 값의 `units`에 추가하십시오.",
    ),
  ],
  5: [
    "ingest/unknown-code",
    (allowed) =>
      text(
        `a code that the mapping does not list, or not as valid at the row's date (${allowed}).`,
        `매핑에 없는 코드이거나 이 행의 날짜에는 유효하지 않은 코드입니다(매핑에 있는 코드: ${allowed}).`,
      ),
    text("Correct the cell, or add the code with its meaning to the mapping.", "셀을 고치거나 매핑에 이 코드와 뜻을 추가하십시오."),
  ],
  6: [
    "ingest/missing-patient-number",
    () => text("no hospital number.", "등록번호가 비어 있습니다."),
    text(
      "Fill in the number, or exclude such rows with a reason in the mapping.",
      "등록번호를 채우거나, 이런 행을 매핑의 `exclude`에 사유와 함께 적어 제외하십시오.",
    ),
  ],
  7: [
    "ingest/duplicate-patient",
    () => text("an earlier row of the persons file has this hospital number already.", "환자 파일의 앞선 행에 이미 있는 등록번호입니다."),
    text(
      "Export one row a patient, or exclude the others with a reason in the mapping.",
      "환자당 한 행만 내보내거나, 나머지 행을 매핑의 `exclude`에 사유와 함께 적어 제외하십시오.",
    ),
  ],
  8: [
    "ingest/unit-does-not-fit",
    () => text("a unit in which this row's concept cannot be measured.", "이 행의 검사 항목에는 쓸 수 없는 단위입니다."),
    text(
      "Correct the unit or the code in the export; or exclude such rows with a reason in the mapping.",
      "내보낸 파일의 단위나 코드를 고치거나, 이런 행을 매핑의 `exclude`에 사유와 함께 적어 제외하십시오.",
    ),
  ],
  9: [
    "ingest/end-before-start",
    () => text("the end is before the start.", "종료일이 시작일보다 앞섭니다."),
    text(
      "Correct the cell; if it means that the end is not known, add its text to `missing` in the mapping.",
      "셀을 고치십시오. 종료일을 모른다는 뜻의 표기라면 매핑의 `missing`에 추가하십시오.",
    ),
  ],
  10: [
    "ingest/before-birth",
    () => text("the date is before the year in which the patient was born.", "환자가 태어난 해보다 앞선 날짜입니다."),
    text(
      "Correct the date or the birth date in the export, or exclude such rows: `onFault: exclude` in the mapping.",
      "내보낸 파일의 날짜나 생년월일을 고치거나, 매핑에 `onFault: exclude`를 적어 이런 행을 제외하십시오.",
    ),
  ],
  11: [
    "ingest/missing-row-key",
    () => text("a column of the row's key is empty.", "행을 구별하는 key 열이 비어 있습니다."),
    text("Fill it in, or name other columns as `key` in the mapping.", "값을 채우거나 매핑의 `key`에 다른 열을 지정하십시오."),
  ],
} as const satisfies Record<number, readonly [code: string, what: (allowed: string) => Text, remedy: Text]>;

export type ValueFault = keyof typeof VALUE_FAULTS;

export const isValueFault = (fault: number): fault is ValueFault => Object.hasOwn(VALUE_FAULTS, fault);

/** @param declared the value as the mapping declares it; undefined for a fault of the row's person. */
export function valueProblem(fault: ValueFault, place: Place, declared?: MappingValue): Problem {
  const [code, what, remedy] = VALUE_FAULTS[fault];
  return { code, severity: "error", place, what: what(declared === undefined ? "" : allowedBy(declared, fault)), remedy };
}

const LISTED_MAX = 12;

function allowedBy(value: MappingValue, fault: ValueFault): string {
  if ("date" in value) return readableFormat(value.format);
  if ("anchorDate" in value) return "YYYY";
  if ("residentBirth" in value) return "YYMMDD";
  if ("residentSex" in value) return "0-9";
  if ("result" in value) return `${value.minimum ?? ""}..${value.maximum ?? ""}`;
  if ("codes" in value) return listed(value.codes.map(({ code }) => code));
  if (!("number" in value)) return "";
  if (fault === 4) return typeof value.unit === "string" ? value.unit : listed(Object.keys(value.unit.units));
  return `${value.minimum ?? ""}..${value.maximum ?? ""}`;
}

/** `%Y-%m-%d` as people write it. */
function readableFormat(format: string): string {
  const parts: Readonly<Record<string, string>> = { "%Y": "YYYY", "%m": "MM", "%d": "DD", "%H": "hh", "%M": "mm", "%S": "ss" };
  return format.replace(/%[YmdHMS]/g, (part) => parts[part] ?? part);
}

const listed = (items: readonly string[]): string =>
  items.length <= LISTED_MAX ? items.join(", ") : `${items.slice(0, LISTED_MAX).join(", ")}, … (${items.length})`;

/** The last line of a refused load. */
export const nothingLoaded = (hasRows: boolean): Problem => ({
  code: "ingest/nothing-loaded",
  severity: "warning",
  place: {},
  what: text("nothing was loaded; the store is as it was.", "적재된 내용은 없으며 저장소는 이전 상태 그대로입니다."),
  remedy: hasRows
    ? text("Row 1 is the first row below the header line.", "행 번호는 머리글 바로 다음 행을 1로 하여 셉니다.")
    : text("", ""),
});

export const missingFile = (file: string): Problem => ({
  code: "ingest/missing-file",
  severity: "error",
  place: { file },
  what: text("the mapping names this file, but the export directory does not have it.", "매핑에 있는 파일이 내보내기 폴더에 없습니다."),
  remedy: text("Export it, or correct `path` in the mapping.", "파일을 내보내거나 매핑의 `path`를 고치십시오."),
});

export const emptyFile = (file: string): Problem => ({
  code: "ingest/empty-file",
  severity: "error",
  place: { file },
  what: text("the file has no header line.", "파일에 머리글 행이 없습니다."),
  remedy: text("Export it again.", "다시 내보내십시오."),
});

export const missingColumn = (file: string, column: string, found: number): Problem => ({
  code: "ingest/missing-column",
  severity: "error",
  place: { file, column },
  what: text(
    `the mapping needs this column, but it is not among the ${found} of the header line.`,
    `매핑에 필요한 열이지만 머리글의 열 ${found}개 가운데 없습니다.`,
  ),
  remedy: text(
    "Check spelling, delimiter and encoding in the mapping, or export the column.",
    "매핑의 열 이름, 구분자, 인코딩을 확인하거나 이 열을 함께 내보내십시오.",
  ),
});

export const duplicateColumn = (file: string, column: string): Problem => ({
  code: "ingest/duplicate-column",
  severity: "error",
  place: { file, column },
  what: text("the header line names this column twice.", "머리글에 이 열이 두 번 있습니다."),
  remedy: text("Export each column once.", "열마다 한 번씩만 내보내십시오."),
});

/** Row 0 is the header line. */
export const wrongEncoding = (file: string, row: number, declared: string, looksLike: string | undefined): Problem => ({
  code: "ingest/wrong-encoding",
  severity: "error",
  place: atRow(file, row),
  what:
    row === 0
      ? text(
          `the file's encoding is not ${label(declared)}, which the mapping declares.`,
          `파일의 인코딩이 매핑에 선언된 인코딩(${label(declared)})과 다릅니다.`,
        )
      : text(
          `this row is not in ${label(declared)}, which the mapping declares as the file's encoding.`,
          `이 행은 매핑에 선언된 인코딩(${label(declared)})으로 읽을 수 없습니다.`,
        ),
  remedy:
    looksLike === undefined
      ? text("Find out the file's encoding and declare it in the mapping.", "파일의 인코딩을 확인하여 매핑에 선언하십시오.")
      : text(
          `The file can be read as ${label(looksLike)}: write \`encoding: ${looksLike}\` in the mapping.`,
          `이 파일은 ${label(looksLike)} 인코딩으로 읽힙니다. 매핑에 \`encoding: ${looksLike}\`라고 적으십시오.`,
        ),
});

const label = (encoding: string): string => (encoding.startsWith("utf-8") ? "UTF-8" : encoding.toUpperCase());

export const cutShort = (file: string, row: number): Problem => ({
  code: "ingest/cut-short",
  severity: "error",
  place: atRow(file, row),
  what: text("the file ends in the middle of a character.", "파일이 글자 중간에서 끝났습니다."),
  remedy: text("It was cut short: export or copy it again.", "파일이 중간에 잘렸습니다. 다시 내보내거나 복사하십시오."),
});

const atRow = (file: string, row: number): Place => (row === 0 ? { file } : { file, row });

export const foreignFormat = (file: string, format: ForeignFormat): Problem => ({
  code: "ingest/foreign-format",
  severity: "error",
  place: { file },
  what: FOREIGN_FORMATS[format],
  remedy: format === "excel" || format === "parquet" ? DECLARE_FORMAT : SAVE_AS_TEXT,
});

const DECLARE_FORMAT = text(
  "Declare what it is in the mapping (`format: xlsx` or `format: parquet`, without delimiter and encoding), or save it as CSV UTF-8.",
  "매핑에 실제 형식을 적거나(`format: xlsx` 또는 `format: parquet`, delimiter와 encoding은 삭제) CSV UTF-8로 저장하십시오.",
);
const SAVE_AS_TEXT = text(
  "Save it as delimited text in UTF-8 (in Excel: Save As, CSV UTF-8) and load that file.",
  "UTF-8 텍스트로 저장한 뒤(Excel: 다른 이름으로 저장 → CSV UTF-8) 그 파일을 적재하십시오.",
);

const FOREIGN_FORMATS = {
  excel: text(
    "this is an Excel workbook, but the mapping declares delimited text.",
    "Excel 통합 문서인데 매핑에는 구분자로 나눈 텍스트로 선언되어 있습니다.",
  ),
  parquet: text(
    "this is a Parquet file, but the mapping declares delimited text.",
    "Parquet 파일인데 매핑에는 구분자로 나눈 텍스트로 선언되어 있습니다.",
  ),
  html: text(
    "this is a web page, whatever its name; delimited text is needed.",
    "이름과 달리 HTML 문서입니다. 구분자로 나눈 텍스트 파일이 필요합니다.",
  ),
  "utf-16": text("this is UTF-16 text; UTF-8 or CP949 is needed.", "UTF-16 텍스트입니다. UTF-8 또는 CP949 텍스트가 필요합니다."),
} as const satisfies Record<ForeignFormat, Text>;

/** Row 0 is the header line. */
export const zeroByte = (file: string, row: number): Problem => ({
  code: "ingest/zero-byte",
  severity: "error",
  place: atRow(file, row),
  what: text("this row holds a zero byte, which no text has.", "이 행에 텍스트에는 있을 수 없는 0 바이트(NUL)가 있습니다."),
  remedy: text(
    "The file is damaged, padded or in UTF-16: export it again as UTF-8 or CP949 text.",
    "파일이 손상되었거나 NUL로 채워졌거나 UTF-16입니다. UTF-8 또는 CP949 텍스트로 다시 내보내십시오.",
  ),
});

export const noRows = (file: string): Problem => ({
  code: "ingest/no-rows",
  severity: "error",
  place: { file },
  what: text("the export has a header and no rows.", "머리글만 있고 행이 없습니다."),
  remedy: text(
    "Export it again; if there is truly nothing in it, write `mayBeEmpty: true` in the mapping.",
    "다시 내보내십시오. 정말 비어 있는 자료라면 매핑에 `mayBeEmpty: true`라고 적으십시오.",
  ),
});

export const lineTooLong = (file: string, bytesMax: number): Problem => ({
  code: "ingest/line-too-long",
  severity: "error",
  place: { file },
  what: text(
    `a line is longer than ${bytesMax / 2 ** 20} MiB, so this is no table of rows.`,
    `한 줄이 ${bytesMax / 2 ** 20} MiB보다 길어 행으로 된 표가 아닙니다.`,
  ),
  remedy: text("Export it as one line a row.", "행마다 한 줄씩 다시 내보내십시오."),
});

export const brokenRow = (
  file: string,
  row: number,
  kind: "missing-columns" | "too-many-columns" | "unterminated-quote" | "unreadable",
): Problem => {
  const [what, remedy] = BROKEN_ROWS[kind];
  return { code: `ingest/${kind}`, severity: "error", place: { file, row }, what, remedy };
};

const BROKEN_ROWS = {
  "missing-columns": [
    text("this row has fewer columns than the header line.", "이 행의 열 수가 머리글보다 적습니다."),
    text("The file may be cut short: export it again.", "파일이 중간에 잘렸을 수 있습니다. 다시 내보내십시오."),
  ],
  "too-many-columns": [
    text("this row has more columns than the header line.", "이 행의 열 수가 머리글보다 많습니다."),
    text(
      "A cell with the delimiter in it needs quotes: export it again.",
      "구분자가 들어 있는 셀은 따옴표로 감싸야 합니다. 다시 내보내십시오.",
    ),
  ],
  "unterminated-quote": [
    text("a quote that opens in this row is never closed.", "이 행에서 열린 따옴표가 닫히지 않았습니다."),
    text(
      "The file may be cut short, or a quote is not doubled: export it again.",
      "파일이 중간에 잘렸거나 따옴표가 이중으로 쓰이지 않았습니다. 다시 내보내십시오.",
    ),
  ],
  unreadable: [text("this row cannot be read.", "이 행을 읽을 수 없습니다."), text("Export the file again.", "파일을 다시 내보내십시오.")],
} as const;

export const andMore = (file: string, moreCount: number): Problem => ({
  code: "ingest/more-problems",
  severity: "error",
  place: { file },
  what: text(`and ${moreCount} more problems.`, `그 밖에 문제가 ${moreCount}건 더 있습니다.`),
  remedy: text("Correct the ones above first: many have one cause.", "위 문제부터 고치십시오. 원인이 같은 경우가 많습니다."),
});

export const tooManyUnits = (file: string, column: string, unitsMax: number): Problem => ({
  code: "ingest/too-many-units",
  severity: "error",
  place: { file, column },
  what: text(
    `the column has more than ${unitsMax} different units, so it is no column of units.`,
    `서로 다른 단위가 ${unitsMax}개를 넘으므로 단위 열이 아닙니다.`,
  ),
  remedy: text("Name the column with the unit in the mapping.", "매핑에 단위가 들어 있는 열을 지정하십시오."),
});

/** @param code as the mapping has it. */
export const unknownStoredUnit = (file: string, code: string): Problem => ({
  code: "ingest/unknown-stored-unit",
  severity: "error",
  place: { file },
  what: text(
    `the mapping stores results in "${code}", which is no unit of UCUM.`,
    `매핑에서 결과를 저장할 단위로 적은 "${code}"은(는) UCUM 단위가 아닙니다.`,
  ),
  remedy: text(
    "Correct `storeIn`, or `units` of the look-up: UCUM is case-sensitive (mg/dL, 10*3/uL).",
    "`storeIn`이나 조회표의 `units`를 고치십시오. UCUM은 대소문자를 구별합니다(mg/dL, 10*3/uL).",
  ),
});

export const mergeCycle = (file: string, stepsMax: number): Problem => ({
  code: "ingest/merge-cycle",
  severity: "error",
  place: { file },
  what: text(
    `hospital numbers are merged in a circle, or in a chain of more than ${stepsMax}.`,
    `등록번호 병합이 순환하거나 ${stepsMax}단계를 넘게 이어집니다.`,
  ),
  remedy: text("Correct the pairs: each old number leads to the one in use.", "각 옛 번호가 현재 쓰는 번호로 이어지도록 고치십시오."),
});

export const keptRowsDoNotFit = (file: string): Problem => ({
  code: "ingest/kept-rows-do-not-fit",
  severity: "error",
  place: { file },
  what: text(
    "the mapping reads this file differently from when the kept rows were delivered.",
    "보관된 행이 제공되었을 때와 매핑이 이 파일을 읽는 방식이 다릅니다.",
  ),
  remedy: text(
    "Deliver the file whole once: `delivery: whole` in the mapping, with a whole export.",
    "매핑에 `delivery: whole`을 적고 전체 내보내기로 한 번 적재하십시오.",
  ),
});

export const badParameter = (name: string, allowed: readonly string[]): Problem => ({
  code: "ingest/bad-parameter",
  severity: "error",
  place: { path: `parameters.${name}` },
  what: text(
    "the mapping does not know this parameter, or it lacks an allowed value.",
    "매핑에 없는 매개변수이거나 허용된 값이 주어지지 않았습니다.",
  ),
  remedy: text(`Give one of: ${allowed.join(", ") || "(none)"}.`, `다음 중 하나를 주십시오: ${allowed.join(", ") || "(없음)"}.`),
});

export const unknownSensitiveFile = (file: string): Problem => ({
  code: "ingest/unknown-sensitive-file",
  severity: "error",
  place: { path: `sensitive.${file}` },
  what: text("a sensitive category speaks of a file that the mapping does not have.", "민감 범주에 지정된 파일이 매핑에 없습니다."),
  remedy: text("Name a file of the mapping.", "매핑에 있는 파일 이름을 적으십시오."),
});

export const storeInUse = (): Problem => ({
  code: "store/in-use",
  severity: "error",
  place: {},
  what: text("another load or reading has the clinical store open.", "다른 적재 작업이나 조회가 임상 저장소를 사용하고 있습니다."),
  remedy: text("Try again when it has ended; nothing was changed.", "그 작업이 끝난 뒤 다시 시도하십시오. 변경된 내용은 없습니다."),
});

export const wrongKey = (): Problem => ({
  code: "store/wrong-key",
  severity: "error",
  place: {},
  what: text("the key does not open the person key table.", "환자 연결표의 키가 맞지 않습니다."),
  remedy: text("Give the key under which the store was first loaded.", "저장소를 처음 적재할 때 쓴 키를 사용하십시오."),
});
