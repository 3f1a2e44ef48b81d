/** A batch of HL7 v2 messages into the intake store: read, converted, applied in one transaction with the position behind them. */

import type { FhirResource, ResourceChange, ResourceName } from "@dure/clinical/fhir";
import {
  amendResource,
  type Charset,
  convertMessage,
  type Hl7Change,
  type Hl7Message,
  type RawMessage,
  readMessage,
  type SiteTerms,
} from "@dure/clinical/hl7v2";
import type { Clock, Problem } from "@dure/kernel";
import type { IntakeStore } from "../intake-store.ts";

/** A sender's clock may run ahead of ours by time zones and carelessness, not by more. */
const CLOCK_AHEAD_MS = 86_400_000;

export interface Hl7Source {
  /** The site's name for where the messages come from. */
  readonly source: string;
  readonly terms: SiteTerms;
  /** Of messages that declare none and hold more than ASCII. */
  readonly undeclaredCharset?: Charset;
}

/** What became of one message; `header` is there as far as the message could be read, to answer its sender. */
export type MessageOutcome =
  | {
      readonly kind: "converted";
      readonly message: Hl7Message;
      readonly faults: readonly Problem[];
      readonly changes: readonly Hl7Change[];
    }
  | { readonly kind: "excluded"; readonly message: Hl7Message; readonly reason: string }
  | { readonly kind: "refused"; readonly message: Hl7Message | undefined; readonly problem: Problem };

/** Pure but for the clock: what the message says, not yet applied. */
export function understandMessage(raw: RawMessage, file: string, { terms, undeclaredCharset }: Hl7Source, clock: Clock): MessageOutcome {
  const reading = readMessage({ raw, file, ...(undeclaredCharset === undefined ? {} : { undeclaredCharset }) });
  if (reading.kind === "unreadable") return { kind: "refused", message: reading.message, problem: reading.problem };
  const { message } = reading;
  const latest = new Date(clock.nowMs() + CLOCK_AHEAD_MS).toISOString();
  const conversion = convertMessage({ message, terms, file, number: raw.number, latest });
  return { ...conversion, message };
}

/** Counts of messages; read = converted + excluded + refused. */
export interface MessageCounts {
  readonly read: number;
  readonly converted: number;
  /** By reason. */
  readonly excluded: Readonly<Record<string, number>>;
  readonly refused: number;
  /** Of the converted: how many lost a field or a segment to a fault. */
  readonly withFaults: number;
}

export const NO_MESSAGES: MessageCounts = { read: 0, converted: 0, excluded: {}, refused: 0, withFaults: 0 };

export function countOutcomes(before: MessageCounts, outcomes: readonly MessageOutcome[]): MessageCounts {
  const excluded: Record<string, number> = { ...before.excluded };
  const counts = {
    read: before.read + outcomes.length,
    converted: before.converted,
    refused: before.refused,
    withFaults: before.withFaults,
  };
  for (const outcome of outcomes) {
    if (outcome.kind === "excluded") excluded[outcome.reason] = (excluded[outcome.reason] ?? 0) + 1;
    else if (outcome.kind === "refused") counts.refused += 1;
    else {
      counts.converted += 1;
      if (outcome.faults.length > 0) counts.withFaults += 1;
    }
  }
  return { ...counts, excluded };
}

export interface AppliedBatch {
  readonly source: string;
  readonly delivery: number;
  /** Messages of the delivery behind this batch. */
  readonly position: number;
  readonly outcomes: readonly MessageOutcome[];
}

/** One transaction. After it has resolved, the messages are durably in the store. */
export async function applyOutcomes(store: IntakeStore, { source, delivery, position, outcomes }: AppliedBatch): Promise<void> {
  const changes = await completeAmendments(
    store,
    source,
    outcomes.flatMap((outcome) => (outcome.kind === "converted" ? outcome.changes : [])),
  );
  const faults = outcomes.flatMap((outcome) =>
    outcome.kind === "converted" ? outcome.faults : outcome.kind === "refused" ? [outcome.problem] : [],
  );
  await store.apply(delivery, { changes: withoutRepeats(changes), faults, position });
}

/** An amendment takes what it leaves out from the batch before it, or else from the store. */
async function completeAmendments(store: IntakeStore, source: string, changes: readonly Hl7Change[]): Promise<readonly ResourceChange[]> {
  const names = changes.flatMap((change): readonly ResourceName[] =>
    change.kind === "put" && change.amends !== undefined ? [{ resourceType: change.resource.resourceType, id: change.resource.id }] : [],
  );
  if (names.length === 0) return changes;
  const current = new Map<string, FhirResource>(await store.find(source, names));
  return changes.flatMap((change): readonly ResourceChange[] => {
    if (change.kind !== "put") return [change];
    const { amends, kind, resource, version } = change;
    const name = nameOf(resource);
    const before = current.get(name);
    if (amends === "if-known" && before === undefined) return [];
    const after = amends !== undefined && before !== undefined ? amendResource(before, resource) : resource;
    current.set(name, after);
    return [{ kind, resource: after, version }];
  });
}

/** The same physician and ward in every message of a batch: one of each is enough. */
function withoutRepeats(changes: readonly ResourceChange[]): readonly ResourceChange[] {
  const seen = new Set<string>();
  return changes.filter((change) => {
    if (change.kind !== "put" || !REFERENCE_TYPES.has(change.resource.resourceType)) return true;
    const name = nameOf(change.resource);
    if (seen.has(name)) return false;
    seen.add(name);
    return true;
  });
}

/** Made of nothing but their name, so that any two of one name are equal. */
const REFERENCE_TYPES: ReadonlySet<string> = new Set(["Practitioner", "Organization", "Location"]);

const nameOf = ({ resourceType, id }: ResourceName): string => `${resourceType}/${id}`;
