/**
 * The order of a resource's versions, as text.
 *
 * Servers write an instant with a zone of their own and with none to nine digits of a second, so as they stand they do not sort:
 * `09:00:00Z` comes after `09:00:00.5Z`, and `10:00+09:00` is earlier than `02:00Z`. Here all of them are UTC with nine digits.
 */

/** The source names no version. It is neither older nor newer than any other: the later arrival stands. */
export const UNKNOWN_VERSION = "";

/** Such as 2015-02-07T13:28:17.239+02:00. Source: FHIR R4, "instant". */
const INSTANT = /^(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d)(?:\.(\d{1,9})\d*)?(Z|[+-]\d\d:\d\d)$/;

/** As this function gives it: read once, a version is asked for again at every step. */
const NORMAL = /^\d{4}-(0[1-9]|1[0-2])-(0[1-9]|[12]\d|3[01])T([01]\d|2[0-3]):[0-5]\d:[0-5]\d\.\d{9}Z$/;

const UTC: ReadonlySet<string> = new Set(["Z", "+00:00", "-00:00"]);

/**
 * @param instant as FHIR writes it
 * @returns `YYYY-MM-DDThh:mm:ss.nnnnnnnnnZ`, digits beyond the ninth cut off; undefined where it is no instant
 */
export function versionOfInstant(instant: unknown): string | undefined {
  if (typeof instant === "string" && NORMAL.test(instant)) return instant;
  const [, seconds, fraction = "", zone] = typeof instant === "string" ? (INSTANT.exec(instant) ?? []) : [];
  if (seconds === undefined || zone === undefined) return undefined;
  const ms = Date.parse(`${seconds}${zone}`);
  if (Number.isNaN(ms)) return undefined;
  return `${UTC.has(zone) ? seconds : new Date(ms).toISOString().slice(0, 19)}.${fraction.padEnd(9, "0")}Z`;
}

/** The earlier version is older; an unknown one is not, nor is any against it. */
export const isOlderVersion = (version: string, than: string): boolean =>
  version !== UNKNOWN_VERSION && than !== UNKNOWN_VERSION && version < than;
