/**
 * One batch of changes against the stored state: what the batch names is looked up in one join, the changes are played in their order
 * in memory, and only the outcome is written. So a statement's cost is that of the batch, not of a row.
 */

import type { ResourceChange } from "@dure/clinical/fhir";
import { isOlderVersion, versionOfInstant } from "@dure/clinical/fhir";
import { type Sha256, sha256 } from "@dure/kernel";
import type { Cell, SqlSession } from "../store/clinical-session.ts";
import { sql } from "../store/clinical-sql.ts";
import { applyMerges } from "./apply-merges.ts";

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

type Put = Extract<ResourceChange, { readonly kind: "put" }>;
type Delete = Extract<ResourceChange, { readonly kind: "delete" }>;
type Outcome = "added" | "replaced" | "deleted" | "outdated";

/** Of one resource, as the batch goes on. */
interface State {
  version: string;
  isDeleted: boolean;
  /** Of what stands in the store; absent where the batch has `content`, or the versions differ anyway. */
  hash?: Sha256;
  content?: string;
  readonly rowId?: bigint;
  isChanged: boolean;
}

/** Tables of one connection's own, which the disk never sees. */
export async function createScratchTables(session: SqlSession): Promise<void> {
  await session.run(sql`CREATE TEMP TABLE named (resource_type VARCHAR, id VARCHAR, version VARCHAR)`);
  await session.run(sql`CREATE TEMP TABLE superseded (row_id BIGINT)`);
}

/** Inside the caller's transaction. Memory: that of the batch. */
export async function applyChanges(
  session: SqlSession,
  delivery: DeliveryName,
  changes: readonly ResourceChange[],
): Promise<AppliedCounts> {
  const versions = changes.map(versionOf);
  const states = await findStates(session, delivery.source, changes, versions);
  const counts = { added: 0, replaced: 0, deleted: 0, outdated: 0 };
  changes.forEach((change, i) => {
    if (change.kind === "merge") return;
    const name = nameOf(change);
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
  const row = before?.rowId === undefined ? {} : { rowId: before.rowId };
  if (change.kind === "delete") {
    if (before?.isDeleted === true && before.version === version) return ["outdated", before];
    return ["deleted", { version, isDeleted: true, content: "", isChanged: true, ...row }];
  }
  const content = JSON.stringify(change.resource);
  if (before !== undefined && !before.isDeleted && before.version === version && holds(before, content)) return ["outdated", before];
  const isNew = before === undefined || before.isDeleted;
  return [isNew ? "added" : "replaced", { version, isDeleted: false, content, isChanged: true, ...row }];
}

const holds = (state: State, content: string): boolean =>
  state.content === undefined ? state.hash === sha256(content) : state.content === content;

/** What the store has of the resources that the batch names; contents are hashed only where the version is the same. */
async function findStates(
  session: SqlSession,
  source: string,
  changes: readonly ResourceChange[],
  versions: readonly string[],
): Promise<Map<string, State>> {
  await session.run(sql`DELETE FROM named`);
  await session.append("named", ["text", "text", "text"], namedRows(changes, versions));
  const rows = await session.rows(sql`
    SELECT r.resource_type, r.id, r.version, r.content = '', r.rowid, CASE WHEN r.version = n.version THEN sha256(r.content) END
    FROM dure_intake.resource r JOIN (SELECT DISTINCT resource_type, id, version FROM named) n ON n.resource_type = r.resource_type AND n.id = r.id
    WHERE r.source = ${source}`);
  const states = new Map<string, State>();
  for (const [resourceType, id, version, isDeleted, rowId, hash] of rows) {
    const name = `${resourceType}/${id}`;
    const known = states.get(name);
    const state = known ?? { version: String(version), isDeleted: isDeleted === true, rowId: toBigInt(rowId), isChanged: false };
    if (typeof hash === "string") state.hash = hash as Sha256; // the engine's sha256() writes lower-case hexadecimal digits
    if (known === undefined) states.set(name, state);
  }
  return states;
}

function* namedRows(changes: readonly ResourceChange[], versions: readonly string[]): Iterable<readonly string[]> {
  for (const [i, change] of changes.entries()) {
    if (change.kind === "merge") continue;
    const { resourceType, id } = change.resource;
    yield [resourceType, id, versions[i] ?? ""];
  }
}

async function write(session: SqlSession, { source, number }: DeliveryName, states: ReadonlyMap<string, State>): Promise<void> {
  await session.run(sql`DELETE FROM superseded`);
  const replaced = [...states.values()].flatMap(({ isChanged, rowId }) => (isChanged && rowId !== undefined ? [[rowId]] : []));
  if (replaced.length > 0) {
    await session.append("superseded", ["bigint"], replaced);
    await session.run(sql`DELETE FROM dure_intake.resource WHERE rowid IN (SELECT row_id FROM superseded)`);
  }
  await session.append(
    "dure_intake.resource",
    ["text", "text", "text", "text", "bigint", "text"],
    resourceRows(source, BigInt(number), states),
  );
}

function* resourceRows(source: string, number: bigint, states: ReadonlyMap<string, State>) {
  for (const [name, { version, content, isChanged }] of states) {
    if (!isChanged) continue;
    const slash = name.indexOf("/");
    yield [source, name.slice(0, slash), name.slice(slash + 1), version, number, content ?? ""];
  }
}

const nameOf = (change: Put | Delete): string => `${change.resource.resourceType}/${change.resource.id}`;

/** Whatever the source's zone and digits: stored versions compare as text. */
const versionOf = ({ version }: ResourceChange): string => versionOfInstant(version) ?? version;

const toBigInt = (cell: Cell | undefined): bigint => (typeof cell === "bigint" ? cell : BigInt(Number(cell)));
