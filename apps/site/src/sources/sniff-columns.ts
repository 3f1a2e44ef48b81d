/**
 * What a column holds, told without a value of it: the first rows suggest a kind, and one pass over all rows counts how far it holds.
 *
 * Memory does not grow with the file. The same pass sketches how many different values there are (HyperLogLog, which can be a fifth off); a
 * second one counts them: all where they are few, and else those of which the hash falls into a share that the sketch makes small enough
 * (distinct sampling, Gibbons, VLDB 2001: unbiased, off by one to two per cent).
 */

import type { SqlSession } from "../store/clinical-session.ts";
import { identifier, integer, join, type Sql, sql } from "../store/clinical-sql.ts";

export type ColumnKind = "empty" | "date" | "number" | "code" | "text";

export interface SniffedColumn {
  readonly name: string;
  readonly kind: ColumnKind;
  /** Of a date, such as `%Y%m%d`. */
  readonly dateFormat?: string;
  /** The day and the month could be the other way round. */
  readonly isAmbiguousDate?: true;
  readonly missingCount: number;
  readonly distinctCount: number;
  /** Else the count is off by one to two per cent. */
  readonly isDistinctExact: boolean;
  /** Filled cells that are not of the kind: of a date or a number only. */
  readonly misfitCount: number;
  /** What the column would tell of a person: such columns are left out of a mapping. */
  readonly identifier?: "resident-registration-number" | "name" | "contact";
  /** Its name is one that hospitals give to the patient's number. */
  readonly isLikelyPatientNumber: boolean;
}

export interface SniffedColumns {
  readonly rowCount: number;
  readonly columns: readonly SniffedColumn[];
  /** Which of the usual signs for "nothing here" stand in cells. */
  readonly missingTokens: readonly string[];
}

/** Signs for a missing value; a cell with one of them is counted as missing. */
const MISSING_TOKENS = ["NA", "N/A", "NULL", "null", "NaN", "-", "."];

const SAMPLE_ROWS = 5000;
/** Of the filled cells of the sample; a few slips do not make dates into text. */
const SAMPLE_FIT_MIN = 0.95;
/** Among all filled cells. */
const FIT_MIN = 0.98;
/** Different values of a column that are held at a time. */
const DISTINCT_COUNTED_MAX = 5000;
const CODES_MAX = 500;
const CODE_LENGTH_MAX = 30;

const DAYS = ["%Y-%m-%d", "%Y/%m/%d", "%Y.%m.%d", "%Y%m%d", "%d/%m/%Y", "%m/%d/%Y", "%d.%m.%Y", "%d-%m-%Y"];
const TIMES = ["", " %H:%M", " %H:%M:%S", "T%H:%M:%S"];
const DATE_FORMATS = [...DAYS.flatMap((day) => TIMES.map((time) => day + time)), "%Y%m%d%H%M", "%Y%m%d%H%M%S"];

/** A resident registration number, whole or masked: a date of birth, then a digit of century and sex, then six. */
const RESIDENT_NUMBER = "[0-9]{2}(?:0[1-9]|1[0-2])(?:0[1-9]|[12][0-9]|3[01])[- ]?[0-9][0-9*]{6}";
const CONTACT = "0[0-9]{1,2}[-. ][0-9]{3,4}[-. ][0-9]{4}|01[016789][0-9]{7,8}|[^@ ]+@[^@ ]+[.][a-zA-Z]+";
const PATIENT_NUMBER_NAME =
  /^(?:pa?t(?:ient)?[_ ]?(?:no|id|num|number)|pid|mrn|cha?r?t[_ ]?(?:no|id)|reg[_ ]?no|hosp(?:ital)?[_ ]?no|(?:person|subject)[_ ]?id|person_source_value|환자[_ ]?(?:등록)?번호|등록번호|차트번호|병록번호)$/i;
const IDENTIFIER_NAMES: readonly (readonly [pattern: RegExp, identifier: NonNullable<SniffedColumn["identifier"]>])[] = [
  [/^(?:resno\d?|rrn|jumin\w*|ssn)$|주민/i, "resident-registration-number"],
  [/^(?:pa?t(?:ient)?[_ ]?n(?:a)?me?|patname|(?:full|first|last)[_ ]?name)$|성명|^(?:환자)?이름$|환자명/i, "name"],
  [/^(?:tel|phone|mobile|hp|e?mail|addr(?:ess)?)[_ ]?\w{0,3}$|전화|휴대폰|연락처|주소|이메일/i, "contact"],
];

/** @param table with columns `c0`, `c1`, … named `header` */
export async function sniffColumns(session: SqlSession, table: Sql, header: readonly string[]): Promise<SniffedColumns> {
  const cells = header.map((_, i) => trimmed(i));
  const sample = await session.columns(sql`SELECT ${join(cells)} FROM (SELECT * FROM ${table} LIMIT ${integer(SAMPLE_ROWS)})`);
  const guesses = header.map((_, i) => guess((sample[i] ?? []).flatMap((cell) => (cell === null ? [] : [String(cell)]))));
  const counts = guesses.map(
    ({ format, isNumber }, i) =>
      sql`count(${cells[i] ?? sql``}), approx_count_distinct(${cells[i] ?? sql``}), coalesce(max(length(${cells[i] ?? sql``})), 0),
        count(*) FILTER (${fits(cells[i] ?? sql``, format, isNumber)}),
        count(*) FILTER (regexp_full_match(${cells[i] ?? sql``}, ${RESIDENT_NUMBER})), count(*) FILTER (regexp_full_match(${cells[i] ?? sql``}, ${CONTACT}))`,
  );
  const tokens = MISSING_TOKENS.map(
    (token) =>
      sql`coalesce(bool_or(${join(
        header.map((_, i) => sql`trim(${column(i)}) = ${token}`),
        " OR ",
      )}), false)`,
  );
  const [row = []] = await session.rows(sql`SELECT count(*), ${join(tokens)}, ${join(counts)} FROM ${table}`);
  const rowCount = Number(row[0] ?? 0);
  const sketched = header.map((_, i) => Number(row[1 + MISSING_TOKENS.length + COUNTS_OF_COLUMN * i + 1] ?? 0));
  const distincts = await countDistinct(session, table, cells, sketched);
  return {
    rowCount,
    missingTokens: MISSING_TOKENS.filter((_, i) => row[1 + i] === true),
    columns: header.map((name, i) => {
      const at = 1 + MISSING_TOKENS.length + COUNTS_OF_COLUMN * i;
      const [filled = 0, , length = 0, fitting = 0, residents = 0, contacts = 0] = row.slice(at, at + COUNTS_OF_COLUMN).map(Number);
      const distinct = distincts[i] ?? { count: 0, isExact: true };
      return describe(name, guesses[i] ?? { isNumber: false }, { rowCount, filled, distinct, length, fitting, residents, contacts });
    }),
  };
}

const COUNTS_OF_COLUMN = 6;

interface DistinctCount {
  readonly count: number;
  readonly isExact: boolean;
}

async function countDistinct(
  session: SqlSession,
  table: Sql,
  cells: readonly Sql[],
  sketched: readonly number[],
): Promise<readonly DistinctCount[]> {
  const shares = sketched.map((count) => Math.max(1, Math.ceil(count / DISTINCT_COUNTED_MAX)));
  const counts = cells.map((cell, i) => {
    const share = shares[i] ?? 1;
    return share === 1 ? sql`count(DISTINCT ${cell})` : sql`count(DISTINCT ${cell}) FILTER (hash(${cell}) % ${integer(share)} = 0)`;
  });
  const [row = []] = await session.rows(sql`SELECT ${join(counts)} FROM ${table}`);
  return shares.map((share, i) => ({ count: share * Number(row[i] ?? 0), isExact: share === 1 }));
}

const column = (i: number): Sql => identifier(`c${i}`);

const trimmed = (i: number): Sql =>
  sql`CASE WHEN trim(${column(i)}) NOT IN ('', ${join(MISSING_TOKENS.map((token) => sql`${token}`))}) THEN trim(${column(i)}) END`;

interface Guess {
  readonly format?: string;
  readonly isAmbiguous?: boolean;
  readonly isNumber: boolean;
}

function guess(sample: readonly string[]): Guess {
  if (sample.length === 0) return { isNumber: false };
  const shareOf = (holds: (cell: string) => boolean): number => sample.filter(holds).length / sample.length;
  const formats = DATE_FORMATS.map((format) => ({ format, share: shareOf(dateTest(format)) })).filter(
    ({ share }) => share >= SAMPLE_FIT_MIN,
  );
  const [best] = [...formats].sort((a, b) => b.share - a.share);
  const rivals = formats.filter(({ share }) => share === best?.share).length;
  const isNumber = shareOf((cell) => /^[-+]?(?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d+)?$/.test(cell)) >= SAMPLE_FIT_MIN;
  return { isNumber, ...(best === undefined ? {} : { format: best.format, isAmbiguous: rivals > 1 }) };
}

const PARTS: Readonly<Record<string, string>> = {
  "%Y": "(?:18|19|20|21)\\d\\d|9999",
  "%m": "0?[1-9]|1[0-2]",
  "%d": "0?[1-9]|[12]\\d|3[01]",
  "%H": "[01]?\\d|2[0-3]",
  "%M": "[0-5]\\d",
  "%S": "[0-5]\\d",
};

/** Parts next to each other have all their digits. */
function dateTest(format: string): (cell: string) => boolean {
  const isPacked = /^(?:%.)+$/.test(format) || format.startsWith("%Y%m%d");
  const pattern = format
    .replace(/[./]/g, "[$&]")
    .replace(/%[YmdHMS]/g, (part) => `(?:${(PARTS[part] ?? part).replaceAll("0?", isPacked ? "0" : "0?")})`);
  const test = new RegExp(`^${pattern}$`);
  return (cell) => test.test(cell);
}

function fits(cell: Sql, format: string | undefined, isNumber: boolean): Sql {
  if (format !== undefined) return sql`try_strptime(${cell}, ${format}) IS NOT NULL`;
  return isNumber ? sql`try_cast(${cell} AS DOUBLE) IS NOT NULL` : sql`${cell} IS NOT NULL`;
}

interface Counts {
  readonly rowCount: number;
  readonly filled: number;
  readonly distinct: DistinctCount;
  readonly length: number;
  readonly fitting: number;
  readonly residents: number;
  readonly contacts: number;
}

function describe(name: string, { format, isAmbiguous, isNumber }: Guess, counts: Counts): SniffedColumn {
  const { filled, fitting } = counts;
  const holds = filled > 0 && fitting >= FIT_MIN * filled;
  const isLikelyPatientNumber = PATIENT_NUMBER_NAME.test(name);
  const identifier = isLikelyPatientNumber ? undefined : identifierOf(name, counts);
  const isDate = holds && format !== undefined && identifier === undefined && !isLikelyPatientNumber;
  const isValue = holds && isNumber && !isLikelyPatientNumber;
  const kind =
    filled === 0 ? "empty" : isDate ? "date" : isValue && !isCode(name, counts) ? "number" : isCode(name, counts) ? "code" : "text";
  return {
    ...{ name, kind, missingCount: counts.rowCount - filled, distinctCount: Math.min(counts.distinct.count, filled) },
    isDistinctExact: counts.distinct.isExact,
    ...{ misfitCount: kind === "date" || kind === "number" ? filled - fitting : 0, isLikelyPatientNumber },
    ...(isDate ? { dateFormat: format } : {}),
    ...(isDate && isAmbiguous === true ? { isAmbiguousDate: true as const } : {}),
    ...(identifier === undefined ? {} : { identifier }),
  };
}

function identifierOf(name: string, { filled, residents, contacts }: Counts): SniffedColumn["identifier"] {
  if (filled > 0 && residents >= filled / 2) return "resident-registration-number";
  const named = IDENTIFIER_NAMES.find(([pattern]) => pattern.test(name.trim()))?.[1];
  return named ?? (filled > 0 && contacts >= filled / 2 ? "contact" : undefined);
}

/** Few short values, or a column that is called a code. */
function isCode(name: string, { filled, distinct, length }: Counts): boolean {
  if (length > CODE_LENGTH_MAX) return false;
  const isNamed = /(?:cd|code|yn|fg|flag|sex|gender|type|unit|코드|구분|여부|성별|단위)\d?$/i.test(name.trim());
  return isNamed || (distinct.count <= CODES_MAX && distinct.count <= Math.max(5, filled / 20));
}
