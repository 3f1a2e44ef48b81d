/**
 * The beginning of a mapping document, from what was sniffed: forms, columns, dates and numbers stand in it, and what only a person can
 * know is marked. A mark is no valid value, so that a document with one left is refused by line; comments say what each place is for.
 */

import type { SniffedColumn } from "./sniff-columns.ts";
import type { SniffedFile } from "./sniff-file.ts";

/** What a person has to replace. */
export const FILL_IN = "FILL-IN";

const HEAD = `# A beginning, made from the exports by \`dure site sniff\`. Replace every ${FILL_IN}; docs/sources.md and packages/clinical/README.md say how.
# 내보내기 파일에서 만든 초안입니다. ${FILL_IN}을(를) 모두 바꾸십시오. 설명은 docs/sources.md와 packages/clinical/README.md에 있습니다.`;

/** YAML text. It holds names of files and columns, never a cell. */
export function mappingSkeleton(files: readonly SniffedFile[]): string {
  const names = uniqueNames(
    files.map(({ name }) => name.replace(/\.[^.]*$/, "")),
    "file",
  );
  const persons = guessPersons(files);
  const entries = files.map((file, i) =>
    fileEntry(file, names[i] ?? "", { isPersons: i === persons, personsName: names[persons ?? -1] ?? FILL_IN }),
  );
  const firstDate = firstDateOf(files[persons ?? 0], names[persons ?? 0] ?? "");
  return [
    HEAD,
    "dureMapping: 1",
    `id: ${FILL_IN}  # a name of your choice, such as hospital-a / 원하는 이름, 예: hospital-a`,
    "version: 1",
    `title: { en: ${FILL_IN}, ko: ${FILL_IN} }`,
    "recordType: ehr  # or registry / 등록 자료이면 registry",
    `persons: ${persons === undefined ? FILL_IN : names[persons]}  # the file with one row a patient / 환자당 한 행인 파일`,
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

/** The file whose patient number is different in every row; of several, the one with a column of sexes. */
function guessPersons(files: readonly SniffedFile[]): number | undefined {
  const scored = files.map((file, i) => {
    const number = file.columns.find(({ isLikelyPatientNumber }) => isLikelyPatientNumber);
    const isOneRowEach = number !== undefined && number.missingCount === 0 && number.distinctCount >= 0.9 * file.rowCount;
    return { i, score: isOneRowEach ? 1 + (file.columns.some(isSex) ? 1 : 0) : 0 };
  });
  const best = scored.reduce((leader, next) => (next.score > leader.score ? next : leader), { i: -1, score: 0 });
  return best.score === 0 ? undefined : best.i;
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
  const values = valued.map((column, i) => `      ${names[i]}: ${valueEntry(column)}`);
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
    ...(isPersons ? personRows(valued, names) : eventRows(personsName)),
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

function valueEntry(column: SniffedColumn): string {
  const name = quoted(column.name);
  const misfits = column.misfitCount === 0 ? "" : `  # ${column.misfitCount} cells do not fit / 맞지 않는 셀 ${column.misfitCount}개`;
  if (column.kind === "date") {
    const doubt = column.isAmbiguousDate ? "  # day or month first? check / 일과 월의 순서를 확인하십시오" : misfits;
    return `{ date: ${name}, format: ${quoted(column.dateFormat ?? "")} }${doubt}`;
  }
  if (column.kind === "number")
    return `{ number: ${name}, unit: "1" }  # its unit, such as mg/dL / 단위를 적으십시오${misfits.replace("  #", ";")}`;
  return `{ text: ${name} }  # ${column.kind === "code" ? `a code, about ${column.distinctCount} different / 코드 약 ${column.distinctCount}종` : "text / 글자"}`;
}

function personRows(valued: readonly SniffedColumn[], names: readonly string[]): readonly string[] {
  const named = (holds: (column: SniffedColumn) => boolean): { readonly name: string; readonly column: string } | undefined => {
    const at = valued.findIndex(holds);
    return at < 0 ? undefined : { name: names[at] ?? "", column: valued[at]?.name ?? "" };
  };
  const sex = named(isSex);
  const birth = named((column) => isBirth(column) && column.kind === "date");
  return [
    `      personSex: { codeConcept: ${quoted(sex?.column ?? FILL_IN)}, codes: { F: ${FILL_IN}, M: ${FILL_IN} } }  # each code as the file has it: female or male / 파일의 코드마다 female 또는 male`,
    "    rows:",
    `      - { to: person, gender: personSex, yearOfBirth: { date: ${birth?.name ?? FILL_IN} } }  # or { number: … } for a year of birth / 출생 연도이면 { number: … }`,
  ];
}

const eventRows = (personsName: string): readonly string[] => [
  "    rows: []",
  "    # Such as / 예:",
  "    #   - { to: measurement, concept: creatinine, date: VALUE, value: VALUE }",
  "    #   - { to: condition, id: cancer, concept: breast-cancer, date: VALUE }",
  `    # VALUE is a name under values, or ${personsName}.name of the persons file / VALUE는 values의 이름이나 환자 파일의 값`,
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
