/** Options that mean the same in every command. */

import { text } from "@dure/kernel";
import type { OptionDefinition } from "../command.ts";

export const homeOption = {
  kind: "required-text",
  placeholder: "FOLDER",
  summary: text("the folder of this site or coordinator", "이 기관 또는 코디네이터의 폴더"),
} as const satisfies OptionDefinition;

export const passphraseFileOption = {
  kind: "text",
  placeholder: "FILE",
  summary: text("read the steward's passphrase from a file", "자료 관리자의 암호를 파일에서 읽습니다"),
} as const satisfies OptionDefinition;
