import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { sharedData } from "@dure/kernel/testing";
import dicomParser from "dicom-parser";
import { KEPT_ATTRIBUTES } from "./attributes.ts";
import { decodeText } from "./character-sets.ts";
import { deidentify, keyedUid, pseudonymOf, shiftDate, shiftDays } from "./deidentify.ts";
import { type ImageFacts, refusalOf } from "./refusal.ts";
import { type StoredFrame, toTensor } from "./tensor.ts";
import { imageFile, words } from "./testing.ts";

const key = { key: new Uint8Array(32).fill(7), patientNumber: "12345" };
const parse = (bytes: Uint8Array) => dicomParser.parseDicom(bytes);

test("what is left of an image holds nothing that told who the patient was", () => {
  const written = Buffer.from(deidentify(parse(imageFile()), key));
  assert(!/canary/i.test(written.toString("latin1")));
  const dataSet = parse(written);
  const tags = Object.keys(dataSet.elements).map((tag) => tag.slice(1));
  assert.deepEqual(
    tags.filter((tag) => !tag.startsWith("0002") && !KEPT_ATTRIBUTES.has(tag)),
    ["00120062", "00120064", "00280303"],
  );
  assert.equal(dataSet.string("x00100020"), pseudonymOf(key));
  assert.equal(dataSet.string("x00120062"), "YES");
  assert.deepEqual(
    ["x00080050", "x00080090", "x00100030", "x00100040", "x00200010"].map((tag) => dataSet.string(tag)),
    Array(5).fill(undefined),
  );
});

test("what describes the picture stays byte for byte, and what links pictures stays linked", () => {
  const dataSet = parse(deidentify(parse(imageFile()), key));
  const pixels = dataSet.elements["x7fe00010"];
  assert.deepEqual(dataSet.byteArray.subarray(pixels?.dataOffset, (pixels?.dataOffset ?? 0) + (pixels?.length ?? 0)), words(0, 1, 2, 3));
  assert.deepEqual([dataSet.string("x00180015"), dataSet.string("x00080070"), dataSet.floatString("x00281053")], ["CHEST", "Maker", 2]);
  const other = parse(deidentify(parse(imageFile({ instance: "1.2.3.1.1.2" })), key));
  assert.equal(dataSet.string("x0020000d"), other.string("x0020000d"));
  assert.notEqual(dataSet.string("x00080018"), other.string("x00080018"));
  assert.match(dataSet.string("x0020000d") ?? "", /^2\.25\.\d{1,39}$/);
  assert.equal(dataSet.string("x00080018"), dataSet.string("x00020003"));
});

test("another key gives other UIDs, days and pseudonyms; the same one the same", () => {
  const other = { ...key, key: new Uint8Array(32).fill(8) };
  assert.equal(keyedUid(key.key, "1.2.3"), keyedUid(key.key, "1.2.3"));
  assert.notEqual(keyedUid(key.key, "1.2.3"), keyedUid(other.key, "1.2.3"));
  assert.notEqual(pseudonymOf(key), pseudonymOf(other));
});

test("all days of a person move by the same 1 to 365 days, and what is no day is left empty", () => {
  const days = Array.from({ length: 500 }, (_, i) => shiftDays({ ...key, patientNumber: `p${i}` }));
  assert(days.every((shift) => shift <= -1 && shift >= -365));
  assert(new Set(days).size > 200);
  assert.equal(shiftDate("20240301", -1), "20240229");
  assert.equal(shiftDate("2024.03.01", -1), "20240229");
  assert.equal(shiftDate("20230229", -1), undefined);
  const dates = ["20240101", "20240131"].map((date) => parse(deidentify(parse(imageFile({ date })), key)).string("x00080020") ?? "");
  const [first = "", second = ""] = dates.map((date) => `${date.slice(0, 4)}-${date.slice(4, 6)}-${date.slice(6)}`);
  assert.equal((Date.parse(second) - Date.parse(first)) / 86_400_000, 30);
});

test("an image is refused where its pixels may hold text, and named why", () => {
  const plain: ImageFacts = {
    sopClassUid: "1.2.840.10008.5.1.4.1.1.2",
    modality: "CT",
    imageType: ["ORIGINAL", "PRIMARY", "AXIAL"],
    burnedInAnnotation: "",
    conversionType: "",
    photometricInterpretation: "MONOCHROME2",
    hasPixels: true,
  };
  assert.equal(refusalOf(plain), undefined);
  assert.equal(refusalOf({ ...plain, hasPixels: false }), "not-an-image");
  assert.equal(refusalOf({ ...plain, burnedInAnnotation: "YES" }), "burned-in-annotation");
  assert.equal(refusalOf({ ...plain, modality: "US" }), "burned-in-possible-modality");
  assert.equal(refusalOf({ ...plain, modality: "US", burnedInAnnotation: "NO" }), undefined);
  assert.equal(refusalOf({ ...plain, sopClassUid: "1.2.840.10008.5.1.4.1.1.7.2" }), "burned-in-possible-secondary-capture");
  assert.equal(refusalOf({ ...plain, conversionType: "WSD" }), "burned-in-possible-secondary-capture");
  assert.equal(refusalOf({ ...plain, imageType: ["DERIVED", "SECONDARY", "SCREEN SAVE"] }), "burned-in-possible-screen");
  assert.equal(refusalOf({ ...plain, photometricInterpretation: "RGB" }), "not-grey");
});

const frame = (rows: readonly (readonly number[])[], more: Partial<StoredFrame> = {}): StoredFrame => ({
  rows: rows.length,
  columns: rows[0]?.length ?? 0,
  values: Int32Array.from(rows.flat()),
  rescaleSlope: 1,
  rescaleIntercept: 0,
  isInverted: false,
  ...more,
});

test("a window maps its lower edge to 0 and its upper edge to 1, after the rescale, as PS3.3 C.11.2.1.2 says", () => {
  const window = { center: 40, width: 400, isExact: false };
  const values = frame([[863, 864, 1263, 1264]], { rescaleIntercept: -1024, window });
  // Linear: (x - (40 - 0.5)) / 399 + 0.5.
  const linear = (x: number): number => Math.min(1, Math.max(0, (x - 39.5) / 399 + 0.5));
  assert.deepEqual(
    [...toTensor(values, { rows: 1, columns: 4 })],
    [-161, -160, 239, 240].map((x) => Math.fround(linear(x))),
  );
  assert.deepEqual(
    [...toTensor(values, { rows: 1, columns: 4 })].map((x) => Math.round(x * 1000)),
    [0, 0, 1000, 1000],
  );
  const exact = frame([[0, 50, 100]], { window: { center: 50, width: 100, isExact: true } });
  assert.deepEqual([...toTensor(exact, { rows: 1, columns: 3 })], [0, 0.5, 1]);
});

test("MONOCHROME1 is turned round, and without a window the picture's own range is used", () => {
  assert.deepEqual([...toTensor(frame([[10, 20, 30]]), { rows: 1, columns: 3 })], [0, 0.5, 1]);
  assert.deepEqual([...toTensor(frame([[10, 20, 30]], { isInverted: true }), { rows: 1, columns: 3 })], [1, 0.5, 0]);
  assert.deepEqual([...toTensor(frame([[5, 5]]), { rows: 1, columns: 2 })], [0, 0]);
});

test("a smaller picture is the mean of the areas, a larger one joins neighbours", () => {
  const picture = frame([
    [0, 0, 100, 100],
    [0, 0, 100, 100],
  ]);
  assert.deepEqual([...toTensor(picture, { rows: 1, columns: 2 })], [0, 1]);
  assert.deepEqual([...toTensor(picture, { rows: 1, columns: 1 })], [0.5]);
  const mean = (values: Float32Array): number => values.reduce((sum, value) => sum + value, 0) / values.length;
  assert(Math.abs(mean(toTensor(picture, { rows: 1, columns: 3 })) - 0.5) < 1e-7);
  assert.deepEqual([...toTensor(frame([[0, 1]]), { rows: 1, columns: 4 })], [0, 0.25, 0.75, 1]);
});

const charsets = sharedData("clinical/dicom/charset_files");
const options = { skip: charsets === undefined ? "no shared data" : false };

function patientName(file: string): string {
  const dataSet = parse(new Uint8Array(readFileSync(join(charsets ?? "", file))));
  const sets = (dataSet.string("x00080005") ?? "").split("\\");
  const { dataOffset = 0, length = 0 } = dataSet.elements["x00100010"] ?? {};
  return decodeText(dataSet.byteArray.subarray(dataOffset, dataOffset + length), sets).trim();
}

test("names in Korean, Japanese, Chinese and European character sets read as published", options, () => {
  assert.equal(patientName("chrI2.dcm"), "Hong^Gildong=洪^吉洞=홍^길동");
  assert.match(patientName("chrKoreanMulti.dcm"), /^[\uAC00-\uD7A3]+$/);
  assert.equal(patientName("chrH31.dcm"), "Yamada^Tarou=山田^太郎=やまだ^たろう");
  assert.equal(patientName("chrX1.dcm"), "Wang^XiaoDong=王^小東=");
  assert.equal(patientName("chrX2.dcm"), "Wang^XiaoDong=王^小东=");
  assert.equal(patientName("chrRuss.dcm"), "Люкceмбypг");
  assert.equal(patientName("chrGerm.dcm"), "Äneas^Rüdiger");
});

test("Korean text of our own reads after its escape sequence, and an unknown set is named", () => {
  const korean = Buffer.concat([Buffer.from("A="), Buffer.from([0x1b, 0x24, 0x29, 0x43]), Buffer.from([0xb0, 0xa1, 0x5e, 0xb3, 0xaa])]);
  assert.equal(decodeText(korean, ["", "ISO 2022 IR 149"]), "A=가^나");
  assert.equal(decodeText(Buffer.from("가"), ["ISO_IR 192"]), "가");
  assert.throws(() => decodeText(Buffer.from("x"), ["ISO_IR 999"]), { code: "dicom/unknown-character-set" });
});
