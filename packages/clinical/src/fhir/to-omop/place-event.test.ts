import assert from "node:assert/strict";
import { test } from "node:test";
import { CONCEPTS } from "../../concepts.ts";
import { type CodeTarget, type ResolvedCode, UNMAPPED } from "../../vocabulary/source-code.ts";
import { candidatesOf } from "./code-systems.ts";
import type { EventDraft } from "./draft.ts";
import { codesOf, placeEvent } from "./place-event.ts";

const SITES = { vocabularies: { "urn:example:lab": "lab" } };
const SNOMED = "http://snomed.info/sct";
const ICD = "http://hl7.org/fhir/sid/icd-10-cm";

const target = (conceptId: number, domain: string, relation: CodeTarget["relation"] = "event"): CodeTarget => ({
  ...{ conceptId, domain, relation, equivalence: "EQUIVALENT" },
});
const resolved = (sourceConceptId: number, ...targets: readonly CodeTarget[]): ResolvedCode => ({
  sourceConceptId,
  targets,
  origin: "vocabulary",
});

const VOCABULARY: Readonly<Record<string, ResolvedCode>> = {
  fever: resolved(1, target(1, "Condition")),
  "low-fever": resolved(2, target(2, "Condition")),
  pulse: resolved(3, target(3, "Measurement")),
  smoker: resolved(4, target(4, "Observation")),
  penicillin: resolved(5, target(5, "Drug")),
  peanut: resolved(6, target(6, "Observation")),
  "peanut-allergy": resolved(7, target(7, "Observation")),
  both: resolved(0, target(8, "Condition"), target(9, "Procedure")),
  "history-of-gout": resolved(10, target(11, "Observation"), target(12, "Condition", "value")),
  listed: resolved(13),
  "g/dL": resolved(14, target(14, "Unit")),
  "ct-or-lab": resolved(15, target(15, "Meas/Procedure")),
  yes: resolved(16, target(16, "Meas Value")),
};
const resolve = ({ code }: { readonly code: string }): ResolvedCode => VOCABULARY[code] ?? UNMAPPED;
const facts = {
  isAncestor: (a: number, d: number) => a === 1 && d === 2,
  conceptClass: (id: number) => (id === 7 ? "Disorder" : "Substance"),
};
const codes = (...written: readonly string[]) =>
  candidatesOf({ coding: written.map((code) => ({ system: SNOMED, code })) }, SITES, undefined);
const draft = (fields: Partial<EventDraft> = {}): EventDraft => ({
  ...{ table: "condition_occurrence", codes: codes("fever"), patient: "p1", typeConceptId: 32817 },
  ...fields,
});
const placed = (fields: Partial<EventDraft>) => placeEvent(draft(fields), resolve, facts);
const rowsOf = (fields: Partial<EventDraft>) => placed(fields).rows.map(({ table, conceptId }) => [table, conceptId]);

test("f2o-037: the domain of the concept decides the table, whatever the resource was", () => {
  assert.deepEqual(rowsOf({ codes: codes("pulse") }), [["measurement", 3]]);
  assert.deepEqual(rowsOf({ codes: codes("smoker") }), [["observation", 4]]);
  assert.deepEqual(rowsOf({ codes: codes("penicillin") }), [["drug_exposure", 5]]);
  assert.deepEqual(rowsOf({ table: "observation", codes: codes("fever") }), [["condition_occurrence", 1]]);
  assert.deepEqual(rowsOf({ codes: codes("ct-or-lab") }), [["measurement", 15]]);
});

test("a code of two targets makes two rows; a target that is a value goes into the row", () => {
  assert.deepEqual(rowsOf({ codes: codes("both") }), [
    ["condition_occurrence", 8],
    ["procedure_occurrence", 9],
  ]);
  const [row] = placed({ codes: codes("history-of-gout") }).rows;
  assert.deepEqual([row?.table, row?.conceptId, row?.valueConceptId], ["observation", 11, 12]);
});

test("f2o-032: a code without a standard concept keeps its row with concept 0 and is counted; f2o-031: its own concept stands as the source's", () => {
  const unknown = placed({ codes: codes("unheard-of") });
  assert.deepEqual(unknown.code, { vocabulary: "SNOMED", code: "unheard-of", isMapped: false, isWider: false });
  assert.deepEqual([unknown.rows[0]?.conceptId, unknown.rows[0]?.sourceConceptId], [0, 0]);
  const [listed] = placed({ codes: codes("listed") }).rows;
  assert.deepEqual([listed?.table, listed?.conceptId, listed?.sourceConceptId], ["condition_occurrence", 0, 13]);
});

test("f2o-033: the source value is the code as it was written, up to the length of its field", () => {
  const [candidate] = candidatesOf({ coding: [{ system: ICD, code: "E119", display: "canary" }], text: "canary" }, SITES, "2024-01-01");
  assert.deepEqual(candidate, { code: { vocabulary: "ICD10CM", code: "E11.9", onDate: "2024-01-01" }, sourceValue: "E119" });
  assert.equal(candidatesOf({ coding: [{ code: "x".repeat(80) }] }, SITES, undefined)[0]?.sourceValue.length, 50);
});

test("f2o-034: of several codes the first with a standard concept is chosen, in the declared order of systems", () => {
  const several = (...codings: readonly (readonly [system: string, code: string])[]) =>
    placed({ codes: candidatesOf({ coding: codings.map(([system, code]) => ({ system, code })) }, SITES, undefined) }).rows[0]?.sourceValue;
  assert.equal(several([ICD, "fever"], [SNOMED, "low-fever"]), "low-fever");
  assert.equal(several(["urn:example:lab", "pulse"], [SNOMED, "unheard-of"]), "pulse");
  assert.equal(several([SNOMED, "unheard-of"], [ICD, "listed"]), "listed");
});

test("f2o-035: a coding that the user selected goes first", () => {
  const coding = [
    { system: SNOMED, code: "fever" },
    { system: "urn:example:lab", code: "pulse", userSelected: true },
  ];
  assert.deepEqual(rowsOf({ codes: candidatesOf({ coding }, SITES, undefined) }), [["measurement", 3]]);
});

test("f2o-036: of a code and a more specific one the specific is chosen, by the vocabulary's ancestors and by the code of ICD", () => {
  assert.deepEqual(rowsOf({ codes: codes("fever", "low-fever") }), [["condition_occurrence", 2]]);
  const icd = candidatesOf({ coding: ["N20", "N20.1"].map((code) => ({ system: ICD, code })) }, SITES, undefined);
  assert.equal(icd[0]?.sourceValue, "N20.1");
});

test("an allergen that is a thing becomes the value of its kind of allergy; a code that is an allergy stands for itself", () => {
  const about = { conceptId: 439224, when: "code-is-no-finding" as const };
  const row = (code: string) => {
    const [first] = placed({ table: "observation", codes: codes(code), about }).rows;
    return [first?.table, first?.conceptId, first?.valueConceptId];
  };
  assert.deepEqual(row("penicillin"), ["observation", 439224, 5]);
  assert.deepEqual(row("peanut"), ["observation", 439224, 6]);
  assert.deepEqual(row("peanut-allergy"), ["observation", 7, undefined]);
  assert.deepEqual(row("unheard-of"), ["observation", 439224, undefined]);
});

test("a finding that was looked for and is not there is never the finding", () => {
  const [row] = placed({ table: "observation", codes: codes("fever"), value: { conceptId: 4188540, isDenied: true } }).rows;
  assert.deepEqual([row?.table, row?.conceptId, row?.valueConceptId], ["observation", CONCEPTS["ruled-out"].id, 1]);
  assert.deepEqual(rowsOf({ codes: codes("pulse"), value: { conceptId: 4188540, isDenied: true } }), [["measurement", 3]]);
});

test("a number keeps a coded result and its unit beside it", () => {
  const value = { number: 7, codes: codes("yes"), unit: { code: { code: { vocabulary: "UCUM", code: "g/dL" }, sourceValue: "g/dL" } } };
  const [row] = placed({ codes: codes("pulse"), value }).rows;
  assert.deepEqual([row?.valueConceptId, row?.valueSourceValue, row?.unit?.conceptId], [16, "yes", 14]);
  assert.deepEqual(
    codesOf(draft({ value })).map(({ code }) => code),
    ["fever", "yes", "g/dL"],
  );
});
