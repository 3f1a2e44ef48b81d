/**
 * Data types of HL7 v2 as FHIR's, by the datatype maps of "HL7 Version 2 to FHIR" 1.0.0 (CWE[CodeableConcept], CX[Identifier], EI[Identifier],
 * HD[uri], NM and SN[Quantity]).
 *
 * What only names a person (XPN, XAD, XTN, the names in XCN) is never read: nothing downstream needs it, so it cannot leak.
 */

import { codingSystem, UCUM } from "./coding-systems.ts";
import type { Hl7Field, Hl7Segment } from "./message.ts";

export interface Coding {
  readonly system?: string;
  readonly code: string;
  readonly display?: string;
}

export interface CodeableConcept {
  readonly coding?: readonly Coding[];
  readonly text?: string;
}

export interface Identifier {
  readonly system?: string;
  readonly value: string;
  readonly type?: CodeableConcept;
}

export interface Quantity {
  readonly value: number;
  readonly comparator?: string;
  readonly unit?: string;
  readonly system?: string;
  readonly code?: string;
}

type SystemNames = Readonly<Record<string, string>>;

/**
 * CWE, CE, CNE. The text stays only where there is no code: with one it adds nothing that a mapping reads, and people write names into it.
 * @param table where the field is bound to an HL7 table and the component that names the system is empty
 */
export function codeableConcept(field: Hl7Field | undefined, systems: SystemNames, table?: string): CodeableConcept | undefined {
  if (field === undefined) return undefined;
  const codings = [codingAt(field, 1, systems, table), codingAt(field, 4, systems)].filter((coding) => coding !== undefined);
  if (codings.length > 0) return { coding: codings };
  const text = field.component(9) ?? field.component(2) ?? field.component(5);
  return text === undefined ? undefined : { text };
}

function codingAt(field: Hl7Field, first: number, systems: SystemNames, table?: string): Coding | undefined {
  const code = field.component(first);
  if (code === undefined) return undefined;
  const name = field.component(first + 2);
  const system =
    name === undefined ? (table === undefined ? undefined : codingSystem(`HL7${table}`, systems)) : codingSystem(name, systems);
  const display = field.component(first + 1);
  return { ...(system === undefined ? {} : { system }), code, ...(display === undefined ? {} : { display }) };
}

/** The code that tells one thing from another in a key: system and code, or else the text. */
export function conceptKey(concept: CodeableConcept | undefined): string {
  const coding = concept?.coding?.[0];
  return coding === undefined ? (concept?.text ?? "") : `${coding.system ?? ""}|${coding.code}`;
}

/** HD as a URI; where it has no universal id, `urn:id:` and its namespace. */
function authorityUri(authority: Hl7Field | undefined): string | undefined {
  const [namespace, universal, kind] = [authority?.component(1), authority?.component(2), authority?.component(3)];
  return uri(namespace, universal, kind);
}

function uri(namespace: string | undefined, universal: string | undefined, kind: string | undefined): string | undefined {
  // Senders put a site's own word into the type; an object identifier is known by its form.
  if (universal !== undefined && (kind === "ISO" || /^[012](\.\d+){3,}$/.test(universal))) return `urn:oid:${universal}`;
  if (universal !== undefined && (kind === "UUID" || kind === "GUID")) return `urn:uuid:${universal.toLowerCase()}`;
  if (universal !== undefined && (kind === "URI" || kind === "URL")) return universal;
  const name = namespace ?? universal;
  return name === undefined ? undefined : `urn:id:${encodeURIComponent(name)}`;
}

/** The same authority, whether a message gives its namespace alone or the universal id too. */
export const authorityKey = (authority: Hl7Field | undefined): string => authority?.component(1) ?? authority?.component(2) ?? "";

/** CX: number, authority (CX-4), type (CX-5, HL7 table 0203). */
export function cxIdentifier(field: Hl7Field, type?: string): Identifier | undefined {
  const kind = type ?? field.component(5);
  return identifier(field.component(1), authorityUri(field.nested(4)), kind);
}

/** EI: number (EI-1), authority (EI-2 to EI-4). */
export function eiIdentifier(field: Hl7Field | undefined, type?: string): Identifier | undefined {
  return field === undefined ? undefined : identifier(field.component(1), eiAuthority(field), type);
}

function eiAuthority(field: Hl7Field): string | undefined {
  return uri(field.component(2), field.component(3), field.component(4));
}

export function identifier(value: string | undefined, system: string | undefined, type: string | undefined): Identifier | undefined {
  if (value === undefined) return undefined;
  return {
    ...(system === undefined ? {} : { system }),
    value,
    ...(type === undefined ? {} : { type: { coding: [{ system: "http://terminology.hl7.org/CodeSystem/v2-0203", code: type }] } }),
  };
}

const NUMBER = /^(<=|>=|<|>)?\s*([+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?)$/;

/** NM, with the comparator that laboratories put before it. Nothing where the text is not a number. */
export function quantity(text: string, unit: Hl7Field | undefined, systems: SystemNames): Quantity | undefined {
  const parts = NUMBER.exec(text.replaceAll(/(?<=\d),(?=\d{3}(\D|$))/g, ""));
  const value = parts === null ? Number.NaN : Number(parts[2]);
  if (!Number.isFinite(value)) return undefined;
  return { value, ...(parts?.[1] === undefined ? {} : { comparator: parts[1] }), ...unitOf(unit, systems) };
}

/** CWE as a unit: code, name, system. Without a system the code is only a name. */
export function unitOf(field: Hl7Field | undefined, systems: SystemNames): Partial<Quantity> {
  const [code, name, system] = [field?.component(1), field?.component(2), field?.component(3)];
  const unit = name ?? code;
  if (unit === undefined) return {};
  if (code === undefined || system === undefined) return { unit };
  return { unit, system: system.toUpperCase() === "UCUM" ? UCUM : codingSystem(system, systems), code };
}

/** CQ: number and unit, the unit's parts being subcomponents (`5^mg&milligram&UCUM`). */
export function compositeQuantity(field: Hl7Field | undefined, systems: SystemNames): Quantity | undefined {
  const value = field?.component(1);
  return value === undefined ? undefined : quantity(value, field?.nested(2), systems);
}

/** The text of a field's first repetition whichever component holds it first: senders put a bare name into a CWE. */
export const firstText = (segment: Hl7Segment, field: number): string | undefined => segment.text(field, 1) ?? segment.text(field, 2);
