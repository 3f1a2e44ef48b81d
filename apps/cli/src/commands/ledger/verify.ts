/** `dure ledger verify`: proves an exported ledger from the file, the checkpoints and public keys, with nothing else running. */

import { existsSync } from "node:fs";
import { resolve } from "node:path";
import type { LedgerReport, NoteKey } from "@dure/identity";
import { DureError, type Language, text } from "@dure/kernel";
import { checkpointsFileOf, readNotes } from "../../checkpoint-file.ts";
import { defineCommand } from "../../command.ts";
import { EXIT } from "../../exit-status.ts";
import { readInputFile } from "../../study-files.ts";
import { timeWord } from "../../study-words.ts";
import { formatFields } from "../../text-table.ts";

export const ledgerVerify = defineCommand({
  name: "ledger verify",
  summary: text("prove an exported ledger, with nothing else running", "내보낸 원장을 다른 프로그램 없이 검증합니다"),
  description: text(
    "Checks every line, every hash, the chain from line to line, and the root of every checkpoint that the hospital signed, and says which other " +
      "hospitals cosigned it. Checkpoints are read from FILE.checkpoints if it is there. With --home, keys and witnesses come from that " +
      "hospital's folder, and the file must reach at least to the last checkpoint that the folder published. Elsewhere, give --alliance, --site " +
      "and --key, and the identity key of each witness that you know.",
    "모든 줄과 해시, 줄 사이의 연결, 병원이 서명한 체크포인트의 루트를 확인하고 어느 병원이 공동 서명했는지 알려 드립니다. 체크포인트는 FILE.checkpoints 가 있으면 거기서 읽습니다. " +
      "--home 을 주면 키와 증인을 그 병원의 폴더에서 가져오며, 파일은 그 폴더가 마지막으로 공개한 체크포인트까지 이어져야 합니다. 다른 곳에서는 --alliance, --site, --key 와 " +
      "아는 증인의 신원 키를 지정하십시오.",
  ),
  arguments: { file: { kind: "text", placeholder: "FILE", summary: text("the exported ledger", "내보낸 원장 파일") } },
  options: {
    home: { kind: "text", placeholder: "FOLDER", summary: text("the folder of the ledger's own hospital", "원장을 내보낸 병원의 폴더") },
    alliance: { kind: "text", placeholder: "NAME", summary: text("the alliance's name", "연합 이름") },
    site: { kind: "text", placeholder: "ID", summary: text("whose ledger it is", "원장을 내보낸 병원의 아이디") },
    key: {
      kind: "text",
      placeholder: "KEY",
      summary: text("identity key of that hospital, for its checkpoints", "체크포인트 확인에 쓸 그 병원의 신원 키"),
    },
    witness: {
      kind: "list",
      placeholder: "ID=KEY",
      summary: text("another hospital and its identity key", "다른 병원과 그 신원 키"),
    },
    checkpoints: {
      kind: "text",
      placeholder: "FILE",
      summary: text("signed checkpoints; FILE.checkpoints if not given", "서명된 체크포인트 파일. 기본값 FILE.checkpoints"),
    },
  },
  examples: [
    { line: "dure ledger verify ledger.jsonl --home seoul", shows: text("at the hospital itself", "해당 병원에서 검증") },
    {
      line: "dure ledger verify ledger.jsonl --alliance korea-breast --site seoul --key kQ3…",
      shows: text("anywhere else", "다른 곳에서 검증"),
    },
  ],
  async run({ output, workingFolder }, input) {
    const path = resolve(workingFolder, input.file);
    const notes = readCheckpoints(input, workingFolder);
    const { verifyExportedLedger } = await import("@dure/site");
    const known = input.home === undefined ? fromOptions(input, notes) : await fromHome(resolve(workingFolder, input.home), notes);
    const report = await verifyExportedLedger({ path, ...known });
    if (report.problems.length > 0) output.problems(report.problems);
    const isProven = report.problems.every(({ severity }) => severity === "warning");
    output.result({ json: jsonOf(report, isProven), text: describe(report, isProven, output.language) });
    if (report.isCut) output.note(text("More problems were found than are listed.", "표시된 것보다 많은 문제가 발견되었습니다."));
    return isProven ? EXIT.done : EXIT.refused;
  },
});

interface Named {
  readonly file: string;
  readonly alliance: string | undefined;
  readonly site: string | undefined;
  readonly key: string | undefined;
  readonly witness: readonly string[];
  readonly checkpoints: string | undefined;
}

interface Known {
  readonly alliance: string;
  readonly siteId: string;
  readonly notes: readonly string[];
  readonly logKey?: string;
  readonly witnesses: readonly NoteKey[];
}

function readCheckpoints({ file, checkpoints }: Named, workingFolder: string): readonly string[] {
  const path = checkpoints ?? checkpointsFileOf(file);
  if (checkpoints === undefined && !existsSync(resolve(workingFolder, path))) return [];
  return readNotes(path, readInputFile(path, workingFolder));
}

function fromOptions({ alliance, site, key, witness }: Named, notes: readonly string[]): Known {
  if (alliance === undefined || site === undefined || (notes.length > 0 && key === undefined)) throw new DureError(whoseLedger());
  return { alliance, siteId: site, notes, ...(key === undefined ? {} : { logKey: key }), witnesses: witness.map(parseWitness) };
}

/** The folder's own last checkpoint is asked for too: beside a file that was cut, its checkpoints may have been cut as well. */
async function fromHome(home: string, fileNotes: readonly string[]): Promise<Known> {
  const { ownKeysOf, ownLedgerCheck } = await import("@dure/site");
  const { withSteward } = await import("../../steward.ts");
  return withSteward(home, async ({ store, paths, settings }) => {
    const { siteId, identityKey } = ownKeysOf(paths, settings);
    const { notes = [], witnesses = [] } = ownLedgerCheck(store, { siteId, identityKey });
    const own = notes.filter((note) => !fileNotes.some((known) => known.startsWith(note)));
    return { alliance: settings.alliance, siteId, notes: [...fileNotes, ...own], logKey: identityKey, witnesses };
  });
}

function parseWitness(value: string): NoteKey {
  const at = value.indexOf("=");
  if (at > 0 && at < value.length - 1) return { name: value.slice(0, at), publicKey: value.slice(at + 1) };
  throw new DureError(notAWitness());
}

const jsonOf = ({ entryCount, root, uncoveredCount, checkpoints }: LedgerReport, isProven: boolean) => ({
  isProven,
  entryCount,
  root,
  uncoveredCount,
  checkpoints: checkpoints.map(({ size, root: signed, cosignedBy }) => ({
    size,
    root: signed,
    cosignedBy: cosignedBy.map((one) => ({ ...one })),
  })),
});

function describe(report: LedgerReport, isProven: boolean, language: Language): string {
  const { entryCount, root, uncoveredCount } = report;
  const checkpoints = [...report.checkpoints].sort((a, b) => a.size - b.size);
  const verdict = isProven
    ? text("The ledger is whole: nothing was changed, removed or added.", "원장이 온전합니다. 바뀌거나 빠지거나 더해진 항목이 없습니다.")
    : text("The ledger is NOT whole; the problems are listed above.", "원장이 온전하지 않습니다. 발견된 문제는 위에 있습니다.");
  const fields = formatFields([
    [text("entries", "항목 수")[language], String(entryCount)],
    [text("root", "루트")[language], root],
    ...(isProven ? checkpoints : []).map(({ size, cosignedBy }): readonly [string, string] => [
      text("checkpoint", "체크포인트")[language],
      cosignedWords(size, cosignedBy)[language],
    ]),
  ]);
  return [verdict[language], "", fields, ...(isProven ? [endWords(uncoveredCount, checkpoints.length)[language]] : [])]
    .filter((line, i) => i < 2 || line !== "")
    .join("\n");
}

function cosignedWords(size: number, cosignedBy: LedgerReport["checkpoints"][number]["cosignedBy"]) {
  if (cosignedBy.length === 0)
    return text(
      `first ${size} entries, cosigned by no hospital whose key is known here`,
      `처음 ${size}개 항목, 여기서 키를 아는 병원의 공동 서명 없음`,
    );
  const names = cosignedBy.map(({ name, atMs }) => `${name} (${timeWord(atMs)})`).join(", ");
  return text(`first ${size} entries, cosigned by ${names}`, `처음 ${size}개 항목, 공동 서명: ${names}`);
}

/** What the proof does not reach. */
function endWords(uncoveredCount: number, checkpointCount: number) {
  if (checkpointCount === 0)
    return text(
      "No checkpoint was given: that nothing is missing at the end is not proven.",
      "체크포인트가 없어, 끝부분에 빠진 항목이 없다는 것은 확인되지 않았습니다.",
    );
  if (uncoveredCount === 0) return text("", "");
  return text(
    `The last ${uncoveredCount} entries lie behind the last checkpoint: only the chain vouches for them.`,
    `마지막 ${uncoveredCount}개 항목은 마지막 체크포인트 뒤에 있어 항목 사이의 연결로만 확인됩니다.`,
  );
}

const whoseLedger = () =>
  ({
    code: "cli/whose-ledger",
    severity: "error",
    place: {},
    what: text(
      "It is not said whose ledger this is, or by which key its checkpoints are to be checked.",
      "누구의 원장인지, 또는 체크포인트를 어느 키로 확인할지 지정되지 않았습니다.",
    ),
    remedy: text(
      "Give --home, or --alliance and --site, and --key where there are checkpoints.",
      "--home 을 주거나 --alliance 와 --site 를 주고, 체크포인트가 있으면 --key 도 주십시오.",
    ),
  }) as const;

const notAWitness = () =>
  ({
    code: "cli/not-a-witness",
    severity: "error",
    place: {},
    what: text(
      "--witness takes a hospital's id and its identity key: ID=KEY.",
      "--witness 에는 병원 아이디와 신원 키를 아이디=키 형식으로 적습니다.",
    ),
    remedy: text("For example --witness busan=kQ3….", "예: --witness busan=kQ3…"),
  }) as const;
