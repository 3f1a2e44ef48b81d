/**
 * Conversion of units, exact by definition. Codes are UCUM's (unitsofmeasure.org), except "1" for a count.
 *
 * A factor is a fraction of whole numbers, so that 2.2 cm is 2.2 × 10 / 1 mm: one multiplication and one division, each rounded
 * once. Conversions that need a molar mass belong to the substance and are not here.
 */

const UNITS = {
  "1": ["count", 1, 1],
  mm: ["length", 1, 1],
  cm: ["length", 10, 1],
  m: ["length", 1000, 1],
  "fmol/mg": ["content", 1, 1],
  "pmol/mg": ["content", 1000, 1],
  "pmol/g": ["content", 1, 1],
  "nmol/g": ["content", 1000, 1],
  /** The Julian year of 365.25 days, as in UCUM. */
  a: ["time", 36525, 100],
  mo: ["time", 36525, 1200],
  wk: ["time", 7, 1],
  d: ["time", 1, 1],
  "g/dL": ["mass concentration", 1000, 1],
  "g/L": ["mass concentration", 100, 1],
  "mg/dL": ["mass concentration", 1, 1],
  "mg/L": ["mass concentration", 1, 10],
  kg: ["mass", 1000, 1],
  g: ["mass", 1, 1],
  "%": ["proportion", 1, 1],
} as const satisfies Record<string, readonly [dimension: string, numerator: number, denominator: number]>;

export type Unit = keyof typeof UNITS;

export const unitNames: readonly Unit[] = Object.keys(UNITS) as Unit[]; // the keys of the constant just above

export const isUnit = (name: string): name is Unit => Object.hasOwn(UNITS, name);

export interface ConversionFactor {
  readonly numerator: number;
  readonly denominator: number;
}

/** The value in `to` is value × numerator / denominator of the value in `from`; undefined where the two measure different things. */
export function findConversion(from: Unit, to: Unit): ConversionFactor | undefined {
  const [fromDimension, fromNumerator, fromDenominator] = UNITS[from];
  const [toDimension, toNumerator, toDenominator] = UNITS[to];
  if (fromDimension !== toDimension) return undefined;
  const numerator = fromNumerator * toDenominator;
  const denominator = fromDenominator * toNumerator;
  const divisor = greatestCommonDivisor(numerator, denominator);
  return { numerator: numerator / divisor, denominator: denominator / divisor };
}

function greatestCommonDivisor(a: number, b: number): number {
  return b === 0 ? a : greatestCommonDivisor(b, a % b);
}
