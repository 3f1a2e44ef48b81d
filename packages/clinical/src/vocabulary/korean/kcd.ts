/**
 * KCD, the Korean classification of diseases: ICD-10 with Korean subcodes.
 *
 * OMOP has one vocabulary of it, `KCD7`, with codes dotted after the third character, mapped through ICD-10. Hospitals write codes with
 * and without the dot, with ICD-10's dagger and asterisk, and use subcodes of later editions. A subcode that OMOP lacks goes to its
 * nearest parent, which says less (WIDER); the same code in ICD-10 says the same (EQUIVALENT), since KCD only adds to ICD-10.
 *
 * Sources: Statistics Korea, notices on KCD-7 (in force 2016-01-01), KCD-8 (2021-01-01) and KCD-9 (2026-01-01); OHDSI, Vocabulary-v5.0,
 * KCD7; WHO, ICD-10 volume 2, section 3.1.3 (dagger and asterisk). COVID-19 was U18.1 in KCD-7 from February 2020 and is U07.1 from KCD-8 on.
 */

import type { CodeCandidate } from "../code-candidates.ts";

const KCD_EDITIONS = [
  { edition: 7, from: "2016-01-01", to: "2020-12-31" },
  { edition: 8, from: "2021-01-01", to: "2025-12-31" },
  { edition: 9, from: "2026-01-01", to: undefined },
] as const;

export type KcdEdition = (typeof KCD_EDITIONS)[number]["edition"];

/** The edition in force on an ISO day of diagnosis; undefined before 2016. */
export const kcdEditionOn = (day: string): KcdEdition | undefined =>
  KCD_EDITIONS.find(({ from, to }) => from <= day && (to === undefined || day <= to))?.edition;

/** `n201+` → `N20.1`: upper case, dotted, without dagger, asterisk, trailing dash or space. Other codes: upper case only. */
export function normaliseKcd(written: string): string {
  const code = written
    .normalize("NFKC")
    .trim()
    .toUpperCase()
    .replace(/(?<=[0-9A-Z.])[†‡*+!#\s-]+$/u, "")
    .replace(/\.$/, "");
  const found = /^([A-Z]\d{2})\.?(\d[0-9A-Z]{0,3})?$/.exec(code);
  if (found === null) return code;
  const [, category = "", sub] = found;
  return sub === undefined ? category : `${category}.${sub}`;
}

/** From the code itself to its category: `N20.12`, `N20.1`, `N20`. */
export function kcdAncestry(code: string): readonly string[] {
  const found = /^([A-Z]\d{2})(?:\.([0-9A-Z]+))?$/.exec(code);
  if (found === null) return [code];
  const [, category = "", sub = ""] = found;
  const wider = Array.from(sub, (_, dropped) => `${category}.${sub.slice(0, sub.length - dropped)}`);
  return [...wider, category];
}

/** Codes that ICD-10 has under another number. */
const SAME_IN_ICD10: Readonly<Record<string, string>> = { "U18.1": "U07.1" };

/** @param edition that the source itself names; by the day of diagnosis where it names none. */
export function kcdCandidates(written: string, edition?: KcdEdition): readonly CodeCandidate[] {
  const [code = "", ...wider] = kcdAncestry(normaliseKcd(written));
  return [
    ...inKcd(code, edition).map((candidate) => ({ ...candidate, kind: "code" as const })),
    { vocabulary: "ICD10", code: SAME_IN_ICD10[code] ?? code, kind: "parent", equivalence: "EQUIVALENT" },
    ...wider.flatMap((parent): readonly CodeCandidate[] => [
      ...inKcd(parent, edition).map((candidate) => ({ ...candidate, kind: "parent" as const, equivalence: "WIDER" as const })),
      { vocabulary: "ICD10", code: parent, kind: "parent", equivalence: "WIDER" },
    ]),
  ];
}

/** `KCD7` last: it is what OMOP has, and for a code of any edition; the later ones are asked in case a release brings them. */
function inKcd(code: string, edition: KcdEdition | undefined): readonly Omit<CodeCandidate, "kind">[] {
  const later = KCD_EDITIONS.filter((known) => known.edition !== 7 && (edition === undefined || edition === known.edition));
  const dated = later.map(({ edition: number, from, to }) => ({
    ...{ vocabulary: `KCD${number}`, code },
    ...(edition === undefined ? { from, ...(to === undefined ? {} : { to }) } : {}),
  }));
  return [...dated, { vocabulary: "KCD7", code }];
}
