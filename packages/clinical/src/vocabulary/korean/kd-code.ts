/**
 * KD codes, the thirteen digits on a Korean drug package: 880, maker (4), product (4), package (1), check digit of GTIN-13.
 *
 * The insurer's nine digits are maker, product and one digit of package, 0 for the product itself. So a package leads to the claim code of
 * its own package, and else to that of the product, which does not say how many were in the box (WIDER). A code whose check digit is
 * wrong was mistyped and leads nowhere: its neighbour is another drug.
 *
 * Sources: KPIS, rules on drug standard codes (의약품표준코드); GS1 General Specifications, "Check digit calculations".
 */

import type { CodeCandidate } from "../code-candidates.ts";

export function kdCodeCandidates(written: string): readonly CodeCandidate[] {
  const code = written.normalize("NFKC").replace(/[\s-]+/g, "");
  const itself: CodeCandidate = { vocabulary: "KDC", code, kind: "code" };
  if (!/^880\d{10}$/.test(code) || !hasCheckDigit(code)) return [itself];
  const product = code.slice(3, 11);
  const ofPackage = `${product}${code[11]}`;
  return [
    itself,
    { vocabulary: "EDI", code: ofPackage, kind: "parent", equivalence: ofPackage.endsWith("0") ? "WIDER" : "EQUIVALENT" },
    ...(ofPackage.endsWith("0") ? [] : [{ vocabulary: "EDI", code: `${product}0`, kind: "parent", equivalence: "WIDER" } as const]),
  ];
}

/** GTIN-13: weights 1, 3, 1, 3, …; the whole sum is a multiple of ten. */
function hasCheckDigit(code: string): boolean {
  const sum = Array.from(code, (digit, i) => Number(digit) * (i % 2 === 0 ? 1 : 3)).reduce((total, term) => total + term, 0);
  return sum % 10 === 0;
}
