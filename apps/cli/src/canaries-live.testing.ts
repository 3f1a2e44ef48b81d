/** For tests only: planted words that come by the network, and that leave in the hospital's own tables; see canaries.testing.ts. */

import { writeFileSync } from "node:fs";
import { join } from "node:path";
import type { BulkServer } from "@dure/site/testing";
import { hl7Messages, inFileName, intakeOnly, nowhere, nowhereDigits, resources } from "./canaries.testing.ts";

/** More than any of the messages, and less than the one that is to be too large. */
export const MESSAGE_BYTES_MAX = 20_000;

/** What systems send to the listener, one frame each: messages, and what is none or a bad one. Only a header's words go back to a sender. */
export function sentMessages(): readonly string[] {
  const header = (type: string, id: string, at = "20240401090000"): string =>
    `MSH|^~\\&|LIS|H|DURE|H|${at}||${type}|${id}|P|2.5|||||KOR|UNICODE UTF-8`;
  const bad = [
    [nowhere()],
    [`PID|1||${nowhereDigits()}`, header("ADT^A08", "1"), `PID|1||${intakeOnly()}||${nowhere()}`],
    [header("ADT^A08", "2"), `PID|1||||${nowhere()}^${nowhere()}|||F`],
    [header("ADT^A40", "3"), `PID|1||nurhierP1L^^^H^MR||${nowhere()}`, `MRG|${nowhere().slice(0, 1)}`],
    [header("SIU^S12", "4"), `SCH|${nowhere()}`, `PID|1||${nowhere()}`],
    [
      header("ORU^R01", "5", "21000101"),
      `PID|1||nurhierP1L^^^H^MR||${nowhere()}`,
      `OBR|1|||${nowhere()}`,
      `OBX|1|NM|${nowhere()}||${nowhere()}`,
    ],
    [header("ORU^R01", "6").replace("UNICODE UTF-8", "KS X 9999"), `PID|1||nurhierP1L^^^H^MR||${nowhere()}`],
    [header("ADT^A08", "7"), `PID|1||nurhierP1L^^^H^MR||${`${nowhere()} `.repeat(MESSAGE_BYTES_MAX / 8)}`],
  ];
  return [...hl7Messages("L"), ...bad].map((segments) => `${segments.join("\r")}\r`);
}

/** Bytes that a sender leaves outside of any frame. */
export const strayText = (): string => `${nowhere()}\r${nowhereDigits()}\r`;

const lines = (all: readonly unknown[]): Buffer =>
  Buffer.from(all.map((one) => `${typeof one === "string" ? one : JSON.stringify(one)}\n`).join(""));

/** An export with planted words in its resources, its refusals, its deletions, its manifest and the server's headers. */
export function fillBulkServer(server: BulkServer): void {
  const [output, deleted, error] = [`/${inFileName()}`, `/${inFileName()}`, `/${inFileName()}`];
  server.files.set(output, lines([...resources("B"), `{"resourceType":"Patient","id":"${nowhere()}"`, nowhere()]));
  server.files.set(
    deleted,
    lines([
      { resourceType: "Bundle", type: "transaction", entry: [{ request: { method: "DELETE", url: `Patient/${intakeOnly()}` } }] },
      { resourceType: "Bundle", type: "transaction", entry: [{ request: { method: "DELETE", url: nowhere() } }] },
    ]),
  );
  server.files.set(error, lines([{ resourceType: "OperationOutcome", issue: [{ diagnostics: nowhere(), details: { text: nowhere() } }] }]));
  server.instead.set("GET /status", [
    (answer) => answer.writeHead(202, { "retry-after": "0", "x-progress": `${nowhere()} 40%` }).end(nowhere()),
  ]);
  server.manifest = {
    transactionTime: "2026-01-02T00:00:00Z",
    request: `${server.url}/$export`,
    requiresAccessToken: true,
    output: [{ type: "Patient", url: `${server.url}${output}`, count: 90, extension: { note: nowhere() } }],
    deleted: [{ type: "Bundle", url: `${server.url}${deleted}` }],
    error: [{ type: "OperationOutcome", url: `${server.url}${error}` }],
    message: nowhere(),
  };
}

/** How a bulk server can answer wrongly, with a planted word in what it says, and the code that follows. */
export function badBulkAnswers(): readonly {
  readonly code: string;
  readonly at: string;
  readonly status: number;
  readonly body: string;
}[] {
  return [
    { code: "intake/refused", at: "GET /$export", status: 400, body: nowhere() },
    { code: "intake/not-authorised", at: "GET /$export", status: 403, body: nowhere() },
    { code: "intake/bad-manifest", at: "GET /status", status: 200, body: `<${nowhere()}>` },
    { code: "intake/bad-manifest", at: "GET /status", status: 200, body: `"${nowhere()}` },
    {
      code: "intake/bad-manifest",
      at: "GET /status",
      status: 200,
      body: JSON.stringify({ output: nowhere(), transactionTime: nowhere() }),
    },
    { code: "intake/refused", at: "GET /status", status: 422, body: JSON.stringify({ issue: [{ diagnostics: nowhere() }] }) },
  ];
}

/** Below the folder: views of patients, good ones and ones that the data do not fit. */
export function writeViews(folder: string): void {
  const put = (name: string, columns: readonly object[], rest: object = {}): void =>
    writeFileSync(join(folder, name), JSON.stringify({ resource: "Patient", select: [{ column: columns, ...rest }] }));
  put("patients.view.json", [
    { name: "id", path: "getResourceKey()" },
    { name: "family", path: "name.family", collection: true },
    { name: "phone", path: "telecom.value.first()" },
    { name: "address", path: "address.first()" },
  ]);
  put("several.view.json", [{ name: "given", path: "name.given | name.family" }]);
  put("number.view.json", [{ name: "family", path: "name.family.first()", type: "integer" }]);
  put("truth.view.json", [{ name: "id", path: "id" }], { forEach: "name", where: [{ path: "family" }] });
  put("sum.view.json", [{ name: "sum", path: "name.family.first() - 1" }]);
  put("boundary.view.json", [{ name: "low", path: "name.family.first().lowBoundary()" }]);
  writeFileSync(join(folder, "views.ndjson"), lines(resources("W")));
  writeFileSync(join(folder, "broken.ndjson"), `{"resourceType":"Patient","id":"${nowhere()}"\n`);
}
