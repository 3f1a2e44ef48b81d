/** What the map commands share: the lists of a site's folder, and its clinical store while it is needed. */

import { resolve } from "node:path";
import { DureError, text } from "@dure/kernel";
import { systemClock } from "@dure/machine";
import type { ClinicalStore } from "@dure/site";
import type { MapFormat, ReviewStore } from "@dure/site/map-review";
import type { OptionDefinition } from "../../../command.ts";

export const byOption = {
  kind: "required-text",
  placeholder: "NAME",
  summary: text("who does this: it stays in the history", "작업하는 사람(이력에 남습니다)"),
} as const satisfies OptionDefinition;

export const listArgument = {
  kind: "text",
  placeholder: "LIST",
  summary: text("the list of codes, as mappings name it", "코드 목록(매핑에 적힌 이름)"),
} as const;

export async function withReviews<Result>(home: string, work: (reviews: ReviewStore) => Promise<Result> | Result): Promise<Result> {
  const { readSettings, sitePaths } = await import("@dure/site");
  const { ReviewStore } = await import("@dure/site/map-review");
  readSettings(resolve(home));
  using reviews = new ReviewStore(sitePaths(home).mappingReview);
  return await work(reviews);
}

export async function withStore<Result>(
  home: string,
  signal: AbortSignal,
  work: (store: ClinicalStore) => Promise<Result>,
): Promise<Result> {
  const { sitePaths } = await import("@dure/site");
  const { openClinicalStoreWaiting } = await import("@dure/site/store");
  const store = await openClinicalStoreWaiting(sitePaths(home).clinical, systemClock, signal);
  return work(store).finally(() => store.close());
}

export function parseFormat(value: string | undefined): MapFormat {
  if (value === undefined || value === "usagi") return "usagi";
  if (value === "source-to-concept-map") return value;
  throw new DureError({
    code: "map/unknown-format",
    severity: "error",
    place: {},
    what: text("The format is usagi or source-to-concept-map.", "형식은 usagi 또는 source-to-concept-map 입니다."),
    remedy: text("Give --format one of them.", "--format에 둘 중 하나를 적어 주십시오."),
  });
}

export const formatOption = {
  kind: "text",
  placeholder: "FORMAT",
  summary: text("usagi (the default) or source-to-concept-map", "usagi(기본값) 또는 source-to-concept-map"),
} as const satisfies OptionDefinition;
