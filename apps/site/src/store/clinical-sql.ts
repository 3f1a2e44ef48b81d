/**
 * SQL put together from typed pieces.
 *
 * What comes from a document, a file or a caller is either a bound value or a quoted identifier. Plain text enters a statement only
 * from the source code, through the tagged template, so nothing that a stranger wrote is ever parsed as SQL.
 */

import { quoteIdentifier } from "@dure/clinical";

export type SqlValue = string | number | bigint | boolean | null;

export interface Sql {
  readonly kind: "sql";
  readonly parts: readonly (string | { readonly value: SqlValue })[];
}

/** Sql inside `${}` is inserted, anything else is bound. */
export function sql(texts: TemplateStringsArray, ...inserts: readonly (Sql | SqlValue)[]): Sql {
  const parts: (string | { readonly value: SqlValue })[] = [];
  texts.forEach((part, i) => {
    parts.push(part);
    if (i >= inserts.length) return;
    const insert = inserts[i] ?? null;
    if (isSql(insert)) parts.push(...insert.parts);
    else parts.push({ value: insert });
  });
  return { kind: "sql", parts };
}

/** A quoted identifier. */
export const identifier = (name: string): Sql => ({ kind: "sql", parts: [quoteIdentifier(name)] });

/** A whole number written into the statement, so that it keeps its integer type. */
export function integer(value: number | bigint): Sql {
  if (typeof value === "number" && !Number.isSafeInteger(value)) throw new RangeError("not a whole number within 2^53");
  return { kind: "sql", parts: [String(value)] };
}

export const join = (items: readonly Sql[], separator: ", " | " AND " | " OR " | " UNION ALL " | " " = ", "): Sql => ({
  kind: "sql",
  parts: items.flatMap((item, i) => (i === 0 ? item.parts : [separator, ...item.parts])),
});

export const emptySql: Sql = { kind: "sql", parts: [] };

/** The statement with `$1, $2, ...` and the values in that order. */
export function renderSql(statement: Sql): { readonly text: string; readonly values: SqlValue[] } {
  const values: SqlValue[] = [];
  const text = statement.parts.map((part) => (typeof part === "string" ? part : `$${values.push(part.value)}`)).join("");
  return { text, values };
}

/** A text literal, for the few settings and options that take no bound value. Quotes are doubled; zero bytes refused. */
export function textLiteral(value: string): Sql {
  if (value.includes("\0")) throw new RangeError("an SQL text holds no zero byte");
  return { kind: "sql", parts: [`'${value.replaceAll("'", "''")}'`] };
}

const isSql = (value: Sql | SqlValue): value is Sql => typeof value === "object" && value !== null;
