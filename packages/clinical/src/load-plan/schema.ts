/**
 * The plan of a load: which sources become one snapshot, how long a person counts as observed, and when the load must fail.
 * See docs/loads.md for the format in words.
 */

import { z } from "zod";
import { keyedUnion } from "../document/keyed-union.ts";

const NAME = /^[a-z][a-zA-Z0-9-]{0,63}$/;
const nameSchema = z.string().regex(NAME);
const filePath = z.string().min(1).max(1000);
const share = z.number().min(0).max(1);
const textSchema = z.strictObject({ en: z.string().min(1).max(200), ko: z.string().min(1).max(200) });
/** YAML reads `1` as a number and `no` as text: both are taken as written. */
const parameterValue = z.union([z.string().max(100), z.number(), z.boolean()]).transform(String);

/** A day that exists; YAML leaves `2026-11-01` a text. */
const isoDay = z.string().refine((day) => /^\d{4}-\d{2}-\d{2}$/.test(day) && isDay(day), {
  message: "a day such as 2026-11-01 is required.",
  params: { ko: "2026-11-01과 같은 날짜가 필요합니다." },
});

const isDay = (day: string): boolean => {
  const date = new Date(`${day}T00:00:00Z`);
  return !Number.isNaN(date.getTime()) && date.toISOString().startsWith(day);
};

/** Paths are relative to the plan's folder. */
const sourceSchema = keyedUnion({
  mapping: z.strictObject({ mapping: filePath, directory: filePath, parameters: z.record(nameSchema, parameterValue).default({}) }),
  omop: z.strictObject({
    omop: nameSchema,
    path: filePath,
    cdmVersion: z.enum(["5.3", "5.4"]).optional(),
    personKey: z.enum(["person_id", "person_source_value"]).default("person_id"),
  }),
  fhir: z.strictObject({ fhir: nameSchema, policy: filePath.optional() }),
  /** What `dure site images take` has taken; after the sources that bring the persons. */
  images: z.strictObject({ images: z.literal(true) }),
});

/** Of all rows with a code, where a plan declares nothing: a load that maps less is a failed one. */
export const DEFAULT_MAPPED_SHARE_MIN = 0.8;

export const loadPlanSchema = z.strictObject({
  dureLoad: z.literal(1),
  id: nameSchema,
  version: z.int().positive(),
  title: textSchema,
  sources: z.array(sourceSchema).min(1).max(100),
  /** The day on which the sources were exported; the day of the load where it is not given. */
  exportDate: isoDay.optional(),
  /** One hospital number a line: patients who opted out. */
  optOut: filePath.optional(),
  observationPeriod: z
    .strictObject({ rule: z.enum(["first-to-last-event", "of-the-source"]), version: z.literal(1) })
    .default({ rule: "first-to-last-event", version: 1 }),
  eras: z.enum(["rebuilt", "of-the-source"]).default("rebuilt"),
  minimumMappedShare: z
    .strictObject({
      overall: share.default(DEFAULT_MAPPED_SHARE_MIN),
      byVocabulary: z.record(z.string().min(1).max(100), share).default({}),
    })
    .default({ overall: DEFAULT_MAPPED_SHARE_MIN, byVocabulary: {} }),
  personCountMin: z.int().nonnegative().default(1),
});

export type LoadPlan = z.output<typeof loadPlanSchema>;
export type LoadSource = LoadPlan["sources"][number];
