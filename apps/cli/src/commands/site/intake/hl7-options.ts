/** A site's own words for its HL7 v2 feed: the same for files and for the listener. */

import { text } from "@dure/kernel";
import type { OptionDefinition } from "../../../command.ts";

export const hl7Options = {
  source: {
    kind: "text",
    placeholder: "NAME",
    summary: text("this site's name for where the messages come from (default hl7)", "메시지 출처에 붙인 이름(기본값 hl7)"),
  },
  zone: {
    kind: "text",
    placeholder: "+HH:MM",
    summary: text("time zone of times that carry none (default +09:00)", "시간대가 없는 시각의 시간대(기본값 +09:00)"),
  },
  charset: {
    kind: "text",
    placeholder: "NAME",
    summary: text(
      "ascii, utf-8, cp949 or iso-8859-1, for messages without MSH-18",
      "MSH-18이 없는 메시지의 문자 집합: ascii, utf-8, cp949, iso-8859-1",
    ),
  },
  codingSystem: {
    kind: "list",
    placeholder: "NAME=URI",
    summary: text("the URI of a coding system that the site names in its own way", "병원이 따로 부르는 코드 체계 이름의 URI"),
  },
  diagnosisType: {
    kind: "list",
    placeholder: "CODE=CERTAINTY",
    summary: text(
      "a diagnosis type (DG1-6, DG1-17) that is provisional, differential, refuted or unconfirmed",
      "의증·배제 진단을 뜻하는 진단 구분(DG1-6, DG1-17): provisional, differential, refuted, unconfirmed",
    ),
  },
  messageBytesMax: {
    kind: "whole-number",
    placeholder: "BYTES",
    min: 1_000,
    max: 1_000_000_000,
    summary: text("size of one message (default 10485760)", "메시지 하나의 최대 크기(기본값 10485760)"),
  },
} as const satisfies Readonly<Record<string, OptionDefinition>>;

export const HL7_SOURCE_DEFAULT = "hl7";

/** As `@dure/site` takes them. */
export const typedTerms = (input: {
  readonly zone: string | undefined;
  readonly charset: string | undefined;
  readonly codingSystem: readonly string[];
  readonly diagnosisType: readonly string[];
}) => ({
  ...(input.zone === undefined ? {} : { zone: input.zone }),
  ...(input.charset === undefined ? {} : { charset: input.charset }),
  codingSystems: input.codingSystem,
  diagnosisTypes: input.diagnosisType,
});
