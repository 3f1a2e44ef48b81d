/** The list of files that a bulk export ends with. Source: HL7 FHIR Bulk Data Access 2.0, "Bulk Data Output File Request". */

import { isFields, isResourceType, versionOfInstant } from "@dure/clinical/fhir";
import { bulkFault } from "./problems.ts";

export interface ManifestFile {
  /** `output` and `error` hold resources, `deleted` bundles of deletions. */
  readonly kind: "output" | "deleted" | "error";
  readonly url: string;
  /** Made here, such as `Patient.0.ndjson`: the server's names are part of its links. */
  readonly name: string;
  readonly count?: number;
}

export interface Manifest {
  readonly transactionTime: string;
  readonly requiresAccessToken: boolean;
  /** In the order in which they are taken in: what is there, what is no more, what the server could not do. */
  readonly files: readonly ManifestFile[];
}

/** More files than these are no list that this program keeps in one state. */
const FILES_MAX = 100_000;

/** @throws DureError `intake/bad-manifest` */
export function parseManifest(value: unknown): Manifest {
  if (!isFields(value)) throw bulkFault("bad-manifest");
  const { transactionTime, requiresAccessToken } = value;
  if (typeof transactionTime !== "string" || versionOfInstant(transactionTime) === undefined) throw bulkFault("bad-manifest");
  const files = (["output", "deleted", "error"] as const).flatMap((kind) => filesOf(value[kind], kind));
  if (files.length > FILES_MAX) throw bulkFault("bad-manifest");
  return { transactionTime, requiresAccessToken: requiresAccessToken === true, files };
}

function filesOf(list: unknown, kind: ManifestFile["kind"]): readonly ManifestFile[] {
  if (list === undefined || list === null) return [];
  if (!Array.isArray(list)) throw bulkFault("bad-manifest");
  return list.map((item: unknown, i) => {
    if (!isFields(item) || typeof item["url"] !== "string") throw bulkFault("bad-manifest");
    const { type, count, url } = item;
    const stem = kind !== "output" ? kind : typeof type === "string" && isResourceType(type) ? type : "output";
    return { kind, url, name: `${stem}.${i}.ndjson`, ...(typeof count === "number" ? { count } : {}) };
  });
}
