/**
 * EDI, the Korean health insurer's claim codes: procedures and tests, drugs, materials. OMOP's vocabulary `EDI` holds all three; none is
 * standard. A code's validity days stand in the vocabulary, and the look-up goes by them.
 *
 * - A procedure has five characters; three more say how it was done or which part of it (`D0002` blood count, `D0002030` its red cells).
 *   Where OMOP lacks the longer code, the first five say less (WIDER).
 * - A drug has nine digits. A spreadsheet takes a leading zero for nothing, so eight digits are asked with it too.
 * - A material has eight characters and begins with a letter as procedures do: its first five name something else, and are not asked.
 *
 * Sources: HIRA, lists of medical procedures, drugs and treatment materials; Healthc Inform Res 2021;27(1):29 (EDI in OMOP).
 */

import type { CodeCandidate } from "../code-candidates.ts";

export type EdiKind = "procedure" | "drug" | "material";

const normaliseEdi = (written: string): string =>
  written
    .normalize("NFKC")
    .replace(/[\s-]+/g, "")
    .toUpperCase();

/** @param kind what the source's list holds; a code of unknown kind is asked as it stands. */
export function ediCandidates(written: string, kind?: EdiKind): readonly CodeCandidate[] {
  const code = normaliseEdi(written);
  if (kind !== "procedure" && kind !== "material" && /^\d{8,9}$/.test(code)) return drugCandidates(code);
  const base = /^([A-Z0-9]{5})[A-Z0-9]{1,3}$/.exec(code)?.[1];
  const parents: readonly CodeCandidate[] =
    kind === "procedure" && base !== undefined ? [{ vocabulary: "EDI", code: base, kind: "parent", equivalence: "WIDER" }] : [];
  return [{ vocabulary: "EDI", code, kind: "code" }, ...parents];
}

/** `KDC` is OMOP's older list of Korean drugs, under the same nine digits. */
function drugCandidates(code: string): readonly CodeCandidate[] {
  const spellings = code.length === 8 ? [code, `0${code}`] : [code];
  return [
    ...spellings.map((spelling): CodeCandidate => ({ vocabulary: "EDI", code: spelling, kind: "code" })),
    ...spellings.map((spelling): CodeCandidate => ({ vocabulary: "KDC", code: spelling, kind: "parent", equivalence: "EQUIVALENT" })),
  ];
}
