/** A load by a plan into a site's folder: all its sources into one numbered snapshot, and an entry in the ledger that says so. */

import { rm } from "node:fs/promises";
import { basename, dirname, resolve } from "node:path";
import { type LoadPlan, type LoadSource, parseLoadPlan, parseMapping } from "@dure/clinical";
import { type Clock, hashJson, type JsonValue, type SecureRandom } from "@dure/kernel";
import { readKey, readSettings, type SitePaths, sitePaths } from "../home/site-home.ts";
import type { LoadReport } from "../ingest/load-report.ts";
import { mappingContributor } from "../ingest/mapping-contributor.ts";
import type { IntakeStore } from "../intake/intake-store.ts";
import { openClinicalStoreWaiting } from "../store/open-clinical-store.ts";
import { buildSnapshot, loadScratchPath, type SnapshotOptions } from "./build-snapshot.ts";
import type { Contributor, LoadProgress } from "./contributor.ts";
import { omopContributor } from "./omop-contributor.ts";
import { keepUnmapped, readDocumentText, readOptOut, recordLoads, sayingThatNothingWasLoaded } from "./record-load.ts";

/** Longer than a batch of a large file or of a busy listener takes to be stored. */
const INTAKE_WAIT_MS_MAX = 30_000;

export interface PlannedLoad {
  readonly home: string;
  readonly planPath: string;
  readonly clock: Clock;
  readonly random: SecureRandom;
  readonly onProgress?: (progress: LoadProgress) => void;
  readonly signal?: AbortSignal;
}

/**
 * The same sources twice make no new snapshot. A run that has begun keeps its frozen table, whatever is loaded meanwhile.
 * @throws DureError with every problem of the plan, of its documents and of the first source that has any; the store is then as before
 */
export async function loadIntoHome(load: PlannedLoad): Promise<LoadReport> {
  const settings = readSettings(load.home);
  const paths = sitePaths(load.home);
  const plan = parseLoadPlan({ file: basename(load.planPath), text: readDocumentText(load.planPath) });
  const at = (path: string): string => resolve(dirname(load.planPath), path);
  const store = await openClinicalStoreWaiting(paths.clinical, load.clock, load.signal);
  const scratchPath = loadScratchPath(store);
  const opened = new Opened();
  try {
    await rm(scratchPath, { recursive: true, force: true }); // left by a process that was killed
    const contributors: Contributor[] = [];
    for (const [i, source] of plan.sources.entries()) {
      contributors.push(await openSource(source, { plan, paths, at, scratchPath: `${scratchPath}/${i}`, load, opened }));
    }
    const options = snapshotOptions(plan, load, {
      holder: settings.organisation,
      key: readKey(paths.personKey),
      optOut: readOptOut(plan.optOut === undefined ? undefined : at(plan.optOut)),
    });
    const report = await buildSnapshot(store, contributors, options);
    await recordLoads(paths.decisions, { ...settings, ...load }, store);
    return report;
  } catch (cause) {
    throw sayingThatNothingWasLoaded(cause);
  } finally {
    await opened.close();
    await rm(scratchPath, { recursive: true, force: true });
    await store.close();
  }
}

/** What sources hold open: the intake store, which several of them may share, until the last one has read of it. */
class Opened {
  #intake: IntakeStore | undefined;
  #readerCount = 0;

  /** A listener gives the store back every few seconds; a load waits for such a moment. */
  async intake(path: string, { clock, signal }: PlannedLoad): Promise<IntakeStore> {
    const { openIntakeForLoad } = await import("../intake/intake-duckdb.ts");
    const waiting = { clock, waitMsMax: INTAKE_WAIT_MS_MAX, ...(signal === undefined ? {} : { signal }) };
    this.#intake ??= await openIntakeForLoad(path, waiting);
    this.#readerCount += 1;
    return this.#intake;
  }

  /** Its memory goes back before the load writes, and a listener need not wait for the end. */
  async intakeWasRead(): Promise<void> {
    this.#readerCount -= 1;
    if (this.#readerCount === 0) await this.close();
  }

  async close(): Promise<void> {
    await this.#intake?.close();
  }
}

interface OpenContext {
  readonly plan: LoadPlan;
  readonly paths: SitePaths;
  /** A path of the plan, which is relative to the plan's folder. */
  readonly at: (path: string) => string;
  readonly scratchPath: string;
  readonly load: PlannedLoad;
  readonly opened: Opened;
}

async function openSource(source: LoadSource, context: OpenContext): Promise<Contributor> {
  const { at, scratchPath, plan, load } = context;
  if ("mapping" in source) {
    const mapping = parseMapping({ file: basename(source.mapping), text: readDocumentText(at(source.mapping)) });
    return mappingContributor({ mapping, parameters: source.parameters, directory: at(source.directory), scratchPath });
  }
  if ("omop" in source) {
    return omopContributor({
      ...{ name: source.omop, path: at(source.path), scratchPath, personKey: source.personKey, takesEras: plan.eras === "of-the-source" },
      takesPeriods: plan.observationPeriod.rule === "of-the-source",
      ...(source.cdmVersion === undefined ? {} : { cdmVersion: source.cdmVersion }),
      ...(load.signal === undefined ? {} : { signal: load.signal }),
    });
  }
  if ("images" in source) return openImages(load.home);
  return openFhir(source, context);
}

async function openImages(home: string): Promise<Contributor> {
  const { imageContributor, imagePaths } = await import("../images/index.ts");
  return imageContributor(imagePaths(home));
}

/** What reads FHIR is large, and loaded only where a plan asks for it. */
async function openFhir(source: Extract<LoadSource, { readonly fhir: string }>, context: OpenContext): Promise<Contributor> {
  const { parseFhirPolicy } = await import("@dure/clinical/fhir");
  const { fhirContributor } = await import("../fhir-load/fhir-contributor.ts");
  const { at, paths, opened, load } = context;
  const policyFile = source.policy === undefined ? "" : basename(source.policy);
  const policy = source.policy === undefined ? undefined : parseFhirPolicy({ file: policyFile, text: readDocumentText(at(source.policy)) });
  const intake = await opened.intake(paths.intake, load);
  return fhirContributor({ intake, source: source.fhir, policy, policyFile, onRead: () => opened.intakeWasRead() });
}

interface Site {
  readonly holder: string;
  readonly key: Uint8Array;
  readonly optOut: readonly string[];
}

function snapshotOptions(plan: LoadPlan, load: PlannedLoad, { holder, key, optOut }: Site): SnapshotOptions {
  const { id, version, title } = plan;
  const content = JSON.parse(JSON.stringify(plan)) as JsonValue; // JSON.parse gives JSON
  return {
    keyTable: { key, random: load.random },
    optOut,
    source: { name: title.en, abbreviation: id, holder, etlReference: `load plan ${id} version ${version}` },
    document: { id, version, hash: hashJson(content) },
    periodRule: { rule: plan.observationPeriod.rule },
    eras: plan.eras,
    minimumMappedShare: plan.minimumMappedShare,
    personCountMin: plan.personCountMin,
    clock: load.clock,
    ...(plan.exportDate === undefined ? {} : { exportDate: plan.exportDate }),
    onUnmapped: keepUnmapped(load.home),
    ...(load.onProgress === undefined ? {} : { onProgress: load.onProgress }),
    ...(load.signal === undefined ? {} : { signal: load.signal }),
  };
}
