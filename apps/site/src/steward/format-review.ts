/** A review as text for a terminal: calm, in the order in which a steward asks. */

import type { OwnRelease } from "@dure/identity";
import { formatProblem, type Language, type Text, text } from "@dure/kernel";
import type { TableCount } from "@dure/privacy";
import type { QualityJudgement } from "@dure/records";
import { percentOf, QUALITY_ASPECTS } from "../run/quality-gate.ts";
import { alignedPairs, alignedTable, indented } from "./aligned-text.ts";
import type { MemberPreview, Protection, ReleasePreview, RowsPreview, StudyPreview, VectorPreview } from "./preview.ts";
import type { ReviewedDecision, StudyReview } from "./review.ts";
import type { SmallCell } from "./small-cells.ts";

type Say = (words: Text) => string;

/** No line ends in a space; the last one has no line feed. */
export function formatReview(review: StudyReview, language: Language): string {
  const say: Say = (words) => words[language];
  const { preview } = review;
  const sections: readonly (readonly string[])[] = [
    heading(review, say),
    [say(titles.asked), ...indented(review.words.map(say))],
    ...(preview.kind === "ready"
      ? previewSections(preview.preview, preview.snapshot, say)
      : [[say(titles.unavailable), ...indented(preview.problems.map((problem) => formatProblem(problem, language)))]]),
    [say(titles.members), ...memberLines(review.members, say)],
    [say(titles.protection), ...protectionLines(review.protection, say)],
    ...(preview.kind === "ready" ? [releaseLines(preview.preview.releases, say)] : []),
    decisionLines(review, say),
  ];
  return sections.map((lines) => lines.join("\n")).join("\n\n");
}

const titles = {
  asked: text("What is asked", "무엇을 요청하는가"),
  patients: text("Our patients", "우리 병원의 환자"),
  smallCells: text("Small groups among them", "환자 수가 적은 집단"),
  quality: text("What the study asks of our data", "연구가 요구하는 자료의 품질"),
  vectors: text(
    "What would leave, masked so that only the total over all hospitals can be read",
    "나가는 자료 (가려서 보내며, 모든 병원의 합계만 읽을 수 있음)",
  ),
  unavailable: text("What it would mean here cannot be shown yet", "우리 병원에 미치는 영향을 아직 보여 드릴 수 없습니다"),
  members: text("Who takes part (compare fingerprints over the telephone)", "참여 기관 (지문은 전화로 대조해 주십시오)"),
  protection: text("How it is protected", "보호 방법"),
  releases: text(
    "Figures in our own name, each off unless you approve it with --release",
    "우리 병원 이름으로 나가는 수치 (승인할 때 --release 로 지정하지 않으면 나가지 않음)",
  ),
  decision: text("Your decision", "결정"),
} as const;

function heading(review: StudyReview, say: Say): readonly string[] {
  const { proposer } = review;
  return [
    `${review.id}: ${review.title}`,
    ...alignedPairs([
      [say(text("Study", "연구")), review.hash],
      [say(text("Its fingerprint", "연구 지문")), review.hashDigits],
      [say(text("Proposed by", "제안자")), `${proposer.id} (${proposer.fingerprint})`],
      [say(text("Proposed at", "제안 시각")), timeOf(proposer.proposedAtMs)],
    ]),
  ];
}

function previewSections(preview: StudyPreview, snapshot: number, say: Say): readonly (readonly string[])[] {
  const { rows, smallCells, vectors, minimumCell } = preview;
  return [
    [say(titles.patients), ...rowLines(rows, { snapshot, minimumCell }, say), ...obstacleLines(preview, say)],
    ...(smallCells.length === 0
      ? []
      : [[say(titles.smallCells), ...indented(smallCells.map((cell) => say(cellWords(cell, minimumCell))))]]),
    ...(preview.quality.length === 0 ? [] : [[say(titles.quality), ...qualityLines(preview.quality, say)]]),
    vectors.length === 0
      ? [
          say(titles.vectors),
          ...indented([say(text("No sums: this hospital only validates.", "합계 자료 없음: 이 병원은 검증만 합니다."))]),
        ]
      : [say(titles.vectors), ...vectorLines(vectors, say), ...sumLines(preview, say)],
  ];
}

/** Figures of this hospital alone: they are shown here and sent nowhere. */
function qualityLines(quality: readonly QualityJudgement[], say: Say): readonly string[] {
  const found = (share: number | undefined): string => (share === undefined ? say(text("not shown", "확인할 수 없음")) : percentOf(share));
  const lines = quality.map(({ variable, aspect, required, found: share, isMet }) => {
    const words = QUALITY_ASPECTS[aspect];
    const met = isMet ? text("met", "충족") : text("NOT met", "미충족");
    return `${variable}: ${say(words)} ${found(share)} (${say(text("at least", "최소"))} ${percentOf(required)}) · ${say(met)}`;
  });
  const isKeptOut = quality.some(({ isMet }) => !isMet);
  const note = text("This hospital could not take part until all are met.", "모두 충족하기 전에는 이 병원이 참여할 수 없습니다.");
  return indented([...lines, ...(isKeptOut ? [say(note)] : [])]);
}

function rowLines(
  rows: RowsPreview,
  { snapshot, minimumCell }: { readonly snapshot: number; readonly minimumCell: number },
  say: Say,
): readonly string[] {
  const count = (value: TableCount): string => (value.kind === "exact" ? grouped(value.value) : say(text("hidden", "표시 안 함")));
  const pairs: (readonly [string, string])[] = [
    [say(text("Before any filter", "조건 적용 전")), count(rows.beforeFilters)],
    [say(text("Would be used", "분석에 쓰이는 행")), count(rows.training)],
    ...(rows.heldOut === undefined ? [] : [[say(text("Held out for validation", "검증용으로 남기는 행")), count(rows.heldOut)] as const]),
    ...rows.excluded.map(({ reason, count: value }) => [`${say(text("Left out", "제외"))}: ${reason}`, count(value)] as const),
    [say(text("Load", "적재 번호")), snapshot === 0 ? say(text("flat file", "일반 파일")) : String(snapshot)],
  ];
  const isHidden = [rows.beforeFilters, rows.training, ...rows.excluded.map(({ count: value }) => value)].some(
    ({ kind }) => kind === "suppressed",
  );
  const note = text(
    `Counts below ${minimumCell}, and counts that would give one away, are hidden.`,
    `${minimumCell}명 미만인 수와, 그 수를 알아낼 수 있게 하는 수는 표시하지 않습니다.`,
  );
  return [...alignedPairs(pairs), ...(isHidden ? indented([say(note)]) : [])];
}

const obstacles = {
  "too-few-rows": text("Too few patients: this hospital could not take part.", "환자 수가 너무 적어 이 병원은 참여할 수 없습니다."),
  "too-few-in-a-class": text(
    "Too few patients with, or without, the outcome: this hospital could not take part.",
    "결과가 있는 환자 또는 없는 환자가 너무 적어 이 병원은 참여할 수 없습니다.",
  ),
} as const;

function obstacleLines({ obstacle, noLocalModel }: StudyPreview, say: Say): readonly string[] {
  const columns = noLocalModel === undefined || noLocalModel.columns.length === 0 ? "" : ` (${noLocalModel.columns.join(", ")})`;
  const local =
    noLocalModel === undefined
      ? []
      : [
          // What the analysis says of single rows keeps a hospital out of the run itself; the rest only of a model of its own.
          noLocalModel.code.startsWith("federation/")
            ? text(
                `The analysis cannot use these rows: ${noLocalModel.code}${columns}. As they are, this hospital could not take part.`,
                `이 행으로는 분석할 수 없습니다: ${noLocalModel.code}${columns}. 이대로는 이 병원이 참여할 수 없습니다.`,
              )
            : text(
                `These patients alone carry no such model: ${noLocalModel.code}${columns}. Together with other hospitals they may.`,
                `이 환자들만으로는 모형을 구할 수 없습니다: ${noLocalModel.code}${columns}. 다른 병원과 함께라면 가능할 수 있습니다.`,
              ),
        ];
  return indented([...(obstacle === undefined ? [] : [obstacles[obstacle]]), ...local].map(say));
}

function cellWords(cell: SmallCell, minimumCell: number): Text {
  const few = text(`fewer than ${minimumCell} patients`, `환자 ${minimumCell}명 미만`);
  const total = text("; their total over all hospitals counts", " (모든 병원의 합계로 판단)");
  switch (cell.kind) {
    case "class": {
      const least = cell.least ?? minimumCell;
      return text(
        `${cell.variable} = ${cell.level}: fewer than ${least} patients`,
        `${cell.variable} = ${cell.level}: 환자 ${least}명 미만`,
      );
    }
    case "level": {
      const { variable, level, outcomeClass, treatment } = cell;
      const name = treatment === undefined ? text("outcome", "결과") : text(treatment, treatment);
      const of = outcomeClass === undefined ? text("", "") : text(` with ${name.en} ${outcomeClass}`, `, ${name.ko} ${outcomeClass}`);
      return text(`${variable} = ${level}${of.en}: ${few.en}${total.en}`, `${variable} = ${level}${of.ko}: ${few.ko}${total.ko}`);
    }
    case "off-mode":
      return text(
        `${cell.variable} away from its most frequent value: ${few.en}${total.en}`,
        `${cell.variable}이(가) 최빈값과 다른 환자: ${few.ko}${total.ko}`,
      );
  }
}

function vectorLines(vectors: readonly VectorPreview[], say: Say): readonly string[] {
  const groups = groupByModel(vectors);
  const table = alignedTable(
    [
      { heading: say(text("vector", "벡터")) },
      { heading: say(text("numbers", "개수")), align: "right" },
      { heading: say(text("encoding", "부호화")) },
      { heading: say(text("bytes", "바이트")), align: "right" },
      { heading: say(text("at most", "최대 횟수")), align: "right" },
      { heading: say(text("what it is", "내용")) },
    ],
    groups.map(({ first, name, models }) => [
      models.length > 1 ? `${name} × ${models.length}` : first.name,
      grouped(first.length),
      first.encoding,
      grouped(first.bytes),
      grouped(first.timesMax),
      say(first.words),
    ]),
  );
  const models = groups.find((group) => group.models.length > 1)?.models ?? [];
  const note = text(
    `× ${models.length}: one each for ${models.join(", ")}.`,
    `× ${models.length}: 다음 모형마다 하나씩: ${models.join(", ")}.`,
  );
  return [...table, ...(models.length > 1 ? indented([say(note)]) : [])];
}

interface VectorGroup {
  readonly first: VectorPreview;
  readonly name: string;
  /** What stands before the slash: the models that ask for the same vector. */
  readonly models: readonly string[];
}

function groupByModel(vectors: readonly VectorPreview[]): readonly VectorGroup[] {
  const groups = new Map<string, VectorGroup>();
  for (const vector of vectors) {
    const slash = vector.name.lastIndexOf("/");
    const name = vector.name.slice(slash + 1);
    const key = slash < 0 ? vector.name : JSON.stringify(["/", name, vector.length, vector.encoding, vector.timesMax]);
    const group = groups.get(key) ?? { first: vector, name, models: [] };
    groups.set(key, { ...group, models: slash < 0 ? [] : [...group.models, vector.name.slice(0, slash)] });
  }
  return [...groups.values()];
}

function sumLines({ sums }: StudyPreview, say: Say): readonly string[] {
  return indented(
    [
      text(
        `A run takes at most ${sums.max} sums, ${bytesWords(sums.bytesMax)} in all. A fit of this kind took ${sums.inDryRun} here; suggested: ${sums.suggestedMax}.`,
        `한 번의 실행에서 합산은 최대 ${sums.max}회, 모두 ${bytesWords(sums.bytesMax)}입니다. 시험 계산에는 ${sums.inDryRun}회가 필요했으며, 권장 상한은 ${sums.suggestedMax}회입니다.`,
      ),
      text(
        "If a line breaks, the same vector is sent again under fresh masks; that counts once.",
        "연결이 끊기면 같은 벡터를 새로 가려서 다시 보내며, 한 번으로 셉니다.",
      ),
    ].map(say),
  );
}

const roleWords = {
  training: text("trains", "학습"),
  external: text("validates", "검증"),
} as const;

const memberLines = (members: readonly MemberPreview[], say: Say): readonly string[] =>
  alignedTable(
    [
      { heading: say(text("site", "기관")) },
      { heading: say(text("organisation", "기관명")) },
      { heading: say(text("role", "역할")) },
      { heading: say(text("key fingerprint", "키 지문")) },
    ],
    members.map(({ siteId, organisation, role, fingerprint, isSelf }) => [
      isSelf ? `${siteId} ${say(text("(us)", "(우리)"))}` : siteId,
      organisation,
      say(roleWords[role]),
      fingerprint,
    ]),
  );

function protectionLines({ ifAllAgree, atFewest }: StudyPreview["protection"], say: Say): readonly string[] {
  const words = (when: Text, { siteCount, threshold, collusion }: Protection): Text =>
    text(
      `${when.en}: n = ${siteCount} hospitals in a sum, t = ${threshold} open it; the coordinator with up to c = ${collusion} of them learns the sum of the others only.`,
      `${when.ko}: 합산에 n = ${siteCount}개 병원, t = ${threshold}개가 있어야 열림. 코디네이터가 c = ${collusion}개 병원까지 공모해도 나머지 병원의 합계만 알 수 있음.`,
    );
  const all = words(text("If all agree", "모두 동의하면"), ifAllAgree);
  const fewest = words(text("At the fewest", "최소 참여 시"), atFewest);
  return indented((ifAllAgree.siteCount === atFewest.siteCount ? [all] : [all, fewest]).map(say));
}

const releaseNames: Readonly<Record<OwnRelease, Text>> = {
  headline: text("headline", "headline (대표 수치)"),
  "local-model": text("local-model", "local-model (자체 모형)"),
  "baseline-hazard": text("baseline-hazard", "baseline-hazard (기저 위험)"),
};

const releaseLines = (releases: readonly ReleasePreview[], say: Say): readonly string[] => [
  say(titles.releases),
  ...alignedPairs(
    releases.map(({ release, words, sealedTo }) => [
      say(releaseNames[release]),
      sealedTo.length === 0 ? say(words) : `${say(words)} (${sealedTo.join(", ")})`,
    ]),
  ),
];

function decisionLines({ decision, hash }: StudyReview, say: Say): readonly string[] {
  const commands = [
    text(`dure site approve ${hash} --home FOLDER --reference NUMBER`, `dure site approve ${hash} --home 폴더 --reference 심의번호`),
    text(`dure site decline ${hash} --home FOLDER`, `dure site decline ${hash} --home 폴더`),
  ].map(say);
  if (decision === undefined)
    return [
      say(titles.decision),
      ...indented([
        say(text("None yet. Nothing leaves until you approve:", "아직 없습니다. 승인하기 전에는 아무것도 나가지 않습니다:")),
        ...commands,
      ]),
    ];
  return [say(titles.decision), ...indented([say(decisionWords(decision))])];
}

function decisionWords({ kind, decidedAtMs, expiresAtMs, boardReference, isDelivered }: ReviewedDecision): Text {
  const delivered = isDelivered ? text("", "") : text(" Not handed over yet.", " 아직 전달되지 않았습니다.");
  if (kind === "declined")
    return text(`Declined at ${timeOf(decidedAtMs)}.${delivered.en}`, `${timeOf(decidedAtMs)}에 거절했습니다.${delivered.ko}`);
  const until = expiresAtMs === undefined ? "" : timeOf(expiresAtMs);
  return text(
    `Approved at ${timeOf(decidedAtMs)} until ${until}, ${boardReference ?? ""}.${delivered.en}`,
    `${timeOf(decidedAtMs)}에 승인했습니다(만료 ${until}, ${boardReference ?? ""}).${delivered.ko}`,
  );
}

const grouped = (value: number): string => value.toLocaleString("en-US");
const timeOf = (ms: number): string => `${new Date(ms).toISOString().slice(0, 16).replace("T", " ")} UTC`;

function bytesWords(bytes: number): string {
  if (bytes < 1000) return `${bytes} B`;
  return bytes < 1_000_000 ? `${(bytes / 1000).toFixed(1)} kB` : `${(bytes / 1_000_000).toFixed(1)} MB`;
}
