/** A site's own words for its HL7 v2 feed, as somebody types them. */

import { CERTAINTIES, type Certainty, CHARSETS, type Charset, DEFAULT_TERMS, type SiteTerms, ZONE } from "@dure/clinical/hl7v2";
import { DureError, type Problem, type Text, text } from "@dure/kernel";

export interface TypedTerms {
  readonly zone?: string;
  readonly charset?: string;
  /** `NAME=URI`. */
  readonly codingSystems: readonly string[];
  /** `CODE=certainty`. */
  readonly diagnosisTypes: readonly string[];
}

/** @throws DureError `hl7/bad-option` with every option that is wrong */
export function readTerms(typed: TypedTerms): { readonly terms: SiteTerms; readonly undeclaredCharset?: Charset } {
  const problems: Problem[] = [];
  const zone = typed.zone ?? DEFAULT_TERMS.zone;
  if (!ZONE.test(zone)) problems.push(badOption("--zone", text("not a zone such as +09:00.", "+09:00 같은 시간대가 아닙니다.")));
  const charset = CHARSETS.find((name) => name === typed.charset);
  if (typed.charset !== undefined && charset === undefined) problems.push(badOption("--charset", oneOf(CHARSETS)));
  const codingSystems = pairs(typed.codingSystems, "--coding-system", problems);
  const certainties = pairs(typed.diagnosisTypes, "--diagnosis-type", problems).flatMap(
    ([code, word]): readonly (readonly [string, Certainty])[] => {
      const certainty = CERTAINTIES.find((name) => name === word);
      if (certainty === undefined) problems.push(badOption("--diagnosis-type", oneOf(CERTAINTIES)));
      return certainty === undefined ? [] : [[code, certainty]];
    },
  );
  if (problems.length > 0) throw new DureError(problems);
  return {
    terms: {
      zone,
      codingSystems: Object.fromEntries(codingSystems),
      diagnosisCertainty: { ...DEFAULT_TERMS.diagnosisCertainty, ...Object.fromEntries(certainties) },
    },
    ...(charset === undefined ? {} : { undeclaredCharset: charset }),
  };
}

function pairs(values: readonly string[], option: string, problems: Problem[]): readonly (readonly [string, string])[] {
  return values.flatMap((value) => {
    const at = value.indexOf("=");
    if (at > 0) return [[value.slice(0, at), value.slice(at + 1)] as const];
    problems.push(badOption(option, text("not of the form NAME=VALUE.", "이름=값 꼴이 아닙니다.")));
    return [];
  });
}

const oneOf = (names: readonly string[]): Text => text(`none of ${names.join(", ")}.`, `다음 가운데 하나여야 합니다: ${names.join(", ")}.`);

const badOption = (option: string, what: Text): Problem => ({
  code: "hl7/bad-option",
  severity: "error",
  place: { path: option },
  what,
  remedy: text("Correct the option; nothing was read.", "옵션을 고치십시오. 아무것도 읽지 않았습니다."),
});
