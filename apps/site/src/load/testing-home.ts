/** For tests only: a site's folder that takes loads, with the exports of a made-up hospital, a small OMOP database and a plan for both. */

import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { hmacSha256, type SecureRandom, utf8 } from "@dure/kernel";
import { writePrivateFile } from "@dure/machine";
import { makeSiteHome, type SitePaths, writeSettings } from "../home/site-home.ts";
import { generateHospital, type Hospital } from "../ingest/testing-hospital.ts";

export interface TestHome extends Disposable {
  readonly paths: SitePaths;
  /** A folder for sources and plans. */
  readonly folder: string;
  readonly planPath: string;
}

/** The same bytes in every process: two stores of one load are then equal to the last row. Never outside a test. */
export function repeatableRandom(): SecureRandom {
  let drawn = 0;
  return {
    kind: "secure",
    bytes: (length) => {
      const out = new Uint8Array(length);
      for (let at = 0; at < length; at += 32)
        out.set(hmacSha256(utf8("test"), utf8(String(drawn++))).subarray(0, Math.min(32, length - at)), at);
      return out;
    },
  };
}

export function testHome(hospital: Hospital = generateHospital(41, 40)): TestHome {
  const folder = mkdtempSync(join(tmpdir(), "dure-load-"));
  const paths = makeSiteHome(join(folder, "home"));
  writeSettings(paths, {
    ...{ version: 1, siteId: "hospital-1", organisation: "Hospital 1", role: "site", alliance: "a", coordinatorUrl: "https://127.0.0.1:1" },
    ...{ coordinatorKey: "", stewardKey: "", source: { kind: "store" } },
  });
  writePrivateFile(paths.personKey, new Uint8Array(32).fill(7));
  writeSources(folder, hospital);
  const planPath = join(folder, "load.yaml");
  writeFileSync(planPath, PLAN);
  return { paths, folder, planPath, [Symbol.dispose]: () => rmSync(folder, { recursive: true, force: true }) };
}

export function writeSources(folder: string, hospital: Hospital): void {
  for (const name of ["exports", "omop"]) mkdirSync(join(folder, name), { recursive: true });
  for (const [name, content] of Object.entries(hospital.files)) writeFileSync(join(folder, "exports", name), content);
  writeFileSync(join(folder, "mapping.yaml"), hospital.mapping);
  for (const [name, lines] of Object.entries(OMOP)) writeFileSync(join(folder, "omop", name), `${lines.join("\n")}\n`);
}

const OMOP: Readonly<Record<string, readonly string[]>> = {
  "person.csv": [
    "person_id,gender_concept_id,year_of_birth,race_concept_id,ethnicity_concept_id,person_source_value",
    "1,8532,1950,0,0,H1001",
    "2,8507,1960,0,0,X1",
  ],
  "condition_occurrence.csv": [
    "condition_occurrence_id,person_id,condition_concept_id,condition_start_date,condition_type_concept_id",
    "1,1,4112853,2020-01-01,32817",
    "2,2,4112853,2020-02-01,32817",
  ],
};

const PLAN = `
dureLoad: 1
id: hospital-1
version: 1
title: { en: Hospital 1, ko: 병원 1 }
exportDate: 2022-06-30
sources:
  - { mapping: mapping.yaml, directory: exports }
  - { omop: warehouse, path: omop, cdmVersion: "5.4", personKey: person_source_value }
`;
