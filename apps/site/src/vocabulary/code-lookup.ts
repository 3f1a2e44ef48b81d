/** Codes to concepts, for every way into OMOP: one at a time for FHIR, a whole column at once for tables. */

import type { ResolvedCode, SourceCode } from "@dure/clinical";
import type { SqlSession } from "../store/clinical-session.ts";
import type { Sql } from "../store/clinical-sql.ts";

export interface CodeLookup {
  /** VOCABULARY.vocabulary_version of the row `None`, or `none` where only the concepts of this program are known. */
  readonly vocabularyVersion: string;
  /** By `sourceCodeKey`. Every code asked for is in the answer, an unmapped one as `UNMAPPED`. Batches of a thousand or so. */
  readonly lookUp: (session: SqlSession, codes: readonly SourceCode[]) => Promise<ReadonlyMap<string, ResolvedCode>>;
  /**
   * For each code, by `sourceCodeKey` without a day, the ISO days on which what it stands for can change, ascending: two uses with none of
   * them after the one and up to the other mean the same. So a code used on ten thousand days is looked up a few times. Batches as above.
   */
  readonly changeDays: (session: SqlSession, codes: readonly SourceCode[]) => Promise<ReadonlyMap<string, readonly string[]>>;
  /**
   * Creates the temporary table `into` (vocabulary VARCHAR, code VARCHAR, on_date DATE, source_concept_id INTEGER,
   * target_concept_id INTEGER, domain_id VARCHAR, relation VARCHAR, equivalence VARCHAR, origin VARCHAR) for each distinct row of
   * `codes`, a query of the columns vocabulary, code, on_date (NULL where the day does not matter). An unmapped code has one row with
   * target 0, domain NULL, relation `event`. Set-wise: one pass over the vocabulary, whatever the number of codes.
   */
  readonly resolveSet: (session: SqlSession, codes: Sql, into: string) => Promise<void>;
}
