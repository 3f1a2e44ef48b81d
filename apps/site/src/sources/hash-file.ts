/** The hash of a file's bytes, read once in blocks. */

import { createHash } from "node:crypto";
import { createReadStream } from "node:fs";
import { parseSha256, type Sha256 } from "@dure/kernel";

const CHUNK_BYTES = 2 ** 20;

export async function hashFile(path: string, signal?: AbortSignal): Promise<Sha256> {
  const hash = createHash("sha256");
  for await (const chunk of createReadStream(path, { highWaterMark: CHUNK_BYTES, ...(signal ? { signal } : {}) })) hash.update(chunk);
  return parseSha256(hash.digest("hex"));
}
