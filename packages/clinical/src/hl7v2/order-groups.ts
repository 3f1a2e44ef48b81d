/**
 * The segments of one order, put together: message structures set ORC before OBR (ORU, ORM, OML, RDE) or after it (OUL), repeat either without
 * the other, and let results precede their OBR. So segments are gathered first and read when the group is whole.
 */

import type { Hl7Segment } from "./message.ts";

export interface OrderGroup {
  orc: Hl7Segment | undefined;
  obr: Hl7Segment | undefined;
  rxo: Hl7Segment | undefined;
  rxe: Hl7Segment | undefined;
  readonly dispenses: Hl7Segment[];
  readonly administrations: Hl7Segment[];
  /** RXR and TQ1, each after the segment that it details. */
  readonly routes: Detail[];
  readonly timings: Detail[];
  readonly results: Hl7Segment[];
  readonly specimens: Hl7Segment[];
}

interface Detail {
  readonly of: DetailOwner;
  readonly segment: Hl7Segment;
}

type DetailOwner = "ORC" | "RXO" | "RXE" | "RXD" | "RXA";

/** The detail of the first of these segments that has any. */
export function detailOf(details: readonly Detail[], owners: readonly DetailOwner[]): Hl7Segment | undefined {
  for (const owner of owners) {
    const found = details.find(({ of }) => of === owner);
    if (found !== undefined) return found.segment;
  }
  return undefined;
}

const emptyGroup = (): OrderGroup => ({
  orc: undefined,
  obr: undefined,
  rxo: undefined,
  rxe: undefined,
  dispenses: [],
  administrations: [],
  routes: [],
  timings: [],
  results: [],
  specimens: [],
});

const OWNERS: readonly string[] = ["ORC", "RXO", "RXE", "RXD", "RXA"];

/** Segments that belong to an order, in the message's order. A result before any order makes a group without one. */
export class OrderGroups {
  readonly groups: OrderGroup[] = [];
  #current: OrderGroup | undefined;
  /** A specimen before its orders (OUL^R22) holds for all that follow. */
  #leadingSpecimen: Hl7Segment | undefined;
  #owner: DetailOwner = "ORC";

  /** @returns whether the segment is an order's */
  take(segment: Hl7Segment): boolean {
    if (OWNERS.includes(segment.name)) this.#owner = segment.name as DetailOwner; // looked up just here
    switch (segment.name) {
      case "ORC":
        this.#openUnless((group) => group.orc === undefined && group.obr !== undefined && group.results.length === 0).orc = segment;
        return true;
      case "OBR":
        this.#openUnless((group) => group.obr === undefined && group.orc !== undefined && !hasMedication(group)).obr = segment;
        return true;
      case "RXO":
        this.#openUnless((group) => group.rxo === undefined && group.rxe === undefined && group.orc !== undefined).rxo = segment;
        return true;
      case "RXE":
        this.#openUnless((group) => group.rxe === undefined && group.orc !== undefined).rxe = segment;
        return true;
      case "SPM":
        this.#takeSpecimen(segment);
        return true;
      default:
        return this.#takeDetail(segment);
    }
  }

  #takeSpecimen(segment: Hl7Segment): void {
    if (this.#current === undefined || (this.#current.obr === undefined && this.#current.orc === undefined)) {
      this.#leadingSpecimen = segment;
      this.#current = undefined;
      this.#open();
    } else this.#current.specimens.push(segment);
  }

  #takeDetail(segment: Hl7Segment): boolean {
    const group = (): OrderGroup => this.#current ?? this.#open();
    switch (segment.name) {
      case "RXD":
        group().dispenses.push(segment);
        return true;
      case "RXA":
        group().administrations.push(segment);
        return true;
      case "RXR":
        group().routes.push({ of: this.#owner, segment });
        return true;
      case "TQ1":
        group().timings.push({ of: this.#owner, segment });
        return true;
      case "OBX":
        group().results.push(segment);
        return true;
      default:
        return false;
    }
  }

  #openUnless(fits: (group: OrderGroup) => boolean): OrderGroup {
    return this.#current !== undefined && fits(this.#current) ? this.#current : this.#open();
  }

  #open(): OrderGroup {
    const group = emptyGroup();
    if (this.#leadingSpecimen !== undefined) group.specimens.push(this.#leadingSpecimen);
    this.#current = group;
    this.groups.push(group);
    return group;
  }
}

export const hasMedication = (group: OrderGroup): boolean =>
  group.rxo !== undefined || group.rxe !== undefined || group.dispenses.length > 0 || group.administrations.length > 0;
