/** From HL7 v2 files to OMOP: what corrections, deletions, cancellations, merges and suspicions come to. Every message is invented. */

import assert from "node:assert/strict";
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import test from "node:test";
import type { Clock } from "@dure/kernel";
import { confirmedPolicy, fhirSite } from "../../fhir-load/testing-fhir.ts";
import { takeInHl7Files } from "./take-files.ts";
import { emrSource } from "./testing-sender.ts";

/** After the last message. */
const clock: Clock = { nowMs: () => Date.UTC(2024, 5, 1), sleep: () => Promise.resolve() };

const header = (type: string, at: string): string => `MSH|^~\\&|EMR|H|DURE|H|${at}||${type}|${type}${at}|P|2.5|||||KOR|UNICODE UTF-8`;
const pid = (number: string): string => `PID|1||${number}^^^H^MR||||19700301|F`;
const pv1 = (visit: string, admitted: string, discharged = ""): string =>
  `PV1|1|I|W1^101^1||||||||||||||||${visit}^^^H^VN${"|".repeat(25)}${admitted}|${discharged}`;
const message = (...segments: readonly string[]): string => `${segments.join("\r")}\r`;
const result = (order: string, at: string, [code, value, status]: readonly [string, string, string]): string =>
  message(
    header("ORU^R01", at),
    pid("1001"),
    pv1("V1", "20240301"),
    `OBR|1|${order}^LIS||${code}^x^LN|||20240302`,
    `OBX|1|NM|${code}^x^LN||${value}|mm[Hg]^^UCUM|||||${status}|||20240302`,
  );
const order = (control: string, number: string, at: string, ...rest: readonly string[]): string =>
  message(header("RDE^O11", at), pid("1001"), pv1("V1", "20240301"), `ORC|${control}|${number}^EMR|||||||${at}`, ...rest);
const encoded = ["RXE||313782^x^RXNORM|500||mg^^UCUM", "TQ1|1|||||7^d|20240301|20240310"];

const messages: readonly string[] = [
  message(header("ADT^A01", "20240301090000"), "EVN|A01|20240301", pid("1001"), pv1("V1", "20240301"), "DG1|1||N201^x^KCD8||20240301|W"),
  message(
    header("ADT^A08", "20240302090000"),
    "EVN|A08|20240302",
    pid("1001"),
    pv1("V1", "20240301"),
    "DG1|1||N201^x^KCD8||20240301|F",
    "DG1|2||M109^통풍 의증^KCD8||20240302|W",
  ),
  message(header("ADT^A03", "20240311090000"), "EVN|A03|20240311", pid("1001"), pv1("V1", "20240301", "20240311")),
  // A result told after the discharge does not reopen the visit.
  result("L1", "20240312090000", ["8480-6", "120", "F"]),
  result("L1", "20240313090000", ["8480-6", "125", "C"]),
  result("L2", "20240312090000", ["8462-4", "80", "F"]),
  result("L2", "20240313090000", ["8462-4", "80", "W"]),
  message(header("ADT^A01", "20240401090000"), "EVN|A01|20240401", pid("1001"), pv1("V2", "20240401")),
  message(header("ADT^A11", "20240401100000"), "EVN|A11|20240401", pid("1001"), pv1("V2", "20240401")),
  order("NW", "R1", "20240301100000", ...encoded),
  order("DC", "R1", "20240305100000"),
  order("NW", "R2", "20240301100000", ...encoded),
  order("CA", "R2", "20240301110000"),
  // The end of an order that is told before the order itself.
  order("CA", "R3", "20240301120000"),
  order("NW", "R3", "20240301100000", ...encoded),
  message(header("ADT^A01", "20240201090000"), "EVN|A01|20240201", pid("2002"), pv1("V3", "20240201")),
  message(header("ADT^A40", "20240501090000"), "EVN|A40|20240501", pid("1001"), "MRG|2002^^^H^MR"),
];

test("corrections replace, wrong results and cancelled visits vanish, a merged patient's visit is the survivor's, an order ends when it was stopped", async () => {
  await using site = await fhirSite();
  const folder = join(site.folder.path, "hl7");
  mkdirSync(folder);
  // Cut in two files in reverse order of names: the messages' own times decide.
  writeFileSync(join(folder, "b.hl7"), messages.slice(0, 9).join(""));
  writeFileSync(join(folder, "a.hl7"), messages.slice(9).join(""));
  const take = () => takeInHl7Files({ ...emrSource, store: site.intake, paths: [folder], clock });
  const reports = await take();
  assert.deepEqual(
    reports.map(({ messages: { read, refused, withFaults } }) => [read, refused, withFaults]),
    [
      [8, 0, 0],
      [9, 0, 0],
    ],
  );
  const report = await site.load(confirmedPolicy("orders-count"));
  assert.equal(report.personCount, 1);
  const visits = (await site.rows("visit_occurrence")).map((row) => [row["visit_start_date"], row["visit_end_date"]]);
  assert.deepEqual(visits.map(([start]) => start).sort(), ["2024-02-01", "2024-03-01"]);
  assert.ok(visits.some(([start, end]) => start === "2024-03-01" && end === "2024-03-11"));
  assert.deepEqual(
    (await site.rows("measurement")).map((row) => [row["measurement_source_value"], row["value_as_number"]]),
    [["8480-6", "125.0"]],
  );
  assert.deepEqual(
    (await site.rows("condition_occurrence")).map((row) => row["condition_source_value"]),
    ["N201"],
  );
  assert.deepEqual(
    (await site.rows("observation")).map((row) => row["observation_source_value"]),
    ["M109"],
  );
  assert.deepEqual(
    (await site.rows("drug_exposure")).map((row) => [row["drug_exposure_start_date"], row["drug_exposure_end_date"]]),
    [["2024-03-01", "2024-03-05"]],
  );
  assert.ok((await take()).every(({ messages: { read } }) => read === 0));
  assert.ok((await site.load(confirmedPolicy("orders-count"))).unchanged);
});
