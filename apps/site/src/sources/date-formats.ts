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

/**
 * `strftime` of the six parts that a mapping's formats have, of a moment whose UTC fields are the local time meant. A format is taken
 * apart once, as a sheet may have a million dates.
 */
export function dateWriter(format: string): (at: Date) => string {
  const parts = format.split(/(%[YmdHMS])/).map((part) => PLACES[part] ?? part);
  return (at) => {
    const iso = at.toISOString(); // YYYY-MM-DDThh:mm:ss.sssZ; the years of records have four digits
    let written = "";
    for (const part of parts) written += typeof part === "string" ? part : iso.slice(part[0], part[1]);
    return written;
  };
}

const PLACES: Readonly<Record<string, readonly [start: number, end: number]>> = {
  ...{ "%Y": [0, 4], "%m": [5, 7], "%d": [8, 10] },
  ...{ "%H": [11, 13], "%M": [14, 16], "%S": [17, 19] },
};
