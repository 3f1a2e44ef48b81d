/** `dure alliance init`: found an alliance, with its certificate authority and its coordinator. */

import { resolve } from "node:path";
import { DureError, text } from "@dure/kernel";
import { systemClock, systemRandom } from "@dure/machine";
import { defineCommand } from "../../command.ts";
import { EXIT } from "../../exit-status.ts";
import { formatFields } from "../../text-table.ts";
import { homeOption } from "../shared-options.ts";

export const allianceInit = defineCommand({
  name: "alliance init",
  summary: text("found an alliance and prepare its coordinator", "연합을 만들고 코디네이터를 준비합니다"),
  description: text(
    "Makes the root key, the issuing key and the coordinator's own keys in --home. Take the root key offline afterwards: it is needed only to " +
      "replace the issuing key.",
    "--home 폴더에 루트 키, 발급 키, 코디네이터 키를 만듭니다. 루트 키는 발급 키를 교체할 때만 필요하므로 오프라인으로 옮겨 두십시오.",
  ),
  arguments: {},
  options: {
    home: homeOption,
    name: {
      kind: "required-text",
      placeholder: "NAME",
      summary: text("the alliance's name: letters, digits, . _ -", "연합 이름: 영문자, 숫자, . _ -"),
    },
    listen: {
      kind: "required-text",
      placeholder: "HOST:PORT",
      summary: text("where the coordinator listens", "코디네이터가 사용할 주소와 포트"),
    },
    dns: {
      kind: "list",
      placeholder: "NAME",
      summary: text(
        "a host name under which hospitals reach it; the first goes into tokens",
        "병원이 접속할 호스트 이름. 첫 번째 이름이 토큰에 들어갑니다",
      ),
    },
    databaseUrl: {
      kind: "text",
      placeholder: "URL",
      summary: text("a PostgreSQL; without it an embedded database", "PostgreSQL 주소. 없으면 내장 데이터베이스를 씁니다"),
    },
  },
  examples: [
    {
      line: "dure alliance init --home alliance --name korea-breast --listen 0.0.0.0:7443 --dns dure.example.org",
      shows: text("found an alliance", "연합 만들기"),
    },
  ],
  async run({ output, language, workingFolder }, input) {
    const { initAlliance } = await import("@dure/coordinator");
    const founded = await initAlliance({
      home: resolve(workingFolder, input.home),
      name: input.name,
      listen: parseListen(input.listen),
      dnsNames: input.dns.length === 0 ? ["localhost"] : input.dns,
      ...(input.databaseUrl === undefined ? {} : { databaseUrl: input.databaseUrl }),
      clock: systemClock,
      random: systemRandom,
    });
    output.note(
      text(`Take this file offline now: ${founded.rootKeyFile}`, `이 파일을 지금 오프라인으로 옮기십시오: ${founded.rootKeyFile}`),
    );
    output.result({
      json: { ...founded },
      text: formatFields([
        [text("alliance", "연합")[language], founded.name],
        [text("root fingerprint", "루트 지문")[language], founded.rootFingerprint],
      ]),
    });
    return EXIT.done;
  },
});

function parseListen(value: string): { readonly host: string; readonly port: number } {
  const at = value.lastIndexOf(":");
  const port = Number(value.slice(at + 1));
  if (at > 0 && Number.isInteger(port) && port >= 0 && port < 65_536) return { host: value.slice(0, at), port };
  throw new DureError({
    code: "coordinator/not-an-address",
    severity: "error",
    place: {},
    what: text("--listen takes HOST:PORT.", "--listen 에는 호스트:포트 를 적습니다."),
    remedy: text("For example --listen 0.0.0.0:7443.", "예: --listen 0.0.0.0:7443"),
  });
}
