/** What counts of groups say against opening more of them. */

import type { Sum } from "@dure/privacy";
import type { AnalysisRefusal } from "../analysis.ts";
import { entry, readVector } from "./sum-reading.ts";

export interface EventCounts {
  readonly n: number;
  readonly events: number;
}

/** Too few patients, or too few with the event, for a follow-up that shows events. */
export function tooFewEvents(
  { event, minimumCell }: { readonly event: string; readonly minimumCell: number },
  { n, events }: EventCounts,
): AnalysisRefusal | undefined {
  if (n === 0 || n < minimumCell) return { code: "too-few-rows", columns: [] };
  if (events === 0) return { code: "no-events", columns: [event] };
  return events < minimumCell ? { code: "too-few-events", columns: [event] } : undefined;
}

export interface GroupSizes {
  /** One a group, for messages. */
  readonly labels: readonly string[];
  readonly sizes: readonly number[];
}

/** A group that one hospital alone has: its figures would be that hospital's own. Reads `hospitalsByGroup`. */
export function groupAtOneSite({ labels, sizes }: GroupSizes, sum: Sum): AnalysisRefusal | undefined {
  const hospitals = readVector(sum, "hospitalsByGroup", labels.length);
  const columns = labels.filter((_, i) => sum.siteCount > 1 && entry(sizes, i) > 0 && entry(hospitals, i) <= 1);
  return columns.length > 0 ? { code: "group-at-one-site", columns } : undefined;
}

/** A group of a few patients, told by the sizes of the others and of all; or one that one hospital alone has. */
export function unusableGroups({ labels, sizes }: GroupSizes, sum: Sum, minimumCell: number): AnalysisRefusal | undefined {
  const columns = labels.filter((_, i) => entry(sizes, i) > 0 && entry(sizes, i) < minimumCell);
  return columns.length > 0 ? { code: "too-few-in-a-group", columns } : groupAtOneSite({ labels, sizes }, sum);
}
