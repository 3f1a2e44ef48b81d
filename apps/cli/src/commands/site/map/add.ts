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
      "there already keeps its decisions. Without a file the list takes the codes that the last load found no concept for. With --code and --name the " +
      "file may be any exported table, such as the order master: it gives the names of the codes that the last load left open, or, where it left " +
      "none, all codes of the table.",
    "code, name, frequency 열이 있는 CSV 파일을 읽습니다. 영문명 같은 다른 열도 보관하고 검색에 씁니다. 이미 있는 코드의 결정은 그대로 둡니다. " +
      "파일을 지정하지 않으면 마지막 적재에서 개념을 찾지 못한 코드를 목록에 넣습니다. --code와 --name을 쓰면 처방 마스터 같은 내보내기 표를 그대로 지정할 수 있습니다. " +
      "마지막 적재에서 남은 코드에 이름을 붙이며, 남은 코드가 없으면 표의 모든 코드를 넣습니다.",
  ),
  arguments: {
    list: listArgument,
    file: { kind: "optional-text", placeholder: "FILE", summary: text("the CSV file", "CSV 파일") },
  },
  options: {
    home: homeOption,
    by: byOption,
    code: { kind: "text", placeholder: "COLUMN", summary: text("the table's column with the code", "표에서 코드가 있는 열") },
    name: {
      kind: "list",
      placeholder: "COLUMN",
      summary: text(
        "the table's column with the name; more than one are all searched",
        "표에서 이름이 있는 열(여러 개를 지정하면 모두 검색에 씁니다)",
      ),
    },
  },
  examples: [
    {
      line: "dure site map add LOCAL-ORDERS export/ORD_MST.csv --code ORD_CD --name KOR_NM --name ENG_NM --home seoul --by kim",
      shows: text("open codes, named by the order master", "남은 코드에 처방 마스터의 이름 붙이기"),
    },
    {
      line: "dure site map add LOCAL-LAB lab-codes.csv --home seoul --by kim",
      shows: text("a laboratory's own codes", "검사실 자체 코드 넣기"),
    },
  ],
  async run({ output, language, workingFolder, signal }, input) {
    const home = resolve(workingFolder, input.home);
    const { nameOpenCodes, readNamedCodes } = await import("@dure/site/map-review");
    const path = input.file === undefined ? undefined : resolve(workingFolder, input.file);
    const named =
      path === undefined || input.code === undefined
        ? undefined
        : await readNamedCodes({ path, code: input.code, names: input.name, signal });
    const given = path === undefined || named !== undefined ? undefined : await readList(path);
    const { codes, added } = await withReviews(home, (reviews) => {
      const open = reviews.unmapped(input.list);
      const taken = given ?? (named === undefined ? open : open.length === 0 ? named : nameOpenCodes(open, named));
      if (taken.length === 0) throw new DureError(nothingToAdd(reviews.unmappedLists().map(({ list }) => list)));
      return { codes: taken, ...reviews.addCodes(input.list, taken, input.by, systemClock.nowMs()) };
    });
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

const nothingToAdd = (lists: readonly string[]) => ({
  code: "map/nothing-to-add",
  severity: "error" as const,
  place: {},
  what: text("The last load left no code of this list open.", "마지막 적재에서 이 목록의 코드는 모두 개념을 찾았습니다."),
  remedy:
    lists.length === 0
      ? text("Name a CSV file of codes, or load first.", "코드가 담긴 CSV 파일을 지정하거나 먼저 적재해 주십시오.")
      : text(`Lists with open codes: ${lists.join(", ")}.`, `남은 코드가 있는 목록: ${lists.join(", ")}.`),
});
