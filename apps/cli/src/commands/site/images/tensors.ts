/** `dure site images tensors`: taken images as a table a model can be trained on, inside the hospital. */

import { resolve } from "node:path";
import { DureError, type JsonValue, text } from "@dure/kernel";
import { systemClock } from "@dure/machine";
import { defineCommand } from "../../../command.ts";
import { EXIT } from "../../../exit-status.ts";
import { formatFields } from "../../../text-table.ts";
import { homeOption } from "../../shared-options.ts";

const SIDE_MAX = 4096;

export const siteImagesTensors = defineCommand({
  name: "site images tensors",
  summary: text("make a table of tensors from taken images", "받아들인 영상으로 텐서 표를 만듭니다"),
  description: text(
    "Decodes the taken images, applies rescale and window, turns MONOCHROME1 round, resizes, and writes one row a frame with 32-bit floats from " +
      "0 to 1 into a Parquet file, keyed by the person's surrogate. The file is readable by you only and stays in this hospital.",
    "받아들인 영상을 해독하여 rescale과 window를 적용하고 MONOCHROME1을 뒤집은 뒤 크기를 맞추어, 프레임마다 0부터 1까지의 32비트 실수로 된 한 행을 " +
      "Parquet 파일에 씁니다. 행은 환자의 대체 번호로 연결됩니다. 파일은 본인만 읽을 수 있으며 이 병원 안에 머뭅니다.",
  ),
  arguments: {},
  options: {
    home: homeOption,
    out: { kind: "required-text", placeholder: "FILE", summary: text("the Parquet file", "저장할 Parquet 파일") },
    rows: { kind: "whole-number", placeholder: "N", summary: text("height in pixels (224)", "높이 화소 수(224)"), min: 1, max: SIDE_MAX },
    columns: { kind: "whole-number", placeholder: "N", summary: text("width in pixels (224)", "너비 화소 수(224)"), min: 1, max: SIDE_MAX },
    modality: { kind: "text", placeholder: "CODE", summary: text("only this modality, such as CR", "이 검사 종류만(예: CR)") },
  },
  examples: [
    {
      line: "dure site images tensors --home seoul --modality CR --out chest.parquet",
      shows: text("224 × 224 tensors of all plain radiographs", "모든 단순촬영 영상의 224 × 224 텐서"),
    },
  ],
  async run({ output, progress, language, workingFolder, signal }, input) {
    const { writeTensorsOfHome } = await import("@dure/site/images");
    if (!/\.parquet$/i.test(input.out)) throw new DureError(notParquet());
    const report = await progress.during(text("decoding", "해독 중"), (tell) =>
      writeTensorsOfHome({
        home: resolve(workingFolder, input.home),
        outPath: resolve(workingFolder, input.out),
        size: { rows: input.rows ?? 224, columns: input.columns ?? 224 },
        ...(input.modality === undefined ? {} : { modality: input.modality }),
        clock: systemClock,
        onProgress: (count) => tell(count, count),
        signal,
      }),
    );
    const say = (en: string, ko: string): string => text(en, ko)[language];
    output.result({
      json: report as unknown as JsonValue, // counts and problems
      text: formatFields([
        [say("images", "영상"), String(report.imagesIn)],
        [say("rows", "행"), String(report.rowsOut)],
        [say("patient in no snapshot", "적재본에 없는 환자"), String(report.withoutPerson)],
        [say("could not be decoded", "해독하지 못함"), String(report.faultCount)],
        ...report.faults.map(({ place, what }) => [place.file ?? "", what[language]] as const),
      ]),
    });
    return EXIT.done;
  },
});

const notParquet = () => ({
  code: "images/not-parquet",
  severity: "error" as const,
  place: {},
  what: text("The table is written as Parquet.", "표는 Parquet으로 저장됩니다."),
  remedy: text("Give --out a name that ends in .parquet.", "--out에 .parquet으로 끝나는 이름을 적어 주십시오."),
});
