/** Where a file of a mapping lies and in what form: what the reader needs to know before the first cell. */

import { z } from "zod";

export const fileSource = {
  path: z.string().regex(/^(?!\.)[^/\\:]+$/),
  delimiter: z.enum(["comma", "tab", "semicolon", "pipe"]),
  encoding: z.enum(["utf-8", "utf-8-bom", "cp949"]),
};
