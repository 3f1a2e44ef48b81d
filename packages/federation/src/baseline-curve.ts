/** Reading a cumulative baseline hazard between the times at which it is told. */

import type { BaselineCurve } from "./cox-result.ts";

/** Behind the last point as at it. O(points). */
export function cumulativeHazardAt({ isInterpolated, points }: BaselineCurve, timeDays: number): number {
  const index = points.findLastIndex(({ time }) => time <= timeDays);
  const [before, after] = [points[index] ?? { time: 0, cumulativeHazard: 0 }, points[index + 1]];
  if (!isInterpolated || after === undefined) return before.cumulativeHazard;
  const share = (timeDays - before.time) / (after.time - before.time);
  return before.cumulativeHazard + share * (after.cumulativeHazard - before.cumulativeHazard);
}
