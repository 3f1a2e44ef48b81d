/**
 * What the codes of a mapping stand for: each distinct code and day once, through the hospital's tables and OMOP's vocabulary, set-wise.
 *
 * A column of a million codes has some thousands that differ. They go step by step through the mapping's look-ups, are asked of the
 * vocabulary all together, and come back as one temporary table a value, which the rules join.
 */

import { findValue, type Lookup, lookupSteps, type Mapping, type ResolvedValue } from "@dure/clinical";
import { assert } from "@dure/kernel";
import type { SqlSession } from "../store/clinical-session.ts";
import { identifier, join, type Sql, sql } from "../store/clinical-sql.ts";
import type { CodeLookup } from "../vocabulary/code-lookup.ts";
import type { StagingNames } from "./staging-names.ts";

export interface LookupPlan {
  readonly session: SqlSession;
  readonly mapping: Mapping;
  readonly names: StagingNames;
  readonly codes: CodeLookup;
}

export interface LookedUp {
  /** Most rows that one code makes: the greatest number of concepts that it stands for. */
  readonly copies: number;
  readonly vocabulary: string;
  /** The site's own list where the look-up names one, else the vocabulary. */
  readonly list: string;
}

/** The staged table of a look-up's own file. */
export const lookupTable = (name: string, mapping: Mapping): Sql =>
  identifier(`lookup_${Object.keys(mapping.lookups ?? {}).indexOf(name)}`);

/**
 * For every looked-up value of the mapping, the temporary table `names.map(value)` (code, day, position, concept_id, domain_id,
 * equivalence, source_concept_id, value_concept_id, stored_unit, molar_mass, valence): a row for each concept of a code, numbered from 0;
 * an unmapped code has one row with concept 0.
 * @returns by value: file and name joined by a dot.
 */
export async function stageLookups(plan: LookupPlan): Promise<ReadonlyMap<string, LookedUp>> {
  const { session, mapping, names } = plan;
  const values = lookedUpValues(mapping);
  if (values.length === 0) return new Map();
  for (const value of values) await traceCodes(plan, value);
  const all = join(
    values.flatMap((value) => {
      const trace = names.trace(value);
      return [
        sql`SELECT ${vocabularyOf(mapping, value)} AS vocabulary, target AS code, day AS on_date FROM ${trace} WHERE target IS NOT NULL`,
        sql`SELECT ${listOf(mapping, value)} AS vocabulary, code, day AS on_date FROM ${trace}`,
      ];
    }),
    " UNION ALL ",
  );
  await plan.codes.resolveSet(session, sql`SELECT DISTINCT vocabulary, code, on_date FROM (${all})`, RESOLVED);
  const found = new Map<string, LookedUp>();
  for (const value of values) found.set(valueKey(value), await mapCodes(plan, value));
  await session.run(sql`DROP TABLE ${identifier(RESOLVED)}`);
  return found;
}

export const valueKey = ({ file, name }: ResolvedValue): string => `${file}.${name}`;

/** The code that a row has, and the day by which it is read: what the map is joined by. Columns of the staged file. */
export function mapKeySql(
  value: ResolvedValue,
  mapping: Mapping,
  names: StagingNames,
): { readonly code: Sql; readonly day: Sql | undefined } {
  if ("code" in value.value) return { code: names.value(value), day: undefined };
  assert("lookUp" in value.value, "only looked-up codes have a map");
  const asOf = value.value.asOf === undefined ? undefined : findValue(mapping, value.file, value.value.asOf);
  return { code: names.code(value), day: asOf === undefined ? undefined : names.value(asOf) };
}

const RESOLVED = "resolved_codes";

function lookedUpValues(mapping: Mapping): readonly ResolvedValue[] {
  return Object.entries(mapping.files).flatMap(([file, { values }]) =>
    Object.entries(values).flatMap(([name, value]) => ("lookUp" in value || "code" in value ? [{ file, name, value }] : [])),
  );
}

const stepsOf = (mapping: Mapping, { value }: ResolvedValue): readonly (Lookup & { readonly name: string })[] => {
  if (!("lookUp" in value)) return [];
  const steps = lookupSteps(mapping, value.lookUp);
  assert(steps !== undefined, "the mapping was checked");
  return steps.map((step, i) => ({ ...step, name: i === 0 ? value.lookUp : (steps[i - 1]?.next ?? "") }));
};

const firstStep = (mapping: Mapping, value: ResolvedValue): Lookup | undefined => stepsOf(mapping, value)[0];

function vocabularyOf(mapping: Mapping, value: ResolvedValue): string {
  if ("code" in value.value) return value.value.vocabulary;
  const vocabulary = stepsOf(mapping, value).at(-1)?.vocabulary;
  assert(vocabulary !== undefined, "the mapping was checked: a chain ends in a vocabulary");
  return vocabulary;
}

/** Where the hospital reviews codes of this value that have no concept: the list that the look-up names, or the one named after the vocabulary. */
const listOf = (mapping: Mapping, value: ResolvedValue): string => firstStep(mapping, value)?.siteList ?? vocabularyOf(mapping, value);

/** `names.trace(value)` (code, day, target): each distinct code of the file, and the code of the vocabulary it leads to. */
async function traceCodes(plan: LookupPlan, value: ResolvedValue): Promise<void> {
  const { session, mapping, names } = plan;
  const trace = names.trace(value);
  if ("code" in value.value) {
    await session.run(
      sql`CREATE TEMP TABLE ${trace} AS SELECT ${value.value.code}::VARCHAR AS code, NULL::DATE AS day, ${value.value.code}::VARCHAR AS target`,
    );
    return;
  }
  const { code, day } = mapKeySql(value, mapping, names);
  let traced = sql`SELECT DISTINCT ${code} AS code, ${day ?? sql`NULL::DATE`} AS day, ${code} AS target FROM ${names.table(value.file)} WHERE x = 0 AND ${code} IS NOT NULL`;
  for (const step of stepsOf(mapping, value)) traced = oneStep(traced, step, mapping);
  await session.run(sql`CREATE TEMP TABLE ${trace} AS ${traced}`);
}

function oneStep(traced: Sql, step: Lookup & { readonly name: string }, mapping: Mapping): Sql {
  if (step.table !== undefined) return written(step, through(traced, sql`${lookupTable(step.name, mapping)} l`));
  if (step.codes === undefined) return written(step, traced);
  const entries = step.codes.map((entry) => {
    const [from, to] = ["from" in entry ? entry.from : undefined, "to" in entry ? entry.to : undefined];
    return sql`(${entry.code}, ${from ?? FIRST_DAY}::DATE, ${to ?? LAST_DAY}::DATE, ${entry.means})`;
  });
  return written(step, through(traced, sql`(VALUES ${join(entries)}) l(code, first_day, last_day, gives)`));
}

export const FIRST_DAY = "0001-01-01";
export const LAST_DAY = "9999-12-31";

/** Of several rows that hold on a day, the one that began last. */
const through = (traced: Sql, lookup: Sql): Sql => sql`
  SELECT t.code, t.day, l.gives AS target FROM (${traced}) t
  LEFT JOIN ${lookup} ON l.code = t.target AND (t.day IS NULL OR t.day BETWEEN l.first_day AND l.last_day)
  QUALIFY row_number() OVER (PARTITION BY t.code, t.day ORDER BY l.first_day DESC NULLS LAST, l.gives) = 1`;

/** As the next table or the vocabulary writes the code. */
function written(step: Lookup, traced: Sql): Sql {
  if (step.write === undefined || step.write === "as-is") return traced;
  const upper = sql`upper(trim(target))`;
  // Three characters, a dot, the rest: N201 is N20.1, and N20 stays as it is.
  const code = step.write === "dotted" ? sql`regexp_replace(${upper}, '^([A-Z][0-9]{2})([0-9A-Z]+)$', '\\1.\\2')` : upper;
  return sql`SELECT code, day, ${code} AS target FROM (${traced})`;
}

async function mapCodes(plan: LookupPlan, value: ResolvedValue): Promise<LookedUp> {
  const { session, mapping, names } = plan;
  const vocabulary = vocabularyOf(mapping, value);
  const steps = stepsOf(mapping, value);
  await session.run(sql`
    CREATE TEMP TABLE ${names.map(value)} AS
    WITH targets AS (${candidates(plan, value, vocabulary)}),
    events AS (
      SELECT code, day, target_concept_id, domain_id, equivalence, source_concept_id, row_number() OVER (PARTITION BY code, day ORDER BY target_concept_id) - 1 AS position
      FROM targets WHERE relation = 'event'),
    others AS (SELECT code, day, min(target_concept_id) AS value_concept_id FROM targets WHERE relation = 'value' GROUP BY code, day)
    SELECT t.code, t.day, coalesce(e.position, 0)::INTEGER AS position, coalesce(e.target_concept_id, 0)::INTEGER AS concept_id, e.domain_id,
      coalesce(e.equivalence, 'UNMATCHED') AS equivalence, coalesce(e.source_concept_id, 0)::INTEGER AS source_concept_id, o.value_concept_id,
      u.stored_unit, u.molar_mass, u.valence
    FROM ${names.trace(value)} t
    LEFT JOIN events e ON e.code = t.code AND e.day IS NOT DISTINCT FROM t.day
    LEFT JOIN others o ON o.code = t.code AND o.day IS NOT DISTINCT FROM t.day
    LEFT JOIN ${unitsSql(steps.at(-1))} u ON u.code = t.target`);
  const copies = await session.count(sql`SELECT coalesce(max(position), 0) + 1 FROM ${names.map(value)}`);
  return { copies, vocabulary, list: listOf(mapping, value) };
}

/** What the vocabulary gives for the traced code; where the site's own map knows the code as the row has it, that instead. */
function candidates({ mapping, names }: LookupPlan, value: ResolvedValue, vocabulary: string): Sql {
  const resolved = identifier(RESOLVED);
  const columns = sql`r.target_concept_id, r.domain_id, r.relation, r.equivalence, r.source_concept_id`;
  const chained = sql`SELECT t.code, t.day, ${columns} FROM ${names.trace(value)} t JOIN ${resolved} r ON r.vocabulary = ${vocabulary} AND r.code = t.target AND r.on_date IS NOT DISTINCT FROM t.day`;
  const own = sql`SELECT t.code, t.day, ${columns} FROM ${names.trace(value)} t JOIN ${resolved} r ON r.vocabulary = ${listOf(mapping, value)} AND r.code = t.code AND r.on_date IS NOT DISTINCT FROM t.day WHERE r.origin = 'site-map' AND r.target_concept_id <> 0`;
  return sql`SELECT * FROM (${own}) UNION ALL SELECT c.* FROM (${chained}) c WHERE NOT EXISTS (SELECT 1 FROM (${own}) o WHERE o.code = c.code AND o.day IS NOT DISTINCT FROM c.day)`;
}

function unitsSql(step: Lookup | undefined): Sql {
  const rows = Object.entries(step?.units ?? {}).map(([code, substance]) => {
    const molarMass = "molarMassGPerMol" in substance ? (substance.molarMassGPerMol ?? null) : null;
    const valence = "valence" in substance ? (substance.valence ?? null) : null;
    return sql`(${code}, ${substance.unit}, ${molarMass}::DOUBLE, ${valence}::DOUBLE)`;
  });
  const list = rows.length === 0 ? sql`(NULL::VARCHAR, NULL::VARCHAR, NULL::DOUBLE, NULL::DOUBLE)` : join(rows);
  return sql`(SELECT * FROM (VALUES ${list}) v(code, stored_unit, molar_mass, valence))`;
}
