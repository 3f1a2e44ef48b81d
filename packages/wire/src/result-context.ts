/** What a sealed result is bound to: a box of another run does not open as this one's. */

import { transcript } from "@dure/kernel";

export const resultContext = (run: string): Uint8Array => transcript("dure result 1", run);
