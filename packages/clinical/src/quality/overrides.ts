/**
 * A site's own thresholds: a document in which every change of a default has an author, a date and a reason.
 *
 *     dureQuality: 1
 *     overrides:
 *       - check: measurePersonCompleteness
 *         table: procedure_occurrence
 *         threshold: 98
 *         author: Kim, data team
 *         date: 2026-03-02
 *         reason: Outpatients of the dental clinic have no procedures in the source.
 *
 * Entries are added, never rewritten: of those that fit a check the last one holds, and the others tell how it came about.
 */

import { text } from "@dure/kernel";
import { z } from "zod";
import { type DocumentSource, type Finding, readDocument } from "../document/read-document.ts";
import type { QualityCheck, ThresholdSource } from "./check.ts";
import { CHECK_TYPES, type CheckName, isCheckName } from "./check-types.ts";

const checkName = z.string().transform((value, context): CheckName => {
  if (isCheckName(value)) return value;
  context.issues.push({
    code: "custom",
    input: value,
    message: "This is not one of the 27 kinds of checks.",
    params: { ko: "27가지 점검 종류에 없는 이름입니다." },
  });
  return z.NEVER;
});

const overrideSchema = z.strictObject({
  check: checkName,
  table: z.string().min(1).optional(),
  field: z.string().min(1).optional(),
  concept: z.int().nonnegative().optional(),
  /** Per cent, or back to the default. */
  threshold: z.union([z.number().min(0).max(100), z.literal("default")]),
  author: z.string().min(1).max(200),
  date: z.iso.date(),
  reason: z.string().min(1).max(2000),
});

const overridesSchema = z.strictObject({ dureQuality: z.literal(1), overrides: z.array(overrideSchema).max(10_000) });

export type QualityOverride = z.infer<typeof overrideSchema>;
export type QualityOverrides = z.infer<typeof overridesSchema>;

export const NO_OVERRIDES: QualityOverrides = { dureQuality: 1, overrides: [] };

/** @throws DureError `quality/*` with every problem of the document: an entry that fits no check is one of them. */
export function parseOverrides(source: DocumentSource, checks: readonly QualityCheck[]): QualityOverrides {
  return readDocument(source, {
    component: "quality",
    schema: overridesSchema,
    check: ({ overrides }) => overrides.flatMap((entry, i) => (checks.some((check) => fits(entry, check)) ? [] : [fitsNothing(entry, i)])),
  });
}

/** The checks with the site's thresholds; each says whose threshold it has. */
export function applyOverrides(checks: readonly QualityCheck[], { overrides }: QualityOverrides): readonly QualityCheck[] {
  if (overrides.length === 0) return checks;
  return checks.map((check) => {
    const last = overrides.findLast((entry) => fits(entry, check));
    if (last === undefined || last.threshold === "default") return check;
    const { author, date, reason } = last;
    const thresholdSource: ThresholdSource = { kind: "site", author, date, reason };
    return { ...check, thresholdPercent: last.threshold, thresholdSource };
  });
}

function fits(entry: QualityOverride, check: QualityCheck): boolean {
  return (
    entry.check === check.name &&
    (entry.table === undefined || entry.table === check.table) &&
    (entry.field === undefined || entry.field === check.field) &&
    (entry.concept === undefined || check.conceptIds?.includes(entry.concept) === true)
  );
}

function fitsNothing(entry: QualityOverride, index: number): Finding {
  const { level } = CHECK_TYPES[entry.check];
  return {
    path: ["overrides", index],
    code: "quality/override-fits-nothing",
    what: text(
      `No check of the kind ${entry.check} is made there; it looks at a ${level}.`,
      `그곳에는 ${entry.check} 점검이 없습니다. 이 점검의 단위는 ${level}입니다.`,
    ),
    remedy: text(
      "Correct table, field or concept (in lower case, as in the report), or leave them out for all checks of the kind.",
      "보고서에 적힌 대로 소문자 테이블, 필드, 개념을 고치거나, 이 종류의 모든 점검에 적용하려면 비워 두십시오.",
    ),
  };
}
