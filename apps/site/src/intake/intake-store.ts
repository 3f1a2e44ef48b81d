/**
 * What has come in as FHIR (bundles, bulk exports, HL7 v2 messages), in the state that the last change left it: a DuckDB file of its own in the
 * site's folder, apart from the clinical store, so that nothing a study asks can reach it.
 *
 * A delivery is a file or a stream of messages. It is taken in by batches, each one transaction that also moves the delivery's
 * position on: a process that is killed goes on where it stopped, and the same delivery twice changes nothing.
 */

import type { FhirResource, ResourceChange, ResourceName } from "@dure/clinical/fhir";
import type { Problem, Sha256 } from "@dure/kernel";

export interface IntakeStore {
  /** What its engine may take in memory: a load that reads it takes so much less. */
  readonly memoryMaxMb: number;
  /** The delivery's number, and the position (lines, messages) up to which it was taken in before; `done` where all of it was. */
  readonly begin: (delivery: Delivery) => Promise<{ readonly number: number; readonly position: number; readonly isDone: boolean }>;
  /** One transaction: applies the changes in order, notes the faults, and moves the position on. */
  readonly apply: (number: number, batch: IntakeBatch) => Promise<void>;
  readonly finish: (number: number) => Promise<DeliveryReport>;
  readonly deliveries: () => Promise<readonly DeliveryReport[]>;
  /** The current resources of one type, in the order of (source, id), without the deleted; in batches. */
  readonly resources: (source: string, resourceType: string) => AsyncIterable<readonly StoredResource[]>;
  /** The current content of these resources by `Type/id`, without the deleted: what a partial message (an order ended by its number) completes. */
  readonly find: (source: string, names: readonly ResourceName[]) => Promise<ReadonlyMap<string, FhirResource>>;
  /** Current resources by type, without the deleted: what a load will read. */
  readonly counts: (source: string) => Promise<readonly { readonly resourceType: string; readonly count: number }[]>;
  /** Patient ids that were merged away, each with its final survivor. */
  readonly merges: (source: string) => Promise<ReadonlyMap<string, string>>;
  readonly close: () => Promise<void>;
}

export interface Delivery {
  /** The site's name for where it comes from, such as `emr`. */
  readonly source: string;
  /** The file's name, or what stands for it. */
  readonly name: string;
  /** Of the file's bytes; a stream has none and is never done. */
  readonly sha256?: Sha256;
}

/** A put whose resource is JSON already: a reader of millions holds texts, not trees of objects, until the batch is written. */
export interface WrittenPut {
  readonly kind: "put";
  readonly resource: ResourceName;
  readonly content: string;
  readonly version: string;
}

export interface IntakeBatch {
  readonly changes: readonly (ResourceChange | WrittenPut)[];
  /** What could not be read; the rest goes on. */
  readonly faults: readonly Problem[];
  /** Lines or messages of the delivery that are now behind us. */
  readonly position: number;
}

export interface StoredResource {
  readonly resource: FhirResource;
  readonly version: string;
  readonly delivery: number;
}

/** Counts only. itemsIn = changes applied + outdated + faults, over the whole delivery. */
export interface DeliveryReport {
  readonly number: number;
  readonly source: string;
  readonly name: string;
  readonly isDone: boolean;
  readonly itemsIn: number;
  readonly added: number;
  readonly replaced: number;
  readonly deleted: number;
  readonly merged: number;
  /** Older than what was there, or the same again. */
  readonly outdated: number;
  readonly faultCount: number;
  /** The first ones. */
  readonly faults: readonly Problem[];
}
