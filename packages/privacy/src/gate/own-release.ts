/** The gate before what a hospital gives in its own name: headline figures, its own coefficients, its baseline hazard. */

import { canonicalJson, type JsonValue } from "@dure/kernel";
import { type GateAnswer, refuse } from "./refusal.ts";
import { release } from "./releasable.ts";

export interface OwnReleaseRequest<Value extends JsonValue> {
  /** `headline`, `local-model` or `baseline-hazard`. */
  readonly release: string;
  /** What the steward ticked in the approval. */
  readonly granted: readonly string[];
  readonly value: Value;
  /** Every count that the value shows or rests on: rows, events, rows without an event, each bin's. */
  readonly cells: readonly number[];
  /** k; 0 only for public data. */
  readonly minimumCell: number;
}

/**
 * Lets a release pass when the steward granted it, each of its cells holds at least k, and it has a JSON form (no NaN, no infinity).
 * That it is given once a frozen model is the caller's to keep: it remembers what it answered.
 */
export function gateRelease<Value extends JsonValue>(request: OwnReleaseRequest<Value>): GateAnswer<Value> {
  const { granted, value, cells, minimumCell } = request;
  if (!granted.includes(request.release)) return refuse("release-not-granted");
  if (!cells.every((count) => count >= minimumCell)) return refuse("release-cell-too-small");
  if (!hasJsonForm(value)) return refuse("release-not-json");
  const rules = ["granted", minimumCell === 0 ? "public-data" : `minimum-cell ${minimumCell}`];
  return { kind: "released", released: release(value, [`own-release ${request.release}`, ...rules]) };
}

/**
 * The same answer once more, after a crash or a lost message: the grant is asked again, because it may have been taken back since.
 *
 * @param value what this site stored when it passed `gateRelease`; its cells were counted then and are not known any more
 */
export function releaseAgain<Value extends JsonValue>(
  request: Pick<OwnReleaseRequest<Value>, "release" | "granted" | "value">,
): GateAnswer<Value> {
  if (!request.granted.includes(request.release)) return refuse("release-not-granted");
  if (!hasJsonForm(request.value)) return refuse("release-not-json");
  return { kind: "released", released: release(request.value, [`own-release ${request.release}`, "granted", "again"]) };
}

function hasJsonForm(value: JsonValue): boolean {
  try {
    canonicalJson(value);
    return true;
  } catch {
    return false; // canonicalJson throws on NaN, infinities and lone surrogates
  }
}
