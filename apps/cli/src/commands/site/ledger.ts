/** `dure site ledger`: what left this hospital, was decided and was refused; to read, and as a file that anybody can verify. */

import { closeSync, openSync, writeFileSync, writeSync } from "node:fs";
import { resolve } from "node:path";
import type { NoteKey } from "@dure/identity";
import { DureError, type JsonValue, type Language, text } from "@dure/kernel";
import { checkpointsFileOf, writeNotes } from "../../checkpoint-file.ts";
import { defineCommand } from "../../command.ts";
import { EXIT } from "../../exit-status.ts";
import { isLineFault } from "../../line-fault.ts";
import type { Steward } from "../../steward.ts";
import { formatFields } from "../../text-table.ts";
import { homeOption } from "../shared-options.ts";

export const siteLedger = defineCommand({
  name: "site ledger",
  summary: text("print what left this hospital, or export it to be verified", "병원 밖으로 나간 자료의 기록을 출력하거나 내보냅니다"),
  description: text(
    "Prints the ledger: every message that left, every decision, every refusal, each bound to the one before. --export writes the whole ledger as " +
      "JSON lines, and beside it FILE.checkpoints with this hospital's signed checkpoints and the other hospitals' cosignatures; `dure ledger " +
      "verify` proves it with nothing else running. The ledger holds codes, counts and hashes, never a patient's value.",
    "원장을 출력합니다. 나간 메시지, 결정, 거절이 모두 적혀 있으며 각 항목은 앞 항목과 연결되어 있습니다. --export 는 원장 전체를 JSON 줄 형식으로 저장하고, " +
      "이 병원이 서명한 체크포인트와 다른 병원의 공동 서명을 FILE.checkpoints 에 함께 저장합니다. `dure ledger verify` 는 다른 프로그램 없이 이 파일을 검증합니다. " +
      "원장에는 코드, 건수, 해시만 있으며 환자의 값은 없습니다.",
  ),
  arguments: {},
  options: {
    home: homeOption,
    export: {
      kind: "text",
      placeholder: "FILE",
      summary: text("write the whole ledger to this file instead", "출력 대신 원장 전체를 이 파일로 저장합니다"),
    },
    study: { kind: "text", placeholder: "HASH", summary: text("print only entries about this study", "이 연구에 관한 항목만 출력합니다") },
  },
  examples: [
    { line: "dure site ledger --home seoul", shows: text("what has left us", "나간 자료 보기") },
    {
      line: "dure site ledger --home seoul --export ledger.jsonl",
      shows: text("a file for the review board", "심의위원회에 낼 파일 만들기"),
    },
  ],
  async run({ output, language, workingFolder }, input) {
    if (input.export !== undefined && input.study !== undefined) throw new DureError(exportIsWhole());
    const { withSteward } = await import("../../steward.ts");
    const home = resolve(workingFolder, input.home);
    return withSteward(home, async (steward) => {
      const { exportLedger, formatLedger, readLedger } = await import("@dure/site");
      if (input.export === undefined) {
        const entries = [...readLedger(steward.store)].filter(({ study }) => input.study === undefined || study === input.study);
        output.result({ json: entries as unknown as JsonValue, text: formatLedger(entries, language) }); // entries are JSON by their types
        return EXIT.done;
      }
      const path = resolve(workingFolder, input.export);
      const entryCount = writeLines(path, exportLedger(steward.store));
      const found = await findNotes(home, steward);
      if (!found.isCosigned)
        output.note(
          text(
            "The coordinator does not answer: the file holds this hospital's own last checkpoint, without cosignatures.",
            "코디네이터가 응답하지 않아 공동 서명 없이 이 병원의 마지막 체크포인트만 저장했습니다.",
          ),
        );
      writeFileSync(checkpointsFileOf(path), writeNotes(found.notes), { mode: 0o600 });
      const exported = { file: input.export, entryCount, checkpointCount: found.notes.length, ...verifier(steward, found) };
      output.result({ json: exported, text: describe(exported, language) });
      return EXIT.done;
    });
  },
});

/** Line by line: a ledger of years need not fit into memory. */
function writeLines(path: string, lines: Iterable<string>): number {
  let count = 0;
  const file = openFile(path);
  try {
    for (const line of lines) {
      writeSync(file, line);
      count++;
    }
  } finally {
    closeSync(file);
  }
  return count;
}

function openFile(path: string): number {
  try {
    return openSync(path, "w", 0o600);
  } catch (cause) {
    throw new DureError(
      {
        code: "file/unwritable",
        severity: "error",
        place: { file: path },
        what: text("The file cannot be written.", "파일을 쓸 수 없습니다."),
        remedy: text("Name a file in a folder that exists and that you may write.", "쓰기 권한이 있는 기존 폴더 안의 파일을 지정하십시오."),
      },
      { cause },
    );
  }
}

interface FoundNotes {
  readonly notes: readonly string[];
  readonly isCosigned: boolean;
  readonly identityKey: string;
  readonly witnesses: readonly NoteKey[];
}

/** With cosignatures from the coordinator where it answers, else the own last one. */
async function findNotes(home: string, { store, paths, settings }: Steward): Promise<FoundNotes> {
  const { withConnection } = await import("../../connection.ts");
  const { fetchCosignedNotes, ownKeysOf, ownLedgerCheck } = await import("@dure/site");
  const { siteId, identityKey } = ownKeysOf(paths, settings);
  const { notes: own = [], witnesses = [] } = ownLedgerCheck(store, { siteId, identityKey });
  try {
    const notes = await withConnection(home, ({ connection }) => fetchCosignedNotes(connection, siteId));
    return { notes, isCosigned: true, identityKey, witnesses };
  } catch (error) {
    if (!isLineFault(error)) throw error;
    return { notes: own, isCosigned: false, identityKey, witnesses };
  }
}

/** What somebody elsewhere needs for the proof. */
const verifier = ({ settings: { alliance, siteId } }: Steward, { identityKey, witnesses }: FoundNotes) => ({
  alliance,
  site: siteId,
  key: identityKey,
  witnesses: witnesses.map(({ name, publicKey }) => ({ site: name, key: publicKey })),
});

interface Exported {
  readonly file: string;
  readonly entryCount: number;
  readonly checkpointCount: number;
  readonly alliance: string;
  readonly site: string;
  readonly key: string;
  readonly witnesses: readonly { readonly site: string; readonly key: string }[];
}

function describe({ file, entryCount, checkpointCount, alliance, site, key, witnesses }: Exported, language: Language): string {
  const fields = formatFields([
    [text("file", "파일")[language], file],
    [text("entries", "항목 수")[language], String(entryCount)],
    [text("checkpoints", "체크포인트")[language], checkpointCount === 0 ? "0" : `${checkpointCount} (${checkpointsFileOf(file)})`],
  ]);
  const how = text("Anybody can verify it, without this hospital:", "누구나 이 병원의 도움 없이 검증할 수 있습니다:");
  const known = witnesses.map((witness) => ` \\\n    --witness ${witness.site}=${witness.key}`);
  return `${fields}\n\n${how[language]}\n  dure ledger verify ${file} --alliance ${alliance} --site ${site} --key ${key}${known.join("")}`;
}

const exportIsWhole = () =>
  ({
    code: "cli/export-is-whole",
    severity: "error",
    place: {},
    what: text("--export and --study do not go together.", "--export 와 --study 는 함께 쓸 수 없습니다."),
    remedy: text("Export the whole ledger: a part of it cannot be verified.", "원장 전체를 내보내십시오. 일부만으로는 검증할 수 없습니다."),
  }) as const;
