/**
 * Stored values of an image's frames, whatever their transfer syntax. Decompression runs inside the site, in WebAssembly or JavaScript of
 * well-known libraries; run-length coding and plain words are simple enough to be read here.
 */

import { createRequire } from "node:module";
import { isBigEndianSet } from "@dure/clinical/dicom";
import { assert, DureError, type Problem, text } from "@dure/kernel";
import type dicomParser from "dicom-parser";

/** One frame at a time: 64 million pixels are more than any detector has. */
const PIXELS_MAX = 64_000_000;

/** Each frame's rows × columns values, signed as Pixel Representation says. @throws DureError `dicom/unknown-transfer-syntax`, `dicom/too-large` or `dicom/undecodable` */
export async function* decodeFrames(dataSet: dicomParser.DataSet, file: string): AsyncGenerator<Int32Array> {
  const layout = layoutOf(dataSet);
  if (layout.pixelCount > PIXELS_MAX) throw new DureError(tooLarge(file, layout.pixelCount));
  for (let frame = 0; frame < layout.frames; frame++) {
    const bytes = await frameBytes(dataSet, frame, layout, file);
    yield valuesOf(bytes, layout);
  }
}

interface Layout {
  readonly frames: number;
  readonly pixelCount: number;
  readonly rows: number;
  readonly columns: number;
  readonly bytesPerPixel: number;
  readonly bitsStored: number;
  readonly isSigned: boolean;
}

function layoutOf(dataSet: dicomParser.DataSet): Layout {
  const [rows, columns] = [dataSet.uint16("x00280010") ?? 0, dataSet.uint16("x00280011") ?? 0];
  const bitsAllocated = dataSet.uint16("x00280100") ?? 16;
  return {
    frames: Math.max(1, dataSet.intString("x00280008") ?? 1),
    pixelCount: rows * columns,
    rows,
    columns,
    bytesPerPixel: Math.ceil(bitsAllocated / 8),
    bitsStored: dataSet.uint16("x00280101") ?? bitsAllocated,
    isSigned: dataSet.uint16("x00280103") === 1,
  };
}

async function frameBytes(dataSet: dicomParser.DataSet, frame: number, layout: Layout, file: string): Promise<Uint8Array> {
  const syntax = dataSet.string("x00020010") ?? "";
  const element = dataSet.elements["x7fe00010"];
  assert(element !== undefined, "only an image is decoded");
  if (element.encapsulatedPixelData !== true) {
    const length = layout.pixelCount * layout.bytesPerPixel;
    const start = element.dataOffset + frame * length;
    const bytes = dataSet.byteArray.subarray(start, start + length);
    return isBigEndianSet(dataSet) && layout.bytesPerPixel === 2 ? Buffer.from(bytes).swap16() : bytes;
  }
  const decode = DECODERS[syntax];
  if (decode === undefined) throw new DureError(unknownSyntax(file, syntax));
  try {
    const bytes = await decode(encapsulatedFrame(dataSet, element, frame, layout.frames), layout);
    if (bytes.length >= layout.pixelCount * layout.bytesPerPixel) return bytes;
  } catch {
    // A decoder's message tells nothing that the file's name does not.
  }
  throw new DureError(undecodable(file, frame));
}

/** With as many fragments as frames each is one; else the table of offsets says which belong together (PS3.5 A.4). */
function encapsulatedFrame(dataSet: dicomParser.DataSet, element: dicomParser.Element, frame: number, frames: number): Uint8Array {
  const fragments = element.fragments ?? [];
  const offsets = element.basicOffsetTable ?? [];
  const [from, to] = [offsets[frame] ?? 0, offsets[frame + 1] ?? Number.POSITIVE_INFINITY];
  const own =
    frames === 1
      ? fragments
      : fragments.length === frames
        ? fragments.slice(frame, frame + 1)
        : fragments.filter(({ offset }) => offset >= from && offset < to);
  return Buffer.concat(own.map(({ position, length }) => dataSet.byteArray.subarray(position, position + length)));
}

type Decode = (bytes: Uint8Array, layout: Layout) => Promise<Uint8Array> | Uint8Array;

/** The interface that the WebAssembly codecs share. */
interface Codec {
  getEncodedBuffer(length: number): Uint8Array;
  decode(): void;
  getDecodedBuffer(): Uint8Array;
  delete(): void;
}
type CodecModule = Readonly<Record<string, new () => Codec>>;
type CodecFactory = (options: { readonly print: () => void; readonly printErr: () => void }) => Promise<CodecModule>;

const require = createRequire(import.meta.url);
interface JpegLosslessDecoder {
  decode(buffer: ArrayBuffer, offset: number, length: number, bytesPerPixel: number): Uint8Array | Uint16Array;
}
const loaded = new Map<string, Promise<CodecModule>>();

/** A codec is compiled once; it prints nothing. */
function wasm(name: string, load: () => CodecFactory): Decode {
  return async (bytes) => {
    const codecs = loaded.get(name) ?? load()({ print: () => undefined, printErr: () => undefined });
    loaded.set(name, codecs);
    const Codec = (await codecs)[name];
    assert(Codec !== undefined, "the codec's module has its decoder");
    const codec = new Codec();
    try {
      codec.getEncodedBuffer(bytes.length).set(bytes);
      codec.decode();
      return codec.getDecodedBuffer().slice();
    } finally {
      codec.delete();
    }
  };
}

const jpegLs = wasm("JpegLSDecoder", () => require("@cornerstonejs/codec-charls/decodewasmjs") as CodecFactory); // as its examples do
const jpeg2000 = wasm("J2KDecoder", () => require("@cornerstonejs/codec-openjpeg/decodewasmjs") as CodecFactory); // as its examples do
const jpegBaseline = wasm("JPEGDecoder", () => require("@cornerstonejs/codec-libjpeg-turbo-8bit/decodewasmjs") as CodecFactory); // as its examples do

/** Bytes of a view of its own, as the decoder takes an ArrayBuffer. */
function jpegLossless(bytes: Uint8Array, { bytesPerPixel }: Layout): Uint8Array {
  const own = Uint8Array.from(bytes);
  // The package's types lie where the compiler does not look.
  const { Decoder } = require("jpeg-lossless-decoder-js") as { readonly Decoder: new () => JpegLosslessDecoder };
  const values = new Decoder().decode(own.buffer, 0, own.length, bytesPerPixel);
  return new Uint8Array(values.buffer, values.byteOffset, values.byteLength);
}

/** By transfer syntax UID, PS3.5 annex A. */
const DECODERS: Readonly<Record<string, Decode>> = {
  "1.2.840.10008.1.2.4.50": jpegBaseline,
  "1.2.840.10008.1.2.4.57": jpegLossless,
  "1.2.840.10008.1.2.4.70": jpegLossless,
  "1.2.840.10008.1.2.4.80": jpegLs,
  "1.2.840.10008.1.2.4.81": jpegLs,
  "1.2.840.10008.1.2.4.90": jpeg2000,
  "1.2.840.10008.1.2.4.91": jpeg2000,
  "1.2.840.10008.1.2.5": runLength,
};

/** PackBits by byte planes, most significant first: PS3.5 annex G. */
function runLength(bytes: Uint8Array, { pixelCount, bytesPerPixel }: Layout): Uint8Array {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const out = new Uint8Array(pixelCount * bytesPerPixel);
  const planes = view.getUint32(0, true);
  assert(planes === bytesPerPixel, "a grey image has one plane for each byte of a pixel");
  for (let plane = 0; plane < planes; plane++) {
    const start = view.getUint32(4 + 4 * plane, true);
    const end = plane + 1 < planes ? view.getUint32(8 + 4 * plane, true) : bytes.length;
    const values = unpackBits(bytes.subarray(start, end), pixelCount);
    for (let i = 0; i < pixelCount; i++) out[i * bytesPerPixel + (bytesPerPixel - 1 - plane)] = values[i] ?? 0;
  }
  return out;
}

function unpackBits(bytes: Uint8Array, length: number): Uint8Array {
  const out = new Uint8Array(length);
  let written = 0;
  for (let at = 0; at < bytes.length && written < length; ) {
    const count = ((bytes[at++] ?? 0) << 24) >> 24;
    if (count >= 0) {
      out.set(bytes.subarray(at, at + Math.min(count + 1, length - written)), written);
      at += count + 1;
      written += count + 1;
    } else if (count !== -128) {
      out.fill(bytes[at++] ?? 0, written, written + 1 - count);
      written += 1 - count;
    }
  }
  return out;
}

/** Stored bits of little-endian words; what lies above them is not part of the value. */
function valuesOf(bytes: Uint8Array, { pixelCount, bytesPerPixel, bitsStored, isSigned }: Layout): Int32Array {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const unused = 32 - Math.min(bitsStored, 8 * bytesPerPixel);
  return Int32Array.from({ length: pixelCount }, (_, i) => {
    const word = bytesPerPixel === 1 ? view.getUint8(i) : bytesPerPixel === 2 ? view.getUint16(2 * i, true) : view.getInt32(4 * i, true);
    return isSigned ? (word << unused) >> unused : (word << unused) >>> unused;
  });
}

const unknownSyntax = (file: string, syntax: string): Problem => ({
  code: "dicom/unknown-transfer-syntax",
  severity: "error",
  place: { file },
  what: text(`Pixels in the transfer syntax ${syntax} cannot be decoded here.`, `전송 구문 ${syntax}의 화소는 해독할 수 없습니다.`),
  remedy: text(
    `Export the image uncompressed, or in one of: ${Object.keys(DECODERS).join(", ")}.`,
    `압축하지 않거나 다음 중 하나로 내보내 주십시오: ${Object.keys(DECODERS).join(", ")}.`,
  ),
});

const undecodable = (file: string, frame: number): Problem => ({
  code: "dicom/undecodable",
  severity: "error",
  place: { file },
  what: text(
    `Frame ${frame + 1} cannot be decoded: its compressed pixels are damaged.`,
    `${frame + 1}번째 프레임의 압축 화소가 손상되어 해독할 수 없습니다.`,
  ),
  remedy: text("Copy the image from the archive again.", "영상 저장소에서 다시 복사해 주십시오."),
});

const tooLarge = (file: string, pixels: number): Problem => ({
  code: "dicom/too-large",
  severity: "error",
  place: { file },
  what: text(
    `A frame has ${pixels} pixels, at most ${PIXELS_MAX} are taken.`,
    `한 프레임이 ${pixels}화소입니다. 최대 ${PIXELS_MAX}화소까지 처리합니다.`,
  ),
  remedy: text("Check the file: no detector is that large.", "파일을 확인해 주십시오. 이렇게 큰 영상 장치는 없습니다."),
});
