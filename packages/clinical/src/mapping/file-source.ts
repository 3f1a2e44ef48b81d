/**
 * Where an export lies and in what form: what the reader needs to know before the first cell.
 *
 * A database is named by table, never by a statement, and its connection by an environment variable or a file of the machine: a mapping is
 * read by many people and kept beside the exports, so no password and no SQL stands in it.
 */

import { z } from "zod";

const plainFileName = z.string().regex(/^(?!\.)[^/\\:]+$/);
/** Quoted as they are, so any name a database allows may stand here. */
const databaseName = z
  .string()
  .min(1)
  .max(63)
  .regex(/^[^\p{Cc}]+$/u);
/** Stored as a point in time, such as TIMESTAMP WITH TIME ZONE, a value has a date only in some zone. */
const timeZone = z.string().refine(isTimeZone, {
  message: "not a time zone of the IANA list, such as Asia/Seoul.",
  params: { ko: "IANA 표준 시간대가 아닙니다. 예: Asia/Seoul" },
});

/** A table without rows is an export that failed, far more often than a hospital without such records: who has none says so. */
const mayBeEmpty = z.boolean().default(false);

const FORMATS = {
  delimited: {
    format: z.literal("delimited").default("delimited"),
    mayBeEmpty,
    path: plainFileName,
    delimiter: z.enum(["comma", "tab", "semicolon", "pipe"]),
    encoding: z.enum(["utf-8", "utf-8-bom", "cp949"]),
  },
  xlsx: {
    format: z.literal("xlsx"),
    mayBeEmpty,
    path: plainFileName,
    /** Its name, or its number from 1. Needed where the workbook has several. */
    sheet: z.union([z.string().min(1).max(31), z.int().min(1).max(1000)]).optional(),
    /** The row that names the columns, counted from 1 as the spreadsheet shows it. */
    headerRow: z.int().min(1).max(1000).default(1),
  },
  parquet: { format: z.literal("parquet"), mayBeEmpty, path: plainFileName, timeZone: timeZone.optional() },
  postgresql: {
    format: z.literal("postgresql"),
    mayBeEmpty,
    schema: databaseName.default("public"),
    /** A table or a view. */
    table: databaseName,
    connection: z.union([
      z.strictObject({ variable: z.string().regex(/^[A-Z][A-Z0-9_]{0,63}$/) }),
      z.strictObject({ file: z.string().min(1).max(1000) }),
    ]),
    tls: z.enum(["verified", "unverified", "off"]).default("verified"),
    /** PEM of the authority that signed the server's certificate, where the machine does not know it. */
    tlsAuthority: z.string().min(1).max(1000).optional(),
    timeZone: timeZone.optional(),
  },
} as const satisfies Record<string, z.ZodRawShape>;

type Source<Format extends keyof typeof FORMATS> = z.output<z.ZodObject<(typeof FORMATS)[Format]>>;
/** `path` of a database's table is `schema.table`: what problems and reports call it. */
type FileSource = Source<"delimited"> | Source<"xlsx"> | Source<"parquet"> | (Source<"postgresql"> & { readonly path: string });

/** One file of a mapping: where it lies by its `format` (delimited text where none is given), and the keys that all formats share. */
export function exportFile<Shape extends z.ZodRawShape>(shared: Shape): z.ZodType<FileSource & z.output<z.ZodObject<Shape>>> {
  return z.unknown().transform((value, context): FileSource & z.output<z.ZodObject<Shape>> => {
    const format = formatOf(value);
    if (format === undefined) {
      const list = Object.keys(FORMATS).join(", ");
      const message = `not a format that can be read; one of these: ${list}.`;
      context.issues.push({
        ...{ code: "custom", input: value, path: ["format"], message },
        params: { ko: `읽을 수 없는 형식입니다. 다음 중 하나를 쓰십시오: ${list}.` },
      });
      return z.NEVER;
    }
    const result = z.strictObject({ ...FORMATS[format], ...shared }).safeParse(value);
    if (result.success) return withPath(result.data) as FileSource & z.output<z.ZodObject<Shape>>; // the schema just above made it
    for (const issue of result.error.issues) context.issues.push({ ...issue, input: value } as z.core.$ZodRawIssue); // an issue with its input is a raw issue
    return z.NEVER;
  });
}

function formatOf(value: unknown): keyof typeof FORMATS | undefined {
  if (typeof value !== "object" || value === null || !("format" in value)) return "delimited";
  const { format } = value;
  return typeof format === "string" && Object.hasOwn(FORMATS, format) ? (format as keyof typeof FORMATS) : undefined; // a key, as just asked
}

function withPath(source: Readonly<Record<string, unknown>>): Readonly<Record<string, unknown>> {
  return source["format"] === "postgresql" ? { ...source, path: `${String(source["schema"])}.${String(source["table"])}` } : source;
}

function isTimeZone(name: string): boolean {
  try {
    new Intl.DateTimeFormat("en", { timeZone: name });
    return true;
  } catch {
    return false;
  }
}
