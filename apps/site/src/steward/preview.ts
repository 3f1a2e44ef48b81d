/**
 * What a study would mean for this hospital, found before anything leaves: which of its patients, which small cells, every vector and how
 * often, with whom, how well protected, and which figures in its own name.
 *
 * Counts are shown as the gate would show them to anybody: those below the minimum cell hidden, and others where they would give a hidden
 * one away.
 */

import { keyFingerprint, type OwnRelease, type Roster, type SiteRole } from "@dure/identity";
import type { Text } from "@dure/kernel";
import { collusionTolerated, encodedByteLength, secureSumThreshold, suppressCounts, type TableCount } from "@dure/privacy";
import type { AnalysisTable, QualityJudgement } from "@dure/records";
import type { StudyDocument } from "@dure/study";
import { type DryRun, dryRun } from "./dry-run.ts";
import { releaseWords, vectorWords } from "./preview-words.ts";
import { type SmallCell, smallCells, trainingRows } from "./small-cells.ts";

export interface PreviewOptions {
  readonly study: StudyDocument;
  readonly siteId: string;
  /** This hospital's own. */
  readonly rows: AnalysisTable;
  /** What the study asks of its variables, held against these rows. */
  readonly quality?: readonly QualityJudgement[];
  /** The hospital's own smallest cell; a study's larger one holds. */
  readonly minimumCell: number;
  /** The invited one. */
  readonly roster: Roster;
  /** Without `sumCountMax` the suggested one is taken. */
  readonly limits?: { readonly sumCountMax?: number };
}

export interface StudyPreview {
  readonly role: SiteRole;
  readonly minimumCell: number;
  readonly rows: RowsPreview;
  readonly smallCells: readonly SmallCell[];
  /** Empty where the study asks nothing of its variables. One that is not met keeps this hospital out. */
  readonly quality: readonly QualityJudgement[];
  /** What would keep this hospital out; outside it is told as `not-taking-part`. */
  readonly obstacle?: "too-few-rows" | "too-few-in-a-class";
  /** Where this hospital's rows alone carry no such model: no local model to compare with. */
  readonly noLocalModel?: { readonly code: string; readonly columns: readonly string[] };
  /** None for a hospital that only validates. */
  readonly vectors: readonly VectorPreview[];
  readonly sums: SumsPreview;
  readonly members: readonly MemberPreview[];
  readonly protection: { readonly ifAllAgree: Protection; readonly atFewest: Protection };
  readonly releases: readonly ReleasePreview[];
}

/** beforeFilters = training + heldOut + excluded. */
export interface RowsPreview {
  readonly beforeFilters: TableCount;
  readonly training: TableCount;
  /** Where the study holds rows out. */
  readonly heldOut?: TableCount;
  readonly excluded: readonly { readonly reason: string; readonly count: TableCount }[];
}

export interface VectorPreview {
  readonly name: string;
  readonly words: Text;
  readonly length: number;
  readonly encoding: string;
  /** Of one such vector, masked. */
  readonly bytes: number;
  /** In one run. */
  readonly timesMax: number;
}

export interface SumsPreview {
  /** As many as a fit of this kind took here. */
  readonly inDryRun: number;
  readonly suggestedMax: number;
  readonly max: number;
  /** Of all vectors of a run that takes every allowed sum. */
  readonly bytesMax: number;
}

export interface MemberPreview {
  readonly siteId: string;
  readonly organisation: string;
  readonly role: SiteRole;
  /** Of the identity key: to be compared over the telephone. */
  readonly fingerprint: string;
  readonly isSelf: boolean;
}

/** n sites in a sum, t of them open it, c may collude with the coordinator in vain. */
export interface Protection {
  readonly siteCount: number;
  readonly threshold: number;
  readonly collusion: number;
}

export interface ReleasePreview {
  readonly release: OwnRelease;
  readonly words: Text;
  /** Site ids for which it is sealed; empty where the proposer and all who agreed read it in the result. */
  readonly sealedTo: readonly string[];
}

/** Room for step halvings and for hospitals that differ more from each other than this one's rows do. */
const SUMS_SUGGESTED_MIN = 20;

const bytesOfEntries = (length: number): number =>
  encodedByteLength({ vectors: [{ name: "entries", length, encoding: "wide", bound: 1 }] });

/** What stands in front of every sum, whatever is in it: the length that no entry accounts for. */
const bytesOfEverySum = 2 * bytesOfEntries(1) - bytesOfEntries(2);

/** Fails: DureError `federation/analysis-not-available`. Takes the time of a local fit; nothing leaves. */
export async function previewStudy(options: PreviewOptions): Promise<StudyPreview> {
  const { study, siteId, rows, roster, limits } = options;
  const role = roster.members.find((member) => member.siteId === siteId)?.role ?? "training";
  const minimumCell = study.privacy.minimumCell === 0 ? 0 : Math.max(study.privacy.minimumCell, options.minimumCell);
  const cells = smallCells(study, rows, { role, minimumCell });
  const run = await dryRun(study, rows);
  const suggestedMax = Math.max(SUMS_SUGGESTED_MIN, 2 * run.sumCount);
  const max = limits?.sumCountMax ?? suggestedMax;
  const vectors = role === "training" ? previewVectors(run, max) : [];
  return {
    role,
    minimumCell,
    rows: previewRows(study, rows, minimumCell),
    smallCells: cells.cells,
    quality: options.quality ?? [],
    ...(cells.obstacle === undefined ? {} : { obstacle: cells.obstacle }),
    ...(role === "external" || run.ownRows.kind === "done"
      ? {}
      : { noLocalModel: { code: run.ownRows.code, columns: run.ownRows.columns } }),
    vectors,
    sums: {
      inDryRun: run.sumCount,
      suggestedMax,
      max,
      bytesMax: vectors.length === 0 ? 0 : vectors.reduce((total, { bytes, timesMax }) => total + bytes * timesMax, max * bytesOfEverySum),
    },
    members: previewMembers(roster, siteId),
    protection: previewProtection(roster, study.privacy.secureSum.minimumSites),
    releases: previewReleases(study, { roster, role, minimumCell }),
  };
}

function previewRows(study: StudyDocument, rows: AnalysisTable, minimumCell: number): RowsPreview {
  const training = trainingRows(study, rows);
  const hasSplit = study.data.split !== undefined;
  const parts = [training.length, ...(hasSplit ? [rows.rowCount - training.length] : []), ...rows.excluded.map(({ rowCount }) => rowCount)];
  const { cells, total } = suppressCounts([parts], minimumCell);
  const shown = cells[0] ?? [];
  const at = (index: number): TableCount => shown[index] ?? { kind: "suppressed" };
  const first = hasSplit ? 2 : 1;
  return {
    beforeFilters: total,
    training: at(0),
    ...(hasSplit ? { heldOut: at(1) } : {}),
    excluded: rows.excluded.map(({ reason }, i) => ({ reason, count: at(first + i) })),
  };
}

function previewVectors({ vectors, sumsBefore }: DryRun, sumCountMax: number): readonly VectorPreview[] {
  return vectors.map(({ layout, isRepeated }) => ({
    name: layout.name,
    words: vectorWords(layout.name),
    length: layout.length,
    encoding: layout.encoding,
    bytes: encodedByteLength({ vectors: [layout] }) - bytesOfEverySum,
    timesMax: isRepeated ? Math.max(0, sumCountMax - sumsBefore) : 1,
  }));
}

export const previewMembers = (roster: Roster, siteId: string): readonly MemberPreview[] =>
  roster.members.map((member) => ({
    siteId: member.siteId,
    organisation: member.organisation,
    role: member.role,
    fingerprint: keyFingerprint(member.identityKey),
    isSelf: member.siteId === siteId,
  }));

export function previewProtection(roster: Roster, minimumSites: number): StudyPreview["protection"] {
  const invited = roster.members.filter(({ role }) => role === "training").length;
  const protection = (siteCount: number): Protection => ({
    siteCount,
    threshold: secureSumThreshold(siteCount),
    collusion: collusionTolerated(siteCount, minimumSites),
  });
  return { ifAllAgree: protection(Math.max(1, invited)), atFewest: protection(minimumSites) };
}

interface ReleaseContext {
  readonly roster: Roster;
  readonly role: SiteRole;
  readonly minimumCell: number;
}

function previewReleases(study: StudyDocument, { roster, role, minimumCell }: ReleaseContext): readonly ReleasePreview[] {
  const external = roster.members.filter((member) => member.role === "external").map(({ siteId }) => siteId);
  const { kind } = study.analysis;
  const isCox = kind === "cox";
  const hasModel =
    kind !== "describe" &&
    kind !== "incidence-rates" &&
    kind !== "kaplan-meier" &&
    kind !== "cumulative-incidence" &&
    kind !== "meta-analysis" &&
    kind !== "treatment-effect";
  const isOfNumber = study.analysis.kind === "generalised-linear-model" && study.analysis.family !== "logistic";
  const words = isOfNumber
    ? releaseWords.numberFit
    : isCox
      ? releaseWords.concordance(study)
      : hasModel
        ? releaseWords.headline(study, minimumCell)
        : kind === "describe"
          ? releaseWords.patients
          : releaseWords.counts;
  const headline: ReleasePreview = { release: "headline", words, sealedTo: [] };
  const isLocalModelAsked =
    role === "training" && hasModel && kind !== "generalised-linear-model" && study.evaluation.localModels && external.length > 0;
  const baseline: ReleasePreview = { release: "baseline-hazard", words: releaseWords.baselineHazard(minimumCell), sealedTo: [] };
  return [
    headline,
    ...(isLocalModelAsked ? [{ release: "local-model", words: releaseWords.localModel, sealedTo: external } as const] : []),
    // One baseline hazard for all hospitals is the result's own.
    ...(study.analysis.kind === "cox" && study.analysis.strata === "site" && role === "training" ? [baseline] : []),
  ];
}
