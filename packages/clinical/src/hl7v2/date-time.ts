/** HL7 v2 dates (DT, DTM, TS: `YYYY[MM[DD[HH[MM[SS[.S…]]]]]][+/-ZZZZ]`) as FHIR dates of the same precision. */

/** `unreadable` is not a date at all, or a day or time that does not exist. */
export type DateTime = { readonly kind: "date-time"; readonly text: string } | { readonly kind: "unreadable" };

const DTM = /^(\d{4})(?:(\d{2})(?:(\d{2})(?:(\d{2})(?:(\d{2})(?:(\d{2})(?:\.(\d{1,4}))?)?)?)?)?)?([+-]\d{4})?$/;
export const ZONE = /^[+-]\d{2}:\d{2}$/;

/**
 * A date of FHIR's dateTime. FHIR asks for minutes, seconds and a zone with every time: missing seconds are 00, a missing zone is `zone`, and an
 * hour without minutes is left out, since its minutes would be invented.
 *
 * @param zone such as `+09:00`, for times that carry none
 */
export function parseDateTime(dtm: string, zone: string): DateTime {
  const parts = DTM.exec(dtm);
  if (parts === null) return { kind: "unreadable" };
  const [, year = "", month, day, hour, minute, second, fraction, ownZone] = parts;
  if (!isCalendarDay(year, month, day) || !isTimeOfDay(hour, minute, second)) return { kind: "unreadable" };
  const date = [year, month, day].filter((part) => part !== undefined).join("-");
  if (hour === undefined || minute === undefined) return { kind: "date-time", text: date };
  const seconds = `${second ?? "00"}${fraction === undefined ? "" : `.${fraction.slice(0, 3)}`}`;
  const written = ownZone === undefined ? zone : `${ownZone.slice(0, 3)}:${ownZone.slice(3)}`;
  return { kind: "date-time", text: `${date}T${hour}:${minute}:${seconds}${written}` };
}

/** The instant in UTC, as ResourceChange orders versions; a date without a time is its first moment in the zone. */
export function instantOf(dateTime: string, zone: string): string | undefined {
  const [date = "", time] = dateTime.split("T");
  const [year = "", month = "01", day = "01"] = date.split("-");
  const ms = Date.parse(time === undefined ? `${year}-${month}-${day}T00:00:00${zone}` : dateTime);
  return Number.isNaN(ms) ? undefined : new Date(ms).toISOString();
}

function isCalendarDay(year: string, month: string | undefined, day: string | undefined): boolean {
  if (year === "0000") return false;
  if (month === undefined) return true;
  const [y, m, d] = [Number(year), Number(month), Number(day ?? "1")];
  return m >= 1 && m <= 12 && d >= 1 && d <= new Date(Date.UTC(y, m, 0)).getUTCDate();
}

const isTimeOfDay = (hour = "00", minute = "00", second = "00"): boolean =>
  Number(hour) <= 23 && Number(minute) <= 59 && Number(second) <= 59;
