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
