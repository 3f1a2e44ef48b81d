import assert from "node:assert/strict";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { DureError } from "@dure/kernel";
import { testClock, testKeyTable } from "../ingest/testing.ts";
import { withIntakeStore } from "../intake/intake-into-home.ts";
import { loadIntoHome } from "../load/load-into-home.ts";
import { testHome } from "../load/testing-home.ts";
import { draftPolicyIntoFile, lastRequirementResults } from "./policy-in-home.ts";

test("a site drafts a policy with its counts, confirms it, loads by it, and sees what the load says of the guide", async () => {
  using site = testHome();
  const home = site.paths.root;
  await withIntakeStore({ home, clock: testClock }, async (store) => {
    const { number } = await store.begin({ source: "emr", name: "one" });
    const resource = { resourceType: "Patient", id: "p1", birthDate: "1970", identifier: [{ system: "urn:oid:1.2.3", value: "H-1" }] };
    await store.apply(number, { changes: [{ kind: "put", resource, version: "" }], faults: [], position: 1 });
  });
  const path = join(site.folder, "emr-policy.yaml");
  const drafting = { home, source: "emr", profile: "guide" as const, timeZone: "Asia/Seoul", path, clock: testClock };
  const states = await draftPolicyIntoFile(drafting);
  assert.deepEqual(states, {
    counts: [{ resourceType: "Patient", intent: "any", status: "(none)", count: 1 }],
    identifierSystems: [{ system: "urn:oid:1.2.3", count: 1 }],
  });
  await assert.rejects(draftPolicyIntoFile(drafting), { code: "fhir/policy-file-there" });
  await assert.rejects(draftPolicyIntoFile({ ...drafting, source: "laboratory" }), { code: "fhir/unknown-source" });

  const plan = join(site.folder, "fhir.yaml");
  writeFileSync(
    plan,
    "dureLoad: 1\nid: fhir\nversion: 1\ntitle: { en: FHIR, ko: FHIR }\nsources: [{ fhir: emr, policy: emr-policy.yaml }]\nobservationPeriod: { rule: first-to-last-event, version: 1 }\n",
  );
  const load = () => loadIntoHome({ home, planPath: plan, clock: testClock, random: testKeyTable.random });
  await assert.rejects(
    load(),
    (cause) => cause instanceof DureError && cause.problems.some(({ code }) => code === "fhir/policy-not-confirmed"),
  );
  writeFileSync(
    path,
    readFileSync(path, "utf8").replace(/^# confirmed:.*$/m, "confirmed: { by: a data steward, on: 2024-01-02, reason: for a test }"),
  );
  assert.equal((await load()).personCount, 1);
  const [checked] = await lastRequirementResults(home);
  assert.equal(checked?.contributor, "fhir:emr");
  assert.deepEqual(
    checked?.results.filter(({ outcome }) => outcome === "fail").map(({ requirement }) => requirement),
    ["f2o-025", "f2o-026", "f2o-040", "f2o-132"],
    "no vocabulary was loaded, and the policy declares nothing yet",
  );
});
