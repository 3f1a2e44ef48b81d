/**
 * What a de-identified image keeps: an allow-list, so that an attribute nobody thought of is gone.
 *
 * DICOM PS3.15 (2024), Annex E, Basic Application Level Confidentiality Profile with the option Retain Longitudinal Temporal Information with
 * Modified Dates. The profile lists some 400 attributes to remove or replace; this list names what describes the picture and its making, and
 * what the image modules require to be present. Private attributes, overlays, curves, graphics, comments, people, places, devices' serial numbers
 * and every sequence that is not named here go.
 */

/** Value representations, PS3.5 section 6.2. */
export type Vr = "AT" | "CS" | "DA" | "DS" | "IS" | "LO" | "OW" | "PN" | "SH" | "SQ" | "SS" | "TM" | "UI" | "UL" | "US";

/**
 * - keep: as it is
 * - uid: replaced by a keyed one, the same for the same UID (action U)
 * - shift: a day, moved with all other days of the person
 * - empty: present without a value (action Z)
 * - pseudonym: the person's pseudonym (action D)
 */
export type Action = "keep" | "uid" | "shift" | "empty" | "pseudonym";

export interface Attribute {
  readonly vr: Vr;
  readonly action: Action;
}

const GROUPS: readonly (readonly [vr: Vr, action: Action, tags: string])[] = [
  ["CS", "keep", "00080005 00080008 00080060 00080064"],
  ["UI", "keep", "00080016"],
  ["UI", "uid", "00080018 0020000d 0020000e 00200052"],
  ["DA", "shift", "00080020 00080021 00080022 00080023"],
  ["TM", "empty", "00080030"],
  ["SH", "empty", "00080050 00200010"],
  ["PN", "empty", "00080090"],
  ["DA", "empty", "00100030"],
  ["CS", "empty", "00100040"],
  ["LO", "empty", "00201040"],
  ["PN", "pseudonym", "00100010"],
  ["LO", "pseudonym", "00100020"],
  // Equipment, as a kind and not as a piece.
  ["LO", "keep", "00080070 00081090"],
  // Acquisition: what was done to whom at which setting, as far as it shapes the picture.
  ["CS", "keep", "00180015 00180020 00180021 00180022 00180023 00181140 00181312 00185100 00185101"],
  ["DS", "keep", "00180050 00180060 00180080 00180081 00180082 00180083 00180084 00180087 00180088 00180095 00181100 00181110 00181111"],
  ["DS", "keep", "00181120 00181130 00181164 00181190 00181314 00181316"],
  ["IS", "keep", "00180086 00180091 00181150 00181151 00181152 00181170"],
  ["SH", "keep", "00180085 00181160 00181210"],
  ["US", "keep", "00181310"],
  // Where the picture lies.
  ["IS", "keep", "00200011 00200012 00200013"],
  ["CS", "keep", "00200020 00200060 00200062"],
  ["DS", "keep", "00200032 00200037 00201041"],
  ["UL", "keep", "00209157"],
  // The pixels and how to read them.
  [
    "US",
    "keep",
    "00280002 00280006 00280010 00280011 00280100 00280101 00280102 00280103 00280106 00280107 00280120 00281101 00281102 00281103",
  ],
  ["SS", "keep", "00281041"],
  ["IS", "keep", "00280008 00280034"],
  ["AT", "keep", "00280009"],
  ["DS", "keep", "00280030 00281050 00281051 00281052 00281053 00282112"],
  ["CS", "keep", "00280004 00280301 00281040 00281056 00282110 00282114"],
  ["LO", "keep", "00281054"],
  ["OW", "keep", "00281201 00281202 00281203 7fe00010"],
  // Functional groups of multi-frame images; inside them the same list holds.
  ["SQ", "keep", "52009229 52009230 00209111 00209113 00209116 00289110 00289132 00289145"],
];

/** By tag, eight hexadecimal digits in lower case. */
export const KEPT_ATTRIBUTES: ReadonlyMap<string, Attribute> = new Map(
  GROUPS.flatMap(([vr, action, tags]) => tags.split(" ").map((tag) => [tag, { vr, action }] as const)),
);

/** The modules of an image require these to be there, if only empty. */
export const REQUIRED_TAGS: readonly string[] = [...KEPT_ATTRIBUTES].flatMap(([tag, { action }]) =>
  action === "empty" || action === "pseudonym" ? [tag] : [],
);
