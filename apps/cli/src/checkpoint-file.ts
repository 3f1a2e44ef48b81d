/** The checkpoints that go with an exported ledger: a JSON list of signed notes, each with the cosignatures known at the export. */

import { DureError, fromUtf8, text } from "@dure/kernel";

export const checkpointsFileOf = (ledgerFile: string): string => `${ledgerFile}.checkpoints`;

export const writeNotes = (notes: readonly string[]): string => `${JSON.stringify(notes, undefined, 2)}\n`;

/** Signatures are checked by the verifier. @throws DureError `ledger/not-checkpoints` where the file is no such list */
export function readNotes(file: string, bytes: Uint8Array): readonly string[] {
  const value = parse(bytes);
  if (Array.isArray(value) && value.every((note) => typeof note === "string")) return value;
  throw new DureError({
    code: "ledger/not-checkpoints",
    severity: "error",
    place: { file },
    what: text("The file holds no list of checkpoints.", "체크포인트 목록 파일이 아닙니다."),
    remedy: text(
      "Take the file that `dure site ledger --export` wrote beside the ledger.",
      "`dure site ledger --export` 가 원장과 함께 저장한 파일을 쓰십시오.",
    ),
  });
}

function parse(bytes: Uint8Array): unknown {
  try {
    return JSON.parse(fromUtf8(bytes));
  } catch {
    return undefined;
  }
}
