/**
 * A typed source has real dates, a mapping declares how dates are written: a date is then written as the mapping declares it for the
 * column, so that the document need not know whether an export had types.
 */

import type { MappingFile } from "@dure/clinical";

/** How a date is written in a column for which nothing is declared. */
export const OF_DATE = "%Y-%m-%d";
export const OF_TIME = "%Y-%m-%d %H:%M:%S";

/** By column; the first declaration where several values read one column. */
export function dateFormatsOf(definition: Pick<MappingFile, "values">): ReadonlyMap<string, string> {
  const formats = new Map<string, string>();
  for (const value of Object.values(definition.values)) {
    if ("date" in value && !formats.has(value.date)) formats.set(value.date, value.format);
  }
  return formats;
}

/** `strftime` of the six parts that a mapping's formats have. @param at a moment whose UTC fields are the local time meant. */
export function writeDate(at: Date, format: string): string {
  const iso = at.toISOString(); // YYYY-MM-DDThh:mm:ss.sssZ; the years of records have four digits
  const parts: Readonly<Record<string, string>> = {
    ...{ "%Y": iso.slice(0, 4), "%m": iso.slice(5, 7), "%d": iso.slice(8, 10) },
    ...{ "%H": iso.slice(11, 13), "%M": iso.slice(14, 16), "%S": iso.slice(17, 19) },
  };
  return format.replace(/%[YmdHMS]/g, (part) => parts[part] ?? part);
}
