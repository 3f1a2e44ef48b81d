/** Files that a person names on the command line, and files that a study names. */

import { readFileSync, statSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { DureError, text } from "@dure/kernel";

/** A study, a table document or a roster is text written by people; a network's file may be large. */
const FILE_BYTES_MAX = 512 * 2 ** 20;

/** Research tables that come with the product: studies of every hospital mean the same file. */
const PRODUCT_FOLDER = fileURLToPath(new URL("../../../", import.meta.url));

/** @throws DureError `file/absent`, `file/unreadable` or `file/too-large`. */
export function readInputFile(path: string, workingFolder: string): Uint8Array {
  const bytes = findFile(resolve(workingFolder, path), path);
  if (bytes === undefined) throw new DureError(absent(path));
  return bytes;
}

/** Looks beside the study first, then among the tables of the product. */
export function studyFileReader(studyPath: string, workingFolder: string): (name: string) => Uint8Array | undefined {
  const beside = dirname(resolve(workingFolder, studyPath));
  return (name) => findFile(join(beside, name), name) ?? findFile(join(PRODUCT_FOLDER, name), name);
}

function findFile(path: string, named: string): Uint8Array | undefined {
  try {
    const { size } = statSync(path);
    if (size > FILE_BYTES_MAX) throw new DureError(tooLarge(named, size));
    return readFileSync(path);
  } catch (error) {
    if (error instanceof DureError) throw error;
    const code = error instanceof Error && "code" in error ? String(error.code) : "";
    if (code === "ENOENT" || code === "ENOTDIR") return undefined;
    throw new DureError(unreadable(named, code), { cause: error });
  }
}

const absent = (file: string) =>
  ({
    code: "file/absent",
    severity: "error",
    place: { file },
    what: text("there is no such file.", "파일이 없습니다."),
    remedy: text(
      "Check the path; relative paths start at the current folder.",
      "경로를 확인하십시오. 상대 경로는 현재 폴더에서 시작합니다.",
    ),
  }) as const;

const unreadable = (file: string, code: string) =>
  ({
    code: "file/unreadable",
    severity: "error",
    place: { file },
    what: text(`the file cannot be read (${code}).`, `파일을 읽을 수 없습니다(${code}).`),
    remedy: text("Name a file, not a folder, and check who may read it.", "폴더가 아닌 파일을 지정하고 읽기 권한을 확인하십시오."),
  }) as const;

const tooLarge = (file: string, bytes: number) =>
  ({
    code: "file/too-large",
    severity: "error",
    place: { file },
    what: text(
      `the file has ${bytes} bytes; at most ${FILE_BYTES_MAX} are read.`,
      `파일 크기가 ${bytes}바이트입니다. 최대 ${FILE_BYTES_MAX}바이트까지 읽습니다.`,
    ),
    remedy: text("Name the study or the file that it means.", "연구 문서 또는 연구에서 지정한 파일을 입력하십시오."),
  }) as const;
