/** What of the guide can be seen on the rows of one load: each such requirement by its number, with pass or fail and the count behind it. */

import type { FhirPolicy } from "@dure/clinical/fhir";
import type { SnapshotContext } from "../load/contributor.ts";
import type { RequirementResult } from "../load/contributor-report.ts";
import type { LoadCounts } from "./load-counts.ts";

export async function checkRequirements(
  _context: SnapshotContext,
  _policy: FhirPolicy,
  _counts: LoadCounts,
): Promise<readonly RequirementResult[]> {
  return [];
}
