/** A policy to confirm: written from a profile, with the site's own counts beside every line that decides on them. */

import type { Admission } from "./policy.ts";
import { type PolicyProfile, profileTable } from "./policy-profiles.ts";
import { NO_INTENT, type ResourceState, STATUSES } from "./resource-state.ts";

/** How many current resources are of this type and in this state. */
export interface StateCount extends ResourceState {
  readonly resourceType: string;
  readonly count: number;
}

export interface DraftOptions {
  readonly source: string;
  readonly profile: PolicyProfile;
  readonly counts: readonly StateCount[];
  /** ISO day. */
  readonly on: string;
  readonly timeZone: string;
  /** Systems of Patient.identifier in the data, each with the number of patients that have one. */
  readonly identifierSystems: readonly { readonly system: string; readonly count: number }[];
}

/** The text of the document, in YAML, without the confirmation that a load asks for. */
export function draftPolicy(options: DraftOptions): string {
  const types = [...new Set(options.counts.map(({ resourceType }) => resourceType))].filter((type) => Object.hasOwn(STATUSES, type));
  const table = profileTable(options.profile);
  return [
    "# What of this source's FHIR data counts as having happened. Read it, change what is wrong, then fill in `confirmed`.",
    "# 이 원천의 FHIR 자료 가운데 무엇을 일어난 일로 볼지 정합니다. 읽고 고친 뒤 `confirmed`를 채워 주십시오.",
    "dure: 1",
    "kind: fhir-policy",
    `source: ${options.source}`,
    "version: 1",
    `effectiveFrom: ${options.on}`,
    `profile: ${options.profile}`,
    "# confirmed: { by: NAME, on: YYYY-MM-DD, reason: WHY }",
    `timeZone: ${options.timeZone}`,
    "partialDates: first-day # a year alone is its 1 January, a month its first day; or middle, or exclude",
    ...hospitalNumber(options),
    "codeSystems: {} # the site's own: address of the code system: name of the list",
    "textResults: recognised # numbers, titres, ranges and known result words; or as-written, with what people wrote",
    "medication:",
    "  sameDrugSameDays: true # an order is dropped where an administration or dispensing of the same drug covers its days",
    `  stoppedOrdersWithoutDate: ${options.profile === "guide" ? "exclude" : "count"} # or ${options.profile === "guide" ? "count" : "exclude"}`,
    "otherwise: refuse # a pair of intent and status not named below stops the load; or exclude",
    "admit:",
    ...types.flatMap((type) => [
      `  ${type}:`,
      ...Object.entries(table[type] ?? {}).map(([intent, admission]) =>
        admissionLine(
          intent,
          admission,
          countsFor(options.counts, { resourceType: type, intent, isNamed: (other) => Object.hasOwn(table[type] ?? {}, other) }),
        ),
      ),
    ]),
    "# accessBasis: which approval or agreement allows this use (f2o-132)",
    "# identifierSystems: a list of { system, strategy: surrogate-key, framework, determination } (f2o-025, f2o-026)",
    "",
  ].join("\n");
}

function hospitalNumber({ identifierSystems }: DraftOptions): readonly string[] {
  const [only] = identifierSystems;
  const seen = identifierSystems.map(({ system, count }) => `#   ${yamlText(system)}: ${count} patients`);
  return [
    "# Which number is the hospital's own. Systems of Patient.identifier in the data:",
    ...seen,
    identifierSystems.length === 1 && only !== undefined
      ? `hospitalNumber: { system: ${yamlText(only.system)} }`
      : "hospitalNumber: resource-id # or { system: ADDRESS }",
  ];
}

function countsFor(
  counts: readonly StateCount[],
  { resourceType, intent, isNamed }: { resourceType: string; intent: string; isNamed: (intent: string) => boolean },
): readonly StateCount[] {
  return counts.filter(
    (each) => each.resourceType === resourceType && (each.intent === intent || (intent === NO_INTENT && !isNamed(each.intent))),
  );
}

function admissionLine(intent: string, admission: Admission, counts: readonly StateCount[]): string {
  const lists = (["use", "observation", "exclude"] as const).flatMap((choice) => {
    const statuses = admission[choice] ?? [];
    return statuses.length === 0 ? [] : [`${choice}: [${statuses.map(yamlText).join(", ")}]`];
  });
  const seen = counts.map((each) => `${each.intent === intent ? "" : `${each.intent} `}${each.status} ${each.count}`).join(", ");
  return `    ${yamlText(intent)}: { ${lists.join(", ")} }${seen === "" ? "" : ` # in the data: ${seen}`}`;
}

const yamlText = (value: string): string => (/^[a-z][a-z-]*$/i.test(value) ? value : JSON.stringify(value));
