/** Records merged into others: one row a merged record, chains kept as they came, circles refused. */

import type { ResourceChange } from "@dure/clinical/fhir";
import { isOlderVersion } from "@dure/clinical/fhir";
import type { SqlSession } from "../store/clinical-session.ts";
import { sql } from "../store/clinical-sql.ts";

export type Merge = Extract<ResourceChange, { readonly kind: "merge" }>;

export interface MergeCounts {
  readonly merged: number;
  readonly outdated: number;
  readonly cycles: number;
}

/** Made anew each time: in one that was emptied, the engine goes on counting the rows that were there. */
const CREATE_LINKED = sql`CREATE OR REPLACE TEMP TABLE linked (resource_type VARCHAR, id VARCHAR)`;

interface Link {
  readonly resourceType: string;
  readonly survivor: string;
  readonly version: string;
}

/** Inside the caller's transaction. Memory: the batch's merges and the chains that they touch. */
export async function applyMerges(session: SqlSession, source: string, merges: readonly Merge[]): Promise<MergeCounts> {
  const counts = { merged: 0, outdated: 0, cycles: 0 };
  if (merges.length === 0) return counts;
  const links = await findChains(session, source, merges);
  const changed = new Set<string>();
  for (const { merged, survivor, version } of merges) {
    const from = `${merged.resourceType}/${merged.id}`;
    const before = links.get(from);
    const isSame = before?.survivor === survivor.id && before.version === version;
    if (before !== undefined && (isSame || isOlderVersion(version, before.version))) counts.outdated++;
    else if (leadsTo(links, `${survivor.resourceType}/${survivor.id}`, from)) counts.cycles++;
    else {
      counts.merged++;
      links.set(from, { resourceType: merged.resourceType, survivor: survivor.id, version });
      changed.add(from);
    }
  }
  await writeLinks(
    session,
    source,
    [...changed].flatMap((from) => {
      const link = links.get(from);
      return link === undefined ? [] : [{ ...link, id: from.slice(link.resourceType.length + 1) }];
    }),
  );
  return counts;
}

/** The final survivor of every merged record of a type. */
export function followChains(links: ReadonlyMap<string, string>): Map<string, string> {
  const ends = new Map<string, string>();
  for (const from of links.keys()) {
    let end = from;
    for (let next = links.get(end); next !== undefined; next = links.get(end)) end = ends.get(next) ?? next;
    ends.set(from, end);
  }
  return ends;
}

/** No circle stands in the store, so the walk ends. */
function leadsTo(links: ReadonlyMap<string, Link>, from: string, to: string): boolean {
  for (let at = from; ; ) {
    if (at === to) return true;
    const link = links.get(at);
    if (link === undefined) return false;
    at = `${link.resourceType}/${link.survivor}`;
  }
}

/** The stored links that are reached from the records named, on either side. */
async function findChains(session: SqlSession, source: string, merges: readonly Merge[]): Promise<Map<string, Link>> {
  await session.run(CREATE_LINKED);
  const names = merges.flatMap(({ merged, survivor }) => [
    [merged.resourceType, merged.id],
    [survivor.resourceType, survivor.id],
  ]);
  await session.append("linked", ["text", "text"], names);
  const rows = await session.rows(sql`
    WITH RECURSIVE chain(resource_type, id, survivor, version) AS (
      SELECT m.resource_type, m.id, m.survivor, m.version FROM dure_intake.merged m
        JOIN (SELECT DISTINCT resource_type, id FROM linked) n ON n.resource_type = m.resource_type AND n.id = m.id WHERE m.source = ${source}
      UNION
      SELECT m.resource_type, m.id, m.survivor, m.version FROM dure_intake.merged m
        JOIN chain c ON c.resource_type = m.resource_type AND c.survivor = m.id WHERE m.source = ${source})
    SELECT resource_type, id, survivor, version FROM chain`);
  return new Map(
    rows.map(([resourceType, id, survivor, version]) => [
      `${resourceType}/${id}`,
      { resourceType: String(resourceType), survivor: String(survivor), version: String(version) },
    ]),
  );
}

async function writeLinks(session: SqlSession, source: string, links: readonly (Link & { readonly id: string })[]): Promise<void> {
  await session.run(CREATE_LINKED);
  await session.append(
    "linked",
    ["text", "text"],
    links.map(({ resourceType, id }) => [resourceType, id]),
  );
  await session.run(sql`
    DELETE FROM dure_intake.merged WHERE source = ${source} AND (resource_type, id) IN (SELECT (resource_type, id) FROM linked)`);
  await session.append(
    "dure_intake.merged",
    ["text", "text", "text", "text", "text"],
    links.map(({ resourceType, id, survivor, version }) => [source, resourceType, id, survivor, version]),
  );
}
