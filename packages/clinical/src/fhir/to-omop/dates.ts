/**
 * FHIR's date, dateTime and instant as OMOP keeps time: a day, and where the source says it, a time of day on the clock of one time zone
 * for the whole store (f2o-072). A year or a month alone becomes a day by the site's declared rule, and the row is marked (f2o-071).
 */

import { asElement, asText } from "./elements.ts";

export type PartialDateRule = "first-day" | "middle" | "exclude";

export interface When {
  /** ISO day. */
  readonly date: string;
  /** `YYYY-MM-DD HH:MM:SS`, local time of the store's zone; absent where the source gave no time of day. */
  readonly datetime?: string;
  /** The source gave only a year or a month. */
  readonly isImputed: boolean;
}

export interface DateRules {
  /** IANA name, such as `Asia/Seoul`. */
  readonly timeZone: string;
  readonly partialDates: PartialDateRule;
}

export type ReadDate = (value: unknown) => When | undefined;

const FORM = /^(\d{4})(?:-(\d{2})(?:-(\d{2})(?:T(\d{2}):(\d{2})(?::(\d{2})(?:\.\d+)?)?(Z|[+-]\d{2}:?\d{2})?)?)?)?$/;
/** Years that no record of a living patient has are taken for errors of writing. */
const YEAR_MIN = 1850;
const YEAR_MAX = 2200;

/** A reader under the rules; undefined for what is no date of FHIR, such as 30 February. A time without a zone is local already. */
export function dateReader(rules: DateRules): ReadDate {
  const offsetMsAt = zoneOffsets(rules.timeZone);
  return (value) => {
    const match = FORM.exec(asText(value) ?? "");
    if (match === null) return undefined;
    const [, year = "", month, day, hour, minute, second, zone] = match;
    if (Number(year) < YEAR_MIN || Number(year) > YEAR_MAX) return undefined;
    if (month === undefined || day === undefined) return imputed(year, month, rules.partialDates);
    const date = `${year}-${month}-${day}`;
    if (!isDay(Number(year), Number(month), Number(day))) return undefined;
    if (hour === undefined || minute === undefined) return { date, isImputed: false };
    if (Number(hour) > 23 || Number(minute) > 59 || Number(second ?? 0) > 59) return undefined;
    const time = `${hour}:${minute}:${second ?? "00"}`;
    if (zone === undefined) return { date, datetime: `${date} ${time}`, isImputed: false };
    const writtenMs = Date.UTC(Number(year), Number(month) - 1, Number(day), Number(hour), Number(minute), Number(second ?? 0));
    const utcMs = writtenMs - zoneMs(zone);
    const localMs = utcMs + offsetMsAt(utcMs);
    if (localMs === writtenMs) return { date, datetime: `${date} ${time}`, isImputed: false };
    const local = new Date(localMs).toISOString();
    return { date: local.slice(0, 10), datetime: `${local.slice(0, 10)} ${local.slice(11, 19)}`, isImputed: false };
  };
}

/** Start and end of a Period, a dateTime or an instant, whichever of `names` the resource has, in their order. */
export function spanOf(
  resource: Readonly<Record<string, unknown>>,
  read: ReadDate,
  names: readonly string[],
): { readonly start?: When; readonly end?: When } {
  for (const name of names) {
    const value = resource[name];
    const period = asElement(value);
    const start = read(period === undefined ? value : period["start"]);
    const end = period === undefined ? undefined : read(period["end"]);
    if (start !== undefined) return end === undefined ? { start } : { start, end };
    // A period that only says when it ended still says a day on which it was so.
    if (end !== undefined) return { start: end, end };
  }
  return {};
}

export const isTimeZone = (name: string): boolean => {
  try {
    return new Intl.DateTimeFormat("en", { timeZone: name }).resolvedOptions().timeZone !== "";
  } catch {
    return false;
  }
};

function imputed(year: string, month: string | undefined, rule: PartialDateRule): When | undefined {
  if (rule === "exclude") return undefined;
  const isMiddle = rule === "middle";
  const date = month === undefined ? `${year}-${isMiddle ? "07-01" : "01-01"}` : `${year}-${month}-${isMiddle ? "15" : "01"}`;
  return isDay(Number(year), Number(month ?? 1), 1) ? { date, isImputed: true } : undefined;
}

function isDay(year: number, month: number, day: number): boolean {
  if (month < 1 || month > 12 || day < 1) return false;
  return day <= 28 || day <= new Date(Date.UTC(year, month, 0)).getUTCDate();
}

function zoneMs(zone: string): number {
  if (zone === "Z") return 0;
  const minutes = Number(zone.slice(1, 3)) * 60 + Number(zone.slice(-2));
  return (zone.startsWith("-") ? -minutes : minutes) * 60_000;
}

const QUARTER_HOUR_MS = 900_000;
const DAY_MS = 86_400_000;
/** Instants whose offset is remembered: days, mostly. The cache forgets everything when it is full. */
const OFFSETS_KEPT_MAX = 100_000;

/** Zones change their offset at quarter hours only, and on few days: a day that begins and ends with one offset has it throughout. */
function zoneOffsets(timeZone: string): (utcMs: number) => number {
  const format = new Intl.DateTimeFormat("en-US", {
    timeZone,
    hourCycle: "h23",
    year: "numeric",
    month: "2-digit",
    day: "2-digit",
    hour: "2-digit",
    minute: "2-digit",
    second: "2-digit",
  });
  const cache = new Map<number, number>();
  const offsetAt = (atMs: number): number => {
    const known = cache.get(atMs);
    if (known !== undefined) return known;
    const parts = Object.fromEntries(format.formatToParts(atMs).map(({ type, value }) => [type, value]));
    const day = `${parts["year"]}-${parts["month"]}-${parts["day"]}`;
    const offset = Date.parse(`${day}T${parts["hour"]}:${parts["minute"]}:${parts["second"]}Z`) - atMs;
    if (cache.size >= OFFSETS_KEPT_MAX) cache.clear();
    cache.set(atMs, offset);
    return offset;
  };
  return (utcMs) => {
    const dayMs = Math.floor(utcMs / DAY_MS) * DAY_MS;
    const offset = offsetAt(dayMs);
    return offset === offsetAt(dayMs + DAY_MS) ? offset : offsetAt(Math.floor(utcMs / QUARTER_HOUR_MS) * QUARTER_HOUR_MS);
  };
}
