import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { type Mapping, parseMapping } from "@dure/clinical";
import { decodeCp949, sha256 } from "@dure/kernel";
import type { ExportFile } from "./export-file.ts";
import { DEMO_HOSPITALS, DEMO_SEED, drawPatients, exportPatients } from "./hospitals.ts";
import type { Patient } from "./patient.ts";
import { demoMappingPath } from "./write-exports.ts";

const series = DEMO_HOSPITALS.map((hospital) => {
  const patients = drawPatients(hospital, DEMO_SEED);
  return { hospital, patients, files: exportPatients(hospital, patients, DEMO_SEED) };
});

const share = (patients: readonly Patient[], holds: (patient: Patient) => boolean): number =>
  patients.filter(holds).length / patients.length;
const all = series.flatMap(({ patients }) => patients);

const DELIMITERS = { comma: ",", tab: "\t", semicolon: ";", pipe: "|" } as const;

function headerOf(file: ExportFile, definition: Mapping["files"][string]): readonly string[] {
  assert(definition.format === "delimited");
  const text = definition.encoding === "cp949" ? decodeCp949(file.bytes) : new TextDecoder().decode(file.bytes.subarray(0, 4096));
  return (text.split(/\r?\n/)[0] ?? "").split(DELIMITERS[definition.delimiter]);
}

const readMapping = (siteId: string): Mapping => {
  const file = demoMappingPath(siteId);
  return parseMapping({ file, text: readFileSync(file, "utf8") });
};

test("15,000 patients are drawn at four training hospitals and 10,000 at a fifth", () => {
  const count = (role: "training" | "external") =>
    series.filter(({ hospital }) => hospital.role === role).map(({ patients }) => patients.length);
  assert.deepEqual(count("training"), [8600, 4000, 1700, 700]);
  assert.deepEqual(count("external"), [10_000]);
});

test("the same seed gives the same bytes, another seed others", () => {
  const hashes = (seed: number) =>
    DEMO_HOSPITALS.slice(2, 4).flatMap((hospital) =>
      exportPatients(hospital, drawPatients(hospital, seed), seed).map((file) => sha256(file.bytes)),
    );
  assert.deepEqual(hashes(11), hashes(11));
  assert.notDeepEqual(hashes(11), hashes(12));
});

test("each value is missing in 1 to 3 of 100 patients", () => {
  for (const value of ["sizeMm", "grade", "positiveNodes", "oestrogenReceptor", "progesteroneReceptor", "hormoneTherapy"] as const) {
    const missing = share(all, (patient) => patient[value] === undefined);
    assert.ok(missing > 0.009 && missing < 0.03, `${value}: ${missing}`);
  }
});

test("most patients without recurrence or death were followed for more than five years, some were not", () => {
  const free = all.filter((patient) => patient.recurrence === undefined && patient.deathDay === undefined);
  const followed = share(free, (patient) => patient.lastSeenDay - patient.diagnosisDay > 1826);
  assert.ok(followed > 0.85 && followed < 0.99, String(followed));
});

test("no day precedes the diagnosis, nothing is known after the patient was last seen", () => {
  for (const patient of all) {
    assert.ok(patient.lastSeenDay > patient.diagnosisDay && patient.birthDay < patient.diagnosisDay);
    assert.ok(patient.deathDay === undefined || patient.deathDay === patient.lastSeenDay);
    assert.ok(
      patient.recurrence === undefined || (patient.recurrence.day > patient.diagnosisDay && patient.recurrence.day <= patient.lastSeenDay),
    );
  }
});

test("recurrence or death within five years grows with the number of positive nodes", () => {
  const early = (patient: Patient) =>
    (patient.recurrence?.day ?? patient.deathDay ?? Number.POSITIVE_INFINITY) - patient.diagnosisDay <= 1826;
  const risk = (low: number, high: number) =>
    share(
      all.filter(({ positiveNodes: nodes = -1 }) => nodes >= low && nodes <= high),
      early,
    );
  const risks = [risk(0, 0), risk(1, 3), risk(4, 9), risk(10, 99)];
  assert.deepEqual(
    risks,
    risks.toSorted((a, b) => a - b),
  );
  assert.ok((risks[0] ?? 1) < 0.2 && (risks[3] ?? 0) > 0.5, String(risks));
});

test("hospitals differ in case mix", () => {
  const nodePositive = series.map(({ patients }) => share(patients, ({ positiveNodes }) => (positiveNodes ?? 0) > 0));
  assert.ok(Math.max(...nodePositive) - Math.min(...nodePositive) > 0.15, String(nodePositive));
});

test("no column says that a patient had a recurrence or how long until then", () => {
  for (const { hospital, files } of series) {
    const mapping = readMapping(hospital.siteId);
    for (const definition of Object.values(mapping.files)) {
      const file = files.find(({ name }) => name === definition.path);
      assert.ok(file !== undefined);
      for (const column of headerOf(file, definition)) assert.doesNotMatch(column, /재발|recur|relapse|event_?free|기간|survival/i);
    }
  }
});

test("a mapping finds its files and columns in its own hospital's export, and in no other's", () => {
  for (const { hospital: mapped } of series) {
    const definitions = Object.values(readMapping(mapped.siteId).files);
    for (const { hospital, files } of series) {
      const fits = definitions.every((definition) => {
        const file = files.find(({ name }) => name === definition.path);
        return file !== undefined && headerOf(file, definition).some((column) => column.replace("\uFEFF", "") === definition.person);
      });
      assert.equal(fits, hospital.siteId === mapped.siteId, `${mapped.siteId} on ${hospital.siteId}`);
    }
  }
});

test("one hospital's export is CP949 and cannot be read as UTF-8", () => {
  const unreadable = series.filter(({ files }) => files.some(({ bytes }) => !isUtf8(bytes))).map(({ hospital }) => hospital.siteId);
  assert.deepEqual(unreadable, ["mirae"]);
});

function isUtf8(bytes: Uint8Array): boolean {
  try {
    new TextDecoder("utf-8", { fatal: true }).decode(bytes);
    return true;
  } catch {
    return false;
  }
}
