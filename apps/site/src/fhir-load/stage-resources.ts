/**
 * The first half of the way into OMOP: the resources of a source, streamed type by type and batch by batch, become staged rows with
 * their concepts. Memory holds one batch and the cache of codes, whatever the size of the source.
 */

import type { OmopTable } from "@dure/clinical";
import {
  EVIDENCE,
  type EventDraft,
  type EventTable,
  type FhirPolicy,
  MAPPED_TYPES,
  type MappedResource,
  type MappingContext,
  mapResource,
  type PlacedRow,
  placeEvent,
  type ReadDate,
  TYPE_CONCEPT,
} from "@dure/clinical/fhir";
import { assert } from "@dure/kernel";
import type { IntakeStore, StoredResource } from "../intake/intake-store.ts";
import { oneAhead } from "../intake/one-ahead.ts";
import type { SnapshotContext } from "../load/contributor.ts";
import { type ConceptCache, conceptCache } from "./concept-cache.ts";
import { definitionsOf, stageDefinitions } from "./definitions.ts";
import { countCode, countExcluded, countIn, countUndecided, identifierSystemsOf, type LoadCounts, SYSTEMS_MAX } from "./load-counts.ts";
import { appendStaged, type StagedRow } from "./staging.ts";

export interface StagingPlan {
  readonly name: string;
  readonly intake: IntakeStore;
  readonly source: string;
  readonly policy: FhirPolicy;
  readonly readDate: ReadDate;
  readonly context: SnapshotContext;
  readonly counts: LoadCounts;
}

export async function stageResources(plan: StagingPlan): Promise<void> {
  const { intake, source, context, counts } = plan;
  const inStore = await intake.counts(source);
  const merges = await intake.merges(source);
  const cache = conceptCache(context.session, context.schema, context.codes);
  await stageDefinitions(plan, new Set(inStore.map(({ resourceType }) => resourceType)));
  const order = (type: string): number => (MAPPED_TYPES.includes(type) ? MAPPED_TYPES.indexOf(type) : MAPPED_TYPES.length);
  const run: Run = { ...plan, merges, cache, nextResource: 1n };
  for (const { resourceType, count } of [...inStore].sort((a, b) => order(a.resourceType) - order(b.resourceType))) {
    let done = 0;
    if (!MAPPED_TYPES.includes(resourceType)) {
      leaveOut(run, resourceType, count);
      continue;
    }
    for await (const batch of oneAhead(intake.resources(source, resourceType))) {
      context.signal?.throwIfAborted();
      await stageBatch(run, resourceType, batch);
      done += batch.length;
      context.onProgress?.({ contributor: plan.name, step: "reading", item: resourceType, done, of: count });
    }
    assert(done === (counts.rowsIn.get(resourceType) ?? 0), "every resource is counted once");
  }
}

interface Run extends StagingPlan {
  readonly merges: ReadonlyMap<string, string>;
  readonly cache: ConceptCache;
  nextResource: bigint;
}

/** Types without a mapping are counted without being read. */
function leaveOut(run: Run, resourceType: string, count: number): void {
  const mapped = mapResource(
    { resourceType },
    contextOf(run, "", () => undefined),
  );
  assert(mapped.kind === "excluded", "a type without a mapping gives no rows");
  countIn(run.counts, resourceType, count);
  countExcluded(run.counts, resourceType, mapped.reason, count);
}

const contextOf = (run: Run, knownUntil: string, definitionOf: MappingContext["definitionOf"]): MappingContext => ({
  policy: run.policy,
  sites: { vocabularies: run.policy.codeSystems },
  readDate: run.readDate,
  knownUntil,
  definitionOf,
});

async function stageBatch(run: Run, resourceType: string, batch: readonly StoredResource[]): Promise<void> {
  const definitions = await definitionsOf(run.context.session, batch);
  const events: { readonly resource: bigint; readonly drafts: readonly EventDraft[] }[] = [];
  const others: { readonly resource: bigint; readonly mapped: MappedResource }[] = [];
  countIn(run.counts, resourceType, batch.length);
  const definitionOf = (key: string): unknown => definitions.get(key);
  let context = contextOf(run, "", definitionOf);
  for (const { resource, version } of batch) {
    const number = run.nextResource++;
    const knownUntil = version.slice(0, 10);
    if (context.knownUntil !== knownUntil) context = contextOf(run, knownUntil, definitionOf);
    if (resourceType === "Patient") noteSystems(run.counts, resource["identifier"]);
    const mapped = mapResource(resource, context);
    if (mapped.kind === "excluded") countExcluded(run.counts, resourceType, mapped.reason);
    else if (mapped.kind === "undecided") countUndecided(run.counts, resourceType, mapped.state);
    else if (mapped.kind === "events") events.push({ resource: number, drafts: mapped.events });
    else others.push({ resource: number, mapped });
  }
  if (events.length > 0) await stageEvents(run, resourceType, events);
  if (others.length > 0) await stageOthers(run, resourceType, others);
}

function noteSystems({ identifierSystems }: LoadCounts, identifiers: unknown): void {
  for (const system of identifierSystemsOf(identifiers)) if (identifierSystems.size < SYSTEMS_MAX) identifierSystems.add(system);
}

async function stageEvents(
  run: Run,
  resourceType: string,
  events: readonly { readonly resource: bigint; readonly drafts: readonly EventDraft[] }[],
): Promise<void> {
  await run.cache.prepare(events.flatMap(({ drafts }) => drafts));
  const placed: { readonly resource: bigint; readonly draft: EventDraft; readonly row: PlacedRow; readonly isFirst: boolean }[] = [];
  const rowsByTable = new Map<EventTable, number>();
  for (const { resource, drafts } of events) {
    for (const [at, draft] of drafts.entries()) {
      const { rows, code } = placeEvent(draft, run.cache.resolve, run.cache.facts);
      if (code !== undefined) countCode(run.counts, code);
      for (const [nth, row] of rows.entries()) {
        placed.push({ resource, draft, row, isFirst: at === 0 && nth === 0 });
        rowsByTable.set(row.table, (rowsByTable.get(row.table) ?? 0) + 1);
      }
    }
  }
  const nextId = new Map([...rowsByTable].map(([table, count]) => [table, run.context.reserveIds(table, count)]));
  let first: { readonly table: EventTable; readonly id: bigint } | undefined;
  const staged = placed.map(({ resource, draft, row, isFirst }) => {
    const id = nextId.get(row.table);
    assert(id !== undefined, "an id was reserved for each row");
    nextId.set(row.table, id + 1);
    if (isFirst) first = { table: row.table, id: BigInt(id) };
    const about = draft.isAboutFirst === true && first?.table === "observation" ? first.id : undefined;
    return eventRow(run, { resource, resourceType, id: BigInt(id), about }, draft, row);
  });
  await appendStaged(run.context.session, "fhir_event", staged);
}

interface RowKeys {
  readonly resource: bigint;
  readonly resourceType: string;
  readonly id: bigint;
  readonly about: bigint | undefined;
}

function eventRow(run: Run, keys: RowKeys, draft: EventDraft, row: PlacedRow): StagedRow<"fhir_event"> {
  const { drug, value, amount, status } = draft;
  return {
    resource: keys.resource,
    resource_type: keys.resourceType,
    row_id: keys.id,
    target: row.table,
    patient: survivorOf(run, draft.patient),
    encounter: draft.encounter,
    provider: draft.provider,
    concept: row.conceptId,
    source_concept: row.sourceConceptId,
    source_value: row.sourceValue,
    start_date: draft.start?.date,
    start_time: draft.start?.datetime,
    end_date: draft.end?.date,
    end_time: draft.end?.datetime,
    type: draft.typeConceptId,
    number: value?.number,
    operator: value?.operatorConceptId,
    value_concept: row.valueConceptId,
    value_source: row.valueSourceValue,
    unit: row.unit?.conceptId,
    unit_source_concept: row.unit?.sourceConceptId,
    unit_source: row.unit?.sourceValue,
    range_low: value?.rangeLow,
    range_high: value?.rangeHigh,
    status: status?.conceptId,
    status_source: status?.sourceValue,
    qualifier_source: draft.qualifierSourceValue,
    about_row: keys.about,
    evidence: drug?.evidence === undefined ? undefined : EVIDENCE[drug.evidence],
    request: drug?.request,
    quantity: drug?.quantity ?? amount?.quantity,
    days_supply: drug?.daysSupply,
    refills: drug?.refills,
    sig: drug?.sig,
    is_stopped: drug?.isStopped === true ? 1 : undefined,
    route: row.routeConceptId,
    route_source: drug?.routes?.[0]?.sourceValue,
    dose_unit_source: drug?.doseUnitSourceValue,
    anatomic: row.anatomicSiteConceptId,
    anatomic_source: draft.anatomicSite?.[0]?.sourceValue,
  };
}

const survivorOf = ({ merges }: Run, patient: string): string => merges.get(patient) ?? patient;

/** Ids of the rows of one table, one for each draft. */
function* idsFrom(run: Run, table: OmopTable, count: number): Generator<bigint, never> {
  let next = count === 0 ? 0 : run.context.reserveIds(table, count);
  for (;;) yield BigInt(next++);
}

async function stageOthers(
  run: Run,
  resourceType: string,
  others: readonly { readonly resource: bigint; readonly mapped: MappedResource }[],
): Promise<void> {
  const { session } = run.context;
  const isOf = <Kind extends MappedResource["kind"]>(
    mapped: MappedResource,
    kind: Kind,
  ): mapped is Extract<MappedResource, { readonly kind: Kind }> => mapped.kind === kind;
  const of = <Kind extends MappedResource["kind"]>(kind: Kind) =>
    others.flatMap(({ resource, mapped }) => (isOf(mapped, kind) ? [{ resource, ...mapped }] : []));
  await stagePersons(run, resourceType, of("person"));
  await stageVisits(run, of("visit"));
  await stagePayers(run, resourceType, [...of("visit"), ...of("payer")]);
  const providers = of("provider");
  const providerIds = idsFrom(run, "provider", providers.length);
  await appendStaged(
    session,
    "fhir_provider",
    providers.map(({ provider }) => ({ row_id: providerIds.next().value, provider: provider.id })),
  );
  const careSites = of("care-site");
  const careSiteIds = idsFrom(run, "care_site", careSites.length);
  await appendStaged(
    session,
    "fhir_care_site",
    careSites.map(({ careSite }) => ({ row_id: careSiteIds.next().value, care_site: careSite.key, source_value: careSite.sourceValue })),
  );
  await stageRoles(run, resourceType, of("role"));
}

type Of<Kind extends MappedResource["kind"]> = readonly ({ readonly resource: bigint } & Extract<MappedResource, { kind: Kind }>)[];

async function stagePersons(run: Run, resourceType: string, all: Of<"person">): Promise<void> {
  const merged = all.filter(({ person }) => run.merges.has(person.id));
  if (merged.length > 0) countExcluded(run.counts, resourceType, "merged into another record", merged.length);
  const aliases = merged.map(({ person }) => ({ patient: survivorOf(run, person.id), hospital_number: person.hospitalNumber }));
  await appendStaged(run.context.session, "fhir_alias", aliases);
  const rows = all
    .filter(({ person }) => !run.merges.has(person.id))
    .map(
      ({ resource, person }): StagedRow<"fhir_person"> => ({
        resource,
        patient: person.id,
        hospital_number: person.hospitalNumber,
        gender: person.genderConceptId,
        gender_source: person.genderSourceValue,
        year: person.yearOfBirth,
        month: person.monthOfBirth,
        day: person.dayOfBirth,
        race: person.raceConceptId,
        race_source: person.raceSourceValue,
        ethnicity: person.ethnicityConceptId,
        ethnicity_source: person.ethnicitySourceValue,
        zip3: person.zip3,
        provider: person.provider,
        care_site: person.careSite,
        death_date: person.death?.date,
        death_time: person.death?.datetime,
        death_type: person.death?.isImputed === true ? TYPE_CONCEPT.derived : TYPE_CONCEPT.ehr,
      }),
    );
  await appendStaged(run.context.session, "fhir_person", rows);
}

async function stageVisits(run: Run, visits: Of<"visit">): Promise<void> {
  const ids = idsFrom(run, "visit_occurrence", visits.length);
  const details = idsFrom(run, "visit_detail", visits.length);
  const rows = visits.map(
    ({ resource, visit }): StagedRow<"fhir_visit"> => ({
      resource,
      row_id: ids.next().value,
      detail_id: details.next().value,
      encounter: visit.id,
      part_of: visit.partOf,
      patient: survivorOf(run, visit.patient),
      concept: visit.conceptId,
      source_value: visit.sourceValue,
      start_date: visit.start.date,
      start_time: visit.start.datetime,
      end_date: visit.end.date,
      end_time: visit.end.datetime,
      type: visit.typeConceptId,
      provider: visit.provider,
      care_site: visit.careSite,
      admitted: visit.admittedFromConceptId,
      admitted_source: visit.admittedFromSourceValue,
      discharged: visit.dischargedToConceptId,
      discharged_source: visit.dischargedToSourceValue,
    }),
  );
  await appendStaged(run.context.session, "fhir_visit", rows);
}

async function stagePayers(run: Run, resourceType: string, all: readonly (Of<"visit">[number] | Of<"payer">[number])[]): Promise<void> {
  const payers = all.flatMap(({ resource, payer }) => (payer === undefined ? [] : [{ resource, payer }]));
  const ids = idsFrom(run, "payer_plan_period", payers.length);
  await appendStaged(
    run.context.session,
    "fhir_payer",
    payers.map(({ resource, payer }) => ({
      resource,
      resource_type: resourceType,
      row_id: ids.next().value,
      patient: survivorOf(run, payer.patient),
      start_date: payer.start.date,
      end_date: payer.end.date,
      source_value: payer.payerSourceValue,
    })),
  );
}

/** A role has no row of its own: it tells its practitioner's specialty and place. */
async function stageRoles(run: Run, resourceType: string, roles: Of<"role">): Promise<void> {
  if (roles.length === 0) return;
  countExcluded(run.counts, resourceType, "read with the resource that it describes", roles.length);
  await run.cache.prepare(
    [],
    roles.flatMap(({ role }) => role.specialties.map(({ code }) => code)),
  );
  const rows = roles.map(({ role }): StagedRow<"fhir_role"> => {
    const chosen = role.specialties.find(({ code }) => run.cache.resolve(code).targets.length > 0) ?? role.specialties[0];
    return {
      provider: role.provider,
      care_site: role.careSite,
      specialty: chosen === undefined ? undefined : (run.cache.resolve(chosen.code).targets[0]?.conceptId ?? 0),
      specialty_source: chosen?.sourceValue,
    };
  });
  await appendStaged(run.context.session, "fhir_role", rows);
}
