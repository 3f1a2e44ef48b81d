/** Limits on what crosses the wire, each enforced where it is read and named in the error. */

/** A message with a million-entry vector in Q64.64 is 16 MB; four of those leave room and still bound the memory of a process. */
export const messageBytesMax = 64 * 1024 * 1024;

/** Long enough to keep polling rare, short enough for the proxies of hospitals, which cut idle requests at 30 to 60 s. */
export const pollWaitMsMax = 25_000;

/** A round has five messages of a site; a count adds one. */
export const postsPerPollMax = 100;

/** A site that has not polled for this long is away: one full poll, its answer, and a slow network. */
export const presenceMs = 40_000;

/** Deliveries that wait for a site's acknowledgement; a round needs five. */
export const deliveriesMax = 1_000;
