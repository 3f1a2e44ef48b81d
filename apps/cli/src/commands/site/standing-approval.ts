/** `dure site standing-approval`: who may ask how many patients this hospital could bring, over which columns, how often, until when. */

import { resolve } from "node:path";
import { DureError, type Language, type Problem, type Text, text } from "@dure/kernel";
import { systemClock } from "@dure/machine";
import type { StandingApproval } from "@dure/site";
import { defineCommand } from "../../command.ts";
import { EXIT } from "../../exit-status.ts";
import { readPassphrase } from "../../passphrase.ts";
import { timeWord } from "../../study-words.ts";
import { formatFields } from "../../text-table.ts";
import { homeOption, passphraseFileOption } from "../shared-options.ts";

const DAY_MS = 86_400_000;
const VALID_DAYS = 365;
const QUESTIONS = 5;
/** Of one asker a day; the site's own limit, which the library checks again. */
const QUESTIONS_MAX = 20;

export const siteStandingApproval = defineCommand({
  name: "site standing-approval",
  summary: text("answer feasibility counts by itself, within limits", "정해진 범위의 대상자 수 문의에 자동으로 답하도록 승인합니다"),
  description: text(
    "Signs a standing approval for `dure study count`: who may ask, which columns of which research tables a question may use, and how many " +
      'questions a day. Answers carry noise, are rounded to 5, and below 10 are only "<10"; every one is in the ledger. Signing again ' +
      "replaces it, --remove takes it back, and without options the present one is shown. Without one, this hospital answers nobody.",
    "`dure study count` 문의에 대한 상시 승인에 서명합니다. 누가 문의할 수 있는지, 어느 연구용 표의 어느 열을 쓸 수 있는지, 하루에 몇 번까지인지를 정합니다. " +
      "답에는 잡음이 더해지고 5명 단위로 반올림되며 10명 미만은 “<10”으로만 나가고, 모든 답은 원장에 남습니다. 다시 서명하면 이전 승인을 대신하고 --remove 는 승인을 거두어들이며, " +
      "다른 옵션이 없으면 현재 승인을 보여 줍니다. 상시 승인이 없으면 이 병원은 아무에게도 답하지 않습니다.",
  ),
  arguments: {},
  options: {
    home: homeOption,
    anyMember: { kind: "flag", summary: text("every member of the alliance may ask", "연합의 모든 회원이 문의할 수 있습니다") },
    asker: { kind: "list", placeholder: "ID", summary: text("a member who may ask", "문의할 수 있는 회원") },
    table: {
      kind: "list",
      placeholder: "TABLE=COLUMN,COLUMN",
      summary: text("columns that a question may use", "문의에 쓸 수 있는 연구용 표와 열"),
    },
    questions: {
      kind: "whole-number",
      placeholder: "N",
      min: 1,
      max: QUESTIONS_MAX,
      summary: text(`questions a day of one asker; ${QUESTIONS} if not given`, `문의자별 하루 문의 수. 기본값 ${QUESTIONS}`),
    },
    days: {
      kind: "whole-number",
      placeholder: "DAYS",
      min: 1,
      max: 3_650,
      summary: text(`days until it expires; ${VALID_DAYS} if not given`, `승인 기간(일). 기본값 ${VALID_DAYS}`),
    },
    remove: {
      kind: "flag",
      summary: text("answer nobody from now on; needs no passphrase", "이제부터 답하지 않습니다. 암호가 필요 없습니다"),
    },
    passphraseFile: passphraseFileOption,
  },
  examples: [
    {
      line: "dure site standing-approval --home seoul --any-member --table breast-registry=y5,age,nodes --questions 3",
      shows: text("three questions a day of each member, over three columns", "회원별 하루 세 번, 세 열까지 허용"),
    },
    { line: "dure site standing-approval --home seoul --remove", shows: text("take it back", "상시 승인 거두기") },
  ],
  async run({ output, language, environment, workingFolder }, input) {
    const { findStandingApproval, removeStandingApproval, setStandingApproval } = await import("@dure/site");
    const { withSteward } = await import("../../steward.ts");
    const isSetting = input.anyMember || input.asker.length > 0 || input.table.length > 0;
    if (input.remove && isSetting) throw new DureError(removeAlone());
    return withSteward(resolve(workingFolder, input.home), async (steward) => {
      if (input.remove) {
        removeStandingApproval(steward);
        const said = text(
          "Standing approval taken back: nobody gets an answer.",
          "상시 승인을 거두었습니다. 이제 아무에게도 답하지 않습니다.",
        );
        output.result({ json: { standingApproval: null }, text: said[language] });
        return EXIT.done;
      }
      if (!isSetting) {
        const present = findStandingApproval(steward.store);
        output.result({ json: { standingApproval: present ?? null }, text: describe(present, language) });
        return EXIT.done;
      }
      if (input.anyMember && input.asker.length > 0) throw new DureError(anyOrNamed());
      const tables = parseTables(input.table);
      const label = text("Passphrase of the data steward", "자료 관리자 암호");
      const passphrase = await readPassphrase({ file: input.passphraseFile, environment, workingFolder, language }, label);
      const outcome = await setStandingApproval({
        ...steward,
        passphrase,
        clock: systemClock,
        askers: input.anyMember ? "any-member" : input.asker,
        tables,
        questionsPerDayMax: input.questions ?? QUESTIONS,
        expiresAtMs: systemClock.nowMs() + (input.days ?? VALID_DAYS) * DAY_MS,
      });
      if (outcome.kind === "refused") throw new DureError(outcome.problems);
      output.result({ json: { standingApproval: outcome.approval }, text: describe(outcome.approval, language) });
      return EXIT.done;
    });
  },
});

/** `TABLE=COLUMN,COLUMN`; the same table may come twice. */
function parseTables(values: readonly string[]): Record<string, readonly string[]> {
  const tables: Record<string, readonly string[]> = {};
  for (const value of values) {
    const [, table, list] = /^([A-Za-z0-9][\w.-]*)=(\S+)$/.exec(value) ?? [];
    const columns = list?.split(",") ?? [];
    if (table === undefined || columns.length === 0 || columns.includes("")) throw new DureError(notATable());
    tables[table] = [...new Set([...(tables[table] ?? []), ...columns])];
  }
  return tables;
}

function describe(approval: StandingApproval | undefined, language: Language): string {
  const say = (words: Text): string => words[language];
  if (approval === undefined)
    return say(text("No standing approval: this hospital answers nobody.", "상시 승인이 없습니다. 이 병원은 아무에게도 답하지 않습니다."));
  const { askers, tables, questionsPerDayMax, expiresAtMs } = approval.terms;
  return formatFields([
    [say(text("may ask", "문의할 수 있는 회원")), askers === "any-member" ? say(text("every member", "모든 회원")) : askers.join(", ")],
    ...Object.entries(tables).map(([table, columns]) => [say(text(`columns of ${table}`, `${table} 의 열`)), columns.join(", ")] as const),
    [say(text("questions a day", "하루 문의 수")), say(text(`${questionsPerDayMax} of each`, `회원별 ${questionsPerDayMax}회`))],
    [say(text("until", "만료")), timeWord(expiresAtMs)],
  ]);
}

const problem = (code: string, what: Text, remedy: Text): Problem => ({ code, severity: "error", place: {}, what, remedy });

const removeAlone = (): Problem =>
  problem(
    "cli/remove-alone",
    text(
      "--remove takes the standing approval back; it goes with no other option.",
      "--remove 는 상시 승인을 거두는 옵션이므로 다른 옵션과 함께 쓸 수 없습니다.",
    ),
    text("Remove it, or sign a new one in its place.", "거두거나, 새 승인에 서명하십시오."),
  );

const anyOrNamed = (): Problem =>
  problem(
    "cli/any-or-named",
    text("--any-member and --asker exclude each other.", "--any-member 와 --asker 는 함께 쓸 수 없습니다."),
    text("Allow every member, or name those who may ask.", "모든 회원에게 허용하거나 문의할 회원을 지정하십시오."),
  );

const notATable = (): Problem =>
  problem(
    "cli/not-table-and-columns",
    text(
      "--table takes a research table and its columns: TABLE=COLUMN,COLUMN.",
      "--table 에는 연구용 표와 열을 표=열,열 형식으로 적습니다.",
    ),
    text("For example --table breast-registry=y5,age.", "예: --table breast-registry=y5,age"),
  );
