/**
 * The beginning of a mapping document, from what was sniffed: forms, columns, dates and numbers stand in it, and what only a person can
 * know is marked. A mark is no valid value, so that a document with one left is refused by line; comments say what each place is for.
 */

import { FILL_IN } from "@dure/clinical";
import type { SniffedColumn } from "./sniff-columns.ts";
import type { SniffedFile } from "./sniff-file.ts";

const HEAD = `# A beginning, made from the exports by \`dure site sniff\`. Replace every ${FILL_IN}; docs/guide.md and docs/mapping.md say how.
# 내보내기 파일에서 만든 초안입니다. ${FILL_IN}을(를) 모두 바꾸십시오. 설명은 docs/guide.ko.md와 docs/mapping.md에 있습니다.`;

/** YAML text. It holds names of files and columns, never a cell. */
export function mappingSkeleton(files: readonly SniffedFile[]): string {
  const names = uniqueNames(
    files.map(({ name }) => name.replace(/\.[^.]*$/, "")),
    "file",
  );
  const persons = guessPersons(files);
  const hasPatients = files.map((file) => file.columns.some(({ isLikelyPatientNumber }) => isLikelyPatientNumber));
  const isList = files.map((_, i) => hasPatients.includes(true) && hasPatients[i] !== true);
  const lookups = files.flatMap((file, i) => (isList[i] === true ? [lookupEntry(file, names[i] ?? "")] : []));
  const entries = files.flatMap((file, i) =>
    isList[i] === true ? [] : [fileEntry(file, names[i] ?? "", { isPersons: i === persons, personsName: names[persons ?? -1] ?? FILL_IN })],
  );
  const firstDate = firstDateOf(files[persons ?? 0], names[persons ?? 0] ?? "");
  return [
    HEAD,
    "dureMapping: 1",
    `id: ${FILL_IN}  # a name of your choice, such as hospital-a / 원하는 이름, 예: hospital-a`,
    "version: 1",
    `title: { en: ${FILL_IN}, ko: ${FILL_IN} }`,
    "recordType: ehr  # or registry / 등록 자료이면 registry",
    "onFault: stop  # exclude: faulty rows are left out and counted, the others load / exclude이면 잘못된 행만 제외하고 집계합니다",
    `persons: ${persons === undefined ? FILL_IN : names[persons]}  # the file with one row a patient / 환자당 한 행인 파일`,
    ...(lookups.length === 0 ? [] : [LOOKUPS_HEAD, ...lookups]),
    "files:",
    ...entries,
    "observationPeriod:",
    "  rule: { en: From the first to the last date named here., ko: 아래 날짜 가운데 처음부터 마지막까지. }",
    `  start: [{ value: ${firstDate} }]  # add dates of the other files, as file.value / 다른 파일의 날짜도 file.value 꼴로 추가`,
    `  end: [{ value: ${firstDate} }]`,
    "  withoutEnd: one-day",
    "",
  ].join("\n");
}

/** The file whose patient number is different in every row; of several, the one that says who the patients are, then the longest. */
function guessPersons(files: readonly SniffedFile[]): number | undefined {
  const candidates = files.flatMap((file, i) => {
    const number = file.columns.find(({ isLikelyPatientNumber }) => isLikelyPatientNumber);
    const isOneRowEach = number !== undefined && number.missingCount === 0 && number.distinctCount >= 0.9 * file.rowCount;
    const traits = [isSex, isBirth, ({ identifier }: SniffedColumn) => identifier !== undefined];
    return isOneRowEach ? [{ i, rowCount: file.rowCount, score: traits.filter((trait) => file.columns.some(trait)).length }] : [];
  });
  return candidates.sort((a, b) => b.score - a.score || b.rowCount - a.rowCount)[0]?.i;
}

const LOOKUPS_HEAD = `# Tables without patients: lists of codes. Keep those that lead to public codes, chain them by next, remove the others; docs/mapping.md section 3.
# 환자가 없는 표는 코드 목록입니다. 공용 코드로 이어지는 것만 남겨 next로 연결하고 나머지는 지우십시오(docs/mapping.md 3절).
lookups:`;

function lookupEntry(file: SniffedFile, name: string): string {
  const named = (pattern: RegExp): string | undefined => file.columns.find((column) => pattern.test(column.name))?.name;
  const [from, to] = [named(/(?:^|_)(?:fr|from|strt|start|aply|begin)|시작|적용/i), named(/(?:^|_)(?:to|end|expr|expire)|종료|만료/i)];
  const code = file.columns.find(({ kind }) => kind === "code" || kind === "text")?.name ?? FILL_IN;
  const dateFormat = file.columns.find((column) => column.name === from || column.name === to)?.dateFormat;
  const days =
    from === undefined || dateFormat === undefined ? [] : [`from: ${quoted(from)}`, ...(to === undefined ? [] : [`to: ${quoted(to)}`])];
  return [
    `  ${name}:  # ${file.rowCount} rows / 행; ${file.columns.map((column) => column.name).join(", ")}`,
    "    table:",
    ...formLines(file).map((line) => `      ${line}`),
    `      code: ${quoted(code)}  # the column with the code that other tables use / 다른 표가 쓰는 코드 열`,
    `      gives: ${FILL_IN}  # the column with the code that it stands for / 그 코드가 뜻하는 코드 열`,
    ...days.map((line) => `      ${line}`),
    ...(days.length === 0 ? [] : [`      dateFormat: ${quoted(dateFormat ?? "")}`]),
    `    vocabulary: ${FILL_IN}  # KCD, EDI, LOINC …, or next: and the name of another look-up / 또는 next: 다른 조회표 이름`,
  ].join("\n");
}

const isSex = ({ name }: SniffedColumn): boolean => /^(?:sex|gender)|성별/i.test(name);
const isBirth = ({ name }: SniffedColumn): boolean => /birth|dob|생년/i.test(name);

interface Place {
  readonly isPersons: boolean;
  readonly personsName: string;
}

function fileEntry(file: SniffedFile, name: string, { isPersons, personsName }: Place): string {
  const usable = file.columns.filter((column) => column.name !== "" && !file.doubledColumns.includes(column.name));
  const person = usable.find(({ isLikelyPatientNumber }) => isLikelyPatientNumber);
  const valued = usable.filter((column) => column !== person && column.identifier === undefined && column.kind !== "empty");
  const names = uniqueNames(
    valued.map((column) => column.name),
    "column",
  );
  const unit = valued.find((column) => /unit|단위/i.test(column.name) && column.kind === "code")?.name;
  const values = valued.map((column, i) => `      ${names[i]}: ${valueEntry(column, unit)}`);
  const leftOut = usable.filter(({ identifier }) => identifier !== undefined);
  const empty = usable.filter(({ kind }) => kind === "empty");
  return [
    `  ${name}:  # ${file.rowCount} rows / 행`,
    ...formLines(file).map((line) => `    ${line}`),
    `    missing: [${["", ...file.missingTokens].map(quoted).join(", ")}]`,
    `    person: ${person === undefined ? FILL_IN : quoted(person.name)}  # the column with the patient's number / 환자 등록번호 열`,
    ...leftOut.map((column) => `    # ${quoted(column.name)}: ${column.identifier}, left out / 식별정보이므로 제외`),
    ...empty.map((column) => `    # ${quoted(column.name)}: empty, left out / 값이 없어 제외`),
    values.length === 0 ? "    values: {}" : "    values:",
    ...values,
    ...(isPersons ? personRows(valued, names, leftOut) : eventRows(personsName)),
  ].join("\n");
}

function formLines({ name, form }: SniffedFile): readonly string[] {
  const path = `path: ${quoted(name)}`;
  switch (form.format) {
    case "delimited":
      return [path, `delimiter: ${form.delimiter}`, `encoding: ${form.encoding}`];
    case "xlsx":
      return ["format: xlsx", path, `sheet: ${quoted(form.sheet)}`, `headerRow: ${form.headerRow}`];
    case "parquet":
      return [
        "format: parquet",
        path,
        ...(form.zonedColumns.length === 0 ? [] : [`timeZone: ${FILL_IN}  # such as Asia/Seoul / 예: Asia/Seoul`]),
      ];
  }
}

/** Numbers of visits and orders join the rows of two files. */
const LINK_NAME = /(?:vis(?:i)?t|vst|rcpt|adm|enc|ord(?:er)?)[_ ]?(?:no|id|seq|seqno|num)$|접수번호|내원번호|입원번호|처방번호/i;

function valueEntry(column: SniffedColumn, unit: string | undefined): string {
  const name = quoted(column.name);
  if (LINK_NAME.test(column.name))
    return `{ link: [${name}] }  # joins rows of two files; stored nowhere / 파일 사이를 잇는 번호, 저장되지 않음`;
  if (unit !== undefined && column.kind === "number" && /re?su?lt|value|결과/i.test(column.name))
    return `{ result: ${name}, unit: { column: ${quoted(unit)} } }  # with its unit, and bounds such as <5 / 단위와 <5 같은 표기 포함`;
  const misfits = column.misfitCount === 0 ? "" : `  # ${column.misfitCount} cells do not fit / 맞지 않는 셀 ${column.misfitCount}개`;
  if (column.kind === "date") {
    const doubt = column.isAmbiguousDate ? "  # day or month first? check / 일과 월의 순서를 확인하십시오" : misfits;
    return `{ date: ${name}, format: ${quoted(column.dateFormat ?? "")} }${doubt}`;
  }
  if (column.kind === "number")
    return `{ number: ${name}, unit: "1" }  # its unit, such as mg/dL / 단위를 적으십시오${misfits.replace("  #", ";")}`;
  return `{ text: ${name} }  # ${column.kind === "code" ? codeRemark(column) : "text / 글자"}`;
}

const codeRemark = ({ distinctCount, isDistinctExact }: SniffedColumn): string =>
  isDistinctExact
    ? `a code, ${distinctCount} different / 코드 ${distinctCount}종`
    : `a code, about ${distinctCount} different / 코드 약 ${distinctCount}종`;

function personRows(valued: readonly SniffedColumn[], names: readonly string[], leftOut: readonly SniffedColumn[]): readonly string[] {
  const named = (holds: (column: SniffedColumn) => boolean): { readonly name: string; readonly column: string } | undefined => {
    const at = valued.findIndex(holds);
    return at < 0 ? undefined : { name: names[at] ?? "", column: valued[at]?.name ?? "" };
  };
  const sex = named(isSex);
  const birth = named((column) => isBirth(column) && column.kind === "date");
  const resident = leftOut.find(({ identifier }) => identifier === "resident-registration-number");
  if (resident !== undefined && sex === undefined && birth === undefined) return residentRows(quoted(resident.name));
  return [
    `      personSex: { codeConcept: ${quoted(sex?.column ?? FILL_IN)}, codes: { F: ${FILL_IN}, M: ${FILL_IN} } }  # each code as the file has it: female or male / 파일의 코드마다 female 또는 male`,
    "    rows:",
    `      - { to: person, gender: personSex, yearOfBirth: { date: ${birth?.name ?? FILL_IN} } }  # or { number: … } for a year of birth / 출생 연도이면 { number: … }`,
  ];
}

/** Day of birth and sex stand in the first seven digits; no other is read. */
const residentRows = (column: string): readonly string[] => [
  `      born: { residentBirth: ${column} }  # its first seven digits only / 앞 일곱 자리만 씁니다`,
  `      sex: { residentSex: ${column} }`,
  "    rows:",
  "      - { to: person, gender: sex, yearOfBirth: { date: born } }",
];

const eventRows = (personsName: string): readonly string[] => [
  "    rows: []  # what each row becomes: docs/mapping.md section 6 / 각 행이 무엇이 되는지: docs/mapping.md 6절",
  "    # Such as / 예: - { to: condition, concept: { value: NAME }, date: NAME, visit: NAME }",
  `    # NAME stands under values here, or is ${personsName}.NAME of the persons file / NAME은 여기 values의 이름이나 환자 파일의 값`,
];

function firstDateOf(file: SniffedFile | undefined, name: string): string {
  const date = file?.columns.filter(({ identifier, name: column }) => identifier === undefined && !file.doubledColumns.includes(column));
  const valued = (date ?? []).filter(({ kind, isLikelyPatientNumber }) => kind !== "empty" && !isLikelyPatientNumber);
  const names = uniqueNames(
    valued.map((column) => column.name),
    "column",
  );
  const at = valued.findIndex(({ kind }) => kind === "date");
  return at < 0 ? `${name}.${FILL_IN}` : `${name}.${names[at]}`;
}

/** Names that a mapping allows, from any: Latin letters and digits of the first, numbered where there are none or two alike. */
function uniqueNames(names: readonly string[], other: string): readonly string[] {
  const taken = new Set(["personSex"]);
  return names.map((name, i) => {
    const plain = name
      .toLowerCase()
      .replaceAll(/[^a-z0-9]+/g, "-")
      .replaceAll(/^[^a-z]+|-+$/g, "")
      .slice(0, 40);
    const base = plain === "" ? `${other}-${i + 1}` : plain;
    const unique = taken.has(base) ? `${base}-${i + 1}` : base;
    taken.add(unique);
    return unique;
  });
}

/** A double-quoted YAML scalar is a JSON string. */
const quoted = (text: string): string => JSON.stringify(text);
