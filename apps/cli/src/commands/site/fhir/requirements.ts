/** `dure site fhir requirements`: the HL7 FHIR-to-OMOP guide by number, how each requirement is kept, and what the last load says. */

import { resolve } from "node:path";
import { type JsonValue, type Text, text } from "@dure/kernel";
import { defineCommand } from "../../../command.ts";
import { EXIT } from "../../../exit-status.ts";
import { formatTable } from "../../../text-table.ts";

const KEPT: Readonly<Record<"load" | "test" | "declared" | "document" | "deviation", Text>> = {
  load: text("each load", "적재마다 확인"),
  test: text("tested", "시험으로 확인"),
  declared: text("policy", "정책에 적음"),
  document: text("documented", "문서"),
  deviation: text("DEVIATION", "차이 있음"),
};

export const siteFhirRequirements = defineCommand({
  name: "site fhir requirements",
  summary: text("how the FHIR-to-OMOP guide is kept, by number", "FHIR-to-OMOP 안내서 요구 사항의 번호별 이행 상태"),
  description: text(
    "Lists the 56 requirements of the HL7 guide, how each is kept here and why some are not. With --home also what the newest snapshot says: pass, " +
      "or fail with the count of what speaks against it, for each source of FHIR.",
    "HL7 안내서의 요구 사항 56개와 각각을 어떻게 지키는지, 지키지 않는 것은 왜 그런지 보여 줍니다. --home 을 주면 최신 적재본의 FHIR 원천마다 통과 여부와 " +
      "어긋나는 건수도 함께 보여 줍니다.",
  ),
  arguments: {},
  options: { home: { kind: "text", placeholder: "FOLDER", summary: text("the site's folder", "기관 폴더") } },
  examples: [
    {
      line: "dure site fhir requirements --home seoul",
      shows: text("the table, with the newest snapshot's results", "최신 적재본의 결과를 포함한 표"),
    },
  ],
  async run({ output, language, workingFolder }, input) {
    const { REQUIREMENTS } = await import("@dure/clinical/fhir");
    const { lastRequirementResults } = await import("@dure/site/fhir-load");
    const checked = input.home === undefined ? [] : await lastRequirementResults(resolve(workingFolder, input.home));
    const say = (en: string, ko: string): string => text(en, ko)[language];
    const table = formatTable(
      [
        { heading: say("number", "번호") },
        { heading: say("kept by", "이행") },
        ...checked.map(({ contributor }) => ({ heading: contributor })),
        { heading: say("requirement and how it is kept", "요구 사항과 이행 방법") },
      ],
      REQUIREMENTS.map(({ requirement, kept, says, how }) => [
        requirement,
        KEPT[kept][language],
        ...checked.map(({ results }) => {
          const result = results.find((each) => each.requirement === requirement);
          if (result === undefined) return "";
          return result.outcome === "pass" ? say("pass", "통과") : `${say("FAIL", "실패")} ${result.count}`;
        }),
        `${says[language]} ${how[language]}`,
      ]),
    );
    output.result({ json: { requirements: REQUIREMENTS, checked } as unknown as JsonValue, text: table }); // counts and words of this program
    return EXIT.done;
  },
});
