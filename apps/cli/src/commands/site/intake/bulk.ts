/** `dure site intake bulk`: a FHIR server's Bulk Data export into the site's intake store. */

import { readFileSync } from "node:fs";
import { resolve } from "node:path";
import { DureError, formatProblem, type JsonValue, type Language, text } from "@dure/kernel";
import { systemClock } from "@dure/machine";
import type { BulkAccess, BulkReport } from "@dure/site/intake";
import { defineCommand } from "../../../command.ts";
import { EXIT } from "../../../exit-status.ts";
import { homeOption } from "../../shared-options.ts";
import { DEFAULT_SOURCE, faultPolicy, formatDeliveries, intakeOptions } from "./shared-options.ts";

const TOKEN_VARIABLE = "DURE_BULK_TOKEN";

export const siteIntakeBulk = defineCommand({
  name: "site intake bulk",
  summary: text("take in a FHIR server's Bulk Data export", "FHIR 서버의 벌크 내보내기를 반입합니다"),
  description: text(
    "Asks the server for an export ($export), waits, downloads and takes in every file, deletions included. Interrupted, the same command " +
      `goes on where it stopped. The access token comes from --token-file or ${TOKEN_VARIABLE}, or by SMART Backend Services from --token-url, ` +
      "--client-id and --key-file. Downloads are deleted as soon as they are taken in.",
    "서버에 내보내기($export)를 요청하고, 기다렸다가, 삭제 내역을 포함한 모든 파일을 내려받아 반입합니다. 중단되면 같은 명령으로 이어서 진행합니다. " +
      `접근 토큰은 --token-file이나 ${TOKEN_VARIABLE} 환경 변수로 주거나, SMART Backend Services 방식으로 --token-url, --client-id, --key-file로 ` +
      "발급받습니다. 내려받은 파일은 반입하는 즉시 지웁니다.",
  ),
  arguments: {
    url: {
      kind: "text",
      placeholder: "URL",
      summary: text("such as https://server/fhir/Group/12/$export", "예: https://server/fhir/Group/12/$export"),
    },
  },
  options: {
    home: homeOption,
    ...intakeOptions,
    type: { kind: "list", placeholder: "TYPE", summary: text("a resource type; all without it", "리소스 종류(없으면 전체)") },
    since: {
      kind: "text",
      placeholder: "INSTANT|last",
      summary: text("only what changed since; `last`: since the last export", "이 시각 이후의 변경분만. `last`는 지난 내보내기 이후"),
    },
    tokenFile: { kind: "text", placeholder: "FILE", summary: text("the file with the access token", "접근 토큰이 든 파일") },
    tokenUrl: { kind: "text", placeholder: "URL", summary: text("where tokens are given", "토큰 발급 주소") },
    clientId: { kind: "text", placeholder: "ID", summary: text("this client, as registered", "등록된 클라이언트 ID") },
    keyFile: { kind: "text", placeholder: "FILE", summary: text("the client's private key (PEM)", "클라이언트의 개인 키(PEM)") },
    keyId: { kind: "text", placeholder: "ID", summary: text("the key's id, as registered", "등록된 키 ID") },
    cancel: { kind: "flag", summary: text("give up the export that is under way", "진행 중인 내보내기를 취소합니다") },
  },
  examples: [
    {
      line: "dure site intake bulk https://fhir.example.org/Group/12/$export --home seoul --since last",
      shows: text("what changed since the last time", "지난번 이후 바뀐 내용 반입"),
    },
  ],
  async run({ output, progress, language, workingFolder, environment, signal }, input) {
    const { bulkIntoHome, cancelBulkOfHome } = await import("@dure/site/intake");
    const at = (path: string): string => resolve(workingFolder, path);
    const site = {
      home: at(input.home),
      source: input.source ?? DEFAULT_SOURCE,
      access: accessOf({ ...input, token: environment[TOKEN_VARIABLE] }, at),
      clock: systemClock,
      signal,
    };
    if (input.cancel) {
      await cancelBulkOfHome(site);
      output.result({ json: { cancelled: true }, text: text("the export was given up.", "내보내기를 취소했습니다.")[language] });
      return EXIT.done;
    }
    const report = await progress.during(text("exporting and taking in", "내보내기 및 반입 중"), (tell) =>
      bulkIntoHome({
        ...site,
        order: { url: input.url, types: input.type, ...(input.since === undefined ? {} : { since: input.since }) },
        policy: faultPolicy(input.onFault, input.faultsMax),
        minimisation: { keepsFreeText: input.keepFreeText },
        onProgress: (step) => {
          if (step.step === "files") tell(step.done, step.of);
        },
      }),
    );
    output.result({ json: report as unknown as JsonValue, text: formatBulk(report, language) }); // a report is counts, codes and names made here
    return EXIT.done;
  },
});

interface AccessInput {
  readonly token: string | undefined;
  readonly tokenFile: string | undefined;
  readonly tokenUrl: string | undefined;
  readonly clientId: string | undefined;
  readonly keyFile: string | undefined;
  readonly keyId: string | undefined;
}

function accessOf({ token, tokenFile, tokenUrl, clientId, keyFile, keyId }: AccessInput, at: (path: string) => string): BulkAccess {
  if (tokenUrl !== undefined && clientId !== undefined && keyFile !== undefined) {
    const service = { tokenUrl, clientId, privateKeyPem: readSecret(at(keyFile)), ...(keyId === undefined ? {} : { keyId }) };
    return { kind: "backend-service", service };
  }
  if (tokenFile !== undefined) return { kind: "token", token: readSecret(at(tokenFile)).trim() };
  return token === undefined || token === "" ? { kind: "open" } : { kind: "token", token };
}

function readSecret(path: string): string {
  try {
    return readFileSync(path, "utf8");
  } catch (cause) {
    const problem = {
      code: "intake/missing",
      severity: "error" as const,
      place: { file: path },
      what: text("the file with the token or key cannot be read.", "토큰 또는 키 파일을 읽을 수 없습니다."),
      remedy: text("Check the path and its permissions.", "경로와 권한을 확인하십시오."),
    };
    throw new DureError(problem, { cause });
  }
}

function formatBulk({ transactionTime, deliveries, warnings }: BulkReport, language: Language): string {
  const parts = [text(`as of ${transactionTime}`, `기준 시각 ${transactionTime}`)[language]];
  if (deliveries.length > 0) parts.push(formatDeliveries(deliveries, language));
  if (warnings.length > 0) parts.push(warnings.map((problem) => formatProblem(problem, language)).join("\n"));
  return parts.join("\n\n");
}
