/** Conditions of a mapping over staged values. A comparison with a missing value does not hold. */

import type { MappingCondition, ResolvedValue, ValueCondition } from "@dure/clinical";
import { assert } from "@dure/kernel";
import { join, type Sql, sql } from "../store/clinical-sql.ts";
import type { StagingNames } from "./staging-names.ts";

export interface ConditionContext {
  readonly names: StagingNames;
  readonly parameters: Readonly<Record<string, string>>;
  readonly find: (reference: string) => ResolvedValue | undefined;
}

/** Never NULL. */
export function conditionsSql(conditions: readonly MappingCondition[], context: ConditionContext): Sql {
  const tests = conditions.map((condition) =>
    "anyOf" in condition
      ? sql`(${join(
          condition.anyOf.map((inner) => oneSql(inner, context)),
          " OR ",
        )})`
      : oneSql(condition, context),
  );
  return sql`(${join(tests, " AND ")})`;
}

function oneSql(condition: ValueCondition, context: ConditionContext): Sql {
  const resolved = context.find(condition.value);
  assert(resolved !== undefined, "the mapping was checked");
  const value = context.names.value(resolved);
  const code = "text" in resolved.value ? value : context.names.code(resolved);
  const tests: Sql[] = [];
  if (condition.is !== undefined) tests.push(sql`${code} = ${condition.is}`);
  if (condition.in !== undefined) tests.push(sql`${code} IN (${bound(condition.in)})`);
  if (condition.notIn !== undefined) tests.push(sql`${code} NOT IN (${bound(condition.notIn)})`);
  if (condition.startsWith !== undefined) tests.push(sql`starts_with(${code}, ${condition.startsWith})`);
  if (condition.parameter !== undefined) tests.push(sql`${code} = ${context.parameters[condition.parameter] ?? null}`);
  if (condition.present !== undefined) tests.push(condition.present ? sql`${value} IS NOT NULL` : sql`${value} IS NULL`);
  if (condition.atLeast !== undefined) tests.push(sql`${value} >= ${condition.atLeast}::DOUBLE`);
  if (condition.above !== undefined) tests.push(sql`${value} > ${condition.above}::DOUBLE`);
  if (condition.atMost !== undefined) tests.push(sql`${value} <= ${condition.atMost}::DOUBLE`);
  if (condition.below !== undefined) tests.push(sql`${value} < ${condition.below}::DOUBLE`);
  return sql`coalesce(${join(tests, " AND ")}, false)`;
}

const bound = (codes: readonly string[]): Sql => join(codes.map((code) => sql`${code}`));
