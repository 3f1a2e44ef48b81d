/** What can stand in the way of a run of checks or of its report. */

import { DureError, text } from "@dure/kernel";

export const nothingLoaded = (): DureError =>
  new DureError({
    code: "quality/nothing-loaded",
    severity: "error",
    place: {},
    what: text("Nothing is loaded yet, so there is nothing to check.", "아직 적재된 자료가 없어 점검할 것이 없습니다."),
    remedy: text("Load the hospital's exports first: dure site ingest.", "먼저 병원 자료를 적재해 주십시오: dure site ingest"),
  });

export const snapshotAbsent = (number: number, kept: readonly number[]): DureError =>
  new DureError({
    code: "quality/snapshot-absent",
    severity: "error",
    place: {},
    what: text(
      `There is no snapshot ${number}; the store has ${kept.join(", ")}.`,
      `적재본 ${number}이(가) 없습니다. 저장소에는 ${kept.join(", ")}이(가) 있습니다.`,
    ),
    remedy: text("Name one of these.", "이 중 하나를 지정해 주십시오."),
  });

export const snapshotGone = (number: number): DureError =>
  new DureError({
    code: "quality/snapshot-gone",
    severity: "error",
    place: {},
    what: text(
      `Snapshot ${number} was replaced by later loads while it was being checked.`,
      `점검 중에 적재본 ${number}이(가) 이후의 적재로 대체되었습니다.`,
    ),
    remedy: text("Check the newest one: dure site quality run.", "최신 적재본을 점검해 주십시오: dure site quality run"),
  });

export const noRun = (number: number | undefined): DureError =>
  new DureError({
    code: "quality/no-run",
    severity: "error",
    place: {},
    what:
      number === undefined
        ? text("No checks have been run yet.", "아직 품질 점검을 실행하지 않았습니다.")
        : text(`There is no run ${number}.`, `${number}번 점검이 없습니다.`),
    remedy: text(
      "Run them: dure site quality run. All runs: dure site quality trend.",
      "점검 실행: dure site quality run. 점검 목록: dure site quality trend",
    ),
  });

export const thresholdFileAbsent = (folder: string, name: string): DureError =>
  new DureError({
    code: "quality/threshold-file-absent",
    severity: "error",
    place: { file: folder },
    what: text(`The folder has no file …${name}.csv.`, `폴더에 …${name}.csv 파일이 없습니다.`),
    remedy: text(
      "Put OHDSI's four files for CDM v5.4 there: Check_Descriptions, Table_Level, Field_Level, Concept_Level.",
      "OHDSI의 CDM v5.4용 파일 네 개(Check_Descriptions, Table_Level, Field_Level, Concept_Level)를 넣어 주십시오.",
    ),
  });
