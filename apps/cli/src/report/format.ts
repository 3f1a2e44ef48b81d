/** Numbers as a medical journal prints them. */

import type { ReportedCount } from "./report-options.ts";

/** 97.5 % point of the standard normal distribution. */
const NORMAL_QUANTILE = 1.959963984540054;

export interface Interval {
  readonly low: number;
  readonly high: number;
}

/** Wald interval of an AUC from DeLong's standard error, cut to [0, 1]. */
export function aucInterval(auc: number, standardError: number): Interval {
  return { low: Math.max(0, auc - NORMAL_QUANTILE * standardError), high: Math.min(1, auc + NORMAL_QUANTILE * standardError) };
}

/** Wilson's interval of a proportion (Wilson 1927); count ≥ 1. */
export function proportionInterval(events: number, count: number): Interval {
  const z2 = NORMAL_QUANTILE ** 2;
  const proportion = events / count;
  const centre = (proportion + z2 / (2 * count)) / (1 + z2 / count);
  const half = (NORMAL_QUANTILE / (1 + z2 / count)) * Math.sqrt((proportion * (1 - proportion)) / count + z2 / (4 * count ** 2));
  return { low: Math.max(0, centre - half), high: Math.min(1, centre + half) };
}

export const formatInteger = (value: number): string => value.toLocaleString("en-US");

/** A suppressed cell prints its bound, never its value. */
export function formatCount(count: ReportedCount): string {
  if (count.n !== undefined) return formatInteger(count.n);
  return count.lessThan === undefined ? "–" : `<${formatInteger(count.lessThan)}`;
}

/** A minus sign, not a hyphen, so that columns of figures read well. */
export const formatDecimal = (value: number, digits: number): string => {
  const rounded = value.toFixed(digits);
  return Number(rounded) === 0 ? (0).toFixed(digits) : rounded.replace("-", "−");
};

export const formatSigned = (value: number, digits: number): string => {
  const rounded = formatDecimal(value, digits);
  return Number(rounded) > 0 ? `+${rounded}` : rounded;
};

/** Word joiners keep the two ends on one line. */
/** A dash between two figures; a comma where a minus sign would stand beside it. */
export const formatInterval = ({ low, high }: Interval, digits: number): string =>
  `${formatDecimal(low, digits)}${low < 0 ? ", " : "\u2060–\u2060"}${formatDecimal(high, digits)}`;

export function formatP(p: number): string {
  if (p < 0.001) return "<0.001";
  return p < 0.1 ? p.toFixed(3) : p.toFixed(2);
}

export const formatPercent = (share: number): string => `${(100 * share).toFixed(1)} %`;

export function formatBytes(bytes: number): string {
  if (bytes < 1000) return `${bytes} B`;
  return bytes < 1e6 ? `${(bytes / 1e3).toFixed(1)} kB` : `${(bytes / 1e6).toFixed(1)} MB`;
}
