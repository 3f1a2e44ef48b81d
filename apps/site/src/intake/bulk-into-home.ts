/** A bulk export into a site's folder. */

import { join } from "node:path";
import type { Clock } from "@dure/kernel";
import { sitePaths } from "../home/site-home.ts";
import { type AccessToken, type BackendService, backendServiceToken, givenToken } from "./fhir/bulk/access-token.ts";
import { type BulkOrder, type BulkProgress, type BulkReport, cancelBulkExport, runBulkExport } from "./fhir/bulk/bulk-export.ts";
import { bulkFolder } from "./fhir/bulk/bulk-state.ts";
import type { TakeInOptions } from "./fhir/take-in-files.ts";
import { withIntakeStore } from "./intake-into-home.ts";

export type BulkAccess =
  | { readonly kind: "open" }
  | { readonly kind: "token"; readonly token: string }
  | { readonly kind: "backend-service"; readonly service: BackendService };

interface HomeBulk {
  readonly home: string;
  readonly source: string;
  readonly access: BulkAccess;
  readonly clock: Clock;
  readonly signal?: AbortSignal;
}

export interface HomeBulkIntake extends HomeBulk, Pick<TakeInOptions, "policy" | "minimisation"> {
  readonly order: BulkOrder;
  readonly onProgress?: (progress: BulkProgress) => void;
}

/** @throws DureError as `runBulkExport`; the same call goes on where this one stopped. */
export const bulkIntoHome = (bulk: HomeBulkIntake): Promise<BulkReport> =>
  withIntakeStore(bulk, (store) =>
    runBulkExport(bulk.order, {
      ...partsOf(bulk),
      intake: { ...bulk, store, onProgress: () => undefined },
      ...(bulk.onProgress === undefined ? {} : { onProgress: bulk.onProgress }),
    }),
  );

/** @throws DureError `intake/nothing-pending` */
export const cancelBulkOfHome = (bulk: HomeBulk): Promise<void> => withIntakeStore(bulk, () => cancelBulkExport(partsOf(bulk)));

function partsOf({ home, source, access, clock, signal }: HomeBulk) {
  const token = tokenOf(access);
  return {
    folder: bulkFolder(join(sitePaths(home).root, "bulk"), source),
    http: { clock, ...(token === undefined ? {} : { token }), ...(signal === undefined ? {} : { signal }) },
  };
}

function tokenOf(access: BulkAccess): AccessToken | undefined {
  if (access.kind === "open") return undefined;
  return access.kind === "token" ? givenToken(access.token) : backendServiceToken(access.service);
}
