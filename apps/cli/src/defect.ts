/**
 * An error that nobody foresaw, as a person sees it.
 *
 * Its message may quote what it choked on, and that may be a patient's value: it is not printed unless DURE_DEBUG=1 asks for it. The number
 * comes from the places in the code alone, so the same defect has the same number at every hospital.
 */

import { createHash } from "node:crypto";
import { type Problem, text } from "@dure/kernel";

const NUMBER_LENGTH = 8;

export function describeDefect(error: unknown): Problem {
  const { name, frames } = anatomy(error);
  const number = createHash("sha256")
    .update([name, ...frames].join("\n"))
    .digest("hex")
    .slice(0, NUMBER_LENGTH);
  const where = frames[0] === undefined ? name : `${name}, ${frames[0]}`;
  return {
    code: "cli/defect",
    severity: "error",
    place: {},
    what: text(`a defect in dure, number ${number} (${where}).`, `dure 내부 결함이 발생했습니다. 번호 ${number} (${where}).`),
    remedy: text(
      "Report the number. With DURE_DEBUG=1 the full message is printed; read it before you pass it on, it may quote your data.",
      "이 번호를 알려 주십시오. DURE_DEBUG=1로 실행하면 전체 메시지가 출력됩니다. 자료가 인용되어 있을 수 있으니 전달하기 전에 확인하십시오.",
    ),
  };
}

/** `file:line` of the frames in our own code, without the folder of the installation. */
function anatomy(error: unknown): { readonly name: string; readonly frames: readonly string[] } {
  if (!(error instanceof Error)) return { name: typeof error, frames: [] };
  const places = [...(error.stack ?? "").matchAll(/\/((?:packages|apps|simulator)\/[\w./-]+:\d+):\d+\)?$/gm)];
  return { name: error.name, frames: places.map(([, place = ""]) => place) };
}
