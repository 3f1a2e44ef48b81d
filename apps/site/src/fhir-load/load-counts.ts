/** What the reading of a source counts as it goes: resources in, left out and why, codes and how many of them mean something. */

import type { ExclusionReason, PlacedEvent, ResourceState } from "@dure/clinical/fhir";
import type { MappedShare } from "../load/contributor-report.ts";

export interface LoadCounts {
  /** Resources by type. */
  readonly rowsIn: Map<string, number>;
  /** By type, then by reason. */
  readonly excluded: Map<string, Map<ExclusionReason, number>>;
  readonly mapped: Map<string, MappedShare>;
  /** By vocabulary and code: rows that carry a code without a concept. As many codes as are held in mind, the first that came. */
  readonly unmapped: Map<string, { readonly vocabulary: string; readonly code: string; readonly rowCount: number }>;
  /** Pairs that the policy says nothing of. */
  readonly undecided: Map<string, UndecidedState>;
  /** Systems of Patient.identifier, up to `SYSTEMS_MAX` of them. */
  readonly identifierSystems: Set<string>;
}

export interface UndecidedState extends ResourceState {
  readonly resourceType: string;
  readonly count: number;
}

/** A source that keeps a system of its own for every patient is not listed in full. */
export const SYSTEMS_MAX = 50;
/** A source whose codes are free text has a code a row. */
const UNMAPPED_CODES_MAX = 100_000;

/** The systems of a Patient's identifiers, each once. */
export const identifierSystemsOf = (identifiers: unknown): ReadonlySet<string> =>
  new Set(
    (Array.isArray(identifiers) ? identifiers : []).flatMap((identifier: unknown) =>
      typeof identifier === "object" && identifier !== null && "system" in identifier && typeof identifier.system === "string"
        ? [identifier.system]
        : [],
    ),
  );

export const noCounts = (): LoadCounts => ({
  rowsIn: new Map(),
  excluded: new Map(),
  mapped: new Map(),
  unmapped: new Map(),
  undecided: new Map(),
  identifierSystems: new Set(),
});

export const countIn = ({ rowsIn }: LoadCounts, resourceType: string, count: number): void => {
  rowsIn.set(resourceType, (rowsIn.get(resourceType) ?? 0) + count);
};

export function countExcluded({ excluded }: LoadCounts, resourceType: string, reason: ExclusionReason, count = 1): void {
  const byReason = excluded.get(resourceType) ?? new Map<ExclusionReason, number>();
  byReason.set(reason, (byReason.get(reason) ?? 0) + count);
  excluded.set(resourceType, byReason);
}

export function countUndecided({ undecided }: LoadCounts, resourceType: string, state: ResourceState): void {
  const key = `${resourceType} ${state.intent} ${state.status}`;
  undecided.set(key, { resourceType, ...state, count: (undecided.get(key)?.count ?? 0) + 1 });
}

export function countCode(
  { mapped, unmapped }: LoadCounts,
  { vocabulary, code, isMapped, isWider }: NonNullable<PlacedEvent["code"]>,
): void {
  const share = mapped.get(vocabulary) ?? { vocabulary, rowsWithCode: 0, rowsMapped: 0, rowsWider: 0 };
  mapped.set(vocabulary, {
    vocabulary,
    rowsWithCode: share.rowsWithCode + 1,
    rowsMapped: share.rowsMapped + Number(isMapped),
    rowsWider: share.rowsWider + Number(isWider),
  });
  const key = `${vocabulary} ${code}`;
  const known = unmapped.get(key);
  if (!isMapped && (known !== undefined || unmapped.size < UNMAPPED_CODES_MAX))
    unmapped.set(key, { vocabulary, code, rowCount: (known?.rowCount ?? 0) + 1 });
}
