/**
 * Answers to messages (HL7 v2.9 chapter 2.9): in original mode one MSA with AA, AE or AR; in enhanced mode, which a sender asks for in MSH-15 and
 * MSH-16, first whether the message is safely kept (CA, CE, CR), then what became of it. An answer holds codes and our own words, nothing of the
 * message but its header's routing and control id.
 */

import type { Hl7Message } from "@dure/clinical/hl7v2";
import { type Language, type Problem, unreachable } from "@dure/kernel";

export type Verdict =
  | { readonly kind: "accepted" }
  /** Nothing of it was taken, and sending it again as it is changes nothing. */
  | { readonly kind: "refused"; readonly problem: Problem }
  /** Nothing of it was taken, because of us: the sender should send it again. */
  | { readonly kind: "unavailable" };

export interface Answer {
  /** Undefined where the message could not be read so far. */
  readonly message: Hl7Message | undefined;
  readonly verdict: Verdict;
  /** Unique for each answer of this listener. */
  readonly controlId: string;
  readonly nowMs: number;
  readonly language: Language;
}

/** Messages to send back, in order; none where the sender asked for none. */
export function answersTo(answer: Answer): readonly string[] {
  const header = answer.message?.header;
  const [accept, application] = [header?.text(15), header?.text(16)];
  const codes = verdictCodes(answer.verdict);
  if (accept === undefined && application === undefined) return [acknowledgement(answer, codes.application)];
  const isGood = answer.verdict.kind === "accepted";
  const first = isAsked(accept ?? "NE", isGood) ? [acknowledgement(answer, codes.accept)] : [];
  const second = isAsked(application ?? "NE", isGood)
    ? [acknowledgement({ ...answer, controlId: `${answer.controlId}A` }, codes.application)]
    : [];
  return [...first, ...second];
}

/** HL7 table 0155: always, never, on error, on success. */
function isAsked(condition: string, isGood: boolean): boolean {
  return condition === "AL" || (condition === "ER" && !isGood) || (condition === "SU" && isGood);
}

function verdictCodes(verdict: Verdict): { readonly accept: string; readonly application: string } {
  switch (verdict.kind) {
    case "accepted":
      return { accept: "CA", application: "AA" };
    case "refused":
      return REJECTED.has(verdict.problem.code) ? { accept: "CR", application: "AR" } : { accept: "CE", application: "AE" };
    case "unavailable":
      return { accept: "CR", application: "AR" };
    default:
      return unreachable(verdict);
  }
}

/** Faults of the message's envelope; those of its content are errors. */
const REJECTED: ReadonlySet<string> = new Set(["hl7/no-header", "hl7/too-large", "hl7/unknown-type"]);

/** HL7 table 0357. */
const ERROR_CODES: Readonly<Record<string, readonly [string, string]>> = {
  "hl7/no-header": ["100", "Segment sequence error"],
  "hl7/no-patient": ["101", "Required field missing"],
  "hl7/no-merged-patient": ["101", "Required field missing"],
  "hl7/future-time": ["102", "Data type error"],
  "hl7/wrong-charset": ["102", "Data type error"],
  "hl7/unknown-charset": ["103", "Table value not found"],
  "hl7/undeclared-charset": ["101", "Required field missing"],
  "hl7/unknown-type": ["200", "Unsupported message type"],
};
const INTERNAL_ERROR = ["207", "Application internal error"] as const;

function acknowledgement({ message, verdict, controlId, nowMs, language }: Answer, code: string): string {
  const header = message?.header;
  const raw = (field: number): string => printable(header?.raw(field) ?? "");
  const event = printable(header?.text(9, 2) ?? "");
  const at = `${new Date(nowMs).toISOString().slice(0, 19).replaceAll(/[-:T]/g, "")}+0000`;
  const type = event === "" ? "ACK" : `ACK^${event}^ACK`;
  const processing = raw(11) === "" ? "P" : raw(11);
  const version = raw(12) === "" ? "2.5" : raw(12);
  const msh = [
    "MSH",
    "^~\\&",
    raw(5),
    raw(6),
    raw(3),
    raw(4),
    at,
    "",
    type,
    controlId,
    processing,
    version,
    "",
    "",
    "NE",
    "NE",
    "",
    "UNICODE UTF-8",
  ];
  const segments = [msh.join("|"), ["MSA", code, raw(10)].join("|")];
  const error = errorOf(verdict, language);
  return `${[...segments, ...(error === undefined ? [] : [error])].join("\r")}\r`;
}

function errorOf(verdict: Verdict, language: Language): string | undefined {
  if (verdict.kind === "accepted") return undefined;
  const [number, name] = verdict.kind === "refused" ? (ERROR_CODES[verdict.problem.code] ?? INTERNAL_ERROR) : INTERNAL_ERROR;
  const { place, code, what } = verdict.kind === "refused" ? verdict.problem : { place: {}, code: "hl7/unavailable", what: UNAVAILABLE };
  const [segment, field] = (place.path ?? "").split("-");
  const location = segment === undefined || segment === "" ? "" : `${segment}^1${field === undefined ? "" : `^${field}`}`;
  return ["ERR", "", location, `${number}^${name}^HL70357`, "E", code, "", "", what[language].replaceAll(/[|^~\\&\r\n]/g, " ")].join("|");
}

const UNAVAILABLE = {
  en: "the message could not be stored now; send it again.",
  ko: "지금은 메시지를 저장할 수 없습니다. 다시 보내 주십시오.",
};

/** The sender's own words go back to it, but no line end of theirs may begin a segment of ours. */
const printable = (text: string): string => Array.from(text, (character) => (character < " " ? " " : character)).join("");
