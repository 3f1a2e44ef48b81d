/**
 * The FHIR resources of one source into a snapshot, under the policy that the site has confirmed for it.
 *
 * Reading: every resource becomes staged rows, or is counted under the one reason why it does not. Writing: the staged rows are joined to
 * persons, visits and providers, set-wise. At the end the run is held against the requirements of the HL7 FHIR-to-OMOP guide.
 */

import { dateReader, type FhirPolicy } from "@dure/clinical/fhir";
import { DureError } from "@dure/kernel";
import type { IntakeStore } from "../intake/intake-store.ts";
import type { Contributor, SnapshotContext } from "../load/contributor.ts";
import type { ContributorReport } from "../load/contributor-report.ts";
import { addUnmappedCodes } from "../load/unmapped-codes.ts";
import { sql } from "../store/clinical-sql.ts";
import { checkRequirements, describeTransformation } from "./check-requirements.ts";
import { countStates } from "./count-states.ts";
import { type LoadCounts, noCounts } from "./load-counts.ts";
import { reportInputs } from "./load-report.ts";
import { noPolicy, notConfirmed, undecided, wrongSource } from "./problems.ts";
import { stageResources } from "./stage-resources.ts";
import { createStaging } from "./staging.ts";
import { writeEvents } from "./write-events.ts";
import { writeDeaths, writePersons } from "./write-persons.ts";
import { writePayers, writeVisits } from "./write-visits.ts";

/** What the resources under way and their rows take beside both engines. */
const MAPPING_MB = 16;

export interface FhirContributorOptions {
  readonly intake: IntakeStore;
  /** The site's name for where the resources came from. */
  readonly source: string;
  /** Without one the load stops and shows what there is to decide. */
  readonly policy: FhirPolicy | undefined;
  /** Shown in problems about it. */
  readonly policyFile: string;
  /** The store is not asked again: what is written is in the load's own. */
  readonly onRead?: () => Promise<void>;
}

/**
 * Its contribution throws `fhir/no-policy`, `fhir/policy-not-confirmed`, `fhir/policy-of-another-source` or `fhir/policy-incomplete`
 * before anything is written. Disclosure: the report holds counts only, and stays at the site.
 */
export function fhirContributor(options: FhirContributorOptions): Contributor {
  const name = `fhir:${options.source}`;
  return {
    name,
    filePaths: [],
    besideMb: options.intake.memoryMaxMb + MAPPING_MB,
    contribute: (context) => contribute(name, options, context),
  };
}

async function contribute(name: string, options: FhirContributorOptions, context: SnapshotContext): Promise<ContributorReport> {
  const { intake, source } = options;
  const policy = await confirmedPolicy(options, context.signal);
  const counts = noCounts();
  await createStaging(context.session);
  await stageResources({ name, intake, source, policy, readDate: dateReader(policy), context, counts });
  await options.onRead?.();
  if (counts.undecided.size > 0) throw new DureError(undecided(source, [...counts.undecided.values()]));
  await noteUnmapped(context, counts);
  await write(name, policy, context);
  await describeTransformation(context, policy);
  const inputs = await reportInputs(context.session, counts);
  const requirements = await checkRequirements(context, policy, counts);
  return { contributor: name, inputs, mapped: sharesOf(counts), requirements };
}

async function noteUnmapped({ session }: SnapshotContext, { unmapped }: LoadCounts): Promise<void> {
  await session.run(sql`CREATE TEMP TABLE fhir_unmapped (list VARCHAR, code VARCHAR, row_count BIGINT)`);
  const rows = [...unmapped.values()].map(({ vocabulary, code, rowCount }) => [vocabulary, code, BigInt(rowCount)] as const);
  await session.append("fhir_unmapped", ["text", "text", "bigint"], rows);
  await addUnmappedCodes(session, sql`SELECT list, code, row_count FROM fhir_unmapped`);
}

async function confirmedPolicy({ intake, source, policy, policyFile }: FhirContributorOptions, signal?: AbortSignal): Promise<FhirPolicy> {
  if (policy === undefined) throw new DureError(noPolicy(source, (await countStates(intake, source, signal)).counts));
  if (policy.source !== source) throw new DureError(wrongSource(source, policyFile));
  if (policy.confirmed === undefined) throw new DureError(notConfirmed(source, policyFile));
  return policy;
}

async function write(name: string, policy: FhirPolicy, context: SnapshotContext): Promise<void> {
  const steps: readonly (readonly [item: string, work: () => Promise<void>])[] = [
    ["person", () => writePersons(context)],
    ["visit_occurrence", () => writeVisits(context)],
    ["payer_plan_period", () => writePayers(context)],
    ["death", () => writeDeaths(context)],
    ["events", () => writeEvents(context, policy.medication.sameDrugSameDays)],
  ];
  for (const [done, [item, work]] of steps.entries()) {
    context.signal?.throwIfAborted();
    context.onProgress?.({ contributor: name, step: "writing", item, done, of: steps.length });
    await work();
  }
}

const sharesOf = ({ mapped }: LoadCounts) => [...mapped.values()].sort((a, b) => (a.vocabulary < b.vocabulary ? -1 : 1));
