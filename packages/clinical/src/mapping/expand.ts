/**
 * The short forms of a mapping written out, so that whoever reads a mapping meets the long ones only: a code of a vocabulary becomes a
 * value that every row has, and a row `unpivot` becomes a value and a row for each column.
 */

import type { z } from "zod";
import type { rowSchema } from "./row-schema.ts";
import type { valueSchema } from "./value-schema.ts";

type WrittenRow = z.output<typeof rowSchema>;
type Value = z.output<typeof valueSchema>;
interface VocabularyCode {
  readonly vocabulary: string;
  readonly code: string;
}

type WithoutCodes<Row> = { readonly [Key in keyof Row]: Exclude<Row[Key], VocabularyCode> };
type Measurement = Extract<WrittenRow, { readonly to: "measurement" }>;
type ExpandedMeasurement = WithoutCodes<Omit<Measurement, "unpivot"> & { readonly concept: NonNullable<Measurement["concept"]> }>;
type Each<Row> = Row extends Measurement ? ExpandedMeasurement : WithoutCodes<Row>;
export type ExpandedRow = Each<WrittenRow>;

interface WrittenFile {
  readonly values: Readonly<Record<string, Value>>;
  readonly rows: readonly WrittenRow[];
}

/** Each format of a file by itself, so that they stay told apart by `format`. */
type ExpandedFile<File> = File extends unknown
  ? Omit<File, "rows" | "values"> & { readonly values: Readonly<Record<string, Value>>; readonly rows: readonly ExpandedRow[] }
  : never;
type ExpandedDocument<Document extends WrittenDocument> = Omit<Document, "files"> & {
  readonly files: Readonly<Record<string, ExpandedFile<Document["files"][string]>>>;
};
interface WrittenDocument {
  readonly files: Readonly<Record<string, WrittenFile>>;
}

/** Generated names begin with a sign that no name of a document has. Rows made of one row stand in its place and after all others. */
export function expandMapping<Document extends WrittenDocument>(document: Document): ExpandedDocument<Document> {
  const files = Object.fromEntries(Object.entries(document.files).map(([name, file]) => [name, expandFile(file)]));
  return { ...document, files } as unknown as ExpandedDocument<Document>; // each file with its values and rows written out, all else as it was
}

function expandFile(file: WrittenFile) {
  const values: Record<string, Value> = { ...file.values };
  const first: ExpandedRow[] = [];
  const more: ExpandedRow[] = [];
  file.rows.forEach((row, i) => {
    const [own, ...others] = unpivoted(row, i, values).map((each, j) => withoutCodes(each, `#${i + 1}-${j + 1}`, values));
    if (own !== undefined) first.push(own);
    more.push(...others);
  });
  return { ...file, values, rows: [...first, ...more] };
}

function unpivoted(row: WrittenRow, index: number, values: Record<string, Value>): readonly WrittenRow[] {
  if (row.to !== "measurement" || row.unpivot === undefined) return [row];
  const { unpivot, ...shared } = row;
  return Object.entries(unpivot).map(([column, { concept, unit, minimum, maximum }]) => {
    const name = `#${index + 1} ${column}`;
    values[name] = {
      ...{ result: column, unit },
      ...(minimum === undefined ? {} : { minimum }),
      ...(maximum === undefined ? {} : { maximum }),
    };
    return { ...shared, concept, value: name };
  });
}

function withoutCodes(row: WrittenRow, prefix: string, values: Record<string, Value>): ExpandedRow {
  const entries = Object.entries(row).map(([key, value]) => {
    if (typeof value !== "object" || value === null || !("vocabulary" in value)) return [key, value];
    const name = `${prefix} ${key}`;
    values[name] = { code: value.code, vocabulary: value.vocabulary, reason: "written in the row" };
    return [key, { value: name }];
  });
  return Object.fromEntries(entries) as ExpandedRow; // the same keys, each code as the value that stands for it
}
