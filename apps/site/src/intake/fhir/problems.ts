/** What can be wrong with FHIR that comes in. None holds a value, an id or a text of the data: file, line and entry find it. */

import type { ChangeFault } from "@dure/clinical/fhir";
import { type Place, type Problem, type Text, text } from "@dure/kernel";

/** Of one line or entry: the rest of the file goes on. */
export type ItemFault = ChangeFault | "malformed-json" | "not-utf8" | "too-long" | "too-deep" | "wrong-type";

const ITEM_FAULTS = {
  "malformed-json": [
    text("this is no JSON.", "JSON 형식이 아닙니다."),
    text("Where it is the last line the file was cut short: export it again.", "마지막 줄이라면 파일이 잘린 것이니 다시 내보내십시오."),
  ],
  "not-utf8": [
    text("this is not UTF-8, which FHIR requires.", "FHIR에서 요구하는 UTF-8 인코딩이 아닙니다."),
    text("Export it as UTF-8.", "UTF-8로 다시 내보내십시오."),
  ],
  "too-long": [
    text("longer than 16 MiB, so this is no single resource.", "16 MiB보다 길어 한 건의 리소스로 볼 수 없습니다."),
    text("Export one resource a line, attachments as links.", "한 줄에 리소스 하나씩, 첨부 파일은 링크로 내보내십시오."),
  ],
  "too-deep": [
    text("nested deeper than 64 levels, as no resource of FHIR R4 is.", "FHIR R4 리소스에 있을 수 없는 64단계 초과의 중첩 구조입니다."),
    text("Ask the sender what wrote it.", "보낸 곳에 어떤 프로그램이 만든 것인지 확인하십시오."),
  ],
  "wrong-type": [
    text("not a resource of the type that the file's name says.", "파일 이름에 적힌 종류의 리소스가 아닙니다."),
    text("Rename the file, or export it again.", "파일 이름을 고치거나 다시 내보내십시오."),
  ],
  "unknown-type": [
    text("not a resource type of FHIR R4.", "FHIR R4의 리소스 종류가 아닙니다."),
    text("Check `resourceType`, and that the server speaks R4.", "`resourceType`과 서버의 FHIR 버전(R4)을 확인하십시오."),
  ],
  "not-a-resource": [
    text("JSON, but not a FHIR resource: `resourceType` is missing.", "JSON이지만 `resourceType`이 없어 FHIR 리소스가 아닙니다."),
    text("Remove it, or export the file again.", "이 항목을 지우거나 파일을 다시 내보내십시오."),
  ],
  "no-id": [
    text("the resource has no id, so a later correction could not find it.", "리소스에 id가 없어 나중에 정정 내용을 연결할 수 없습니다."),
    text(
      "Export with ids; a bundle's entry may give it in `fullUrl`.",
      "id를 포함하여 내보내십시오. 번들에서는 `fullUrl`로 주어도 됩니다.",
    ),
  ],
  "entry-without-resource": [
    text("the bundle's entry has no resource and deletes none.", "번들 항목에 리소스가 없고 삭제 요청도 아닙니다."),
    text("Nothing to do where the server was only asked something.", "서버에 대한 조회 요청이었다면 조치할 것이 없습니다."),
  ],
  "conditional-delete": [
    text("a deletion by condition, or one that names nothing.", "조건에 의한 삭제이거나 대상이 적혀 있지 않은 삭제입니다."),
    text("Delete by type and id.", "리소스 종류와 id로 삭제하십시오."),
  ],
  patch: [
    text("a patch: a part of a resource only.", "리소스의 일부만 담은 패치입니다."),
    text("Export the whole resource.", "리소스 전체를 내보내십시오."),
  ],
  "operation-outcome": [
    text("the server's word on what it could not do, not a record.", "기록이 아니라 서버가 처리하지 못한 내용을 알리는 메시지입니다."),
    text("Read it in the file, and ask the server's operator.", "파일에서 내용을 확인하고 서버 운영자에게 문의하십시오."),
  ],
} as const satisfies Record<ItemFault, readonly [Text, Text]>;

export function itemProblem(fault: ItemFault, place: Place): Problem {
  const [what, remedy] = ITEM_FAULTS[fault];
  return { code: `intake/${fault}`, severity: fault === "operation-outcome" ? "warning" : "error", place, what, remedy };
}

/** Of a whole file: what came before stays, the file is not done. */
export type FileFault = "missing" | "unreadable" | "cut-short" | "bundle-too-large" | "unknown-format" | "too-many-faults" | "changed";

const FILE_FAULTS = {
  missing: [text("there is no such file or folder.", "파일이나 폴더가 없습니다."), text("Check the path.", "경로를 확인하십시오.")],
  unreadable: [
    text("the file cannot be read or unpacked.", "파일을 읽거나 압축을 풀 수 없습니다."),
    text("Check its permissions, and copy or export it again.", "권한을 확인하고 다시 복사하거나 내보내십시오."),
  ],
  "cut-short": [
    text("the file ends in the middle of a bundle or of its packing.", "번들이나 압축 내용 중간에서 파일이 끝났습니다."),
    text("Copy or export it again; what was read is kept.", "다시 복사하거나 내보내십시오. 읽은 내용은 보관되어 있습니다."),
  ],
  "bundle-too-large": [
    text("the bundle has more than 200,000 entries that others name by URN.", "URN으로 참조되는 항목이 200,000건을 넘는 번들입니다."),
    text("Export it as NDJSON, or one bundle a patient.", "NDJSON으로 내보내거나 환자별 번들로 나누십시오."),
  ],
  "unknown-format": [
    text("neither .ndjson nor .json, packed or not.", ".ndjson 또는 .json 파일(또는 그 .gz 압축 파일)이 아닙니다."),
    text("Unpack archives first, and name the files so.", "압축 묶음은 먼저 풀고 파일 이름을 맞추십시오."),
  ],
  "too-many-faults": [
    text("more faults than allowed, so the file is not what it should be.", "허용된 오류 수를 넘었으므로 올바른 파일로 볼 수 없습니다."),
    text("See the first ones; allow more with --faults-max.", "처음의 오류들을 확인하십시오. --faults-max로 더 허용할 수 있습니다."),
  ],
  changed: [
    text("the file changed while it was read.", "읽는 동안 파일 내용이 바뀌었습니다."),
    text("Start again when the export has ended.", "내보내기가 끝난 뒤 다시 시작하십시오."),
  ],
} as const satisfies Record<FileFault, readonly [Text, Text]>;

export function fileProblem(fault: FileFault, file: string): Problem {
  const [what, remedy] = FILE_FAULTS[fault];
  return { code: `intake/${fault}`, severity: "error", place: { file }, what, remedy };
}

export const badInstant = (option: string): Problem => ({
  code: "intake/bad-instant",
  severity: "error",
  place: { path: option },
  what: text("not an instant with a time zone.", "시간대가 있는 시각이 아닙니다."),
  remedy: text("Write it as 2026-01-31T09:00:00+09:00.", "2026-01-31T09:00:00+09:00 형식으로 적으십시오."),
});
