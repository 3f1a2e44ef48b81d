/** The steward's passphrase: typed at the terminal, or from a file or the environment where nobody sits at one. Never a command-line word. */

import { readFileSync } from "node:fs";
import { resolve } from "node:path";
import { DureError, type Language, type Text, text } from "@dure/kernel";
import type { Environment } from "./language.ts";

export interface PassphraseSource {
  readonly file: string | undefined;
  readonly environment: Environment;
  readonly workingFolder: string;
  readonly language: Language;
}

const VARIABLE = "DURE_STEWARD_PASSPHRASE";

/** @param label what it is asked for. @throws DureError `site/no-passphrase` without a terminal, file or variable */
export async function readPassphrase(source: PassphraseSource, label: Text): Promise<string> {
  if (source.file !== undefined) return readFileSync(resolve(source.workingFolder, source.file), "utf8").replace(/\r?\n$/, "");
  const variable = source.environment[VARIABLE];
  if (variable !== undefined && variable !== "") return variable;
  if (process.stdin.isTTY !== true) throw new DureError(noPassphrase());
  const { isCancel, password } = await import("@clack/prompts");
  const typed = await password({ message: label[source.language], mask: "•" });
  if (isCancel(typed)) throw new DureError(noPassphrase());
  return typed;
}

const noPassphrase = () =>
  ({
    code: "site/no-passphrase",
    severity: "error",
    place: {},
    what: text("the steward's passphrase was not given.", "자료 관리자의 암호를 받지 못했습니다."),
    remedy: text(
      `Type it at the terminal, name a file with --passphrase-file, or set ${VARIABLE}.`,
      `터미널에서 입력하거나 --passphrase-file 로 파일을 지정하거나 ${VARIABLE} 환경 변수를 설정하십시오.`,
    ),
  }) as const;
