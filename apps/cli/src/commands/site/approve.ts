/** `dure site approve`: the steward's signature on a study. */

import { resolve } from "node:path";
import { type OwnRelease, ownReleases } from "@dure/identity";
import { DureError, text } from "@dure/kernel";
import { systemClock } from "@dure/machine";
import { defineCommand } from "../../command.ts";
import { EXIT } from "../../exit-status.ts";
import { readPassphrase } from "../../passphrase.ts";
import { homeOption, passphraseFileOption } from "../shared-options.ts";

const DAY_MS = 86_400_000;
const EXPIRES_DAYS = 90;
const SUM_COUNT = 200;

export const siteApprove = defineCommand({
  name: "site approve",
  summary: text("approve a study with the steward's signature", "자료 관리자의 서명으로 연구를 승인합니다"),
  description: text(
    "Signs this study, this roster, this expiry, these limits and only the own releases named by --release. The decision is kept here, checked " +
      "before every round, and copied to the alliance's record. Approving again before a run has started replaces the terms.",
    "이 연구, 참여 기관, 만료일, 한도와 --release 로 지정한 자체 공개 항목에만 서명합니다. 결정은 이 폴더에 보관되어 매 라운드 전에 확인되고 연합 기록에 복사됩니다. " +
      "실행이 시작되기 전에 다시 승인하면 조건이 바뀝니다.",
  ),
  arguments: { study: { kind: "text", placeholder: "HASH", summary: text("the study's hash", "연구 해시") } },
  options: {
    home: homeOption,
    reference: {
      kind: "required-text",
      placeholder: "NUMBER",
      summary: text("number of the IRB or DRB decision", "IRB 또는 DRB 심의 번호"),
    },
    days: {
      kind: "whole-number",
      placeholder: "DAYS",
      min: 1,
      max: 3_650,
      summary: text(`days until it expires; ${EXPIRES_DAYS} if not given`, `승인 기간(일). 기본값 ${EXPIRES_DAYS}`),
    },
    maximumSums: {
      kind: "whole-number",
      placeholder: "N",
      min: 1,
      max: 100_000,
      summary: text(`most sums of one run; ${SUM_COUNT} if not given`, `실행 한 번의 최대 합산 횟수. 기본값 ${SUM_COUNT}`),
    },
    minimumCell: {
      kind: "whole-number",
      placeholder: "N",
      min: 0,
      max: 1_000,
      summary: text("a stricter smallest cell than the study's", "연구보다 엄격한 최소 셀 크기"),
    },
    release: {
      kind: "list",
      placeholder: "RELEASE",
      summary: text(
        "an own release that may leave: headline, local-model, baseline-hazard",
        "허용할 자체 공개: headline, local-model, baseline-hazard",
      ),
    },
    acceptsInference: {
      kind: "flag",
      summary: text(
        "accept that this hospital's aggregate can be inferred if a run goes on without it",
        "이 병원 없이 실행이 이어질 때 합계가 추론될 수 있음을 받아들입니다",
      ),
    },
    passphraseFile: passphraseFileOption,
  },
  examples: [
    {
      line: "dure site approve 3f5c… --home seoul --reference DRB-2026-014 --release headline",
      shows: text("approve, and let the headline figures leave", "승인하고 대표 수치 공개를 허용"),
    },
  ],
  async run({ output, language, environment, workingFolder }, input) {
    const { approveStudy, deliverDecisions, findKnownStudy } = await import("@dure/site");
    const { withSteward } = await import("../../steward.ts");
    const { withConnection } = await import("../../connection.ts");
    const home = resolve(workingFolder, input.home);
    const releases = parseReleases(input.release);
    const outcome = await withSteward(home, async (steward) => {
      const known = findKnownStudy(steward.store, input.study);
      if (known === undefined) throw new DureError(notReviewed());
      const label = text("Passphrase of the data steward", "자료 관리자 암호");
      const passphrase = await readPassphrase({ file: input.passphraseFile, environment, workingFolder, language }, label);
      const decision = await approveStudy({
        ...steward,
        study: input.study,
        passphrase,
        boardReference: input.reference,
        expiresAtMs: systemClock.nowMs() + (input.days ?? EXPIRES_DAYS) * DAY_MS,
        sumCountMax: input.maximumSums ?? SUM_COUNT,
        minimumCell: input.minimumCell ?? known.frozen.document.privacy.minimumCell,
        releases,
        acceptsInference: input.acceptsInference,
        clock: systemClock,
      });
      if (decision.kind === "refused") throw new DureError(decision.problems);
      return {
        decision,
        isDelivered: await delivered(() => withConnection(home, ({ connection }) => deliverDecisions(connection, steward.store))),
      };
    });
    if (!outcome.isDelivered)
      output.note(
        text(
          "Stored here; the agent will hand it over when the coordinator answers.",
          "이 폴더에 저장했습니다. 코디네이터가 응답하면 에이전트가 전달합니다.",
        ),
      );
    const { expiresAtMs } = outcome.decision.approval.terms;
    output.result({
      json: { decision: "approved", study: input.study, expiresAtMs, releases },
      text: text(`approved until ${dayOf(expiresAtMs)}`, `${dayOf(expiresAtMs)} 까지 승인했습니다`)[language],
    });
    return EXIT.done;
  },
});

/** The decision stands in any case: it is on this disk. */
export async function delivered(deliver: () => Promise<unknown>): Promise<boolean> {
  try {
    await deliver();
    return true;
  } catch {
    return false;
  }
}

const dayOf = (atMs: number): string => new Date(atMs).toISOString().slice(0, 10);

function parseReleases(values: readonly string[]): readonly OwnRelease[] {
  const isRelease = (value: string): value is OwnRelease => ownReleases.some((release) => release === value);
  if (values.every(isRelease)) return values.filter(isRelease);
  throw new DureError({
    code: "site/unknown-release",
    severity: "error",
    place: {},
    what: text("--release names something that is no own release.", "--release 에 자체 공개 항목이 아닌 값이 있습니다."),
    remedy: text(`Use ${ownReleases.join(", ")}.`, `${ownReleases.join(", ")} 중에서 고르십시오.`),
  });
}

const notReviewed = () =>
  ({
    code: "site/study-not-reviewed",
    severity: "error",
    place: {},
    what: text("this folder does not know the study yet.", "이 폴더에는 아직 이 연구가 없습니다."),
    remedy: text("Read it first: dure site review HASH.", "먼저 검토하십시오: dure site review 해시."),
  }) as const;
