/** What an event variable's values mean. */

import { referenceLevel, type Variable } from "@dure/study";

export interface EventCode {
  /** Value in the table of the event that is analysed: 1 of a boolean, an index of a category's levels. */
  readonly value: number;
  /** Value in the table of those who had none. */
  readonly none: number;
  /** Of an event with several causes, that which is analysed. */
  readonly label?: string;
  /** Why a row with another code was left out of the table. */
  readonly otherReason: string;
}

export interface Cause {
  readonly value: number;
  readonly label: string;
}

/** Every cause of an event with several, in the order of its levels. */
export function causesOf(event: Variable): readonly Cause[] {
  const none = referenceLevel(event);
  return (event.levels ?? []).flatMap((level, value) => (value === none ? [] : [{ value, label: String(level) }]));
}

/** Fails: RangeError on a cause that is none of the event's levels: the study's rules do not admit it. */
export function eventCode(event: Variable, cause: string | undefined): EventCode {
  if (event.type !== "category") return { value: 1, none: 0, otherReason: `${event.name}: not 0 or 1` };
  const found = causesOf(event).find(({ label }) => label === cause);
  if (found === undefined) throw new RangeError("a cause that is no level of the event");
  return { ...found, none: referenceLevel(event), otherReason: `${event.name}: not a level` };
}
