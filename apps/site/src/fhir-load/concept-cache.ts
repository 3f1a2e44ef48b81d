/**
 * Codes and what they stand for, asked of the vocabulary once and remembered for one load.
 *
 * A hospital uses some ten thousand codes a million times. The cache belongs to one load and so to one vocabulary (f2o-111). A code whose
 * meaning depends on the day is remembered by the stretch of days in which it means the same, so that it is not asked for each day anew.
 */

import { type ResolvedCode, type SourceCode, sourceCodeKey, UNMAPPED } from "@dure/clinical";
import { type ConceptFacts, codesOf, type EventDraft, type Resolve } from "@dure/clinical/fhir";
import type { SqlSession } from "../store/clinical-session.ts";
import { identifier, integer, join, type Sql, sql } from "../store/clinical-sql.ts";
import type { CodeLookup } from "../vocabulary/code-lookup.ts";

/** About 20 MB: a key and a small object each. */
const CODES_KEPT_MAX = 50_000;
const LOOK_UP_BATCH = 2_000;

export interface ConceptCache {
  readonly resolve: Resolve;
  readonly facts: ConceptFacts;
  /** Asks for all that `placeEvent` will need of these drafts. */
  readonly prepare: (drafts: readonly EventDraft[], more?: readonly SourceCode[]) => Promise<void>;
}

export function conceptCache(session: SqlSession, schema: string, codes: CodeLookup): ConceptCache {
  let resolved = new Map<string, ResolvedCode>();
  /** By `undatedKeyOf`: days on which a stretch begins, ascending. */
  let changeDays = new Map<string, readonly string[]>();
  const ancestors = new Map<string, boolean>();
  const classes = new Map<number, string | undefined>();
  const keyOf = (code: SourceCode): string => {
    const undated = undatedKeyOf(code);
    const { onDate } = code;
    return onDate === undefined ? undated : `${undated}\n${changeDays.get(undated)?.findLast((day) => day <= onDate) ?? ""}`;
  };
  const resolve: Resolve = (code) => resolved.get(keyOf(code)) ?? UNMAPPED;

  async function lookUpNew(drafts: readonly EventDraft[], more: readonly SourceCode[]): Promise<void> {
    const used = [...more, ...drafts.flatMap(codesOf)];
    await findStretches(used);
    let asked = unknownOf(used);
    if (resolved.size + asked.length > CODES_KEPT_MAX) {
      [resolved, changeDays] = [new Map(), new Map()];
      await findStretches(used);
      asked = unknownOf(used);
    }
    for (let at = 0; at < asked.length; at += LOOK_UP_BATCH) {
      const batch = asked.slice(at, at + LOOK_UP_BATCH);
      const found = await codes.lookUp(
        session,
        batch.map(([, code]) => code),
      );
      for (const [key, code] of batch) resolved.set(key, found.get(sourceCodeKey(code)) ?? UNMAPPED);
    }
  }

  function unknownOf(used: readonly SourceCode[]): readonly (readonly [key: string, code: SourceCode])[] {
    const asked = new Map<string, SourceCode>();
    for (const code of used) {
      const key = keyOf(code);
      if (!resolved.has(key)) asked.set(key, code);
    }
    return [...asked];
  }

  async function findStretches(used: readonly SourceCode[]): Promise<void> {
    const asked = new Map<string, SourceCode>();
    for (const code of used) {
      if (code.onDate === undefined) continue;
      const key = undatedKeyOf(code);
      if (!changeDays.has(key)) asked.set(key, code);
    }
    const unknown = [...asked];
    for (let at = 0; at < unknown.length; at += LOOK_UP_BATCH) {
      const batch = unknown.slice(at, at + LOOK_UP_BATCH);
      const found = await codes.changeDays(
        session,
        batch.map(([, code]) => code),
      );
      for (const [key, { vocabulary, code }] of batch) changeDays.set(key, found.get(sourceCodeKey({ vocabulary, code })) ?? []);
    }
  }

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
      await lookUpNew(drafts, more);
      await lookUpAncestors(drafts);
      await lookUpClasses(drafts);
    },
  };
}

const undatedKeyOf = ({ vocabulary, code }: SourceCode): string => `${vocabulary}\n${code}`;

const targetIds = ({ codes }: EventDraft, resolve: Resolve): readonly number[] =>
  codes.flatMap(({ code }) => resolve(code).targets.map(({ conceptId }) => conceptId));

function ancestorsAmong(schema: string, pairs: readonly (readonly [ancestor: number, descendant: number])[]): Sql {
  const wanted = pairs.map(([a, d]) => sql`(${integer(a)}, ${integer(d)})`);
  return sql`
    SELECT DISTINCT c.ancestor_concept_id, c.descendant_concept_id FROM ${identifier(schema)}.concept_ancestor c
    JOIN (VALUES ${join(wanted)}) AS w(a, d) ON c.ancestor_concept_id = w.a AND c.descendant_concept_id = w.d`;
}
