/** `dure site view`: a SQL on FHIR view definition over this hospital's own FHIR resources, as a table for the hospital itself. */

import { readFileSync } from "node:fs";
import { basename, join, resolve } from "node:path";
import { DureError, text } from "@dure/kernel";
import { systemClock } from "@dure/machine";
import { defineCommand } from "../../command.ts";
import { EXIT } from "../../exit-status.ts";
import { formatFields } from "../../text-table.ts";

export const siteView = defineCommand({
  name: "site view",
  summary: text("make a table of FHIR resources by a view definition", "뷰 정의에 따라 FHIR 리소스를 표로 만듭니다"),
  description: text(
    "Runs a ViewDefinition of SQL on FHIR v2 over NDJSON files, or over what was taken in with `dure site intake`, and writes Parquet or CSV. " +
      "The table holds patients' data: it is for this hospital, readable by you only, and no study reads it.",
    "SQL on FHIR v2의 ViewDefinition을 NDJSON 파일이나 `dure site intake`로 받아들인 자료에 적용하여 Parquet 또는 CSV로 저장합니다. " +
      "결과에는 환자 자료가 들어 있으므로 이 병원 안에서만 사용하며, 본인만 읽을 수 있고 연구에는 쓰이지 않습니다.",
  ),
  arguments: {
    definition: {
      kind: "text",
      placeholder: "DEFINITION",
      summary: text("the view definition, JSON or YAML", "뷰 정의 문서(JSON 또는 YAML)"),
    },
  },
  options: {
    out: { kind: "required-text", placeholder: "FILE", summary: text("the table, .parquet or .csv", "저장할 표(.parquet 또는 .csv)") },
    ndjson: { kind: "list", placeholder: "FILE", summary: text("an NDJSON file of resources", "리소스가 담긴 NDJSON 파일") },
    home: { kind: "text", placeholder: "FOLDER", summary: text("the folder of this site", "이 기관의 폴더") },
    source: { kind: "text", placeholder: "NAME", summary: text("a source taken in at this site", "이 기관이 받아들인 출처의 이름") },
  },
  examples: [
    {
      line: "dure site view pressures.json --ndjson Observation.ndjson --out pressures.parquet",
      shows: text("a table from an export", "내보낸 파일에서 표 만들기"),
    },
  ],
  async run({ output, progress, language, workingFolder, signal }, input) {
    const { parseViewDefinition } = await import("@dure/clinical/view-definition");
    const { readNdjson, runView, takenIn } = await import("@dure/site/views");
    const at = (path: string): string => resolve(workingFolder, path);
    const fromIntake = input.home !== undefined && input.source !== undefined;
    if (input.ndjson.length > 0 === fromIntake) throw new DureError(whichResources());
    const view = parseViewDefinition({ file: basename(input.definition), text: readFileSync(at(input.definition), "utf8") });
    const resources =
      input.home !== undefined && input.source !== undefined
        ? takenIn({ path: join(at(input.home), "intake.duckdb"), source: input.source, resourceType: view.resource, clock: systemClock })
        : readNdjson(input.ndjson.map(at));
    const report = await progress.during(text("reading", "읽는 중"), (tell) =>
      runView({ view, resources, outPath: at(input.out), onProgress: (count) => tell(count, count), signal }),
    );
    const say = (en: string, ko: string): string => text(en, ko)[language];
    output.result({
      json: { ...report },
      text: formatFields([
        [say("resources read", "읽은 리소스"), String(report.resourcesIn)],
        [say("of the view's type", "뷰의 종류에 해당"), String(report.resourcesOfType)],
        [say("rows", "행"), String(report.rowsOut)],
      ]),
    });
    return EXIT.done;
  },
});

const whichResources = () => ({
  code: "view/which-resources",
  severity: "error" as const,
  place: {},
  what: text(
    "The resources come from --ndjson files, or from --home and --source; exactly one of the two.",
    "리소스는 --ndjson 파일에서 오거나 --home 과 --source 에서 옵니다. 둘 중 하나만 지정해야 합니다.",
  ),
  remedy: text("Give one of them.", "둘 중 하나를 지정해 주십시오."),
});
