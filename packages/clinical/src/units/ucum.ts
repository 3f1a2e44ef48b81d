/**
 * Conversions between any two units of UCUM, by NLM's library. It weighs some megabytes, so it lies behind a subpath of its own:
 * what an agent loads for a run does not reach it.
 *
 * Each conversion is brought to `to = from × factor + offset`, so that a column of a million results needs one question a pair of
 * units and is then converted where it lies. Scales that are no straight line (pH, decibel) are refused by name.
 */

import ucumPackage from "@lhncbc/ucum-lhc";
import { toUcumCode } from "./source-unit.ts";

export interface UnitConversion {
  readonly kind: "conversion";
  readonly factor: number;
  readonly offset: number;
}

export interface NoConversion {
  readonly kind: "none";
  /** Words of the program: safe to show and to count by. */
  readonly reason: "not a unit" | "another quantity" | "molar mass needed" | "valence needed" | "not a linear scale";
}

export interface Substance {
  /** In g/mol; needed between mass and amount of substance. */
  readonly molarMassGPerMol?: number;
  /** Absolute charge number; needed between equivalents and amount of substance. */
  readonly valence?: number;
}

/** Constants of UCUM have up to 12 digits; what a double adds beyond 14 is noise of its arithmetic (98.59999999999997 °F). */
const SIGNIFICANT_DIGITS = 14;
const LINEAR_TOLERANCE = 1e-9;
/** Readings this far apart give the slope without the noise of a small difference. */
const PROBE_SPAN = 1e6;

const library = ucumPackage.UcumLhcUtils.getInstance();

/** The library prints what it cannot take apart; a unit's cell may hold anything, so such texts never reach it. */
const isPrintableCode = (code: string): boolean => /^[\x21-\x7e]{1,60}$/.test(code) && !(code.includes("(") && code.includes("{"));

export const isUcumCode = (code: string): boolean => isPrintableCode(code) && library.validateUnitString(code).status === "valid";

/** The UCUM code of a unit as a laboratory wrote it; undefined where it is none that is known. */
export function findUcumCode(sourceUnit: string): string | undefined {
  const code = toUcumCode(sourceUnit);
  return code !== undefined && isUcumCode(code) ? code : undefined;
}

/**
 * @param from, to UCUM codes, case-sensitive.
 * @returns factor and offset such that `to = from × factor + offset`, each to 14 significant digits; or why there is none.
 * Source: UCUM 2.1 (unitsofmeasure.org); molar conversion by the molar mass given.
 */
export function convertUnits(from: string, to: string, substance: Substance = {}): UnitConversion | NoConversion {
  if (!isUcumCode(from) || !isUcumCode(to)) return { kind: "none", reason: "not a unit" };
  if (from === to) return { kind: "conversion", factor: 1, offset: 0 };
  const options = {
    ...(substance.molarMassGPerMol === undefined ? {} : { molecularWeight: substance.molarMassGPerMol }),
    ...(substance.valence === undefined ? {} : { charge: substance.valence }),
  };
  const at = (value: number) => library.convertUnitTo(from, value, to, options);
  const one = at(1);
  if (one.toVal === null || one.status !== "succeeded") return { kind: "none", reason: reasonOf(one.msg ?? []) };
  const [middle, far] = [at(1 + PROBE_SPAN / 2).toVal, at(1 + PROBE_SPAN).toVal];
  if (middle === null || far === null) return { kind: "none", reason: "not a linear scale" };
  const factor = (far - one.toVal) / PROBE_SPAN;
  const halfway = (far + one.toVal) / 2;
  const bend = Math.abs(middle - halfway); // not a number where a logarithm's inverse overflows
  if (!Number.isFinite(bend) || factor === 0 || bend > Math.abs(factor) * PROBE_SPAN * LINEAR_TOLERANCE)
    return { kind: "none", reason: "not a linear scale" };
  return linear(one.toVal, factor);
}

/** Where two readings agree with a plain factor, the offset is the arithmetic's noise. */
function linear(atOne: number, step: number): UnitConversion {
  const isPlain = Math.abs(atOne - step) <= Math.abs(step) * LINEAR_TOLERANCE;
  return isPlain
    ? { kind: "conversion", factor: rounded(atOne), offset: 0 }
    : { kind: "conversion", factor: rounded(step), offset: rounded(atOne - step) };
}

const rounded = (value: number): number => Number(value.toPrecision(SIGNIFICANT_DIGITS));

function reasonOf(messages: readonly string[]): NoConversion["reason"] {
  const words = messages.join(" ");
  if (/charge/i.test(words)) return "valence needed";
  return /molecular weight/i.test(words) ? "molar mass needed" : "another quantity";
}
