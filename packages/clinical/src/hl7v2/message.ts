/**
 * An HL7 v2 message as segments, fields, repetitions, components and subcomponents (HL7 v2.9 chapter 2).
 *
 * Only segments and fields are cut when a message is read; the rest is cut where it is asked for, because of some hundred fields of a message a
 * dozen matter. The absent, the empty and HL7's null (`""`: delete what you have) all read as nothing; `isNull` tells the last apart.
 */

import type { CharsetDecoder } from "./charset.ts";
import { unescapeText } from "./escapes.ts";

export interface Delimiters {
  readonly field: string;
  readonly component: string;
  readonly repetition: string;
  readonly escape: string;
  readonly subcomponent: string;
  readonly truncation?: string;
}

/** What all values of a message share. */
interface Notation {
  readonly delimiters: Delimiters;
  readonly decode: CharsetDecoder;
}

/** One repetition of a field. */
export class Hl7Field {
  readonly #components: readonly string[];
  readonly #notation: Notation;

  constructor(text: string, notation: Notation) {
    this.#components = text.split(notation.delimiters.component);
    this.#notation = notation;
  }

  /** Both counted from 1, as the standard counts: `component(4, 2)` is CX-4.2. */
  component(number: number, subcomponent = 1): string | undefined {
    const component = this.#components[number - 1];
    if (component === undefined || component === "") return undefined;
    const mark = this.#notation.delimiters.subcomponent;
    const part = component.includes(mark) ? component.split(mark)[subcomponent - 1] : subcomponent === 1 ? component : undefined;
    return part === undefined ? undefined : readValue(part, this.#notation);
  }

  /** A component as a field of its own: its subcomponents become components. For HD inside CX, and the like. */
  nested(number: number): Hl7Field | undefined {
    const component = this.#components[number - 1];
    if (component === undefined || component === "" || component === '""') return undefined;
    const { component: outer, subcomponent: inner } = this.#notation.delimiters;
    return new Hl7Field(component.split(inner).join(outer), this.#notation);
  }
}

export class Hl7Segment {
  readonly name: string;
  readonly #fields: readonly string[];
  readonly #notation: Notation;

  constructor(fields: readonly string[], notation: Notation) {
    this.name = fields[0] ?? "";
    this.#fields = fields;
    this.#notation = notation;
  }

  /** A component of the field's first repetition, unescaped and trimmed. */
  text(field: number, component = 1, subcomponent = 1): string | undefined {
    const raw = this.#fields[field];
    if (raw === undefined || raw === "") return undefined;
    if (this.#isSimple(raw)) return component === 1 && subcomponent === 1 ? readValue(raw, this.#notation) : undefined;
    return this.first(field)?.component(component, subcomponent);
  }

  first(field: number): Hl7Field | undefined {
    const raw = this.#fields[field];
    if (raw === undefined || raw === "" || raw === '""') return undefined;
    const mark = this.#notation.delimiters.repetition;
    const end = raw.indexOf(mark);
    const text = end < 0 ? raw : raw.slice(0, end);
    return text === "" ? this.repetitions(field)[0] : new Hl7Field(text, this.#notation);
  }

  /** The repetitions that hold something. */
  repetitions(field: number): readonly Hl7Field[] {
    const raw = this.#fields[field];
    if (raw === undefined || raw === "" || raw === '""') return [];
    return raw
      .split(this.#notation.delimiters.repetition)
      .filter((text) => text !== "" && text !== '""')
      .map((text) => new Hl7Field(text, this.#notation));
  }

  /** The whole field as one text, delimiters and all: senders leave `^` and `&` unescaped in free text. */
  whole(field: number): string | undefined {
    const raw = this.#fields[field];
    return raw === undefined || raw === "" ? undefined : readValue(raw, this.#notation);
  }

  /** As it stands on the wire; tells equal fields apart from different ones. */
  raw(field: number): string {
    return this.#fields[field] ?? "";
  }

  isNull(field: number): boolean {
    return this.#fields[field] === '""';
  }

  /** Most fields are one value, and cutting them up would be most of the work of a message. */
  #isSimple(raw: string): boolean {
    const { component, repetition, subcomponent } = this.#notation.delimiters;
    return !raw.includes(component) && !raw.includes(repetition) && !raw.includes(subcomponent);
  }
}

export interface Hl7Message {
  readonly delimiters: Delimiters;
  /** Never empty; the first is MSH. */
  readonly segments: readonly Hl7Segment[];
  readonly header: Hl7Segment;
}

/** The delimiters that a text beginning with MSH declares; nothing where it does not declare them. */
export function readDelimiters(header: string): Delimiters | undefined {
  const field = header[3];
  if (!header.startsWith("MSH") || field === undefined || /[\w\s]/.test(field)) return undefined;
  const end = header.indexOf(field, 4);
  const marks = header.slice(4, end < 0 ? header.length : end);
  const [component, repetition, third, fourth, fifth] = [...marks];
  if (component === undefined || repetition === undefined) return undefined;
  // `^~\\&`, with the escape character doubled by a program that took it for its own, means `^~\&`.
  const isDoubled = third !== undefined && fourth === third && fifth !== undefined;
  const subcomponent = (isDoubled ? fifth : fourth) ?? "&";
  const declared = { field, component, repetition, escape: third ?? "\\", subcomponent };
  if (new Set(Object.values(declared)).size < 5) return undefined;
  return fifth === undefined || isDoubled ? declared : { ...declared, truncation: fifth };
}

/**
 * @param text one message, from MSH on, in any line ends
 * @returns nothing where the first line is no MSH or declares no delimiters
 * A line that does not begin as a segment continues the field before it: a sender broke a long text.
 */
export function parseMessage(text: string, decode: CharsetDecoder): Hl7Message | undefined {
  const delimiters = readDelimiters(text);
  if (delimiters === undefined) return undefined;
  const notation = { delimiters, decode };
  const segments: Hl7Segment[] = [];
  for (const line of segmentLines(text, delimiters.field)) {
    const fields = line.split(delimiters.field);
    // MSH-1 is the field mark itself, so MSH-2 stands where another segment has its first field.
    segments.push(new Hl7Segment(line.startsWith("MSH") ? ["MSH", delimiters.field, ...fields.slice(1)] : fields, notation));
  }
  const header = segments[0];
  return header === undefined ? undefined : { delimiters, segments, header };
}

function segmentLines(text: string, fieldMark: string): readonly string[] {
  const lines: string[] = [];
  for (const line of text.split(/[\r\n]+/)) {
    if (line === "") continue;
    const isSegment = /^[A-Z][A-Z0-9]{2}/.test(line) && (line.length === 3 || line[3] === fieldMark);
    if (isSegment || lines.length === 0) lines.push(line);
    else lines[lines.length - 1] += `\n${line}`;
  }
  return lines;
}

function readValue(raw: string, { delimiters, decode }: Notation): string | undefined {
  if (raw === '""') return undefined;
  const value = unescapeText(raw, delimiters, decode).trim();
  return value === "" ? undefined : value;
}
