/** Limits of the coordinator's process, each enforced where it is named. What crosses the wire has its limits in @dure/wire. */

/** Documents of an enrolment or a renewal: keys, a CSR and signatures take 3 KB. */
export const enrolmentBytesMax = 256 * 1024;

/** Enrolments tried from one address in a minute: a person mistypes a token a few times. */
export const enrolmentsPerAddressMax = 10;
/** Enrolments tried from everywhere in a minute; each costs a few signatures. */
export const enrolmentsMax = 100;
export const enrolmentWindowMs = 60_000;

/** Calls that one connection has open at a time: one poll, one post, a console's handful. */
export const streamsPerConnectionMax = 64;
/** A connection that opened no call for this long is closed; a poll lasts 25 s. */
export const connectionIdleMs = 120_000;
/** Memory that Node may hold for one HTTP/2 connection: four of the largest messages. */
export const connectionMegabytesMax = 256;

/** Messages of sites that wait for one run's reducer; a round of 100 sites has 500. */
export const runQueueMax = 10_000;

/** A verdict on a certificate is used again for this long, unless the revocation list changes first. */
export const verdictAgeMsMax = 60_000;

/** The revocation list is signed again after this time; readers refuse one older than a day. */
export const revocationListAgeMsMax = 6 * 3_600_000;

/** How often the durable runs are told that time passes. */
export const tickMs = 250;

/** How often the process makes sure that the database is still its own. */
export const holdMs = 5_000;

/** Certificate and revocation list are looked after this often. */
export const housekeepingMs = 600_000;

/** How long running calls may take to end when the coordinator stops. */
export const shutdownMs = 2_000;

/** Feasibility questions of one asker in a day (design.md, section 5). */
export const questionsPerDayMax = 20;
export const dayMs = 86_400_000;

/** An enrolment token is good for two weeks unless told otherwise, and never for longer than three months. */
export const tokenValidityMs = 14 * dayMs;
export const tokenValidityMsMax = 92 * dayMs;

/** One command of the operator's console. */
export const adminBytesMax = 64 * 1024;

/** Checkpoints of one hospital that a listing returns: the newest ones. */
export const checkpointsMax = 200;
