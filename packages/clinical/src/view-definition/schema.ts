/**
 * A ViewDefinition of SQL on FHIR v2: which rows and columns a table has that is made of one type of resource.
 * HL7, SQL on FHIR 2.0, https://build.fhir.org/ig/FHIR/sql-on-fhir-v2/.
 */

import { z } from "zod";

/** A name that every SQL engine takes without quotes. */
const sqlName = z.string().regex(/^[A-Za-z][A-Za-z0-9_]{0,62}$/);
const path = z.string().min(1).max(4000);
const described = { id: z.string().optional(), extension: z.array(z.unknown()).optional(), description: z.string().optional() };

const columnSchema = z.strictObject({
  name: sqlName,
  path,
  type: z.string().optional(),
  /** Several values make a list; without it they are an error. */
  collection: z.boolean().default(false),
  tag: z.array(z.strictObject({ name: z.string(), value: z.string() })).optional(),
  ...described,
});

const constantSchema = z
  .record(z.string(), z.unknown())
  .refine((constant) => sqlName.safeParse(constant["name"]).success && valueKeys(constant).length === 1 && isPrimitive(valueIn(constant)), {
    message: "a constant has a name and exactly one value[x] of a primitive type.",
    params: { ko: "상수에는 이름 하나와 기본 형식의 value[x] 하나만 있어야 합니다." },
  })
  .transform(
    (constant): Constant => ({
      name: String(constant["name"]),
      type: (valueKeys(constant)[0] ?? "").slice("value".length),
      value: valueIn(constant) as Constant["value"], // the refinement let primitives through only
    }),
  );

export interface Constant {
  readonly name: string;
  /** The x of value[x], such as `DateTime`. */
  readonly type: string;
  readonly value: string | number | boolean;
}

const valueKeys = (constant: Record<string, unknown>): string[] => Object.keys(constant).filter((key) => /^value[A-Z]/.test(key));
const valueIn = (constant: Record<string, unknown>): unknown => constant[valueKeys(constant)[0] ?? ""];
const isPrimitive = (value: unknown): boolean => ["string", "number", "boolean"].includes(typeof value);

export type ViewColumn = z.output<typeof columnSchema>;

/** Everything in one select is combined with everything else in it; `unionAll` stacks its branches first. */
export interface ViewSelect {
  readonly column?: readonly ViewColumn[] | undefined;
  readonly select?: readonly ViewSelect[] | undefined;
  readonly unionAll?: readonly ViewSelect[] | undefined;
  /** One row for each element. */
  readonly forEach?: string | undefined;
  /** The same, and one row of nulls where there is no element. */
  readonly forEachOrNull?: string | undefined;
  /** One row for each element that any of the paths reaches, followed again from there, parents first. */
  readonly repeat?: readonly string[] | undefined;
}

const selectSchema: z.ZodType<ViewSelect> = z.lazy(() =>
  z
    .strictObject({
      column: z.array(columnSchema).optional(),
      select: z.array(selectSchema).optional(),
      unionAll: z.array(selectSchema).min(1).optional(),
      forEach: path.optional(),
      forEachOrNull: path.optional(),
      repeat: z.array(path).min(1).optional(),
      ...described,
    })
    .refine(({ forEach, forEachOrNull, repeat }) => [forEach, forEachOrNull, repeat].filter((given) => given !== undefined).length <= 1, {
      message: "a select iterates in one way only: forEach, forEachOrNull or repeat.",
      params: { ko: "select는 forEach, forEachOrNull, repeat 중 하나로만 반복할 수 있습니다." },
    }),
);

/** Metadata of a canonical resource (url, title, publisher and so on) may stand beside these and changes nothing. */
export const viewDefinitionSchema = z.looseObject({
  resource: z.string().regex(/^[A-Z][A-Za-z]+$/),
  name: sqlName.optional(),
  constant: z.array(constantSchema).default([]),
  where: z.array(z.strictObject({ path, ...described })).default([]),
  select: z.array(selectSchema).min(1),
});

export type ViewDefinition = z.output<typeof viewDefinitionSchema>;
