import assert from "node:assert/strict";
import { test } from "node:test";
import { TYPE_CONCEPT } from "./concept-ids.ts";
import { coded, eventOf, fateOf, mappingContext, RXNORM, request, subject } from "./testing-mapping.ts";

const KR = "http://www.hl7korea.or.kr";
const changed = (on: string) => [
  { url: "http://hl7.org/fhir/5.0/StructureDefinition/extension-MedicationRequest.statusChanged", valueDateTime: on },
];

test("an order has its days of supply, its dose in figures, and quantity as dose times frequency times days where no amount is said", () => {
  const event = eventOf(
    request({
      dosageInstruction: [
        {
          text: "as the doctor wrote it",
          timing: { repeat: { frequency: 3, period: 1, periodUnit: "d" } },
          doseAndRate: [{ doseQuantity: { value: 1, code: "{tbl}" } }],
          route: coded("http://terminology.hl7.org/CodeSystem/v3-RouteOfAdministration", "PO"),
        },
      ],
      dispenseRequest: { expectedSupplyDuration: { value: 1, code: "wk" }, numberOfRepeatsAllowed: 2 },
    }),
  );
  assert.deepEqual([event.start?.date, event.end?.date, event.typeConceptId], ["2024-03-01", "2024-03-07", TYPE_CONCEPT.prescription]);
  const { drug } = event;
  assert.deepEqual([drug?.quantity, drug?.daysSupply, drug?.refills, drug?.sig], [21, 7, 2, "1 {tbl} 3/1d"]);
  assert.deepEqual([drug?.routeConceptId, drug?.doseUnitSourceValue, drug?.evidence, drug?.request], [4132161, "{tbl}", "order", "m1"]);
});

test("an order that was stopped before its first dose is no exposure; one stopped after it ends there", () => {
  const bounds = { timing: { repeat: { boundsPeriod: { start: "2024-03-01T09:00:00+09:00", end: "2024-03-10" } } } };
  const stopped = (on: string) => request({ status: "stopped", dosageInstruction: [bounds], extension: changed(on) });
  assert.equal(fateOf(stopped("2024-02-28")), "an order stopped before its first dose");
  assert.equal(fateOf(stopped("2024-03-01T08:59:00+09:00")), "an order stopped before its first dose");
  const event = eventOf(stopped("2024-03-03T12:00:00+09:00"));
  assert.deepEqual([event.end?.date, event.drug?.isStopped], ["2024-03-03", true]);
});

test("an order stopped at a time that nobody wrote down is counted or left out as the site declared", () => {
  const medication = { sameDrugSameDays: true, stoppedOrdersWithoutDate: "exclude" as const };
  assert.equal(
    fateOf(request({ status: "stopped" }), mappingContext("orders-count", { medication })),
    "an order stopped at an unknown time",
  );
  assert.equal(eventOf(request({ status: "stopped" })).drug?.isStopped, undefined);
});

test("dispensings, administrations and statements name the order that they fulfil", () => {
  const order = { reference: "MedicationRequest/m1" };
  const medication = { subject, medicationCodeableConcept: coded(RXNORM, "7980") };
  const dispense = eventOf({
    ...{ resourceType: "MedicationDispense", id: "d1", status: "completed", ...medication },
    ...{ authorizingPrescription: [order], whenHandedOver: "2024-03-02", daysSupply: { value: 7 }, quantity: { value: 21 } },
  });
  assert.deepEqual([dispense.drug?.evidence, dispense.drug?.request, dispense.end?.date], ["dispensing", "m1", "2024-03-08"]);
  const given = eventOf({
    ...{ resourceType: "MedicationAdministration", id: "a1", status: "completed", ...medication, request: order },
    ...{
      effectivePeriod: { start: "2024-03-02T10:00:00+09:00", end: "2024-03-02T11:00:00+09:00" },
      dosage: { dose: { value: 5, code: "mg" } },
    },
  });
  assert.deepEqual([given.drug?.evidence, given.drug?.request, given.drug?.sig], ["administration", "m1", "5 mg"]);
  assert.equal(given.typeConceptId, TYPE_CONCEPT.administration);
  const statement = eventOf({
    ...{ resourceType: "MedicationStatement", id: "s1", status: "active", ...medication, basedOn: [order] },
    ...{ effectiveDateTime: "2024-03-02", informationSource: subject },
  });
  assert.deepEqual(
    [statement.drug?.evidence, statement.drug?.request, statement.typeConceptId],
    ["statement", "m1", TYPE_CONCEPT.selfReport],
  );
});

test("the drug is the code of the resource, of the medication inside it, of the one it refers to, or KR Core's ingredient after the product", () => {
  const code = coded(RXNORM, "7980");
  const reference = (target: string) => ({ medicationCodeableConcept: undefined, medicationReference: { reference: target } });
  const inside = request({ ...reference("#med"), contained: [{ resourceType: "Medication", id: "med", code }] });
  assert.equal(eventOf(inside).codes[0]?.code.code, "7980");
  const context = { ...mappingContext(), definitionOf: (key: string) => (key === "Medication/med" ? code : undefined) };
  assert.equal(eventOf(request(reference("Medication/med")), context).codes[0]?.code.code, "7980");
  assert.equal(fateOf(request(reference("Medication/elsewhere")), context), "no coded content");
  const product = {
    ...coded(`${KR}/CodeSystem/kpis-kdcode`, "8806659002219"),
    extension: [
      {
        url: `${KR}/fhir/krcore/StructureDefinition/krcore-medicationIngredient`,
        valueCodeableConcept: coded("http://www.whocc.no/atc", "J07BB02"),
      },
    ],
  };
  assert.deepEqual(
    eventOf(request({ medicationCodeableConcept: product })).codes.map(
      ({ code: { vocabulary, code: written } }) => `${vocabulary} ${written}`,
    ),
    ["KD 8806659002219", "ATC J07BB02"],
  );
});

test("f2o-051: an immunization is an administration where its source gave it, and what it says of its origin otherwise", () => {
  const immunization = (fields: Readonly<Record<string, unknown>>) =>
    eventOf({
      ...{ resourceType: "Immunization", id: "i1", status: "completed", patient: subject, occurrenceDateTime: "2024-03-01" },
      vaccineCode: coded("http://hl7.org/fhir/sid/cvx", "171"),
      ...fields,
    });
  assert.equal(immunization({ primarySource: true }).typeConceptId, TYPE_CONCEPT.administration);
  assert.equal(immunization({ primarySource: false, reportOrigin: coded("", "recall") }).typeConceptId, TYPE_CONCEPT.selfReport);
  assert.equal(immunization({}).typeConceptId, TYPE_CONCEPT.ehr);
  assert.equal(immunization({}).drug?.evidence, undefined);
});
