/** `dure site vocabulary status`: which vocabularies the store has. */

import { resolve } from "node:path";
import { type JsonValue, text } from "@dure/kernel";
import { systemClock } from "@dure/machine";
import { defineCommand } from "../../../command.ts";
import { EXIT } from "../../../exit-status.ts";
import { formatTable } from "../../../text-table.ts";
import { homeOption } from "../../shared-options.ts";
import { vocabularyStates } from "./words.ts";

export const siteVocabularyStatus = defineCommand({
  name: "site vocabulary status",
  summary: text("list the vocabularies of this site", "이 기관의 용어집을 나열합니다"),
  description: text(
    "Lists each vocabulary with its version: the one in use, one that waits to be accepted, and those that earlier snapshots were built with.",
    "사용 중인 용어집, 승인을 기다리는 용어집, 이전 적재본을 만든 용어집을 버전과 함께 나열합니다.",
  ),
  arguments: {},
  options: { home: homeOption },
  examples: [{ line: "dure site vocabulary status --home seoul", shows: text("see which version is in use", "사용 중인 버전 확인") }],
  async run({ output, language, workingFolder, signal }, input) {
    const { vocabularyStatus } = await import("@dure/site/vocabulary");
    const stored = await vocabularyStatus({ home: resolve(workingFolder, input.home), clock: systemClock, signal });
    const say = (en: string, ko: string): string => text(en, ko)[language];
    const table = formatTable(
      [
        { heading: say("no.", "번호"), align: "right" },
        { heading: say("version", "버전") },
        { heading: say("state", "상태") },
        { heading: say("concepts", "개념"), align: "right" },
        { heading: say("loaded", "적재일") },
        { heading: say("snapshots", "적재본") },
      ],
      stored.map(({ number, version, state, conceptCount, loadedAtMs, snapshots }) => [
        ...[String(number), version, vocabularyStates[state][language], String(conceptCount)],
        ...[loadedAtMs === null ? "" : new Date(loadedAtMs).toISOString().slice(0, 10), snapshots.join(", ")],
      ]),
    );
    const none = say("No vocabulary yet: dure site vocabulary load.", "아직 용어집이 없습니다: dure site vocabulary load");
    output.result({ json: stored as unknown as JsonValue, text: stored.length === 0 ? none : table }); // numbers and versions
    return EXIT.done;
  },
});
