/** Hospital numbers that were found to be one person's: the rows of the old number are the new one's. */

import { DureError, type Problem } from "@dure/kernel";
import { type Sql, sql } from "../store/clinical-sql.ts";
import { limitProblems } from "./find-faults.ts";
import { mergeCycle, valueProblem } from "./problems.ts";
import { stageColumns, type TablePlan } from "./stage-lookup-tables.ts";

/** A number merged on and on: longer chains are a circle. */
const MERGE_STEPS_MAX = 10;

/** Fills the temporary table `merged (old_number, new_number)`, each old number with the one it is in the end; empty without `merges`. */
export async function stageMerges(plan: TablePlan, scratch: string[]): Promise<readonly Problem[]> {
  const { session, mapping } = plan;
  await session.run(sql`CREATE TEMP TABLE merged (old_number VARCHAR, new_number VARCHAR)`);
  const { merges } = mapping;
  if (merges === undefined) return [];
  const staged = await stageColumns(plan, { definition: merges, columns: [merges.from, merges.to], into: sql`merge_cells` }, scratch);
  if (staged.headerProblems.length > 0) return staged.headerProblems;
  const incomplete = await session.rows(sql`SELECT n, c0 IS NULL FROM merge_cells WHERE c0 IS NULL OR c1 IS NULL ORDER BY n LIMIT 100`);
  const listed = incomplete.map(([n, isOld]) =>
    valueProblem(6, { file: merges.path, row: Number(n), column: isOld === true ? merges.from : merges.to }),
  );
  // A number that was merged twice went, in the end, where the last row says.
  await session.run(sql`
    INSERT INTO merged SELECT c0, arg_max(c1, n) FROM merge_cells WHERE c0 IS NOT NULL AND c1 IS NOT NULL AND c0 <> c1 GROUP BY c0`);
  await session.run(sql`DROP TABLE merge_cells`);
  const further = sql`SELECT count(*) FROM merged a JOIN merged b ON b.old_number = a.new_number`;
  for (let step = 0; (await session.count(further)) > 0; step++) {
    if (step === MERGE_STEPS_MAX) throw new DureError(mergeCycle(merges.path, MERGE_STEPS_MAX));
    await session.run(sql`UPDATE merged SET new_number = b.new_number FROM merged b WHERE b.old_number = merged.new_number`);
  }
  return limitProblems(merges.path, [staged.broken, { listed, count: listed.length }]);
}

/**
 * Gives the rows of a raw table the number that their person has now; `was_merged` says which had another. An update keeps the rows in
 * the file's order, which a join need not.
 */
export const applyMerges = (raw: Sql, person: Sql): Sql =>
  sql`UPDATE ${raw} SET ${person} = m.new_number, was_merged = true FROM merged m WHERE m.old_number = ${person}`;

/** In the persons file, the row of an old number whose new number has a row of its own. Columns of `cells`. */
export const supersededPerson = (raw: Sql, person: Sql, x: Sql): Sql =>
  sql`(${x}.was_merged AND ${x}.${person} IN (SELECT ${person} FROM ${raw} WHERE NOT was_merged))`;

export const MERGED_REASON = "merged into another hospital number";
