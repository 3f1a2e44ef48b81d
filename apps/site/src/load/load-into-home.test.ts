import assert from "node:assert/strict";
import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { test } from "node:test";
import { draftPolicy } from "@dure/clinical/fhir";
import { DureError } from "@dure/kernel";
import { listLoads } from "../ingest/ingest-into-home.ts";
import { testClock } from "../ingest/testing.ts";
import { generateHospital } from "../ingest/testing-hospital.ts";
import { openIntakeStore } from "../intake/intake-duckdb.ts";
import { ReviewStore } from "../map-review/review-store.ts";
import { storedEntry } from "../run/ledger-writer.ts";
import { SiteStore } from "../store/site-store.ts";
import { loadIntoHome, type PlannedLoad } from "./load-into-home.ts";
import { repeatableRandom, type TestHome, testHome, writeSources } from "./testing-home.ts";

const load = (home: TestHome, more: Pick<PlannedLoad, "onProgress"> = {}) =>
  loadIntoHome({ home: home.paths.root, planPath: home.planPath, clock: testClock, random: repeatableRandom(), ...more });

function ledgerOf(home: TestHome): readonly (readonly string[] | undefined)[] {
  const store = new SiteStore(home.paths.decisions);
  const details = [...store.ledger()].map((entry) => storedEntry(entry).details);
  store.close();
  return details;
}

test("a plan's sources become one snapshot; again they change nothing; a later export is the next one, and the ledger has each once", async () => {
  using home = testHome();
  const first = await load(home);
  assert.deepEqual(
    first.contributors.map(({ contributor }) => contributor),
    ["mapping:generated", "omop:warehouse"],
  );
  for (const { rowsIn, rowsUsed, excluded } of first.contributors.flatMap(({ inputs }) => inputs)) {
    assert.equal(rowsIn, rowsUsed + excluded.reduce((sum, { rowCount }) => sum + rowCount, 0));
  }
  assert.deepEqual([first.snapshot, first.personCount, first.personsOfSeveralContributors], [1, 41, 1]);
  assert.equal(first.periodEffect.exportDate, "2022-06-30");
  assert.equal(first.mapping.id, "hospital-1");
  const again = await load(home);
  assert.deepEqual([again.snapshot, again.unchanged, again.snapshotHash], [1, true, first.snapshotHash]);
  writeSources(home.folder, generateHospital(41, 42));
  assert.equal((await load(home)).snapshot, 2);
  assert.deepEqual(ledgerOf(home), [
    ["snapshot-1", "persons-41", "mapping-hospital-1-1"],
    ["snapshot-2", "persons-43", "mapping-hospital-1-1"],
  ]);
  assert.deepEqual(
    readdirSync(home.paths.root).filter((name) => name.includes("loading")),
    [],
  );
});

test("a plan of one mapping loads exports in CP949, which are copied to UTF-8 meanwhile", async () => {
  using home = testHome();
  const lines = readFileSync(home.planPath, "utf8").split("\n");
  writeFileSync(home.planPath, lines.filter((line) => !line.includes("{ omop:")).join("\n"));
  assert.equal((await load(home)).contributors.length, 1);
  assert.deepEqual(
    readdirSync(home.paths.root).filter((name) => name.includes("loading")),
    [],
  );
});

test("a plan that is none, a document that is not there and a share that is too small load nothing and say so", async () => {
  using home = testHome();
  const plan = readFileSync(home.planPath, "utf8");
  for (const [change, code] of [
    [`${plan}minimumMappedShare: { byVocabulary: { KCD7: 0.9 } }\n`, "load/vocabulary-not-seen"],
    [`${plan}personCountMin: 50\n`, "load/too-few-persons"],
    [`${plan}colour: red\n`, "load/unknown-key"],
    [plan.replace("mapping.yaml", "nothing.yaml"), "ingest/document-unreadable"],
    [plan.replace("path: omop", "path: nothing"), "load/omop-source-missing"],
    [`${plan}  - { fhir: emr }\n`, "fhir/no-policy"],
  ] as const) {
    writeFileSync(home.planPath, change);
    await assert.rejects(load(home), (cause) => cause instanceof DureError && cause.code === code, code);
  }
  assert.deepEqual(await listLoads(home.paths.root), []);
  assert.deepEqual(
    readdirSync(home.paths.root).filter((name) => name.includes("loading")),
    [],
  );
});

test("FHIR that was taken in is a source beside the others, by the policy that the plan names", async () => {
  using home = testHome();
  const intake = await openIntakeStore(home.paths.intake);
  const { number } = await intake.begin({ source: "emr", name: "delivery" });
  const patient = { resourceType: "Patient", id: "p1", gender: "female", birthDate: "1950-01-01" };
  const version = "2024-05-01T00:00:00.000000000Z";
  const diagnosis = { code: { coding: [{ system: "http://snomed.info/sct", code: "404684003" }] }, recordedDate: "2021-03-01" };
  const verified = { coding: [{ system: "http://terminology.hl7.org/CodeSystem/condition-ver-status", code: "confirmed" }] };
  const condition = {
    resourceType: "Condition",
    id: "c1",
    subject: { reference: "Patient/p1" },
    verificationStatus: verified,
    ...diagnosis,
  };
  const changes = [patient, condition].map((resource) => ({ kind: "put" as const, resource, version }));
  await intake.apply(number, { changes, faults: [], position: 2 });
  await intake.finish(number);
  await intake.close();
  const draft = draftPolicy({
    ...{ source: "emr", profile: "guide", on: "2024-01-01", timeZone: "Asia/Seoul" },
    ...{ counts: [state("Patient", "(none)"), state("Condition", "confirmed")], identifierSystems: [] },
  });
  writeFileSync(
    `${home.folder}/emr.yaml`,
    draft.replace(/^# confirmed:.*$/m, "confirmed: { by: a steward, on: 2024-01-02, reason: for tests }"),
  );
  writeFileSync(home.planPath, `${readFileSync(home.planPath, "utf8")}  - { fhir: emr, policy: emr.yaml }\n`);
  await assert.rejects(load(home), { code: "load/mapped-too-little" });
  assert.deepEqual(openLists(home), [{ list: "SNOMED", codes: 1, rows: 1 }]); // what to map is told all the same
  writeFileSync(home.planPath, `${readFileSync(home.planPath, "utf8")}minimumMappedShare: { overall: 0.5 }\n`);
  const openedMeanwhile: Promise<void>[] = []; // the intake is somebody else's again as soon as all of it was read
  const report = await load(home, {
    onProgress: ({ contributor, step, done }) => {
      if (contributor === "fhir:emr" && step === "writing" && done === 0)
        openedMeanwhile.push(openIntakeStore(home.paths.intake).then((store) => store.close()));
    },
  });
  assert.equal((await Promise.all(openedMeanwhile)).length, 1);
  assert.deepEqual(
    report.contributors.map(({ contributor }) => contributor),
    ["mapping:generated", "omop:warehouse", "fhir:emr"],
  );
  assert.equal(report.personCount, 42);
  assert((report.contributors[2]?.requirements?.length ?? 0) > 0);
  assert.equal((await load(home)).unchanged, true);
  assert.deepEqual(openLists(home), [{ list: "SNOMED", codes: 1, rows: 1 }]);
});

const state = (resourceType: string, status: string) => ({ resourceType, intent: "any", status, count: 1 });

function openLists(home: TestHome): ReturnType<ReviewStore["unmappedLists"]> {
  using reviews = new ReviewStore(home.paths.mappingReview);
  return reviews.unmappedLists();
}
