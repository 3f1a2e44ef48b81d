/** How many hospitals it takes to open a sum, and how many may collude with the coordinator in vain. */

/** Below three, a sum minus one's own vector is the other's. */
export const MINIMUM_SITES_FLOOR = 3;

/** The graph of pairs is complete; beyond this a sparser one would be needed (Bell et al., CCS 2020). */
export const MEMBERS_MAX = 100;

/** t = ⌊2n/3⌋ + 1: any t members rebuild a secret, fewer learn nothing. */
export function secureSumThreshold(memberCount: number): number {
  if (!Number.isSafeInteger(memberCount) || memberCount < 1)
    throw new RangeError(`memberCount is ${memberCount}; it must be a whole number of at least 1`);
  return Math.floor((2 * memberCount) / 3) + 1;
}

/** Shortest list of announcements, of sharers and of survivors that a site accepts. */
export function shortestList(memberCount: number, minimumSites: number): number {
  return Math.max(secureSumThreshold(memberCount), minimumSites);
}

/**
 * The largest c for which this is claimed: a coordinator with c colluding members learns the sum over the other survivors, no more.
 *
 * Every list keeps two honest members, so that neither's vector is the difference to the sum: c ≤ shortest list − 2. No two lists get t
 * signatures each, and no peer both of its shares, unless honest members sign twice: with c double-dealers two sets of t overlap in at
 * least 2t − n members, so c < 2t − n.
 *
 * @returns 0 where nobody may collude; 1 for three members at `minimumSites` 3, with nobody absent
 */
export function collusionTolerated(memberCount: number, minimumSites: number): number {
  const threshold = secureSumThreshold(memberCount);
  return Math.max(0, Math.min(shortestList(memberCount, minimumSites) - 2, 2 * threshold - memberCount - 1));
}
