/** `dure site store`: which engine keeps this hospital's OMOP snapshots. */

import { readFileSync } from "node:fs";
import { resolve } from "node:path";
import { DureError, text } from "@dure/kernel";
import { systemClock } from "@dure/machine";
import { defineCommand } from "../../command.ts";
import { EXIT } from "../../exit-status.ts";
import { homeOption } from "../shared-options.ts";

export const siteStore = defineCommand({
  name: "site store",
  summary: text("show or choose the engine of the OMOP store", "OMOP 저장소의 엔진을 확인하거나 선택합니다"),
  description: text(
    "Without an option: says whether studies and quality checks read DuckDB, one file in the site's folder, or a PostgreSQL database. " +
      "--postgresql publishes the kept snapshots into that database at once, as schemas snapshot_N and vocabulary_N, and every later load too. " +
      "Loads themselves are always made in the folder's DuckDB file, which also keeps the encrypted key table: it never goes to PostgreSQL.",
    "옵션이 없으면 연구와 품질 점검이 읽는 곳이 기관 폴더의 DuckDB 파일인지 PostgreSQL 데이터베이스인지 알려 줍니다. " +
      "--postgresql 은 보관 중인 적재본을 snapshot_N, vocabulary_N 스키마로 그 데이터베이스에 바로 게시하고, 이후의 적재본도 계속 게시합니다. " +
      "적재 작업은 언제나 폴더의 DuckDB 파일에서 이루어지며, 암호화된 환자 연결표도 그 파일에만 있고 PostgreSQL로는 가지 않습니다.",
  ),
  arguments: {},
  options: {
    home: homeOption,
    postgresql: {
      kind: "text",
      placeholder: "FILE",
      summary: text(
        "a file with the URL of the database, readable by you only",
        "데이터베이스 URL이 적힌 파일(본인만 읽을 수 있어야 합니다)",
      ),
    },
    duckdb: { kind: "flag", summary: text("read the folder's own file again", "다시 폴더의 파일을 읽습니다") },
  },
  examples: [
    {
      line: "dure site store --home seoul --postgresql clinical-url.txt",
      shows: text("keep the snapshots in PostgreSQL", "적재본을 PostgreSQL에 보관"),
    },
  ],
  async run({ output, language, workingFolder }, input) {
    const { clinicalEngine, readSettings, sitePaths, useDuckdb, usePostgres } = await import("@dure/site");
    const home = resolve(workingFolder, input.home);
    readSettings(home);
    const path = sitePaths(home).clinical;
    if (input.duckdb && input.postgresql !== undefined) throw new DureError(bothEngines());
    if (input.duckdb) useDuckdb(path);
    if (input.postgresql !== undefined) await usePostgres(path, readUrl(resolve(workingFolder, input.postgresql)), systemClock);
    const engine = clinicalEngine(path);
    const says = {
      duckdb: text("Snapshots are read in DuckDB, in the site's folder.", "적재본을 기관 폴더의 DuckDB에서 읽습니다."),
      postgresql: text("Snapshots are read in PostgreSQL.", "적재본을 PostgreSQL에서 읽습니다."),
    };
    output.result({ json: { engine }, text: says[engine][language] });
    return EXIT.done;
  },
});

function readUrl(path: string): string {
  try {
    return readFileSync(path, "utf8").trim();
  } catch {
    throw new DureError({
      code: "store/url-unreadable",
      severity: "error",
      place: { file: path },
      what: text("The file with the database's URL cannot be read.", "데이터베이스 URL이 적힌 파일을 읽을 수 없습니다."),
      remedy: text("Check the path and its rights.", "경로와 권한을 확인해 주십시오."),
    });
  }
}

const bothEngines = () => ({
  code: "store/both-engines",
  severity: "error" as const,
  place: {},
  what: text("--postgresql and --duckdb exclude each other.", "--postgresql 과 --duckdb 는 함께 쓸 수 없습니다."),
  remedy: text("Give one of them.", "둘 중 하나만 지정해 주십시오."),
});
