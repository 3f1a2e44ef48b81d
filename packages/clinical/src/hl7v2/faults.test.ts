/** One row for each way that a message can be wrong, and any bytes at all. */

import assert from "node:assert/strict";
import test from "node:test";
import { utf8 } from "@dure/kernel";
import fc from "fast-check";
import { DEFAULT_TERMS } from "./conversion.ts";
import { convertMessage } from "./convert-message.ts";
import { HL7_PROBLEMS } from "./problems.ts";
import { readMessage } from "./read-message.ts";
import { MessageSplitter } from "./split-messages.ts";

const msh = (type: string, at = "20240301", charset = ""): string => `MSH|^~\\&|A|B|C|D|${at}||${type}|1|P|2.5||||||${charset}`;
const pid = "PID|1||1001^^^H^MR";
const obr = "OBR|1|P1||x^x^L|||20240301";

/** Codes of the problems of all messages in the bytes. */
function problemsOf(bytes: Uint8Array, bytesMax = 100_000): readonly string[] {
  const splitter = new MessageSplitter(bytesMax);
  return [...splitter.push(bytes), ...splitter.finish()].flatMap((raw) => {
    const reading = readMessage({ raw, file: "f" });
    if (reading.kind === "unreadable") return [reading.problem.code];
    const conversion = convertMessage({
      message: reading.message,
      terms: DEFAULT_TERMS,
      file: "f",
      number: raw.number,
      latest: "2025-01-01T00:00:00.000Z",
    });
    if (conversion.kind === "converted") return conversion.faults.map(({ code }) => code);
    return conversion.kind === "refused" ? [conversion.problem.code] : [];
  });
}

const ROWS: readonly (readonly [readonly string[], keyof typeof HL7_PROBLEMS])[] = [
  [["PID|1"], "hl7/no-header"],
  [[msh("ADT^A08"), "x".repeat(100_001)], "hl7/too-large"],
  [[msh("ADT^A08", "20240301", "ISO IR87")], "hl7/unknown-charset"],
  [[msh("ADT^A08"), "PID|1||1001||한"], "hl7/undeclared-charset"],
  [[msh("ADT^A08", "20240301", "ASCII"), "PID|1||1001||한"], "hl7/wrong-charset"],
  [[msh("ZZZ^Z01")], "hl7/unknown-type"],
  [[msh("ADT^A08")], "hl7/no-patient"],
  [[msh("ADT^A40"), pid, "MRG|"], "hl7/no-merged-patient"],
  [[msh("ADT^A31", ""), pid], "hl7/no-time"],
  [[msh("ADT^A31", "2999"), pid], "hl7/future-time"],
  [[msh("ADT^A31"), `${pid}||||19801332`], "hl7/bad-date"],
  [[msh("ORU^R01"), pid, obr, "OBX|1|NM|1^x^L||many"], "hl7/bad-number"],
  [[msh("ADT^A08"), pid, "DG1|1"], "hl7/no-code"],
  [[msh("ADT^A08"), pid, "PV1|1|I"], "hl7/no-visit-number"],
  [[msh("ORM^O01"), pid, "ORC|NW", "OBR|1|||x^x^L"], "hl7/no-order-number"],
  [[msh("RDE^O11"), pid, "ORC|NW|1", "RXE||a^x^L", "ORC|NW|1", "RXE||b^x^L"], "hl7/order-number-twice"],
  [[msh("ADT^A45"), pid, "MRG|2", `PV1|1|I|||||||||||||||||V1`], "hl7/moved-visit"],
];

test("each way of being wrong has its one code", () => {
  for (const [segments, code] of ROWS) assert.deepEqual(problemsOf(utf8(segments.join("\r"))), [code], code);
  assert.deepEqual(
    Object.keys(HL7_PROBLEMS).filter((code) => !ROWS.some(([, named]) => named === code)),
    [],
  );
});

test("no bytes make it fall", () => {
  const piece = fc.constantFrom(
    "MSH|^~\\&|A|B|C|D|20240301||",
    ...["ADT^A08", "ORU^R01", "RDE^O11", "ADT^A40", "OUL^R22", "VXU^V04"],
    "\r",
    "\n",
    "|",
    "^",
    "~",
    "&",
    '""',
    ...["PID", "PV1", "DG1", "OBX", "OBR", "ORC", "RXE", "RXA", "SPM", "MRG", "TXA", "TQ1"].map((name) => `\r${name}|`),
    "1001^^^H^MR",
    "NM",
    "SN",
    "DT",
    "5",
    "한",
    "\\X",
    "\\",
    "20240301",
    "\u000b",
    "\u001c",
  );
  fc.assert(
    fc.property(fc.array(piece, { maxLength: 60 }), fc.uint8Array({ maxLength: 3 }), (pieces, tail) => {
      for (const code of problemsOf(Buffer.concat([utf8(pieces.join("")), tail]))) assert.ok(Object.hasOwn(HL7_PROBLEMS, code));
    }),
    { numRuns: 2_000 },
  );
});
