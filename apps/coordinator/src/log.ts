/** What the coordinator says about itself: one JSON line an event, codes, ids and counts only. */

import pino from "pino";

export type LogEntry = { readonly code: string } & Readonly<Record<string, string | number | readonly string[]>>;

export interface CoordinatorLog {
  info(entry: LogEntry): void;
  warn(entry: LogEntry): void;
  error(entry: LogEntry): void;
}

const STANDARD_ERROR = 2;

export function createLog(): CoordinatorLog {
  const logger = pino({ name: "dure-coordinator", base: null }, pino.destination({ dest: STANDARD_ERROR, sync: true }));
  return {
    info: (entry) => logger.info(entry),
    warn: (entry) => logger.warn(entry),
    error: (entry) => logger.error(entry),
  };
}
