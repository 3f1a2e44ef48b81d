/**
 * One batch of changes against the stored state: what the batch names is looked up in one join, the changes are played in their order
 * in memory, and only the outcome is written. So a statement's cost is that of the batch, not of a row.
 */

import { hash } from "node:crypto";
import type { ResourceChange, ResourceName } from "@dure/clinical/fhir";
import { isOlderVersion, versionOfInstant } from "@dure/clinical/fhir";
import { assert } from "@dure/kernel";
import type { Cell, SqlSession } from "../store/clinical-session.ts";
import { sql } from "../store/clinical-sql.ts";
import { applyMerges } from "./apply-merges.ts";
import type { IntakeBatch, WrittenPut } from "./intake-store.ts";

export interface AppliedCounts {
  readonly added: number;
  readonly replaced: number;
  readonly deleted: number;
  readonly merged: number;
  readonly outdated: number;
  /** Merges that would have closed a circle; left out. */
  readonly cycles: number;
}

export interface DeliveryName {
  readonly source: string;
  readonly number: number;
}

type Change = IntakeBatch["changes"][number];
type Put = Extract<ResourceChange, { readonly kind: "put" }> | WrittenPut;
type Delete = Extract<ResourceChange, { readonly kind: "delete" }>;
type Outcome = "added" | "replaced" | "deleted" | "outdated";

/** Of one resource, as the batch goes on. */
interface State {
  readonly version: string;
  readonly digest: bigint;
  /** Absent where what stands in the store stays. */
  readonly content?: string;
  readonly rowId?: bigint;
}

/** Instead of a content's digest where the resource is deleted. */
const DELETED = 0n;

/** Inside the caller's transaction. Memory: that of the batch. */
export async function applyChanges(session: SqlSession, delivery: DeliveryName, changes: readonly Change[]): Promise<AppliedCounts> {
  const versions = changes.map(versionOf);
  const states = await findStates(session, delivery.source, changes);
  const counts = { added: 0, replaced: 0, deleted: 0, outdated: 0 };
  changes.forEach((change, i) => {
    if (change.kind === "merge") return;
    const { id } = change.resource;
    assert(typeof id === "string" && id !== "", "a resource has an id");
    const name = nameOf(change.resource);
    const [outcome, state] = play(change, versions[i] ?? "", states.get(name));
    counts[outcome]++;
    states.set(name, state);
  });
  await write(session, delivery, states);
  const merges = changes.flatMap((change, i) => (change.kind === "merge" ? [{ ...change, version: versions[i] ?? "" }] : []));
  const { merged, outdated, cycles } = await applyMerges(session, delivery.source, merges);
  return { ...counts, merged, outdated: counts.outdated + outdated, cycles };
}

function play(change: Put | Delete, version: string, before: State | undefined): readonly [Outcome, State] {
  if (before !== undefined && isOlderVersion(version, before.version)) return ["outdated", before];
  const content = contentOf(change);
  const digest = content === "" ? DELETED : digestOf(content);
  if (before !== undefined && before.version === version && before.digest === digest) return ["outdated", before];
  const state = { version, digest, content, ...(before?.rowId === undefined ? {} : { rowId: before.rowId }) };
  if (change.kind === "delete") return ["deleted", state];
  return [before === undefined || before.digest === DELETED ? "added" : "replaced", state];
}

function contentOf(change: Put | Delete): string {
  if (change.kind === "delete") return "";
  return "content" in change ? change.content : JSON.stringify(change.resource);
}

/** What the store has of the resources that the batch names. */
async function findStates(session: SqlSession, source: string, changes: readonly Change[]): Promise<Map<string, State>> {
  await nameResources(
    session,
    changes.flatMap((change) => (change.kind === "merge" ? [] : [change.resource])),
  );
  const rows = await session.rows(sql`
    SELECT r.resource_type, r.id, r.version, r.digest, r.rowid FROM dure_intake.resource r
    WHERE r.key IN (SELECT key FROM named) AND r.source = ${source}`);
  return new Map(
    rows.map(([resourceType, id, version, digest, rowId]) => [
      `${resourceType}/${id}`,
      { version: String(version), digest: toBigInt(digest), rowId: toBigInt(rowId) },
    ]),
  );
}

/**
 * Their digests into the scratch table `named`, by which a statement finds them in one pass.
 *
 * A scratch table is made anew each time: in one that was emptied, the engine goes on counting the rows that were there, and after a hundred
 * batches takes it for the larger side of the join. It then holds all stored resources in memory instead of the batch.
 */
export async function nameResources(session: SqlSession, names: readonly ResourceName[]): Promise<void> {
  await session.run(sql`CREATE OR REPLACE TEMP TABLE named (key BIGINT)`);
  await session.append(
    "named",
    ["bigint"],
    names.map((name) => [keyOf(nameOf(name))]),
  );
}

async function write(session: SqlSession, { source, number }: DeliveryName, states: ReadonlyMap<string, State>): Promise<void> {
  const superseded = [...states.values()].flatMap(({ content, rowId }) => (content !== undefined && rowId !== undefined ? [[rowId]] : []));
  if (superseded.length > 0) {
    await session.run(sql`CREATE OR REPLACE TEMP TABLE superseded (row_id BIGINT)`);
    await session.append("superseded", ["bigint"], superseded);
    await session.run(sql`DELETE FROM dure_intake.resource WHERE rowid IN (SELECT row_id FROM superseded)`);
  }
  await session.append("dure_intake.resource", RESOURCE_COLUMNS, resourceRows(source, BigInt(number), states));
}

const RESOURCE_COLUMNS = ["text", "text", "text", "bigint", "text", "bigint", "bigint", "text"] as const;

function* resourceRows(source: string, number: bigint, states: ReadonlyMap<string, State>) {
  for (const [name, { version, digest, content }] of states) {
    if (content === undefined) continue;
    const slash = name.indexOf("/");
    yield [source, name.slice(0, slash), name.slice(slash + 1), keyOf(name), version, number, digest, content];
  }
}

const nameOf = ({ resourceType, id }: ResourceName): string => `${resourceType}/${id}`;

const FNV_PRIME = 0x01000193;

/**
 * 64 bits by which a statement narrows the stored resources down; the name itself then decides. FNV-1a over UTF-16 units, with two
 * beginnings, as SHA-256 would cost more than the rest of the look-up. Names that meet only cost a comparison.
 */
function keyOf(name: string): bigint {
  let [high, low] = [0x811c9dc5, 0x5bd1e995];
  for (let i = 0; i < name.length; i++) {
    const unit = name.charCodeAt(i);
    high = Math.imul(high ^ unit, FNV_PRIME);
    low = Math.imul(low ^ unit ^ (high >>> 15), FNV_PRIME);
  }
  return BigInt.asIntN(64, (BigInt(high >>> 0) << 32n) | BigInt(low >>> 0));
}

/** The first 64 bits of SHA-256, never 0: two contents of one resource are taken for the same once in 2^64. */
const digestOf = (content: string): bigint => hash("sha256", content, "buffer").readBigInt64LE() || 1n;

/** Whatever the source's zone and digits: stored versions compare as text. */
const versionOf = ({ version }: Change): string => versionOfInstant(version) ?? version;

const toBigInt = (cell: Cell | undefined): bigint => (typeof cell === "bigint" ? cell : BigInt(Number(cell)));
