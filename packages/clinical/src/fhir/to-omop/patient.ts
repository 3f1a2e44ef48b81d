/** Patient: the person, with the year of birth, the postal region and the death; no name, no address, no number of his own. */

import { ETHNICITY, GENDER, RACE } from "./concept-ids.ts";
import { excluded, type MappedResource, type MappingContext, type PersonDraft } from "./draft.ts";
import { asText, codesIn, type Element, elementsOf, extensionOf, referenceId } from "./elements.ts";

const US_CORE = "http://hl7.org/fhir/us/core/StructureDefinition";

export function mapPatient(patient: Element, context: MappingContext): MappedResource {
  const id = asText(patient["id"]);
  const birth = /^(\d{4})(?:-(\d{2}))?(?:-(\d{2}))?/.exec(asText(patient["birthDate"]) ?? "");
  if (id === undefined) return excluded("no patient");
  if (birth === null) return excluded("no date of birth");
  const hospitalNumber = hospitalNumberOf(patient, id, context);
  if (hospitalNumber === undefined) return excluded("no number of the hospital's own");
  const gender = asText(patient["gender"]);
  const genderConceptId = GENDER.get(gender ?? "");
  const race = ombCategory(patient, "us-core-race");
  const ethnicity = ombCategory(patient, "us-core-ethnicity");
  const zip3 = zip3Of(patient);
  const provider = elementsOf(patient["generalPractitioner"]).map((each) => referenceId(each, "Practitioner"))[0];
  const organization = referenceId(patient["managingOrganization"], "Organization");
  const death = context.readDate(patient["deceasedDateTime"]);
  const person: PersonDraft = {
    id,
    hospitalNumber,
    genderConceptId: genderConceptId ?? 0,
    ...(genderConceptId !== undefined || gender === "other" ? { genderSourceValue: gender ?? "" } : {}),
    yearOfBirth: Number(birth[1]),
    ...(birth[2] === undefined ? {} : { monthOfBirth: Number(birth[2]) }),
    ...(birth[3] === undefined ? {} : { dayOfBirth: Number(birth[3]) }),
    raceConceptId: RACE.get(race ?? "") ?? 0,
    ...(RACE.has(race ?? "") ? { raceSourceValue: race ?? "" } : {}),
    ethnicityConceptId: ETHNICITY.get(ethnicity ?? "") ?? 0,
    ...(ETHNICITY.has(ethnicity ?? "") ? { ethnicitySourceValue: ethnicity ?? "" } : {}),
    ...(zip3 === undefined ? {} : { zip3 }),
    ...(provider === undefined ? {} : { provider }),
    ...(organization === undefined ? {} : { careSite: `Organization/${organization}` }),
    ...(death === undefined ? {} : { death }),
  };
  return { kind: "person", person };
}

function hospitalNumberOf(patient: Element, id: string, { policy }: MappingContext): string | undefined {
  if (policy.hospitalNumber === "resource-id") return id;
  const { system } = policy.hospitalNumber;
  const own = elementsOf(patient["identifier"]).find((identifier) => identifier["system"] === system);
  return asText(own?.["value"]);
}

function ombCategory(patient: Element, name: string): string | undefined {
  const extension = extensionOf(patient, `${US_CORE}/${name}`);
  if (extension === undefined) return undefined;
  return codesIn(elementsOf(extension["extension"]).flatMap((each) => (each["url"] === "ombCategory" ? [each["valueCoding"]] : [])))[0];
}

function zip3Of(patient: Element): string | undefined {
  for (const address of elementsOf(patient["address"])) {
    const match = /^(\d{3})\d*(?:-\d+)?$/.exec(asText(address["postalCode"]) ?? "");
    if (match !== null) return match[1];
  }
  return undefined;
}
