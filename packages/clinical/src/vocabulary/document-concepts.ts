/**
 * Which concepts a document speaks of: a mapping, a research table, a cohort in Circe's form, or whatever else names concepts.
 *
 * It reads no document's own grammar: any name of `CONCEPTS` that stands as a text, and any whole number under a key that says concept
 * (`conceptId`, `CONCEPT_ID`, `concept_ids`), counts. So a new kind of document is covered on the day it comes.
 */

import { parse } from "yaml";
import { findConcept, isConceptName } from "../concepts.ts";

export interface DocumentConcept {
  readonly conceptId: number;
  /** Circe's `includeDescendants`: the document means everything below the concept, too. */
  readonly hasDescendants: boolean;
}

/** Of YAML, and of JSON, which is YAML. @throws YAMLParseError for any other text */
export const conceptsInText = (content: string): readonly DocumentConcept[] =>
  conceptsInDocument(parse(content, { maxAliasCount: ALIAS_COUNT_MAX }));

/** A document of a few lines must not unfold into millions. */
const ALIAS_COUNT_MAX = 100;

/** Each concept once, ascending by id. */
function conceptsInDocument(document: unknown): readonly DocumentConcept[] {
  const found = new Map<number, boolean>();
  const add = (conceptId: number, hasDescendants: boolean): void => {
    found.set(conceptId, hasDescendants || found.get(conceptId) === true);
  };
  visit(document, { isConceptKey: false, hasDescendants: false, add });
  return [...found].sort(([a], [b]) => a - b).map(([conceptId, hasDescendants]) => ({ conceptId, hasDescendants }));
}

interface Visit {
  readonly isConceptKey: boolean;
  readonly hasDescendants: boolean;
  readonly add: (conceptId: number, hasDescendants: boolean) => void;
}

/** Documents nest some ten levels; the parser has bounded them before. */
function visit(node: unknown, at: Visit): void {
  if (typeof node === "string" && isConceptName(node)) at.add(findConcept(node).id, at.hasDescendants);
  if (typeof node === "number" && at.isConceptKey && Number.isSafeInteger(node) && node > 0) at.add(node, at.hasDescendants);
  if (Array.isArray(node)) for (const item of node) visit(item, at);
  else if (typeof node === "object" && node !== null) {
    const includes = "includeDescendants" in node ? node.includeDescendants === true : at.hasDescendants;
    for (const [key, value] of Object.entries(node)) {
      if (isConceptName(key)) at.add(findConcept(key).id, includes);
      visit(value, { ...at, hasDescendants: includes, isConceptKey: /concept/i.test(key) });
    }
  }
}
