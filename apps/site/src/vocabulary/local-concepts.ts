/**
 * The site's own concepts, from 2,000,100,000 on, in a vocabulary that knows nothing of them: taken over from the vocabulary in use,
 * or read from a folder in the form of a download. OMOP leaves ids from 2,000,000,000 on to users; the first hundred thousand of them
 * are this program's.
 */

import { LOCAL_CONCEPT_ID_MIN, type OmopTable } from "@dure/clinical";
import { DureError } from "@dure/kernel";
import type { SqlSession } from "../store/clinical-session.ts";
import { identifier, integer, type Sql, sql } from "../store/clinical-sql.ts";
import type { PlannedFile } from "./load-vocabulary.ts";
import { selectFile } from "./vocabulary-files.ts";
import { notLocal } from "./vocabulary-problems.ts";
import { OWN_VOCABULARY } from "./vocabulary-tables.ts";

const SITE_CONCEPT_ID_MIN = LOCAL_CONCEPT_ID_MIN + 100_000;

/** What names a vocabulary's rows in the tables that list vocabularies, domains and classes. */
const NAMES = { vocabulary: "vocabulary_id", domain: "domain_id", concept_class: "concept_class_id" } as const;

/** @throws DureError where an id is not one of a site's own. */
export async function addLocalConcepts(session: SqlSession, schema: string, files: readonly PlannedFile[]): Promise<void> {
  const at = identifier(schema);
  for (const file of files) {
    const table = identifier(file.table);
    const rows = selectFile(file, file.form);
    if (file.table === "concept") {
      const wrong = await session.count(
        sql`SELECT count(*) FROM (${rows}) WHERE concept_id IS NULL OR concept_id < ${integer(SITE_CONCEPT_ID_MIN)}`,
      );
      if (wrong > 0) throw new DureError(notLocal(wrong));
    }
    await session.run(sql`INSERT INTO ${at}.${table} SELECT * FROM (${rows}) added ${unlessNamed(at, file.table)}`);
  }
}

/** Concepts with their relations, synonyms and ancestors; the new vocabulary's rows stand where both have them. */
export async function carryLocalConcepts(session: SqlSession, from: string, to: string): Promise<void> {
  const [source, target] = [identifier(from), identifier(to)];
  await session.run(sql`
    CREATE OR REPLACE TEMP TABLE carried AS SELECT * FROM ${source}.concept old
    WHERE concept_id >= ${integer(LOCAL_CONCEPT_ID_MIN)} AND vocabulary_id <> ${OWN_VOCABULARY}
      AND NOT EXISTS (FROM ${target}.concept held WHERE held.concept_id = old.concept_id)`);
  await session.run(sql`INSERT INTO ${target}.concept SELECT * FROM carried`);
  const carry = (table: OmopTable, ...columns: readonly string[]): Promise<void> => {
    const anyOf = columns.map((column) => sql`${identifier(column)} IN (SELECT concept_id FROM carried)`);
    const [first, second] = anyOf;
    return session.run(
      sql`INSERT INTO ${target}.${identifier(table)} SELECT * FROM ${source}.${identifier(table)} WHERE ${first ?? sql`false`} OR ${second ?? sql`false`}`,
    );
  };
  await carry("concept_relationship", "concept_id_1", "concept_id_2");
  await carry("concept_synonym", "concept_id");
  await carry("concept_ancestor", "ancestor_concept_id", "descendant_concept_id");
  for (const [table, column] of Object.entries(NAMES)) {
    await session.run(sql`
      INSERT INTO ${target}.${identifier(table)} SELECT * FROM ${source}.${identifier(table)} added
      WHERE ${identifier(column)} IN (SELECT ${identifier(column)} FROM carried)
        AND NOT EXISTS (FROM ${target}.${identifier(table)} held WHERE held.${identifier(column)} = added.${identifier(column)})`);
  }
  await session.run(sql`DROP TABLE carried`);
}

function unlessNamed(at: Sql, table: OmopTable): Sql {
  const column = table in NAMES ? NAMES[table as keyof typeof NAMES] : undefined; // one of its keys, as just asked
  if (column === undefined) return sql``;
  return sql`WHERE NOT EXISTS (FROM ${at}.${identifier(table)} held WHERE held.${identifier(column)} = added.${identifier(column)})`;
}
