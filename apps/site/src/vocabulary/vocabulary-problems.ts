/** What can be wrong with a vocabulary download, each with what to do about it. Vocabularies are public: their ids and codes may be named. */

import { type Place, type Problem, type Text, text } from "@dure/kernel";

const problem = (code: string, place: Place, what: Text, remedy: Text): Problem => ({
  code: `vocabulary/${code}`,
  severity: "error",
  place,
  what,
  remedy,
});

export const asWarning = (found: Problem): Problem => ({ ...found, severity: "warning" });

const DOWNLOAD_AGAIN = text(
  "Download the vocabularies again from athena.ohdsi.org, and give this command the zip as it came.",
  "athena.ohdsi.org에서 용어집을 다시 내려받아 zip 파일을 그대로 이 명령에 지정하십시오.",
);

export const notThere = (path: string): Problem =>
  problem(
    "not-there",
    { file: path },
    text("there is no such file or folder, or it cannot be read.", "파일이나 폴더가 없거나 읽을 수 없습니다."),
    text(
      "Give the zip from Athena, or the folder into which it was unpacked.",
      "Athena에서 받은 zip 파일이나 압축을 푼 폴더를 지정하십시오.",
    ),
  );

export const missingFile = (path: string, table: string): Problem =>
  problem(
    "missing-file",
    { file: path },
    text(
      `${table.toUpperCase()}.csv is not among the files of the vocabulary.`,
      `용어집 파일 가운데 ${table.toUpperCase()}.csv가 없습니다.`,
    ),
    text(
      "Download the vocabularies again, and unpack all files. If a part of a vocabulary is meant, say so with --part.",
      "용어집을 다시 내려받아 모든 파일을 푸십시오. 일부만 쓰려는 것이라면 --part 옵션으로 밝히십시오.",
    ),
  );

export const twoFiles = (path: string, table: string): Problem =>
  problem(
    "two-files",
    { file: path },
    text(`more than one file holds the table ${table.toUpperCase()}.`, `${table.toUpperCase()} 테이블 파일이 둘 이상 있습니다.`),
    text("Give a folder with one download only.", "한 번 내려받은 파일만 있는 폴더를 지정하십시오."),
  );

export const missingColumn = (file: string, column: string): Problem =>
  problem(
    "missing-column",
    { file, row: 1, column },
    text("the header line lacks this column.", "머리글 행에 이 열이 없습니다."),
    DOWNLOAD_AGAIN,
  );

export const cutShort = (file: string, row?: number): Problem =>
  problem(
    "cut-short",
    row === undefined ? { file } : { file, row },
    text(
      "the file ends in the middle of a line: its last line lacks columns or its end.",
      "파일이 줄 중간에서 끝났습니다. 마지막 줄에 열이나 줄 끝이 빠져 있습니다.",
    ),
    DOWNLOAD_AGAIN,
  );

export const badRow = (file: string, row: number | undefined): Problem =>
  problem(
    "bad-row",
    row === undefined ? { file } : { file, row },
    text("a line does not have the columns of the header line.", "머리글 행과 열 수가 맞지 않는 줄이 있습니다."),
    text(
      "Do not open or save the files with a spreadsheet program. Download the vocabularies again.",
      "스프레드시트 프로그램으로 열거나 저장하지 마십시오. 용어집을 다시 내려받으십시오.",
    ),
  );

export const notUtf8 = (file: string): Problem =>
  problem(
    "not-utf-8",
    { file },
    text("the file is not UTF-8 text.", "UTF-8 텍스트가 아닌 파일입니다."),
    text(
      "Athena's files are UTF-8. If a program has saved the file in another encoding, download it again.",
      "Athena 파일은 UTF-8입니다. 다른 프로그램이 다른 인코딩으로 저장했다면 다시 내려받으십시오.",
    ),
  );

export const badCells = (file: string, column: string, rowCount: number): Problem =>
  problem(
    "bad-cells",
    { file, column },
    text(
      `${rowCount} rows have nothing here, or not the whole number or day (YYYYMMDD or YYYY-MM-DD) that belongs here.`,
      `이 열이 비어 있거나 정수 또는 날짜(YYYYMMDD, YYYY-MM-DD)가 아닌 행이 ${rowCount}개 있습니다.`,
    ),
    DOWNLOAD_AGAIN,
  );

export const missingConcepts = (table: string, column: string, rowCount: number): Problem =>
  problem(
    "missing-concepts",
    { file: `${table.toUpperCase()}.csv`, column },
    text(
      `${rowCount} rows point at concepts that CONCEPT.csv does not have: that file was cut, or belongs to another download.`,
      `CONCEPT.csv에 없는 개념을 가리키는 행이 ${rowCount}개 있습니다. CONCEPT.csv가 잘렸거나 다른 시점에 받은 파일입니다.`,
    ),
    text(
      "Unpack all files of one download again, and compare their sizes with those in the zip. If a part of a vocabulary is meant, say so with --part.",
      "한 번에 받은 파일을 모두 다시 풀고 zip 안의 파일 크기와 비교하십시오. 일부만 쓰려는 것이라면 --part 옵션으로 밝히십시오.",
    ),
  );

export const missingVocabulary = (vocabulary: string): Problem =>
  problem(
    "missing-vocabulary",
    { file: "CONCEPT.csv" },
    text(
      `there is no concept of ${vocabulary}, without which no standard concept can be found.`,
      `표준 개념을 찾는 데 꼭 필요한 ${vocabulary} 용어집의 개념이 하나도 없습니다.`,
    ),
    text(
      `Choose ${vocabulary} among the vocabularies at athena.ohdsi.org and download again. If it was chosen, the file was cut: download again too.`,
      `athena.ohdsi.org에서 ${vocabulary}을(를) 선택해 다시 내려받으십시오. 이미 선택했다면 파일이 잘린 것이므로 역시 다시 내려받으십시오.`,
    ),
  );

export const cpt4NotCompleted = (): Problem =>
  problem(
    "cpt4-not-completed",
    { file: "CONCEPT.csv" },
    text(
      "CPT4 was chosen but CONCEPT.csv has no CPT4 concept: its names need a licence and are added on your computer.",
      "CPT4를 선택했지만 CONCEPT.csv에 CPT4 개념이 없습니다. CPT4 이름은 라이선스가 필요하여 사용자의 컴퓨터에서 추가해야 합니다.",
    ),
    text(
      "Unpack the zip, run cpt.sh (Windows: cpt.bat) there with your UMLS API key, and load the folder. Where CPT4 is not needed: --without CPT4.",
      "zip을 푼 폴더에서 UMLS API 키로 cpt.sh(Windows: cpt.bat)를 실행한 뒤 그 폴더를 적재하십시오. CPT4가 필요 없으면 --without CPT4를 지정하십시오.",
    ),
  );

export const licenceGap = (vocabularies: readonly string[]): Problem => ({
  ...problem(
    "licence-gap",
    { file: "CONCEPT.csv" },
    text(
      `vocabularies that need a licence are listed without concepts: ${vocabularies.join(", ")}.`,
      `라이선스가 필요한 다음 용어집은 목록에만 있고 개념이 없습니다: ${vocabularies.join(", ")}.`,
    ),
    text(
      "Where the hospital uses their codes: ask for the licence at athena.ohdsi.org (Vocabularies, the key in the row), and download again.",
      "병원에서 이 코드를 쓴다면 athena.ohdsi.org의 용어집 목록에서 라이선스를 신청한 뒤 다시 내려받으십시오.",
    ),
  ),
  severity: "warning",
});

export const noVersion = (): Problem =>
  problem(
    "no-version",
    { file: "VOCABULARY.csv" },
    text("the row None, which holds the release of the vocabularies, is missing.", "용어집 배포 버전이 적힌 None 행이 없습니다."),
    DOWNLOAD_AGAIN,
  );

export const mixedReleases = (file: string, version: string): Problem =>
  problem(
    "mixed-releases",
    { file },
    text(
      `rows begin more than a year after the release that VOCABULARY.csv names (${version}): files of two downloads were mixed.`,
      `VOCABULARY.csv에 적힌 배포 시점(${version})보다 1년 넘게 늦게 시작하는 행이 있습니다. 서로 다른 시점에 받은 파일이 섞였습니다.`,
    ),
    text("Unpack one download into an empty folder, and load that.", "빈 폴더에 한 번 받은 파일만 풀어 적재하십시오."),
  );

export const olderThanCurrent = (version: string, current: string): Problem => ({
  ...problem(
    "older-than-current",
    { file: "VOCABULARY.csv" },
    text(
      `the release ${version} is older than the one in use, ${current}.`,
      `배포 버전 ${version}은(는) 현재 사용 중인 ${current}보다 오래되었습니다.`,
    ),
    text("Accept it only if going back is meant.", "되돌리려는 것이 아니라면 승인하지 마십시오."),
  ),
  severity: "warning",
});

export const archiveTooLarge = (file: string, found: string, allowed: string): Problem =>
  problem(
    "archive-too-large",
    { file },
    text(`the archive unpacks to ${found}; allowed is ${allowed}.`, `압축을 풀면 ${found}이며 허용 한도는 ${allowed}입니다.`),
    text(
      "This is no download from Athena. If it is, unpack it yourself and load the folder.",
      "Athena에서 받은 파일이 아닌 것 같습니다. 맞다면 직접 압축을 풀어 폴더를 적재하십시오.",
    ),
  );

export const archiveBroken = (file: string): Problem =>
  problem(
    "archive-broken",
    { file },
    text("the archive cannot be unpacked to its end.", "압축 파일을 끝까지 풀 수 없습니다."),
    DOWNLOAD_AGAIN,
  );

export const duplicateConcepts = (conceptCount: number): Problem =>
  problem(
    "duplicate-concepts",
    { file: "CONCEPT.csv", column: "concept_id" },
    text(`${conceptCount} concept ids stand in more than one row.`, `두 행 이상에 나오는 concept_id가 ${conceptCount}개 있습니다.`),
    DOWNLOAD_AGAIN,
  );

export const notLocal = (conceptCount: number): Problem =>
  problem(
    "not-local",
    { file: "CONCEPT.csv", column: "concept_id" },
    text(
      `${conceptCount} of the site's own concepts have an id below 2,000,000,000 or one of this program's (2,000,000,000 to 2,000,099,999).`,
      `기관 자체 개념 가운데 ID가 2,000,000,000 미만이거나 이 프로그램의 범위(2,000,000,000~2,000,099,999)에 있는 것이 ${conceptCount}개입니다.`,
    ),
    text("Number own concepts from 2,000,100,000 on.", "자체 개념에는 2,000,100,000 이상의 번호를 붙이십시오."),
  );

export const nonStandardTarget = (conceptId: number, instead: readonly number[], rowCount: number): Problem =>
  problem(
    "non-standard-target",
    { file: "dure.site_map", column: "target_concept_id" },
    text(
      `${rowCount} rows of the site's map point at concept ${conceptId}, which is not a valid standard concept of the vocabulary in use.`,
      `기관 매핑의 행 ${rowCount}개가 현재 용어집에서 유효한 표준 개념이 아닌 ${conceptId}을(를) 가리킵니다.`,
    ),
    instead.length === 0
      ? text("Choose another target: dure site map.", "다른 대상 개념을 선택하십시오: dure site map")
      : text(
          `Its standard concept is ${instead.join(", ")}: change the target with dure site map.`,
          `표준 개념은 ${instead.join(", ")}입니다. dure site map으로 대상을 바꾸십시오.`,
        ),
  );

export const noCandidate = (): Problem =>
  problem(
    "no-candidate",
    {},
    text("no vocabulary waits to be accepted.", "승인을 기다리는 용어집이 없습니다."),
    text("Load one first: dure site vocabulary load.", "먼저 적재하십시오: dure site vocabulary load"),
  );
