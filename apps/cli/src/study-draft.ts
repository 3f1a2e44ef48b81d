/** A study document from a person's disk, frozen together with every file that it names. */

import { DureError } from "@dure/kernel";
import { checkStudy, type FrozenStudy, freezeStudy, namedFiles } from "@dure/study";
import { readInputFile, studyFileReader } from "./study-files.ts";

export interface StudyDraft {
  readonly study: FrozenStudy;
  readonly files: readonly { readonly name: string; readonly content: Uint8Array }[];
}

/** @throws DureError with every problem of the document, or naming the file that is absent */
export function readStudyDraft(path: string, workingFolder: string): StudyDraft {
  const checked = checkStudy(readInputFile(path, workingFolder), { file: path });
  if (checked.kind === "refused") throw new DureError(checked.problems);
  const readFile = studyFileReader(path, workingFolder);
  const study = freezeStudy(checked.document, readFile);
  return { study, files: namedFiles(checked.document).map((name) => ({ name, content: readFile(name) ?? new Uint8Array() })) };
}
