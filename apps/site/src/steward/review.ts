/** All that a steward needs to decide on a study, as a document: what it is, who asks, who takes part, what it would mean here. */

import { groupDigits, keyFingerprint, parseApproval } from "@dure/identity";
import { DureError, type Problem, type Text } from "@dure/kernel";
import { type AnalysisTable, prepareAnalysisTable, type QualityJudgement } from "@dure/records";
import { frozenFiles, type HashedFile } from "@dure/study";
import { parseJson } from "@dure/wire";
import type { SiteSettings } from "../home/site-home.ts";
import { judgeQuality } from "../run/quality-gate.ts";
import type { TableSource } from "../run/table-source.ts";
import type { SiteStore } from "../store/site-store.ts";
import { findKnownStudy, type KnownStudy } from "./known-study.ts";
import { studyInPlainWords } from "./plain-words.ts";
import { type MemberPreview, previewMembers, previewProtection, previewStudy, type StudyPreview } from "./preview.ts";
import { stewardProblem } from "./problems.ts";

export interface ReviewOptions {
  readonly store: SiteStore;
  /** Where this hospital's rows come from: `tableSourceOf`. */
  readonly source: TableSource;
  readonly settings: Pick<SiteSettings, "siteId">;
  /** Hash of a study that was fetched. */
  readonly study: string;
  /** What the steward has in mind; without it the study's cell and the suggested number of sums. */
  readonly limits?: { readonly sumCountMax?: number; readonly minimumCell?: number };
}

export interface StudyReview {
  readonly hash: string;
  /** In groups of four digits, for comparing over the telephone. */
  readonly hashDigits: string;
  readonly id: string;
  readonly title: string;
  readonly proposer: { readonly id: string; readonly fingerprint: string; readonly proposedAtMs: number };
  readonly words: readonly Text[];
  readonly files: readonly HashedFile[];
  readonly members: readonly MemberPreview[];
  readonly protection: StudyPreview["protection"];
  readonly preview:
    | { readonly kind: "ready"; readonly snapshot: number; readonly preview: StudyPreview }
    /** The rows cannot be read, or this version cannot run the analysis; the steward can decline, or come back. */
    | { readonly kind: "unavailable"; readonly problems: readonly Problem[] };
  readonly decision?: ReviewedDecision;
}

export interface ReviewedDecision {
  readonly kind: "approved" | "declined";
  readonly decidedAtMs: number;
  readonly isDelivered: boolean;
  /** Of an approval. */
  readonly expiresAtMs?: number;
  readonly boardReference?: string;
}

export type ReviewOutcome =
  | { readonly kind: "reviewed"; readonly review: StudyReview }
  | { readonly kind: "refused"; readonly problems: readonly Problem[] };

/** Nothing leaves. Takes the time of reading the rows and of one local fit. */
export async function reviewStudy(options: ReviewOptions): Promise<ReviewOutcome> {
  const { store, settings, study } = options;
  const known = findKnownStudy(store, study);
  if (known === undefined) return { kind: "refused", problems: [stewardProblem("study-not-here")] };
  const { frozen, proposal, invitedRoster } = known;
  const { terms, proposerKey } = proposal;
  const decision = findReviewedDecision(store, study);
  const review: StudyReview = {
    hash: frozen.hash,
    hashDigits: groupDigits(frozen.hash),
    id: frozen.document.id,
    title: frozen.document.title,
    proposer: { id: terms.proposer, fingerprint: keyFingerprint(proposerKey), proposedAtMs: terms.proposedAtMs },
    words: studyInPlainWords(frozen.document),
    files: frozenFiles(frozen),
    members: previewMembers(invitedRoster, settings.siteId),
    protection: previewProtection(invitedRoster, frozen.document.privacy.secureSum.minimumSites),
    preview: await findPreview(options, known),
    ...(decision === undefined ? {} : { decision }),
  };
  return { kind: "reviewed", review };
}

/** This hospital's own rows as a run of the study would freeze them. Fails: DureError of the source, of the study, or of its file. */
async function readOwnRows(
  { store, source }: Pick<ReviewOptions, "store" | "source">,
  { frozen }: Pick<KnownStudy, "frozen">,
): Promise<{ readonly rows: AnalysisTable; readonly quality: readonly QualityJudgement[]; readonly snapshot: number }> {
  const name = `tables/${frozen.document.data.table}.yaml`;
  const named = frozenFiles(frozen).find((file) => file.name === name);
  const tableDocument = named === undefined ? undefined : store.findFile(named.sha256);
  if (tableDocument === undefined) throw new DureError(stewardProblem("file-absent", { file: name }));
  const read = await source.read(frozen, tableDocument);
  const { source: table, excluded, snapshot } = read;
  const rows = prepareAnalysisTable(frozen.document, table);
  const notRows = excluded.map(({ reason, rowCount }) => ({ reason: `${frozen.document.data.table}: ${reason}`, rowCount }));
  return { rows: { ...rows, excluded: [...notRows, ...rows.excluded] }, quality: judgeQuality(frozen.document, read), snapshot };
}

async function findPreview(options: ReviewOptions, known: KnownStudy): Promise<StudyReview["preview"]> {
  const { settings, limits } = options;
  const study = known.frozen.document;
  try {
    const { rows, quality, snapshot } = await readOwnRows(options, known);
    const preview = await previewStudy({
      study,
      siteId: settings.siteId,
      rows,
      quality,
      minimumCell: limits?.minimumCell ?? study.privacy.minimumCell,
      roster: known.invitedRoster,
      limits: limits?.sumCountMax === undefined ? {} : { sumCountMax: limits.sumCountMax },
    });
    return { kind: "ready", snapshot, preview };
  } catch (error) {
    if (error instanceof DureError) return { kind: "unavailable", problems: error.problems };
    throw error;
  }
}

function findReviewedDecision(store: SiteStore, study: string): ReviewedDecision | undefined {
  const decision = store.findDecision(study);
  if (decision === undefined) return undefined;
  const { kind, decidedAtMs, isDelivered, document } = decision;
  const terms = kind === "approved" ? parseApproval(parseJson(document))?.terms : undefined;
  const approved = terms === undefined ? {} : { expiresAtMs: terms.expiresAtMs, boardReference: terms.boardReference };
  return { kind, decidedAtMs, isDelivered, ...approved };
}
