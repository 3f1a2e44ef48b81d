/** One DICOM file, read whole: what it is, and whether it may be taken. */

import { inflateRawSync } from "node:zlib";
import { decodeText, type Refusal, refusalOf } from "@dure/clinical/dicom";
import { DureError, type Problem, text } from "@dure/kernel";
import dicomParser from "dicom-parser";

export interface ImageFile {
  readonly dataSet: dicomParser.DataSet;
  readonly refusal: Refusal | undefined;
  /** Absent: nobody to link the image to. */
  readonly patientNumber: string;
  readonly sopInstanceUid: string;
  readonly studyUid: string;
  readonly seriesUid: string;
  readonly modality: string;
  readonly bodyPart: string;
  /** ISO day, or undefined where there is none. */
  readonly studyDate: string | undefined;
  readonly rows: number;
  readonly columns: number;
  readonly frames: number;
}

/** A file is read into memory: the largest usual one, a tomosynthesis study, has about 1 GB. */
export const IMAGE_BYTES_MAX = 2 ** 30;
/** A deflated data set may not swell beyond this. */
const INFLATED_BYTES_MAX = IMAGE_BYTES_MAX;

/** @throws DureError `dicom/not-dicom`, `dicom/cut-short`, `dicom/unknown-character-set`, `dicom/no-identity`, each naming the file and no content */
export function readImage(bytes: Uint8Array, file: string): ImageFile {
  const dataSet = parse(bytes, file);
  const value = (tag: string): string => (dataSet.string(tag) ?? "").trim();
  const values = (tag: string): readonly string[] =>
    value(tag)
      .split("\\")
      .map((part) => part.trim());
  const pixels = dataSet.elements["x7fe00010"];
  if (pixels !== undefined && pixels.encapsulatedPixelData !== true && isShort(dataSet, pixels.length)) throw new DureError(cutShort(file));
  const refusal = refusalOf({
    sopClassUid: value("x00080016"),
    modality: value("x00080060"),
    imageType: values("x00080008"),
    burnedInAnnotation: value("x00280301"),
    conversionType: value("x00080064"),
    photometricInterpretation: value("x00280004"),
    hasPixels: pixels !== undefined && (dataSet.uint16("x00280010") ?? 0) > 0,
  });
  return {
    dataSet,
    refusal,
    patientNumber: refusal === undefined ? patientNumber(dataSet, values("x00080005"), file) : "",
    sopInstanceUid: value("x00080018"),
    studyUid: value("x0020000d"),
    seriesUid: value("x0020000e"),
    modality: value("x00080060"),
    bodyPart: value("x00180015"),
    studyDate: isoDay(value("x00080020")),
    rows: dataSet.uint16("x00280010") ?? 0,
    columns: dataSet.uint16("x00280011") ?? 0,
    frames: Math.max(1, dataSet.intString("x00280008") ?? 1),
  };
}

function parse(bytes: Uint8Array, file: string): dicomParser.DataSet {
  const isPart10 = Buffer.from(bytes.subarray(128, 132)).toString("latin1") === "DICM";
  if (!isPart10) throw new DureError(notDicom(file));
  try {
    return dicomParser.parseDicom(bytes, { inflater: inflate });
  } catch {
    throw new DureError(cutShort(file)); // the parser's message may quote the file
  }
}

/** Deflated Explicit VR Little Endian (PS3.5 A.5): everything after the meta header is one stream. */
function inflate(bytes: Uint8Array, position: number): Uint8Array {
  const content = inflateRawSync(bytes.subarray(position), { maxOutputLength: INFLATED_BYTES_MAX });
  const whole = new Uint8Array(position + content.length);
  whole.set(bytes.subarray(0, position));
  whole.set(content, position);
  return whole;
}

function isShort(dataSet: dicomParser.DataSet, length: number): boolean {
  const bits = dataSet.uint16("x00280100") ?? 8;
  const samples = dataSet.uint16("x00280002") ?? 1;
  const frames = Math.max(1, dataSet.intString("x00280008") ?? 1);
  const pixels = (dataSet.uint16("x00280010") ?? 0) * (dataSet.uint16("x00280011") ?? 0);
  return length < Math.floor((pixels * samples * frames * bits) / 8) && (dataSet.string("x00280004") ?? "") !== "YBR_FULL_422";
}

function patientNumber(dataSet: dicomParser.DataSet, characterSets: readonly string[], file: string): string {
  const element = dataSet.elements["x00100020"];
  const bytes =
    element === undefined ? new Uint8Array() : dataSet.byteArray.subarray(element.dataOffset, element.dataOffset + element.length);
  const number = decodeText(bytes, characterSets).replace(/\0/g, "").trim();
  const hasUids = ["x00080018", "x0020000d", "x0020000e"].every((tag) => (dataSet.string(tag) ?? "") !== "");
  if (number === "" || !hasUids) throw new DureError(noIdentity(file));
  return number;
}

function isoDay(date: string): string | undefined {
  const [, year, month, day] = /^(\d{4})\.?(\d{2})\.?(\d{2})$/.exec(date) ?? [];
  if (year === undefined) return undefined;
  const iso = `${year}-${month}-${day}`;
  return Number.isNaN(Date.parse(iso)) || new Date(iso).toISOString().slice(0, 10) !== iso ? undefined : iso;
}

const problem = (code: string, file: string, what: Problem["what"], remedy: Problem["remedy"]): Problem => ({
  code: `dicom/${code}`,
  severity: "error",
  place: { file },
  what,
  remedy,
});

const notDicom = (file: string): Problem =>
  problem(
    "not-dicom",
    file,
    text("This is not a DICOM file (PS3.10): the prefix DICM is missing.", "DICOM 파일(PS3.10)이 아닙니다. DICM 표식이 없습니다."),
    text("Export it from the archive as a file with its meta header.", "영상 저장소에서 메타 헤더가 있는 파일로 내보내 주십시오."),
  );

const cutShort = (file: string): Problem =>
  problem(
    "cut-short",
    file,
    text("This DICOM file is cut short or damaged.", "DICOM 파일이 중간에 잘렸거나 손상되었습니다."),
    text("Copy it from the archive again.", "영상 저장소에서 다시 복사해 주십시오."),
  );

const noIdentity = (file: string): Problem =>
  problem(
    "no-identity",
    file,
    text(
      "This image names no patient, study, series or instance, so it can be linked to nobody.",
      "환자, 검사, 시리즈 또는 영상 식별자가 없어 누구의 영상인지 연결할 수 없습니다.",
    ),
    text("Export it with its identifiers; they are replaced here.", "식별자를 포함하여 내보내 주십시오. 식별자는 이곳에서 대체됩니다."),
  );
