/** `dure site fhir policy`: what a source of FHIR holds by intent and status, and a policy to confirm. */

import { resolve } from "node:path";
import { DureError, type JsonValue, text } from "@dure/kernel";
import { systemClock } from "@dure/machine";
import { defineCommand } from "../../../command.ts";
import { EXIT } from "../../../exit-status.ts";
import { formatTable } from "../../../text-table.ts";
import { homeOption } from "../../shared-options.ts";

const TIME_ZONE = "Asia/Seoul";

export const siteFhirPolicy = defineCommand({
  name: "site fhir policy",
  summary: text("draft the policy of a source of FHIR", "FHIR 원천의 정책 초안을 만듭니다"),
  description: text(
    "Counts the resources that were taken in by type, intent and status, and writes a document that says which of them count as having happened. " +
      "Start from guide, the HL7 FHIR-to-OMOP guide as it stands (of requests only instance orders are exposures), or from orders-count (every " +
      "authorised order counts unless a dispensing or administration tells of the same; unconfirmed diagnoses become observations). Nothing is " +
      "loaded until somebody has read the document and filled in `confirmed`. docs/fhir-to-omop.md has the format.",
    "들어온 자원을 종류, 의도, 상태별로 세고, 어떤 자원을 일어난 일로 볼지 정하는 문서를 씁니다. " +
      "guide는 HL7 FHIR-to-OMOP 안내서 그대로이며(처방 가운데 instance-order만 투약으로 봄), orders-count는 같은 약의 조제나 투여 기록이 없으면 승인된 처방을 모두 세고 " +
      "확인되지 않은 진단은 관찰로 남깁니다. 누군가 문서를 읽고 `confirmed`를 채우기 전에는 아무것도 적재하지 않습니다. 형식은 docs/fhir-to-omop.md에 있습니다.",
  ),
  arguments: {},
  options: {
    home: homeOption,
    source: { kind: "required-text", placeholder: "NAME", summary: text("the source, as it was taken in", "들여올 때 지정한 원천 이름") },
    profile: { kind: "required-text", placeholder: "PROFILE", summary: text("guide or orders-count", "guide 또는 orders-count") },
    timeZone: {
      kind: "text",
      placeholder: "ZONE",
      summary: text(`time zone of the times in OMOP; ${TIME_ZONE} if not given`, `OMOP에 적을 시각의 시간대. 기본값 ${TIME_ZONE}`),
    },
    out: {
      kind: "text",
      placeholder: "FILE",
      summary: text("the document; NAME-policy.yaml if not given", "문서 파일. 기본값 이름-policy.yaml"),
    },
  },
  examples: [
    {
      line: "dure site fhir policy --home seoul --source emr --profile guide",
      shows: text("count, and write emr-policy.yaml to confirm", "건수를 보고 확정할 emr-policy.yaml 작성"),
    },
  ],
  async run({ output, language, workingFolder, signal }, input) {
    const { draftPolicyIntoFile } = await import("@dure/site/fhir-load");
    const profile = profileOf(input.profile);
    const path = resolve(workingFolder, input.out ?? `${input.source}-policy.yaml`);
    const states = await draftPolicyIntoFile({
      home: resolve(workingFolder, input.home),
      source: input.source,
      profile,
      timeZone: input.timeZone ?? TIME_ZONE,
      path,
      clock: systemClock,
      signal,
    });
    const say = (en: string, ko: string): string => text(en, ko)[language];
    const table = formatTable(
      [
        { heading: say("resource type", "자원 종류") },
        { heading: say("intent", "의도") },
        { heading: say("status", "상태") },
        { heading: say("resources", "자원 수"), align: "right" as const },
      ],
      states.counts.map(({ resourceType, intent, status, count }) => [resourceType, intent, status, String(count)]),
    );
    const next = say(
      `Draft written to ${path}. Read it, correct it, and fill in "confirmed"; then name it in the load plan.`,
      `초안을 ${path}에 썼습니다. 읽고 고친 다음 "confirmed"를 채우고 적재 계획에 적어 주십시오.`,
    );
    output.result({ json: { ...states, path } as unknown as JsonValue, text: `${table}\n\n${next}` }); // counts, words of the standard, addresses of systems
    return EXIT.done;
  },
});

function profileOf(name: string): "guide" | "orders-count" {
  if (name === "guide" || name === "orders-count") return name;
  throw new DureError({
    code: "fhir/unknown-profile",
    severity: "error",
    place: {},
    what: text("--profile takes guide or orders-count.", "--profile 에는 guide 또는 orders-count를 적습니다."),
    remedy: text("See dure site fhir policy --help for what each means.", "각각의 뜻은 dure site fhir policy --help 에 있습니다."),
  });
}
