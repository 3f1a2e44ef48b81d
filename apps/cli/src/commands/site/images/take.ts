/** `dure site images take`: DICOM files into this hospital's own folder, without who the patients were. */

import { resolve } from "node:path";
import { type JsonValue, type Language, text } from "@dure/kernel";
import { defineCommand } from "../../../command.ts";
import { EXIT } from "../../../exit-status.ts";
import { formatFields, formatTable } from "../../../text-table.ts";
import { homeOption } from "../../shared-options.ts";

export const siteImagesTake = defineCommand({
  name: "site images take",
  summary: text("take DICOM images in, de-identified", "DICOM 영상을 비식별 처리하여 받아들입니다"),
  description: text(
    "Reads every DICOM file below the folder and keeps, in the site's own folder, the picture and what describes it: UIDs are replaced by keyed " +
      "ones, private tags and names go, days move with the person (PS3.15 Basic Profile). Images that may have text in their pixels are refused " +
      "and counted. The next `dure site load` with `images: true` in its plan makes them rows of IMAGE_OCCURRENCE.",
    "폴더 아래의 DICOM 파일을 모두 읽어 영상과 그 설명만 기관 폴더에 보관합니다. UID는 키를 사용한 값으로 바꾸고, 사설 태그와 이름은 지우며, " +
      "날짜는 환자별로 같은 일수만큼 옮깁니다(PS3.15 Basic Profile). 화소에 글자가 들어 있을 수 있는 영상은 거부하고 건수를 셉니다. " +
      "적재 계획에 `images: true`를 적으면 다음 `dure site load`에서 IMAGE_OCCURRENCE의 행이 됩니다.",
  ),
  arguments: {
    folder: { kind: "text", placeholder: "FOLDER", summary: text("the folder with DICOM files", "DICOM 파일이 있는 폴더") },
  },
  options: { home: homeOption },
  examples: [
    {
      line: "dure site images take pacs-export --home seoul",
      shows: text("take an archive's export in", "PACS에서 내보낸 영상 받아들이기"),
    },
  ],
  async run({ output, progress, language, workingFolder, signal }, input) {
    const { takeImagesIntoHome } = await import("@dure/site/images");
    const report = await progress.during(text("taking images", "영상을 받아들이는 중"), (tell) =>
      takeImagesIntoHome({
        home: resolve(workingFolder, input.home),
        folder: resolve(workingFolder, input.folder),
        onProgress: (count) => tell(count, count),
        signal,
      }),
    );
    const say = (en: string, ko: string): string => text(en, ko)[language];
    const head = formatFields([
      [say("files", "파일"), String(report.filesIn)],
      [say("taken", "새로 받음"), String(report.taken)],
      [say("replaced", "바뀜"), String(report.replaced)],
      [say("unchanged", "그대로"), String(report.unchanged)],
      [say("could not be read", "읽지 못함"), String(report.faultCount)],
    ]);
    const refused = Object.entries(report.refused).map(([reason, count]) => [
      (REASONS[reason] ?? text(reason, reason))[language],
      String(count),
    ]);
    const faults = report.faults.map(({ place, what }) => [place.file ?? "", what[language]]);
    const tables = [
      head,
      ...(refused.length === 0
        ? []
        : [formatTable([{ heading: say("refused because", "거부 사유") }, { heading: say("files", "파일"), align: "right" }], refused)]),
      ...(faults.length === 0 ? [] : [faultTable(faults, language)]),
    ];
    output.result({ json: report as unknown as JsonValue, text: tables.join("\n\n") }); // counts, reasons, problems
    return EXIT.done;
  },
});

const faultTable = (faults: readonly string[][], language: Language): string =>
  formatTable([{ heading: text("file", "파일")[language] }, { heading: text("problem", "문제")[language] }], faults);

const REASONS: Readonly<Record<string, ReturnType<typeof text>>> = {
  "not-an-image": text("not an image (report, plan, waveform)", "영상이 아님(판독문, 계획, 파형 등)"),
  "burned-in-annotation": text("declares text in its pixels", "화소에 글자가 있다고 표시됨"),
  "burned-in-possible-modality": text("this modality may have text in its pixels", "화소에 글자가 있을 수 있는 검사 종류"),
  "burned-in-possible-secondary-capture": text("a captured screen or scanned paper", "화면 갈무리 또는 스캔한 문서"),
  "burned-in-possible-screen": text("a saved screen or dose page", "저장된 화면 또는 선량 기록 화면"),
  "not-grey": text("not a grey picture", "회색조 영상이 아님"),
};
