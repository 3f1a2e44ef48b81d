/**
 * In which rows of a file a value is used.
 *
 * A laboratory's export is one long table of many tests: its result column holds numbers in many units, and words. A mapping declares
 * one value for each test that it needs, over the same columns, and takes it up in a rule with a condition. What stands in the
 * columns in all the other rows is then nobody's concern, so a value is held to its declaration only where it is used.
 */

import { findFileValue, findValue, type ResolvedValue, referencesOf } from "./resolve.ts";
import { conditionsIn, referencesIn } from "./row-references.ts";
import type { Mapping, MappingCondition, MappingRow, PeriodDate, ValueCondition } from "./schema.ts";

/** `nowhere`: nothing in the document refers to the value. Else in every row, or where all conditions of one of the lists hold. */
export type ValueUse = "nowhere" | "every-row" | readonly (readonly MappingCondition[])[];

/** By name, for every value of a file. */
export function usesOf(mapping: Mapping, fileName: string): ReadonlyMap<string, ValueUse> {
  const found = new Map<string, ValueUse>(Object.keys(mapping.files[fileName]?.values ?? {}).map((name) => [name, "nowhere"]));
  for (const { resolved, conditions } of allUses(mapping)) mark(mapping, { fileName, found }, { resolved, conditions });
  return found;
}

interface Use {
  readonly resolved: ResolvedValue;
  /** None: in every row. */
  readonly conditions: readonly MappingCondition[] | undefined;
}

interface Marks {
  readonly fileName: string;
  readonly found: Map<string, ValueUse>;
}

/** Marks the value and all that it is computed from. Values of another file are joined by person: there, every row is used. */
function mark(mapping: Mapping, marks: Marks, { resolved, conditions }: Use): void {
  if (resolved.file === marks.fileName) {
    const before = marks.found.get(resolved.name) ?? "nowhere";
    const lists = typeof before === "string" ? [] : before;
    marks.found.set(resolved.name, conditions === undefined || before === "every-row" ? "every-row" : [...lists, conditions]);
  }
  for (const { reference } of referencesOf(resolved.value)) {
    const target = findValue(mapping, resolved.file, reference);
    if (target === undefined) continue;
    mark(mapping, marks, { resolved: target, conditions: target.file === resolved.file ? conditions : undefined });
  }
}

function allUses(mapping: Mapping): readonly Use[] {
  const files = Object.entries(mapping.files).flatMap(([fileName, file]) => {
    const find = (reference: string) => findValue(mapping, fileName, reference);
    return [
      ...file.exclude.flatMap((rule) => conditionUses("when" in rule ? rule.when : rule.unless, find)),
      ...(file.deletedWhen === undefined ? [] : conditionUses(file.deletedWhen, find)),
      ...file.rows.flatMap((row) => rowUses(row, fileName, find)),
    ];
  });
  const { start, end } = mapping.observationPeriod;
  return [...files, ...[...start, ...end].flatMap((date) => periodUses(mapping, date))];
}

type Find = (reference: string) => ResolvedValue | undefined;

function rowUses(row: MappingRow, fileName: string, find: Find): readonly Use[] {
  const conditions = "when" in row ? row.when : undefined;
  const uses = referencesIn(row).flatMap(({ reference }) => {
    const resolved = find(reference);
    return resolved === undefined ? [] : [{ resolved, conditions: resolved.file === fileName ? conditions : undefined }];
  });
  return [...uses, ...conditionsIn(row).flatMap((each) => conditionUses(each, find))];
}

/** A condition is evaluated in every row. */
const conditionUses = (conditions: readonly MappingCondition[], find: Find): readonly Use[] =>
  conditions
    .flatMap((condition): readonly ValueCondition[] => ("anyOf" in condition ? condition.anyOf : [condition]))
    .flatMap(({ value }) => {
      const resolved = find(value);
      return resolved === undefined ? [] : [{ resolved, conditions: undefined }];
    });

function periodUses(mapping: Mapping, { value, when }: PeriodDate): readonly Use[] {
  const resolved = findFileValue(mapping, value);
  if (resolved === undefined) return [];
  const inConditions = when === undefined ? [] : conditionUses(when, (reference) => findValue(mapping, resolved.file, reference));
  return [{ resolved, conditions: when }, ...inConditions];
}
