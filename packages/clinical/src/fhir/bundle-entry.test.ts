import assert from "node:assert/strict";
import { test } from "node:test";
import { changesOfEntry, changesOfResource, namesOfEntry, versionOfBundle } from "./bundle-entry.ts";
import { isOlderVersion, versionOfInstant } from "./resource-version.ts";

const noNames = { byUrn: new Map(), byCondition: new Map() };
const day = "2026-01-01T00:00:00.000000000Z";

test("an instant's zone and digits do not change its order", () => {
  const ordered = ["2026-01-01T10:00:00+09:00", "2026-01-01T02:00:00Z", "2026-01-01T02:00:00.5Z", "2026-01-01T02:00:00.5000001+00:00"];
  const versions = ordered.map((instant) => versionOfInstant(instant) ?? assert.fail(instant));
  assert.deepEqual([...versions].sort(), versions);
  assert.equal(versions[0], "2026-01-01T01:00:00.000000000Z");
  for (const wrong of ["2026-01-01", "2026-13-01T00:00:00Z", "", 3, undefined]) assert.equal(versionOfInstant(wrong), undefined);
  assert.equal(isOlderVersion("", day) || isOlderVersion(day, ""), false);
});

test("an entry's id is its own, else of its address, else of the condition that finds it again", () => {
  const idOf = (entry: unknown) => {
    const changes = changesOfEntry(entry, noNames, undefined);
    return typeof changes === "string" ? changes : changes[0]?.kind === "put" ? changes[0].resource.id : "";
  };
  const resource = { resourceType: "Patient" };
  assert.equal(idOf({ fullUrl: "urn:uuid:0f", resource: { ...resource, id: "a" } }), "a");
  assert.equal(idOf({ fullUrl: "urn:uuid:0f", resource }), "0f");
  assert.equal(idOf({ fullUrl: "http://h.example.org/Patient/7", resource }), "7");
  assert.equal(idOf({ resource, request: { method: "PUT", url: "Patient/8" } }), "8");
  const conditional = { resource, request: { method: "PUT", url: "Patient?identifier=a|1" } };
  assert.match(idOf(conditional), /^[0-9a-f]{32}$/);
  assert.equal(idOf({ ...conditional, fullUrl: "urn:uuid:1" }), idOf({ ...conditional, fullUrl: "urn:uuid:2" }));
  assert.equal(idOf({ resource }), "no-id");
});

test("deletions are by name, and what is no whole resource is named", () => {
  const entry = (method: string, url: string) => ({ request: { method, url } });
  assert.deepEqual(changesOfEntry(entry("DELETE", "Patient/1"), noNames, day), [
    { kind: "delete", resource: { resourceType: "Patient", id: "1" }, version: day },
  ]);
  assert.deepEqual(
    changesOfEntry({ ...entry("DELETE", "Patient/1/_history/2"), response: { lastModified: "2027-01-01T00:00:00Z" } }, noNames, day),
    [{ kind: "delete", resource: { resourceType: "Patient", id: "1" }, version: "2027-01-01T00:00:00.000000000Z" }],
  );
  assert.equal(changesOfEntry(entry("DELETE", "Patient?identifier=1"), noNames, day), "conditional-delete");
  assert.equal(changesOfEntry({ ...entry("PATCH", "Patient/1"), resource: {} }, noNames, day), "patch");
  assert.equal(changesOfEntry(entry("GET", "Patient/1"), noNames, day), "entry-without-resource");
  assert.equal(changesOfEntry("Patient", noNames, day), "entry-without-resource");
  assert.equal(changesOfEntry({ fullUrl: "urn:uuid:1", resource: {} }, noNames, day), "not-a-resource");
  assert.equal(changesOfResource({ resourceType: "OperationOutcome" }, day), "operation-outcome");
});

test("references within a bundle become references by id, others stay", () => {
  const practitioner = {
    fullUrl: "urn:uuid:p",
    resource: { resourceType: "Practitioner", id: "9", identifier: [{ system: "s", value: "1" }] },
  };
  assert.deepEqual(namesOfEntry(practitioner), { conditions: ["Practitioner?identifier=s|1"], name: "Practitioner/9", urn: "urn:uuid:p" });
  const names = {
    byUrn: new Map([["urn:uuid:p", "Practitioner/9"]]),
    byCondition: new Map([["Practitioner?identifier=s|1", "Practitioner/9"]]),
  };
  const references = ["urn:uuid:p", "Practitioner?identifier=s|1", "urn:uuid:else", "Practitioner?identifier=s|2", "Patient/1", "#c"];
  const resource = { resourceType: "Encounter", id: "e", participant: references.map((reference) => ({ individual: { reference } })) };
  const [change] = changesOfEntry({ resource }, names, undefined);
  assert.deepEqual(JSON.stringify(change).match(/(?<="reference":")[^"]*/g), ["Practitioner/9", "Practitioner/9", ...references.slice(2)]);
});

test("a linked patient is a merge, told from either side", () => {
  const linked = (type: string) => ({ resourceType: "Patient", id: "a", link: [{ type, other: { reference: "http://h/Patient/b" } }] });
  const [a, b] = ["a", "b"].map((id) => ({ resourceType: "Patient", id }));
  assert.deepEqual(changesOfResource(linked("replaced-by"), day).slice(1), [{ kind: "merge", merged: a, survivor: b, version: day }]);
  assert.deepEqual(changesOfResource(linked("replaces"), day).slice(1), [{ kind: "merge", merged: b, survivor: a, version: day }]);
  assert.equal(changesOfResource(linked("seealso"), day).length, 1);
});

test("what has no version of its own takes the bundle's", () => {
  const version = versionOfBundle({ timestamp: "2026-01-01T09:00:00+09:00" });
  const resource = { resourceType: "Patient", id: "a" };
  const versionOf = (entry: object) => {
    const changes = changesOfEntry(entry, noNames, version);
    return typeof changes === "string" ? changes : changes[0]?.version;
  };
  assert.equal(versionOf({ resource }), day);
  assert.equal(versionOf({ resource: { ...resource, meta: { lastUpdated: "2026-01-02T00:00:00Z" } } }), "2026-01-02T00:00:00.000000000Z");
});
