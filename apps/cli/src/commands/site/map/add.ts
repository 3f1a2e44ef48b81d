/** `dure site map add`: a list of codes to be mapped. */

import { readFileSync } from "node:fs";
import { basename, resolve } from "node:path";
import { DureError, text } from "@dure/kernel";
import { systemClock } from "@dure/machine";
import { defineCommand } from "../../../command.ts";
import { EXIT } from "../../../exit-status.ts";
import { homeOption } from "../../shared-options.ts";
import { byOption, listArgument, withReviews } from "./open-reviews.ts";

export const siteMapAdd = defineCommand({
  name: "site map add",
  summary: text("bring codes to be mapped into a list", "매핑할 코드를 목록에 넣습니다"),
  description: text(
    "Reads a CSV file with the columns code, name and frequency; further columns, such as an English name, are kept and searched too. What is " +
      "there already keeps its decisions. Without a file the list takes the codes that the last load found no concept for.",
    "code, name, frequency 열이 있는 CSV 파일을 읽습니다. 영문명 같은 다른 열도 보관하고 검색에 씁니다. 이미 있는 코드의 결정은 그대로 둡니다. " +
      "파일을 지정하지 않으면 마지막 적재에서 개념을 찾지 못한 코드를 목록에 넣습니다.",
  ),
  arguments: {
    list: listArgument,
    file: { kind: "optional-text", placeholder: "FILE", summary: text("the CSV file", "CSV 파일") },
  },
  options: { home: homeOption, by: byOption },
  examples: [
    {
      line: "dure site map add LOCAL-LAB lab-codes.csv --home seoul --by kim",
      shows: text("a laboratory's own codes", "검사실 자체 코드 넣기"),
    },
  ],
  async run({ output, language, workingFolder, signal }, input) {
    const home = resolve(workingFolder, input.home);
    const codes =
      input.file === undefined ? await unmappedOf(home, input.list, signal) : await readList(resolve(workingFolder, input.file));
    const { added } = await withReviews(home, (reviews) => reviews.addCodes(input.list, codes, input.by, systemClock.nowMs()));
    const says = text(`${codes.length} codes, ${added} of them new.`, `코드 ${codes.length}개, 그중 ${added}개가 새 코드입니다.`);
    output.result({ json: { codes: codes.length, added }, text: says[language] });
    return EXIT.done;
  },
});

interface NewCode {
  readonly code: string;
  readonly name: string;
  readonly frequency: number;
  readonly info: Readonly<Record<string, string>>;
}

async function unmappedOf(home: string, list: string, signal: AbortSignal): Promise<readonly NewCode[]> {
  const { unmappedCodes } = await import("@dure/site/map-review");
  const { withStore } = await import("./open-reviews.ts");
  const codes = await withStore(home, signal, (store) => unmappedCodes(store, list));
  return codes.map(({ code, name, rowCount }) => ({ code, name, frequency: rowCount, info: {} }));
}

async function readList(path: string): Promise<readonly NewCode[]> {
  const { readCodeList } = await import("@dure/clinical/vocabulary");
  try {
    return readCodeList(readFileSync(path, "utf8"), basename(path));
  } catch (cause) {
    if (cause instanceof DureError) throw cause;
    throw new DureError({
      code: "map/file-unreadable",
      severity: "error",
      place: { file: path },
      what: text("The file cannot be read.", "파일을 읽을 수 없습니다."),
      remedy: text("Check the path and its rights.", "경로와 권한을 확인해 주십시오."),
    });
  }
}
