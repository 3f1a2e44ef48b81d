/** What can be wrong with a roster, in words. */

import { type Problem, type Text, text } from "@dure/kernel";

export type RosterFlaw = keyof typeof whats;

interface Counts {
  readonly found?: number;
  readonly required?: number;
}

const whats = {
  "too-many": ({ found }) =>
    text(`The roster has ${found} members; at most 100 are allowed.`, `명부의 참여 기관이 ${found}곳입니다. 100곳까지만 허용됩니다.`),
  "not-sorted": () => text("The roster is not in order of site ids.", "명부가 기관 식별자 순서로 정렬되어 있지 않습니다."),
  "bad-site-id": ({ found }) =>
    text(
      `The site id of member ${found} has other characters than letters, digits, ".", "_", "-", or more than 63.`,
      `${found}번째 기관의 식별자에 영문자, 숫자, ".", "_", "-" 이외의 문자가 있거나 63자를 넘습니다.`,
    ),
  "weak-identity-key": () =>
    text("The identity key is not a usable Ed25519 public key.", "기관 신원 키가 사용할 수 있는 Ed25519 공개 키가 아닙니다."),
  "weak-steward-key": () =>
    text("The steward key is not a usable Ed25519 public key.", "자료 관리자 키가 사용할 수 있는 Ed25519 공개 키가 아닙니다."),
  "weak-seal-key": () => text("The seal key is not a usable X25519 public key.", "봉인 키가 사용할 수 있는 X25519 공개 키가 아닙니다."),
  "steward-is-agent": () =>
    text("The steward key equals the identity key of the site agent.", "자료 관리자 키가 기관 에이전트의 신원 키와 같습니다."),
  "duplicate-site": () => text("The site stands twice in the roster.", "같은 기관이 명부에 두 번 들어 있습니다."),
  "duplicate-organisation": () => text("Another member belongs to the same organisation.", "같은 조직에 속한 기관이 이미 명부에 있습니다."),
  "duplicate-identity-key": () => text("Another member has the same identity key.", "신원 키가 같은 기관이 이미 명부에 있습니다."),
  "duplicate-seal-key": () => text("Another member has the same seal key.", "봉인 키가 같은 기관이 이미 명부에 있습니다."),
  "duplicate-steward-key": () => text("Another member has the same steward key.", "자료 관리자 키가 같은 기관이 이미 명부에 있습니다."),
  "uninvited-member": () =>
    text("The run names a site that the approved roster does not name.", "승인된 명부에 없는 기관이 실행 명부에 들어 있습니다."),
  "changed-member": () =>
    text(
      "The run names a site with another key, role or organisation than the approved roster.",
      "실행 명부에 적힌 기관의 키, 역할 또는 조직이 승인된 명부와 다릅니다.",
    ),
  "too-few-training": ({ found, required }) =>
    text(
      `The run has ${found} training hospitals; at least ${required} are required.`,
      `학습에 참여하는 병원이 ${found}곳입니다. ${required}곳 이상이어야 합니다.`,
    ),
  "minimum-below-floor": ({ found }) =>
    text(
      `The study asks for ${found} training hospitals; the least allowed is 3.`,
      `연구가 요구하는 최소 학습 병원 수가 ${found}곳입니다. 3곳 이상이어야 합니다.`,
    ),
} as const satisfies Record<string, (counts: Counts) => Text>;

const remedies: Readonly<Record<"invitation" | "run", Text>> = {
  invitation: text(
    "Ask the alliance operator for a corrected roster and compare the fingerprints with each hospital.",
    "연합 운영자에게 수정된 명부를 요청하고 각 병원과 지문을 대조해 주십시오.",
  ),
  run: text(
    "Nothing has left. Ask the proposer; taking in another member or key needs a new version of the study and new approvals.",
    "아무 자료도 나가지 않았습니다. 연구 제안자에게 문의해 주십시오. 다른 기관이나 키를 넣으려면 연구의 새 판과 새 승인이 필요합니다.",
  ),
};

const runFlaws: ReadonlySet<string> = new Set(["uninvited-member", "changed-member", "too-few-training", "minimum-below-floor"]);

export function rosterProblem(flaw: RosterFlaw, site?: string, counts: Counts = {}): Problem {
  const place = site === undefined ? {} : { site };
  return {
    code: `identity/roster-${flaw}`,
    severity: "error",
    place,
    what: whats[flaw](counts),
    remedy: remedies[runFlaws.has(flaw) ? "run" : "invitation"],
  };
}
