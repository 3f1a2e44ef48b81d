/** In which language the command speaks: `DURE_LANG`, then the locale of the terminal. */

import type { Language } from "@dure/kernel";

export type Environment = Readonly<Record<string, string | undefined>>;

/** POSIX gives LC_ALL precedence over LC_MESSAGES, and that over LANG. An empty variable counts as absent, as POSIX says. */
const VARIABLES = ["DURE_LANG", "LC_ALL", "LC_MESSAGES", "LANG"];

/** Korean for `ko`, `ko_KR.UTF-8` and the like; English for every other language. */
export function languageOf(environment: Environment): Language {
  const named = VARIABLES.map((name) => environment[name]).find((value) => value !== undefined && value !== "");
  return named !== undefined && /^ko(?![a-z])/i.test(named) ? "ko" : "en";
}
