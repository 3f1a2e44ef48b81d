/** What can be wrong with an export that is no delimited text. None of these holds a cell, a password or a server's own words. */

import { type Problem, type Text, text } from "@dure/kernel";

const problem = (code: string, place: Problem["place"], what: Text, remedy: Text): Problem => ({
  ...{ code: `ingest/${code}`, severity: "error", place, what, remedy },
});

const BAD_PARQUET = {
  foreign: text("this is no Parquet file, whatever its name.", "이름과 달리 Parquet 파일이 아닙니다."),
  "cut-short": text("the Parquet file ends before its footer.", "Parquet 파일이 끝부분(footer) 전에 끊겼습니다."),
  unreadable: text("the Parquet file is damaged: a part of it cannot be read.", "Parquet 파일이 손상되어 일부를 읽을 수 없습니다."),
} as const;

export const badParquet = (file: string, kind: keyof typeof BAD_PARQUET): Problem =>
  problem(
    "bad-parquet",
    { file },
    BAD_PARQUET[kind],
    kind === "foreign"
      ? text(
          "Correct `format` in the mapping, or export the table as Parquet.",
          "매핑의 `format`을 고치거나 표를 Parquet으로 내보내십시오.",
        )
      : text("Export or copy it again.", "다시 내보내거나 복사하십시오."),
  );

export const notText = (file: string, column: string): Problem =>
  problem(
    "not-text",
    { file, column },
    text(
      "the column holds lists, structures or bytes, which are no cells of a table.",
      "이 열은 목록, 구조체 또는 이진 자료여서 표의 셀로 읽을 수 없습니다.",
    ),
    text("Export it flat, as text, number or date.", "글자, 숫자, 날짜로 된 열로 펼쳐서 내보내십시오."),
  );

export const needsTimeZone = (file: string, column: string): Problem =>
  problem(
    "needs-time-zone",
    { file, column },
    text(
      "the column holds points in time with a time zone, so the day depends on a zone that the mapping does not name.",
      "이 열은 시간대가 있는 시각이어서, 시간대를 정해야 날짜가 정해집니다. 매핑에 시간대가 없습니다.",
    ),
    text(
      "Write the zone of your records in the mapping, such as `timeZone: Asia/Seoul`.",
      "매핑에 기록의 시간대를 적으십시오. 예: `timeZone: Asia/Seoul`",
    ),
  );

/** @param found name of the delimiter that divides the lines, as a mapping writes it */
export const wrongDelimiter = (file: string, declared: string, found: string): Problem =>
  problem(
    "wrong-delimiter",
    { file },
    text(
      `the mapping declares ${declared} as delimiter, but the lines are divided by another (${found}).`,
      `매핑에는 구분자가 ${declared}(으)로 선언되어 있지만 실제 줄은 다른 구분자(${found})로 나뉘어 있습니다.`,
    ),
    text(`Write \`delimiter: ${found}\` in the mapping.`, `매핑에 \`delimiter: ${found}\`라고 적으십시오.`),
  );

/** Row 0 is the header line. */
export const unknownEncoding = (file: string, row: number): Problem =>
  problem(
    "unknown-encoding",
    row === 0 ? { file } : { file, row },
    text("the file is neither UTF-8 nor CP949 throughout.", "파일 전체를 UTF-8로도 CP949로도 읽을 수 없습니다."),
    text(
      "Export it again as UTF-8; or look at this row: two files of different encodings may have been put together.",
      "UTF-8로 다시 내보내거나 이 행을 확인하십시오. 인코딩이 다른 두 파일이 합쳐졌을 수 있습니다.",
    ),
  );

const BAD_WORKBOOK = {
  foreign: [
    text("this is no xlsx workbook, whatever its name.", "이름과 달리 xlsx 통합 문서가 아닙니다."),
    text(
      "Correct `format` in the mapping, or save it as an Excel workbook (.xlsx).",
      "매핑의 `format`을 고치거나 Excel 통합 문서(.xlsx)로 저장하십시오.",
    ),
  ],
  locked: [
    text("this is an old .xls workbook, or one with a password.", "구형 .xls 문서이거나 암호가 걸린 문서입니다."),
    text("Open it in Excel, remove the password and save it as .xlsx.", "Excel에서 열어 암호를 풀고 .xlsx로 저장하십시오."),
  ],
  "cut-short": [
    text("the workbook ends before the list of its parts.", "통합 문서가 구성 목록 전에 끊겼습니다."),
    text("It was cut short: export or copy it again.", "파일이 중간에 잘렸습니다. 다시 내보내거나 복사하십시오."),
  ],
  unreadable: [
    text("the workbook is damaged: a part of it cannot be read.", "통합 문서가 손상되어 일부를 읽을 수 없습니다."),
    text("Open it in Excel and save it again, or export it as CSV UTF-8.", "Excel에서 열어 다시 저장하거나 CSV UTF-8로 내보내십시오."),
  ],
  bomb: [
    text(
      "the workbook unpacks to far more than a table does, or hides parts of itself; it was not opened.",
      "압축을 풀면 표로 볼 수 없을 만큼 커지거나 숨은 부분이 있어 열지 않았습니다.",
    ),
    text("Find out where it comes from; do not open it elsewhere either.", "파일의 출처를 확인하고, 다른 곳에서도 열지 마십시오."),
  ],
  "too-large": [
    text(
      "the workbook unpacks to more than 16 GiB, or its cells share more than 4 GiB or 16,777,216 different texts.",
      "통합 문서가 압축을 풀면 16 GiB를 넘거나, 셀이 함께 쓰는 글자가 4 GiB 또는 16,777,216개를 넘습니다.",
    ),
    text(
      "Export it as delimited text: there is no limit to its rows.",
      "구분자로 나눈 텍스트로 내보내십시오. 텍스트에는 행 수 제한이 없습니다.",
    ),
  ],
} as const satisfies Record<string, readonly [what: Text, remedy: Text]>;

export const badWorkbook = (file: string, kind: keyof typeof BAD_WORKBOOK): Problem =>
  problem("bad-workbook", { file }, BAD_WORKBOOK[kind][0], BAD_WORKBOOK[kind][1]);

const SHEETS_LISTED_MAX = 12;
const listed = (names: readonly string[]): string =>
  `${names.slice(0, SHEETS_LISTED_MAX).join(", ")}${names.length > SHEETS_LISTED_MAX ? `, … (${names.length})` : ""}`;

export const severalSheets = (file: string, sheets: readonly string[]): Problem =>
  problem(
    "several-sheets",
    { file },
    text(
      `the workbook has ${sheets.length} sheets (${listed(sheets)}) and the mapping does not say which.`,
      `통합 문서에 시트가 ${sheets.length}개(${listed(sheets)}) 있는데 매핑에 어느 것인지 적혀 있지 않습니다.`,
    ),
    text("Write its name or number in the mapping, such as `sheet: 1`.", "매핑에 시트의 이름이나 번호를 적으십시오. 예: `sheet: 1`"),
  );

export const noSheet = (file: string, sheets: readonly string[]): Problem =>
  problem(
    "no-sheet",
    { file },
    text(
      `the workbook does not have the sheet that the mapping names; it has: ${listed(sheets)}.`,
      `매핑에 적힌 시트가 통합 문서에 없습니다. 있는 시트: ${listed(sheets)}.`,
    ),
    text("Correct `sheet` in the mapping.", "매핑의 `sheet`를 고치십시오."),
  );

export const bareFormula = (place: Problem["place"], cell: string): Problem =>
  problem(
    "bare-formula",
    place,
    text(
      `cell ${cell} holds a formula that was never computed, so it has no value.`,
      `셀 ${cell}의 수식이 계산된 적이 없어 값이 없습니다.`,
    ),
    text(
      "Open the workbook in Excel and save it, or paste the column as values; then export again.",
      "통합 문서를 Excel에서 열어 저장하거나 열을 값으로 붙여 넣은 뒤 다시 내보내십시오.",
    ),
  );

const BAD_CONNECTION = {
  missing: (name: string) => [
    text(
      `${name} is not set or not there, so the database cannot be found.`,
      `${name}이(가) 설정되어 있지 않거나 없어 데이터베이스를 찾을 수 없습니다.`,
    ),
    text(
      "Set it for the account that loads; its form is postgresql://user:password@host:5432/database.",
      "적재하는 계정에 설정하십시오. 형식: postgresql://사용자:암호@호스트:5432/데이터베이스",
    ),
  ],
  "open-to-others": (name: string) => [
    text(`the file ${name} holds a password and others may read it.`, `암호가 든 파일 ${name}을(를) 다른 사용자가 읽을 수 있습니다.`),
    text(`Make it yours alone: chmod 600 ${name}.`, `소유자만 읽도록 하십시오: chmod 600 ${name}`),
  ],
  form: (name: string) => [
    text(`${name} does not hold the address of a database.`, `${name}의 내용이 데이터베이스 주소가 아닙니다.`),
    text(
      "Its form is postgresql://user:password@host:5432/database; signs such as @ or / in a password are written %40, %2F.",
      "형식: postgresql://사용자:암호@호스트:5432/데이터베이스. 암호 속의 @, / 등은 %40, %2F처럼 적으십시오.",
    ),
  ],
  options: (name: string) => [
    text(`the address in ${name} has options after "?".`, `${name}의 주소 뒤에 "?"로 시작하는 옵션이 있습니다.`),
    text(
      "Take them away; TLS is declared in the mapping: `tls`, `tlsAuthority`.",
      "옵션을 지우고 TLS는 매핑의 `tls`, `tlsAuthority`에 적으십시오.",
    ),
  ],
} as const satisfies Record<string, (name: string) => readonly [what: Text, remedy: Text]>;

/** @param name of the variable or file, as the mapping has it */
export const badConnection = (table: string, kind: keyof typeof BAD_CONNECTION, name: string): Problem => {
  const [what, remedy] = BAD_CONNECTION[kind](name);
  return problem("bad-connection", { file: table }, what, remedy);
};

const UNREACHABLE = {
  silent: text("the database server does not answer.", "데이터베이스 서버가 응답하지 않습니다."),
  busy: text("the database server takes no more connections now.", "데이터베이스 서버가 지금은 연결을 더 받지 않습니다."),
} as const;

export const serverUnreachable = (table: string, kind: keyof typeof UNREACHABLE): Problem =>
  problem(
    "server-unreachable",
    { file: table },
    UNREACHABLE[kind],
    text(
      "Check host, port and firewall, and whether the server runs; then load again.",
      "호스트, 포트, 방화벽과 서버의 실행 여부를 확인한 뒤 다시 적재하십시오.",
    ),
  );

const REFUSED = {
  login: [
    text("the database server refused user name or password.", "데이터베이스 서버가 사용자 이름이나 암호를 거부했습니다."),
    text(
      "Correct the address in the variable or file that `connection` names.",
      "`connection`이 가리키는 변수나 파일의 주소를 고치십시오.",
    ),
  ],
  database: [
    text("the server does not have the database that the address names.", "주소에 적힌 데이터베이스가 서버에 없습니다."),
    text(
      "Correct the address in the variable or file that `connection` names.",
      "`connection`이 가리키는 변수나 파일의 주소를 고치십시오.",
    ),
  ],
  tls: [
    text(
      "the connection cannot be secured: the server has no TLS, or a certificate that this machine does not trust.",
      "연결을 보호할 수 없습니다. 서버가 TLS를 쓰지 않거나, 이 컴퓨터가 신뢰하지 않는 인증서입니다.",
    ),
    text(
      "Name the authority's certificate in the mapping (`tlsAuthority`); inside one machine or a closed network, `tls: off`.",
      "매핑의 `tlsAuthority`에 인증 기관의 인증서를 적으십시오. 같은 컴퓨터이거나 폐쇄망이면 `tls: off`라고 적을 수 있습니다.",
    ),
  ],
  table: [
    text("the database does not have this table or view.", "데이터베이스에 이 테이블이나 뷰가 없습니다."),
    text(
      "Correct `schema` and `table` in the mapping; upper and lower case matter.",
      "매핑의 `schema`와 `table`을 고치십시오. 대소문자를 구별합니다.",
    ),
  ],
  permission: [
    text("the user may not read this table.", "이 사용자에게는 테이블을 읽을 권한이 없습니다."),
    text(
      "Ask the database's administrator for SELECT on it, and for nothing more.",
      "데이터베이스 관리자에게 이 테이블의 SELECT 권한만 요청하십시오.",
    ),
  ],
  "too-slow": [
    text(
      "the server did not answer within 10 minutes, or somebody ended the statement.",
      "서버가 10분 안에 답하지 않았거나 누군가 조회를 중단했습니다.",
    ),
    text(
      "Give the table a primary key, or load when the server is less busy, or export the table to a file.",
      "테이블에 기본 키를 두거나, 서버가 한가할 때 적재하거나, 파일로 내보내십시오.",
    ),
  ],
  encoding: [
    text("the server holds text that cannot be written as UTF-8.", "UTF-8로 옮길 수 없는 글자가 서버에 있습니다."),
    text("Correct the text on the server, or give a view without it.", "서버의 글자를 고치거나 그 글자를 뺀 뷰를 만드십시오."),
  ],
  column: [
    text("the server cannot give a column of this table as text.", "서버가 이 테이블의 열을 글자로 바꾸지 못했습니다."),
    text(
      "Make a view whose columns are text, numbers and dates, and name it in the mapping.",
      "글자, 숫자, 날짜 열로 된 뷰를 만들어 매핑에 적으십시오.",
    ),
  ],
} as const satisfies Record<string, readonly [what: Text, remedy: Text]>;

export const serverRefused = (table: string, kind: keyof typeof REFUSED): Problem =>
  problem(`server-refused-${kind}`, { file: table }, REFUSED[kind][0], REFUSED[kind][1]);

export const wentAway = (table: string, rowCount: number): Problem =>
  problem(
    "source-went-away",
    { file: table },
    text(
      `the connection to the database ended after ${rowCount} rows of this table; none of them was kept.`,
      `이 테이블의 ${rowCount}행을 읽은 뒤 데이터베이스 연결이 끊어졌으며, 읽은 행은 남아 있지 않습니다.`,
    ),
    text("Load again when the server is back: a load begins anew.", "서버가 복구되면 다시 적재하십시오. 적재는 처음부터 시작합니다."),
  );
