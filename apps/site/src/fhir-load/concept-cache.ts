/** What placing events asks of the vocabulary: codes, which concept stands above which, and classes; remembered for one load. */

import type { SourceCode } from "@dure/clinical";
import { type ConceptFacts, codesOf, type EventDraft, type Resolve } from "@dure/clinical/fhir";
import type { SqlSession } from "../store/clinical-session.ts";
import { identifier, integer, join, type Sql, sql } from "../store/clinical-sql.ts";
import type { CodeLookup } from "../vocabulary/code-lookup.ts";
import { CODES_KEPT_MAX, CodeCache } from "./code-cache.ts";

export interface ConceptCache {
  readonly resolve: Resolve;
  readonly facts: ConceptFacts;
  /** Asks for all that `placeEvent` will need of these drafts. */
  readonly prepare: (drafts: readonly EventDraft[], more?: readonly SourceCode[]) => Promise<void>;
}

export function conceptCache(session: SqlSession, schema: string, codes: CodeLookup): ConceptCache {
  const known = new CodeCache(session, codes);
  const { resolve } = known;
  const ancestors = new Map<string, boolean>();
  const classes = new Map<number, string | undefined>();

  async function lookUpAncestors(drafts: readonly EventDraft[]): Promise<void> {
    if (ancestors.size > CODES_KEPT_MAX) ancestors.clear();
    const pairs = new Map<string, readonly [number, number]>();
    for (const draft of drafts) {
      if (draft.codes.length < 2) continue;
      const ids = targetIds(draft, resolve);
      for (const a of ids) for (const d of ids) if (a !== d && !ancestors.has(`${a}>${d}`)) pairs.set(`${a}>${d}`, [a, d]);
    }
    if (pairs.size === 0) return;
    const rows = await session.rows(ancestorsAmong(schema, [...pairs.values()]));
    for (const key of pairs.keys()) ancestors.set(key, false);
    for (const [a, d] of rows) ancestors.set(`${a}>${d}`, true);
  }

  async function lookUpClasses(drafts: readonly EventDraft[]): Promise<void> {
    const ids = drafts.filter(({ about }) => about?.when === "code-is-no-finding").flatMap((draft) => targetIds(draft, resolve));
    const unknown = [...new Set(ids)].filter((id) => !classes.has(id));
    if (unknown.length === 0) return;
    for (const id of unknown) classes.set(id, undefined);
    const rows = await session.rows(sql`
      SELECT concept_id, concept_class_id FROM ${identifier(schema)}.concept WHERE concept_id IN (${join(unknown.map(integer))})`);
    for (const [id, name] of rows) classes.set(Number(id), String(name));
  }

  return {
    resolve,
    facts: {
      isAncestor: (ancestorId, descendantId) => ancestors.get(`${ancestorId}>${descendantId}`) === true,
      conceptClass: (conceptId) => classes.get(conceptId),
    },
    prepare: async (drafts, more = []) => {
      await known.prepare([...more, ...drafts.flatMap(codesOf)]);
      await lookUpAncestors(drafts);
      await lookUpClasses(drafts);
    },
  };
}

const targetIds = ({ codes }: EventDraft, resolve: Resolve): readonly number[] =>
  codes.flatMap(({ code }) => resolve(code).targets.map(({ conceptId }) => conceptId));

function ancestorsAmong(schema: string, pairs: readonly (readonly [ancestor: number, descendant: number])[]): Sql {
  const wanted = pairs.map(([a, d]) => sql`(${integer(a)}, ${integer(d)})`);
  return sql`
    SELECT DISTINCT c.ancestor_concept_id, c.descendant_concept_id FROM ${identifier(schema)}.concept_ancestor c
    JOIN (VALUES ${join(wanted)}) AS w(a, d) ON c.ancestor_concept_id = w.a AND c.descendant_concept_id = w.d`;
}
