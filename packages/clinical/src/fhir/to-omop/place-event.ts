/**
 * Drafts and what the vocabulary says of their codes, put together into rows: the domain of the standard concept decides the table
 * (f2o-037), several targets make several rows, a code without a standard concept keeps its row with concept 0 and is counted.
 */

import { findConcept } from "../../concepts.ts";
import type { CodeTarget, ResolvedCode, SourceCode } from "../../vocabulary/source-code.ts";
import type { CandidateCode } from "./code-systems.ts";
import type { EventDraft, EventTable, UnitDraft, ValueDraft } from "./draft.ts";

/** What the vocabulary says of concepts beyond the look-up of codes. */
export interface ConceptFacts {
  /** Whether the first concept is an ancestor of the second; false for equal ones. */
  readonly isAncestor: (ancestorId: number, descendantId: number) => boolean;
  readonly conceptClass: (conceptId: number) => string | undefined;
}

export type Resolve = (code: SourceCode) => ResolvedCode;

export interface PlacedEvent {
  readonly rows: readonly PlacedRow[];
  /** The code that was chosen, and whether it stands for a standard concept; absent where the resource's structure gave the concept. */
  readonly code?: { readonly vocabulary: string; readonly code: string; readonly isMapped: boolean; readonly isWider: boolean };
}

export interface PlacedRow {
  readonly table: EventTable;
  readonly conceptId: number;
  readonly sourceConceptId: number;
  readonly sourceValue: string | undefined;
  readonly valueConceptId: number | undefined;
  readonly valueSourceValue: string | undefined;
  readonly unit: PlacedUnit | undefined;
  readonly routeConceptId: number | undefined;
  readonly anatomicSiteConceptId: number | undefined;
}

export interface PlacedUnit {
  readonly conceptId: number;
  readonly sourceConceptId: number;
  readonly sourceValue: string;
}

/** Every code that `placeEvent` will ask for. */
export function codesOf(draft: EventDraft): readonly SourceCode[] {
  const units = [draft.value?.unit, draft.amount?.unit].flatMap((unit) => unit?.code ?? []);
  return [...draft.codes, ...(draft.value?.codes ?? []), ...(draft.drug?.routes ?? []), ...(draft.anatomicSite ?? []), ...units].map(
    ({ code }) => code,
  );
}

export function placeEvent(draft: EventDraft, resolve: Resolve, facts: ConceptFacts): PlacedEvent {
  const chosen = chooseCode(draft.codes, resolve, facts);
  const shared = {
    ...resultOf(draft.value, chosen?.resolved, resolve, facts),
    unit: unitOf(draft.value?.unit ?? draft.amount?.unit, resolve),
    routeConceptId: standardOf(draft.drug?.routes, resolve, facts) ?? draft.drug?.routeConceptId,
    anatomicSiteConceptId: standardOf(draft.anatomicSite, resolve, facts),
  };
  const source = { sourceConceptId: chosen?.resolved.sourceConceptId ?? 0, sourceValue: chosen?.candidate.sourceValue };
  const targets = chosen === undefined ? [] : eventTargets(chosen.resolved);
  const rows =
    targets.length === 0
      ? [unmappedRow(draft, { ...shared, ...source })]
      : targets.map((target) => rowOf(draft, target, facts, { ...shared, ...source }));
  if (chosen === undefined) return { rows };
  const isWider = targets.some(({ equivalence }) => equivalence === "WIDER");
  return {
    rows,
    code: { vocabulary: chosen.candidate.code.vocabulary, code: chosen.candidate.code.code, isMapped: targets.length > 0, isWider },
  };
}

type RowFacts = Omit<PlacedRow, "table" | "conceptId">;

function unmappedRow(draft: EventDraft, row: RowFacts): PlacedRow {
  if (draft.about !== undefined) return { ...row, table: "observation", conceptId: draft.about.conceptId };
  return { ...row, table: draft.table, conceptId: 0 };
}

function rowOf(draft: EventDraft, target: CodeTarget, facts: ConceptFacts, row: RowFacts): PlacedRow {
  const about = draft.about;
  if (about !== undefined && (about.when === "always" || !isFinding(target, facts))) {
    return { ...row, table: "observation", conceptId: about.conceptId, valueConceptId: target.conceptId };
  }
  const table = tableOfDomain(target.domain);
  if (draft.value?.isDenied === true && table !== "measurement" && table !== "observation") {
    return { ...row, table: "observation", conceptId: findConcept("ruled-out").id, valueConceptId: target.conceptId };
  }
  return { ...row, table, conceptId: target.conceptId };
}

const TABLES: Readonly<Record<string, EventTable>> = {
  Condition: "condition_occurrence",
  Drug: "drug_exposure",
  Procedure: "procedure_occurrence",
  Device: "device_exposure",
  Measurement: "measurement",
  Meas: "measurement",
  Specimen: "specimen",
};

/** OMOP's composite domains, such as `Condition/Meas`, go by their first part; every domain without a table of events is an observation. */
export const tableOfDomain = (domain: string): EventTable => TABLES[domain.split("/")[0] ?? ""] ?? "observation";

const FINDING_CLASSES = new Set(["Clinical Finding", "Disorder", "Finding", "Context-dependent", "Situation", "Event"]);

function isFinding(target: CodeTarget, facts: ConceptFacts): boolean {
  return tableOfDomain(target.domain) === "condition_occurrence" || FINDING_CLASSES.has(facts.conceptClass(target.conceptId) ?? "");
}

interface ChosenCode {
  readonly candidate: CandidateCode;
  readonly resolved: ResolvedCode;
}

/** The first that stands for a standard concept, or a more specific one of the same vocabulary (f2o-036); else the first that is known. */
function chooseCode(codes: readonly CandidateCode[], resolve: Resolve, facts: ConceptFacts): ChosenCode | undefined {
  const all = codes.map((candidate) => ({ candidate, resolved: resolve(candidate.code) }));
  const mapped = all.filter(({ resolved }) => eventTargets(resolved).length > 0);
  const first = mapped[0];
  if (first === undefined) return all.find(({ resolved }) => resolved.sourceConceptId !== 0) ?? all[0];
  return mapped
    .filter(({ candidate }) => candidate.code.vocabulary === first.candidate.code.vocabulary)
    .reduce((best, each) => (isMoreSpecific(each.resolved, best.resolved, facts) ? each : best), first);
}

const isMoreSpecific = (a: ResolvedCode, b: ResolvedCode, facts: ConceptFacts): boolean =>
  eventTargets(b).some((broad) => eventTargets(a).some((narrow) => facts.isAncestor(broad.conceptId, narrow.conceptId)));

const eventTargets = (resolved: ResolvedCode): readonly CodeTarget[] => resolved.targets.filter(({ relation }) => relation === "event");

function resultOf(value: ValueDraft | undefined, code: ResolvedCode | undefined, resolve: Resolve, facts: ConceptFacts) {
  const chosen = value?.codes === undefined ? undefined : chooseCode(value.codes, resolve, facts);
  const ofCode = code?.targets.find(({ relation }) => relation === "value")?.conceptId;
  const coded = chosen?.resolved.targets.find(({ relation }) => relation === "event" || relation === "value")?.conceptId;
  return {
    valueConceptId: chosen === undefined ? (value?.conceptId ?? ofCode) : (coded ?? 0),
    valueSourceValue: chosen?.candidate.sourceValue ?? value?.words ?? (value?.number === undefined ? undefined : String(value.number)),
  };
}

function unitOf(unit: UnitDraft | undefined, resolve: Resolve): PlacedUnit | undefined {
  if (unit === undefined) return undefined;
  const resolved = resolve(unit.code.code);
  const target = resolved.targets.find(({ relation }) => relation === "event" || relation === "unit");
  return { conceptId: target?.conceptId ?? 0, sourceConceptId: resolved.sourceConceptId, sourceValue: unit.code.sourceValue };
}

function standardOf(codes: readonly CandidateCode[] | undefined, resolve: Resolve, facts: ConceptFacts): number | undefined {
  const chosen = chooseCode(codes ?? [], resolve, facts);
  return chosen === undefined ? undefined : eventTargets(chosen.resolved)[0]?.conceptId;
}
