/** Days as whole numbers: the generator counts, and only the exports write dates. */

const DAY_MS = 86_400_000;

export interface CalendarDay {
  /** Four digits. */
  readonly year: string;
  /** Two digits, 01 to 12. */
  readonly month: string;
  /** Two digits, 01 to 31. */
  readonly day: string;
}

/** Days since 1970-01-01 of a day of the proleptic Gregorian calendar; month from 1. */
export const dayNumber = (year: number, month: number, day: number): number => Date.UTC(year, month - 1, day) / DAY_MS;

/** The calendar day of a whole day number; Hinnant's civil-from-days, since a Date for each cell would cost most of the time. */
function calendarDay(days: number): CalendarDay {
  const shifted = days + 719_468;
  const era = Math.floor(shifted / 146_097);
  const dayOfEra = shifted - era * 146_097;
  const yearOfEra = Math.floor(
    (dayOfEra - Math.floor(dayOfEra / 1460) + Math.floor(dayOfEra / 36_524) - Math.floor(dayOfEra / 146_096)) / 365,
  );
  const dayOfYear = dayOfEra - (365 * yearOfEra + Math.floor(yearOfEra / 4) - Math.floor(yearOfEra / 100));
  const monthFromMarch = Math.floor((5 * dayOfYear + 2) / 153);
  const month = monthFromMarch < 10 ? monthFromMarch + 3 : monthFromMarch - 9;
  return {
    year: String(yearOfEra + era * 400 + (month <= 2 ? 1 : 0)),
    month: String(month).padStart(2, "0"),
    day: String(dayOfYear - Math.floor((153 * monthFromMarch + 2) / 5) + 1).padStart(2, "0"),
  };
}

/** The day with a separator between year, month and day. */
export function writeDay(days: number, separator: string): string {
  const { year, month, day } = calendarDay(days);
  return `${year}${separator}${month}${separator}${day}`;
}

export function writeDayFirst(days: number): string {
  const { year, month, day } = calendarDay(days);
  return `${day}/${month}/${year}`;
}
