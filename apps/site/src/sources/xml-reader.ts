/**
 * XML read as it comes, element by element, under limits of its own: nothing of a document is held but the element being read. Names come
 * without their prefix, because programs differ in the prefixes that they write, not in the names. Entities are decoded here, as the
 * parser's own decoder knows no character beyond U+FFFF; there are no others than XML's five, since a document type is refused.
 */

import { Parser } from "saxen";

/** By name, as the document has it, prefix included; values are not decoded: see `textAttribute`. */
export type Attributes = Readonly<Record<string, string>>;

export interface XmlListener {
  readonly open: (name: string, attributesOf: () => Attributes) => void;
  readonly close: (name: string) => void;
  /** Decoded; one text may come in several parts. */
  readonly text?: (text: string) => void;
}

/** Characters between two marks: a cell holds up to 32,767, each at most ten in XML. */
const TOKEN_LENGTH_MAX = 2 ** 20;
/** Deeper than any part of a workbook. */
const DEPTH_MAX = 256;

export class XmlReader {
  readonly #parser = new Parser();
  #depth = 0;
  /** Characters written since the parser last told of something: at least as many as it holds back. */
  #heldLength = 0;

  constructor({ open, close, text }: XmlListener) {
    this.#parser.on("openTag", (name, attributesOf) => {
      this.#heldLength = 0;
      if (++this.#depth > DEPTH_MAX) throw new RangeError("the elements are nested too deep");
      open(localName(name), attributesOf);
    });
    this.#parser.on("closeTag", (name) => {
      this.#heldLength = 0;
      this.#depth--;
      close(localName(name));
    });
    if (text !== undefined) {
      this.#parser.on("text", (escaped) => text(unescapeXml(escaped)));
      this.#parser.on("cdata", text);
    }
    this.#parser.on("warn", refuse);
    this.#parser.on("attention", () => refuse(new SyntaxError("a document type has no place here")));
  }

  /** @throws where the text is no XML, or what the listener throws; it is of no use afterwards. */
  write(xml: string): void {
    this.#parser.write(xml);
    this.#heldLength += xml.length;
    if (this.#heldLength > TOKEN_LENGTH_MAX + xml.length) throw new RangeError("a mark or text is too long");
  }

  /** @throws where the document is not whole. */
  end(): void {
    this.#parser.end();
  }
}

/** The decoded value of an attribute, whatever its prefix; empty where there is none. */
export function textAttribute(attributes: Attributes, name: string): string {
  const value = attributes[name] ?? Object.entries(attributes).find(([written]) => written.endsWith(`:${name}`))?.[1];
  return unescapeXml(value ?? "");
}

function refuse(cause: Error): never {
  throw cause;
}

function localName(name: string): string {
  const colon = name.indexOf(":");
  return colon < 0 ? name : name.slice(colon + 1);
}

const ENTITIES: Readonly<Record<string, string>> = { amp: "&", lt: "<", gt: ">", quot: '"', apos: "'" };

function unescapeXml(escaped: string): string {
  if (!escaped.includes("&")) return escaped;
  return escaped.replace(/&(?:#x([0-9a-f]+)|#(\d+)|(\w+));/gi, (entity, hex?: string, decimal?: string, name?: string) => {
    if (name !== undefined) return ENTITIES[name] ?? entity;
    const point = Number.parseInt(hex ?? decimal ?? "", hex === undefined ? 10 : 16);
    return point <= 0x10ffff ? String.fromCodePoint(point) : entity;
  });
}
