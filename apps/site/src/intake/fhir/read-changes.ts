/** A file of FHIR as changes, item by item: a line of NDJSON, an entry of a bundle. */

import { isUtf8 } from "node:buffer";
import {
  type BundleNames,
  type ChangeFault,
  changesOfEntry,
  changesOfResource,
  isFields,
  isResourceType,
  type MinimisationSettings,
  minimiseResource,
  namesOfEntry,
  type ResourceChange,
  versionOfBundle,
} from "@dure/clinical/fhir";
import { DureError } from "@dure/kernel";
import type { IntakeBatch, WrittenPut } from "../intake-store.ts";
import { type ExportFile, readBlocks } from "./export-files.ts";
import { fileProblem, type ItemFault } from "./problems.ts";
import { type Line, readLines } from "./read-lines.ts";
import { splitBundle } from "./split-bundle.ts";

export interface ReadItem {
  /** The line, or the entry, counted from 1. */
  readonly position: number;
  readonly changes: IntakeBatch["changes"];
  readonly faults: readonly ItemFault[];
  /** Of its JSON: what it takes in memory, more or less. */
  readonly byteCount: number;
}

export interface ReadOptions {
  readonly minimisation: MinimisationSettings;
  /** The version of what has none of its own, such as a bulk export's transaction time. */
  readonly asOf?: string;
  /** Items up to here were taken in before. */
  readonly after: number;
  readonly signal?: AbortSignal;
}

/** Others of a bundle are found by these names, which are held in memory: 200,000 of them take some 100 MB. */
const NAMES_MAX = 200_000;

/**
 * Items after `after`, some at a time.
 * @throws DureError `intake/cut-short`, `intake/bundle-too-large`, `intake/unreadable` for the file as a whole.
 */
export function readChanges(file: ExportFile, options: ReadOptions): AsyncGenerator<readonly ReadItem[]> {
  return file.kind === "lines" ? readNdjson(file, options) : readBundle(file, options);
}

async function* readNdjson(file: ExportFile, options: ReadOptions): AsyncGenerator<readonly ReadItem[]> {
  for await (const lines of readLines(readBlocks(file, options.signal))) {
    const items = lines.filter(({ number }) => number > options.after).map((line) => itemOfLine(line, file, options));
    if (items.length > 0) yield items;
  }
}

function itemOfLine({ number, bytes }: Line, file: ExportFile, options: ReadOptions): ReadItem {
  const fault = (name: ItemFault): ReadItem => ({ position: number, changes: [], faults: [name], byteCount: 0 });
  if (bytes === undefined) return fault("too-long");
  if (!isUtf8(bytes)) return fault("not-utf8");
  const json = bytes.toString("utf8");
  if (json.trim() === "") return { position: number, changes: [], faults: [], byteCount: 0 };
  const value = parseJson(json);
  if (value === undefined) return fault("malformed-json");
  if (!isFields(value)) return fault("not-a-resource");
  const results =
    value["resourceType"] === "Bundle"
      ? bundleResults(value, options.asOf)
      : [ofType(changesOfResource(value, options.asOf), file.resourceType)];
  return toItem(number, results, options, bytes.length);
}

/** A bundle in one line, such as those that name a bulk export's deletions. */
function bundleResults(bundle: Readonly<Record<string, unknown>>, asOf: string | undefined) {
  const entries: readonly unknown[] = Array.isArray(bundle["entry"]) ? bundle["entry"] : [];
  const names = collectNames();
  for (const entry of entries) names.add(entry);
  return entries.map((entry) => changesOfEntry(entry, names, versionOfBundle(bundle) ?? asOf));
}

function ofType(changes: readonly ResourceChange[] | ChangeFault, resourceType: string | undefined): readonly ResourceChange[] | ItemFault {
  const first = typeof changes === "string" ? undefined : changes[0];
  const isOther = first?.kind === "put" && resourceType !== undefined && first.resource.resourceType !== resourceType;
  return isOther ? "wrong-type" : changes;
}

/** Twice over the file: what entries are called among themselves has to be known before the first is taken in. */
async function* readBundle(file: ExportFile, options: ReadOptions): AsyncGenerator<readonly ReadItem[]> {
  const names = collectNames();
  let head: unknown;
  for await (const part of splitBundle(readBlocks(file, options.signal))) {
    if (part.kind === "head") {
      head = part.json === undefined ? undefined : parseJson(part.json);
      if (!part.isWhole) throw new DureError(fileProblem("cut-short", file.name));
    } else if (part.json !== undefined) {
      names.add(parseJson(part.json));
      if (names.count() > NAMES_MAX) throw new DureError(fileProblem("bundle-too-large", file.name));
    }
  }
  if (!isFields(head) || head["resourceType"] !== "Bundle") {
    const results = [isFields(head) ? changesOfResource(head, options.asOf) : ("malformed-json" as const)];
    if (options.after < 1) yield [toItem(1, results, options, 0)];
    return;
  }
  const version = versionOfBundle(head) ?? options.asOf;
  for await (const part of splitBundle(readBlocks(file, options.signal))) {
    if (part.kind === "head" || part.index < options.after) continue;
    const entry = part.json === undefined ? undefined : parseJson(part.json);
    const wrong = part.json === undefined ? "too-long" : "malformed-json";
    yield [toItem(part.index + 1, [entry === undefined ? wrong : changesOfEntry(entry, names, version)], options, part.json?.length ?? 0)];
  }
}

function toItem(
  position: number,
  results: readonly (readonly ResourceChange[] | ItemFault)[],
  { minimisation }: ReadOptions,
  byteCount: number,
): ReadItem {
  const changes: IntakeBatch["changes"][number][] = [];
  const faults: ItemFault[] = [];
  for (const result of results) {
    const checked = typeof result === "string" ? result : minimised(result, minimisation);
    if (typeof checked === "string") faults.push(checked);
    else changes.push(...checked);
  }
  return { position, changes, faults, byteCount };
}

function minimised(changes: readonly ResourceChange[], settings: MinimisationSettings): IntakeBatch["changes"] | ItemFault {
  try {
    const [first] = changes;
    if (first?.kind === "put" && !isResourceType(first.resource.resourceType)) return "unknown-type";
    return changes.map((change) => (change.kind === "put" ? written(change, settings) : change));
  } catch (cause) {
    if (cause instanceof RangeError) return "too-deep";
    throw cause;
  }
}

function written({ resource, version }: Extract<ResourceChange, { readonly kind: "put" }>, settings: MinimisationSettings): WrittenPut {
  const { resourceType, id } = resource;
  return { kind: "put", resource: { resourceType, id }, content: JSON.stringify(minimiseResource(resource, settings)), version };
}

interface CollectedNames extends BundleNames {
  readonly add: (entry: unknown) => void;
  readonly count: () => number;
}

function collectNames(): CollectedNames {
  const byUrn = new Map<string, string>();
  const byCondition = new Map<string, string>();
  return {
    byUrn,
    byCondition,
    count: () => byUrn.size,
    add: (entry) => {
      const { urn, name, conditions } = namesOfEntry(entry);
      if (name === undefined || urn === undefined) return;
      byUrn.set(urn, name);
      for (const condition of conditions) byCondition.set(condition, name);
    },
  };
}

/** A whole number that JavaScript would round; ids of some servers are such numbers, though FHIR has them as text. */
const LONG_NUMBER = /[:[,]\s*-?\d{16}/;

/** @returns undefined for what is no JSON */
function parseJson(json: string): unknown {
  try {
    return LONG_NUMBER.test(json) ? JSON.parse(json, keepingDigits) : JSON.parse(json);
  } catch {
    return undefined;
  }
}

function keepingDigits(_key: string, value: unknown, context?: { readonly source?: string }): unknown {
  const isRounded = typeof value === "number" && Number.isInteger(value) && !Number.isSafeInteger(value);
  return isRounded && context?.source !== undefined ? context.source : value;
}
