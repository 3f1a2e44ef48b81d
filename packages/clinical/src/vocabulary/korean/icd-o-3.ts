/**
 * ICD-O-3: the morphology of a tumour (`8500/3`) and its place (`C50.9`), which only together are a diagnosis.
 *
 * OMOP's vocabulary `ICDO3` has both alone, and their combinations as `8500/3-C50.9`; where the place is not known, as `8500/3-NULL`. KCD
 * writes morphology as `M8500/3`. A sixth digit is the grade, which the combination does not say (WIDER).
 *
 * Sources: WHO, ICD-O-3 first revision, "Structure and format"; OHDSI, Vocabulary-v5.0, ICDO3.
 */

import type { CodeCandidate } from "../code-candidates.ts";

const MORPHOLOGY = /^M?-?(\d{4})\/?([01236789])[./]?(\d)?$/;
const TOPOGRAPHY = /^C(\d{2})\.?(\d)?$/;

interface Morphology {
  readonly code: string;
  readonly hasGrade: boolean;
}

function parseMorphology(written: string): Morphology | undefined {
  const found = MORPHOLOGY.exec(tidy(written));
  return found === null ? undefined : { code: `${found[1]}/${found[2]}`, hasGrade: found[3] !== undefined };
}

/** `C509` → `C50.9`. */
function parseTopography(written: string): string | undefined {
  const found = TOPOGRAPHY.exec(tidy(written));
  return found === null ? undefined : `C${found[1]}${found[2] === undefined ? "" : `.${found[2]}`}`;
}

/** The code of a diagnosis from two columns of a cancer registry; undefined where either is none of ICD-O-3. */
export function icdO3Code(morphology: string, topography: string): string | undefined {
  const [form, place] = [parseMorphology(morphology), parseTopography(topography)];
  return form === undefined || place === undefined ? undefined : `${form.code}-${place}`;
}

/** A morphology, a place, or both in either order, apart by a dash, a space, `+` or `,`. */
export function icdO3Candidates(written: string): readonly CodeCandidate[] {
  const [first = "", second] = tidy(written)
    .replace(/^M-?(?=\d)/, "")
    .split(/[-\s+,;]+/)
    .filter((part) => part !== "");
  const parts = [first, ...(second === undefined ? [] : [second])];
  const form = parts.map(parseMorphology).find((part) => part !== undefined);
  const place = parts.map(parseTopography).find((part) => part !== undefined);
  const wider = form?.hasGrade === true ? ({ equivalence: "WIDER" } as const) : {};
  const listed = (code: string): CodeCandidate => ({ vocabulary: "ICDO3", code, kind: "code", ...wider });
  if (form !== undefined && place !== undefined) {
    return [
      listed(`${form.code}-${place}`),
      ...(place.includes(".")
        ? []
        : [{ ...listed(`${form.code}-${place}.9`), kind: "parent" as const, equivalence: "EQUIVALENT" as const }]),
      { vocabulary: "ICDO3", code: `${form.code}-NULL`, kind: "parent", equivalence: "WIDER" },
    ];
  }
  if (form !== undefined)
    return [listed(form.code), { ...listed(`${form.code}-NULL`), kind: "parent", equivalence: "EQUIVALENT", ...wider }];
  return [listed(place ?? tidy(written))];
}

const tidy = (written: string): string => written.normalize("NFKC").trim().toUpperCase();
