/** Where the console's socket lies: in the coordinator's folder, or, where that path is too long for a socket, in a private folder beside. */

import { mkdirSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { sha256 } from "@dure/kernel";
import type { CoordinatorPaths } from "../home/coordinator-home.ts";

/** sun_path holds 108 bytes on Linux and 104 on macOS, the ending zero included. */
const SOCKET_PATH_BYTES_MAX = 100;
const OTHERS_MAY = 0o077;

export function socketPath({ root, socket }: CoordinatorPaths): string {
  if (Buffer.byteLength(socket) <= SOCKET_PATH_BYTES_MAX) return socket;
  const folder = join(tmpdir(), `dure-${sha256(root).slice(0, 16)}`);
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  // Another user may have made the folder first: then whoever speaks there is not our coordinator.
  const { uid, mode } = statSync(folder);
  if (uid !== process.getuid?.() || (mode & OTHERS_MAY) !== 0) throw new Error(`${folder} belongs to somebody else`);
  return join(folder, "coordinator.sock");
}
