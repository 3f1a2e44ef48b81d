/** `dure site map decide`: one person's decision on one code, or on every equal name of a list. */

import { resolve } from "node:path";
import { EQUIVALENCES } from "@dure/clinical";
import { DureError, text } from "@dure/kernel";
import { systemClock } from "@dure/machine";
import { defineCommand } from "../../../command.ts";
import { EXIT } from "../../../exit-status.ts";
import { homeOption } from "../../shared-options.ts";
import { byOption, listArgument, withReviews, withStore } from "./open-reviews.ts";

export const siteMapDecide = defineCommand({
  name: "site map decide",
  summary: text("approve, flag or ignore a code", "코드를 승인하거나 표시하거나 제외합니다"),
  description: text(
    "Sets a code's status: APPROVED with its suggested concept or the one that --concept names, FLAGGED for somebody else to look at, IGNORED " +
      "for a code that has no place in OMOP. Only standard concepts are taken. --suggested approves every code whose name equals the concept's.",
    "코드의 상태를 정합니다. APPROVED는 제안된 개념 또는 --concept 로 지정한 개념으로 승인하고, FLAGGED는 다른 사람의 확인을 요청하며, " +
      "IGNORED는 OMOP에 해당하는 것이 없는 코드입니다. 표준 개념만 지정할 수 있습니다. --suggested 는 개념과 이름이 같은 코드를 모두 승인합니다.",
  ),
  arguments: {
    list: listArgument,
    code: { kind: "optional-text", placeholder: "CODE", summary: text("the code", "코드") },
  },
  options: {
    home: homeOption,
    by: byOption,
    status: {
      kind: "text",
      placeholder: "STATUS",
      summary: text("APPROVED (the default), FLAGGED, IGNORED or UNCHECKED", "APPROVED(기본값), FLAGGED, IGNORED, UNCHECKED"),
    },
    concept: { kind: "list", placeholder: "ID", summary: text("a target concept", "대상 개념") },
    equivalence: {
      kind: "text",
      placeholder: "WORD",
      summary: text("how well it fits, such as EQUAL or WIDER", "얼마나 맞는지(예: EQUAL, WIDER)"),
    },
    comment: { kind: "text", placeholder: "TEXT", summary: text("why", "사유") },
    suggested: {
      kind: "flag",
      summary: text("all codes that were mapped automatically by an equal name", "이름이 같아 자동으로 매핑된 코드 모두"),
    },
  },
  examples: [
    {
      line: "dure site map decide LOCAL-LAB L3001 --concept 3000963 --equivalence EQUAL --home seoul --by kim",
      shows: text("approve one code", "코드 하나 승인"),
    },
    {
      line: "dure site map decide LOCAL-LAB --suggested --home seoul --by kim",
      shows: text("approve equal names", "이름이 같은 코드 승인"),
    },
  ],
  async run({ output, language, workingFolder, signal }, input) {
    const home = resolve(workingFolder, input.home);
    if ((input.code === undefined) !== input.suggested) throw new DureError(whichCodes());
    const status = oneOf(input.status ?? "APPROVED", ["APPROVED", "FLAGGED", "IGNORED", "UNCHECKED"] as const);
    const equivalence = oneOf(input.equivalence ?? "EQUIVALENT", EQUIVALENCES);
    const conceptIds = input.concept.map(Number);
    if (conceptIds.some((id) => !Number.isSafeInteger(id) || id <= 0)) throw new DureError(notAConcept());
    const { findTargets } = await import("@dure/site/map-review");
    const nowMs = systemClock.nowMs();
    const targets =
      conceptIds.length === 0 ? undefined : await withStore(home, signal, (store) => findTargets(store, conceptIds, input.by, nowMs));
    const decided = await withReviews(home, (reviews) => {
      reviews.progressOf(input.list);
      const open =
        input.code === undefined ? reviews.codes(input.list, { status: "AUTO_MAPPED", limit: 1_000_000 }, nowMs) : [{ code: input.code }];
      for (const { code } of open) {
        const { revision = 0 } = reviews.find(input.list, code, nowMs) ?? {};
        const change = {
          status,
          equivalence,
          ...(targets === undefined ? {} : { targets }),
          ...(input.comment === undefined ? {} : { comment: input.comment }),
        };
        reviews.decide({ list: input.list, code, revision, by: input.by, nowMs, change });
      }
      return open.length;
    });
    output.result({ json: { decided, status }, text: text(`${decided} codes: ${status}.`, `코드 ${decided}개: ${status}.`)[language] });
    return EXIT.done;
  },
});

function oneOf<Value extends string>(value: string, allowed: readonly Value[]): Value {
  const found = allowed.find((candidate) => candidate === value.toUpperCase());
  if (found !== undefined) return found;
  throw new DureError({
    code: "map/unknown-word",
    severity: "error",
    place: {},
    what: text("This status or equivalence does not exist.", "그런 상태나 일치 정도는 없습니다."),
    remedy: text(`Use one of: ${allowed.join(", ")}.`, `다음 중 하나를 쓰십시오: ${allowed.join(", ")}.`),
  });
}

const whichCodes = () => ({
  code: "map/which-codes",
  severity: "error" as const,
  place: {},
  what: text(
    "Name one code, or give --suggested for all equal names.",
    "코드 하나를 지정하거나 --suggested 로 이름이 같은 코드 모두를 지정해야 합니다.",
  ),
  remedy: text("Give one of the two.", "둘 중 하나만 지정해 주십시오."),
});

const notAConcept = () => ({
  code: "map/not-a-concept-id",
  severity: "error" as const,
  place: {},
  what: text("--concept takes the number of a concept.", "--concept 에는 개념 번호를 적습니다."),
  remedy: text("Find one: dure site map find.", "개념을 찾아 주십시오: dure site map find."),
});
