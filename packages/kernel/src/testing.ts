/** For tests only: where the shared test data lies, when it is there. Users' checkouts do not have it. */

import { existsSync } from "node:fs";
import { fileURLToPath } from "node:url";

/** Absolute path of `../shared/<path>` beside the repository, or undefined where there is none. */
export function findShared(path: string): string | undefined {
  const url = new URL(`../../../../shared/${path}`, import.meta.url);
  return existsSync(url) ? fileURLToPath(url) : undefined;
}

/** As `findShared`, below `data/`. */
export const sharedData = (path: string): string | undefined => findShared(`data/${path}`);
