/**
 * Fields of OMOP in which another database may keep what names a person, an address or a document, and which a load leaves empty:
 * no hospital number, visit number, device serial number or free text is taken over. Codes (`*_source_value` of conditions, drugs and so
 * on) are kept. NOTE and NOTE_NLP are not taken over at all: notes enter OMOP scrubbed, by another way.
 */

import type { OmopTable } from "./cdm.ts";

const IDENTIFYING_FIELDS: Readonly<Partial<Record<OmopTable, readonly string[]>>> = {
  person: ["person_source_value"],
  visit_occurrence: ["visit_source_value"],
  visit_detail: ["visit_detail_source_value"],
  drug_exposure: ["sig", "lot_number"],
  device_exposure: ["unique_device_id", "production_id"],
  specimen: ["specimen_source_id"],
  episode: ["episode_source_value"],
  location: ["address_1", "address_2", "zip", "location_source_value", "latitude", "longitude"],
  provider: ["provider_name", "npi", "dea", "provider_source_value"],
  payer_plan_period: ["payer_source_value", "plan_source_value", "sponsor_source_value", "family_source_value"],
};

export const isIdentifying = (table: OmopTable, field: string): boolean => IDENTIFYING_FIELDS[table]?.includes(field) === true;
