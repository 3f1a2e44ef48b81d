/** Documents that arrive as JSON text inside a call. */

import { Code } from "@connectrpc/connect";
import { DureError, type JsonValue } from "@dure/kernel";
import { type FrozenStudy, frozenFiles, parseFrozen } from "@dure/study";
import { parseJson } from "@dure/wire";
import { coordinatorProblem } from "../problems.ts";
import { refuse } from "../server/refusals.ts";

/** @throws ConnectError `coordinator/malformed` naming the field, where `parse` gives nothing or the text is no JSON. */
export function readDocument<Value>(field: string, json: string, parse: (value: JsonValue) => Value | undefined): Value {
  const value = parse(jsonOf(field, json));
  if (value === undefined) throw refuse(Code.InvalidArgument, "malformed", { path: field });
  return value;
}

/** @throws DureError with every problem of the study; ConnectError where the text is no JSON. */
export const readStudy = (field: string, json: string): FrozenStudy => parseFrozen(jsonOf(field, json));

export interface NamedContent {
  readonly name: string;
  readonly content: Uint8Array;
}

/** Exactly the files that the study names, with the content that its hash covers. @throws DureError with every problem. */
export function assertFiles(study: FrozenStudy, files: readonly NamedContent[], hash: (content: Uint8Array) => string): void {
  const named = frozenFiles(study);
  const problems = [
    ...named.flatMap(({ name, sha256 }) => {
      const file = files.find((candidate) => candidate.name === name);
      if (file === undefined) return [coordinatorProblem("file-absent", { file: name })];
      return hash(file.content) === sha256 ? [] : [coordinatorProblem("file-changed", { file: name })];
    }),
    ...files.filter(({ name }) => !named.some((file) => file.name === name)).map(() => coordinatorProblem("file-unnamed")),
  ];
  if (problems.length > 0) throw new DureError(problems);
}

function jsonOf(field: string, json: string): JsonValue {
  try {
    return parseJson(json);
  } catch {
    throw refuse(Code.InvalidArgument, "malformed", { path: field });
  }
}
