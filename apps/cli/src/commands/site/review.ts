/** `dure site review`: what a study asks, and what it would mean here, before the steward decides. */

import { resolve } from "node:path";
import { DureError, type JsonValue, type Language, text } from "@dure/kernel";
import { systemClock } from "@dure/machine";
import type { StudyListing, StudyReview } from "@dure/site";
import { defineCommand } from "../../command.ts";
import { EXIT, type ExitStatus } from "../../exit-status.ts";
import { isLineFault } from "../../line-fault.ts";
import type { Output } from "../../output.ts";
import type { Steward } from "../../steward.ts";
import { decisionWord, stateWord, timeWord } from "../../study-words.ts";
import { formatTable } from "../../text-table.ts";
import { homeOption } from "../shared-options.ts";

export const siteReview = defineCommand({
  name: "site review",
  summary: text("read what a study asks of this hospital, before deciding", "결정하기 전에 연구가 이 병원에 요청하는 내용을 확인합니다"),
  description: text(
    "Without HASH, lists the studies to which this hospital is invited. With HASH, fetches the study, checks its signatures and files, and shows " +
      "it in plain words with what it would mean here: which patients, which small groups, every vector that would leave and how often, who takes " +
      "part, and which figures in this hospital's own name are asked for. Nothing leaves by reading. A study that was fetched before can be read " +
      "while the coordinator does not answer.",
    "해시 없이 실행하면 이 병원이 초대받은 연구 목록을 보여 줍니다. 해시를 지정하면 연구를 받아 서명과 파일을 확인한 뒤 알기 쉬운 말로 보여 주고, 이 병원에 어떤 의미인지 알려 드립니다: " +
      "대상 환자, 환자 수가 적은 집단, 나가게 될 벡터와 횟수, 참여 기관, 이 병원 이름으로 요청된 수치. 검토만으로는 아무것도 나가지 않습니다. 한 번 받은 연구는 코디네이터가 응답하지 않아도 볼 수 있습니다.",
  ),
  arguments: {
    study: {
      kind: "optional-text",
      placeholder: "HASH",
      summary: text("the study's hash; without it the list of studies", "연구 해시. 없으면 연구 목록을 보여 줍니다"),
    },
  },
  options: {
    home: homeOption,
    maximumSums: {
      kind: "whole-number",
      placeholder: "N",
      min: 1,
      max: 100_000,
      summary: text("preview with so many sums a run at most", "실행 한 번의 최대 합산 횟수를 이 값으로 두고 미리 봅니다"),
    },
    minimumCell: {
      kind: "whole-number",
      placeholder: "N",
      min: 0,
      max: 1_000,
      summary: text("preview with a stricter smallest cell than the study's", "연구보다 엄격한 최소 셀 크기로 미리 봅니다"),
    },
  },
  examples: [
    { line: "dure site review --home seoul", shows: text("which studies wait for our decision", "결정을 기다리는 연구 보기") },
    { line: "dure site review 3f5c… --home seoul", shows: text("read one of them", "연구 하나를 검토") },
  ],
  async run({ output, workingFolder }, { study, ...input }) {
    const { withSteward } = await import("../../steward.ts");
    const home = resolve(workingFolder, input.home);
    return withSteward(home, async (steward) => {
      if (study === undefined) return listForSteward(home, steward, output);
      const limits = {
        ...(input.maximumSums === undefined ? {} : { sumCountMax: input.maximumSums }),
        ...(input.minimumCell === undefined ? {} : { minimumCell: input.minimumCell }),
      };
      const review = await reviewOf(home, { steward, study, limits, output });
      const { formatReview } = await import("@dure/site");
      output.result({ json: review as unknown as JsonValue, text: formatReview(review, output.language) }); // its types hold JSON values only
      return EXIT.done;
    });
  },
});

interface Reviewing {
  readonly steward: Steward;
  readonly study: string;
  readonly limits: { readonly sumCountMax?: number; readonly minimumCell?: number };
  readonly output: Output;
}

async function reviewOf(home: string, { steward, study, limits, output }: Reviewing): Promise<StudyReview> {
  const { fetchStudy, ownKeysOf, reviewStudy, tableSourceOf } = await import("@dure/site");
  const { withConnection } = await import("../../connection.ts");
  const { paths, settings, store } = steward;
  const fetched = await whereAnswered(output, () =>
    withConnection(home, ({ connection }) => fetchStudy({ connection, store, own: ownKeysOf(paths, settings), study, clock: systemClock })),
  );
  if (fetched?.kind === "refused") throw new DureError(fetched.problems);
  const outcome = await reviewStudy({ store, source: tableSourceOf(settings, paths.clinical), settings, study, limits });
  if (outcome.kind === "refused") throw new DureError(outcome.problems);
  return outcome.review;
}

async function listForSteward(home: string, { store }: Steward, output: Output): Promise<ExitStatus> {
  const { findKnownStudy, listStudies } = await import("@dure/site");
  const { withConnection } = await import("../../connection.ts");
  const answered = await whereAnswered(output, () => withConnection(home, ({ connection }) => listStudies(connection, store)));
  const here = (): readonly StudyListing[] =>
    store.listStudies().flatMap(({ hash }) => {
      const known = findKnownStudy(store, hash);
      if (known === undefined) return [];
      const { id, title } = known.frozen.document;
      const { proposer, proposedAtMs } = known.proposal.terms;
      const decision = store.findDecision(hash);
      return [{ hash, id, title, proposer, proposedAtMs, state: "", isHere: true, ...(decision === undefined ? {} : { decision }) }];
    });
  const listed = [...(answered ?? here())].sort((a, b) => a.proposedAtMs - b.proposedAtMs);
  output.result({ json: listed.map(jsonOf), text: formatListing(listed, output.language) });
  return EXIT.done;
}

/** Undefined, after a word to the steward, where the coordinator did not answer; what it refuses is thrown on. */
async function whereAnswered<Value>(output: Output, ask: () => Promise<Value>): Promise<Value | undefined> {
  try {
    return await ask();
  } catch (error) {
    if (!isLineFault(error)) throw error;
    output.note(
      text(
        "The coordinator does not answer: this is what this folder holds itself, which may not be the latest.",
        "코디네이터가 응답하지 않아 이 폴더에 저장된 내용을 보여 드립니다. 최신 상태가 아닐 수 있습니다.",
      ),
    );
    return undefined;
  }
}

function jsonOf({ hash, id, title, proposer, proposedAtMs, state, isHere, decision }: StudyListing): JsonValue {
  const own = decision === undefined ? null : { kind: decision.kind, isDelivered: decision.isDelivered, decidedAtMs: decision.decidedAtMs };
  return { study: hash, id, title, proposer, proposedAtMs, state, isHere, decision: own };
}

function formatListing(studies: readonly StudyListing[], language: Language): string {
  if (studies.length === 0) return text("This hospital is invited to no study.", "이 병원이 초대받은 연구가 없습니다.")[language];
  const table = formatTable(
    [
      { heading: text("study", "연구")[language] },
      { heading: text("our decision", "우리 결정")[language] },
      { heading: text("state", "상태")[language] },
      { heading: text("proposed by", "제안자")[language] },
      { heading: text("proposed at", "제안 시각")[language] },
      { heading: text("hash", "해시")[language] },
    ],
    studies.map(({ id, decision, state, proposer, proposedAtMs, hash }) => [
      id,
      decisionWord(decision?.kind, language),
      state === "" ? "–" : stateWord(state, language),
      proposer,
      timeWord(proposedAtMs),
      hash,
    ]),
  );
  const next = text("Read one: dure site review HASH", "연구 하나를 검토하려면: dure site review 해시");
  return `${table}\n\n${next[language]}`;
}
