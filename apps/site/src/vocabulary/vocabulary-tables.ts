/** The tables of one vocabulary in its own schema, and the concepts that this program brings along. */

import {
  conceptNames,
  duckdbType,
  findConcept,
  LOCAL_CONCEPT_ID_MIN,
  OMOP_TABLES,
  type OmopTable,
  omopFields,
  omopTables,
} from "@dure/clinical";
import type { SqlSession } from "../store/clinical-session.ts";
import { emptySql, identifier, integer, join, type Sql, sql, textLiteral } from "../store/clinical-sql.ts";

/** Of OMOP CDM v5.4, in the order of the specification. */
export const vocabularyTables: readonly OmopTable[] = omopTables.filter((table) => OMOP_TABLES[table].schema === "VOCAB");

/** The vocabulary of this program's own concepts. */
export const OWN_VOCABULARY = "Dure";

export async function createVocabularyTables(session: SqlSession, schema: string): Promise<void> {
  await session.run(sql`CREATE SCHEMA ${identifier(schema)}`);
  for (const table of vocabularyTables) await session.run(createVocabularyTable(schema, table));
}

/** A type name of the specification has no letter that would need quoting. */
const typeName = (type: string): Sql => ({ kind: "sql", parts: [type] });

export function createVocabularyTable(schema: string, table: OmopTable): Sql {
  const columns = omopFields(table).map(([name, field]) => {
    const type = typeName(duckdbType(name, field));
    return sql`${identifier(name)} ${type}${field.required ? sql` NOT NULL` : emptySql}`;
  });
  return sql`CREATE TABLE ${identifier(schema)}.${identifier(table)} (${join(columns)})`;
}

/**
 * Adds what the schema lacks of this program's own concepts, of concept 0, and of the vocabularies, domains and classes that they name:
 * rows of a mapping hold those ids, whatever vocabulary a hospital has.
 *
 * @returns the number of concepts added
 */
export async function addOwnConcepts(session: SqlSession, schema: string): Promise<number> {
  const at = identifier(schema);
  const local = conceptNames.map((name) => {
    const { id, name: conceptName, domain, vocabulary, code } = findConcept(name);
    const standard = id < LOCAL_CONCEPT_ID_MIN ? sql`'S'` : sql`NULL`;
    return ownConcept({ id, name: conceptName, domain, vocabulary, code }, standard);
  });
  const none = ownConcept(
    { id: 0, name: "No matching concept", domain: "Metadata", vocabulary: "None", code: "No matching concept" },
    sql`NULL`,
  );
  const before = await session.count(sql`SELECT count(*) FROM ${at}.concept`);
  await session.run(sql`
    INSERT INTO ${at}.concept
      (concept_id, concept_name, domain_id, vocabulary_id, concept_class_id, standard_concept, concept_code, valid_start_date, valid_end_date)
    SELECT * FROM (VALUES ${join([none, ...local])}) own(concept_id, a, b, c, d, e, f, g, h)
    WHERE NOT EXISTS (FROM ${at}.concept held WHERE held.concept_id = own.concept_id)`);
  const added = (await session.count(sql`SELECT count(*) FROM ${at}.concept`)) - before;
  if (added > 0) for (const statement of namedByOwnConcepts(at)) await session.run(statement);
  return added;
}

interface OwnConcept {
  readonly id: number;
  readonly name: string;
  readonly domain: string;
  readonly vocabulary: string;
  readonly code: string;
}

const ownConcept = ({ id, name, domain, vocabulary, code }: OwnConcept, standard: Sql): Sql => {
  const texts = [name, domain, vocabulary, "Undefined"].map(textLiteral);
  return sql`(${integer(id)}, ${join(texts)}, ${standard}, ${textLiteral(code)}, DATE '1970-01-01', DATE '2099-12-31')`;
};

/** Only what own concepts name: a whole vocabulary lists its own. */
function namedByOwnConcepts(at: Sql): readonly Sql[] {
  const own = join(conceptNames.map((name) => integer(findConcept(name).id)));
  const missing = (table: string, field: string): Sql => sql`
    FROM ${at}.concept c WHERE c.concept_id IN (0, ${own})
      AND NOT EXISTS (FROM ${at}.${identifier(table)} held WHERE held.${identifier(field)} = c.${identifier(field)})`;
  return [
    sql`INSERT INTO ${at}.domain SELECT DISTINCT c.domain_id, c.domain_id, 0 ${missing("domain", "domain_id")}`,
    sql`INSERT INTO ${at}.concept_class SELECT DISTINCT c.concept_class_id, c.concept_class_id, 0 ${missing("concept_class", "concept_class_id")}`,
    sql`INSERT INTO ${at}.vocabulary SELECT DISTINCT c.vocabulary_id, c.vocabulary_id, NULL, NULL, 0 ${missing("vocabulary", "vocabulary_id")}
        AND c.vocabulary_id <> 'None'`,
  ];
}
