/**
 * Observation: one row for its value and one for each component (systolic and diastolic pressure are two results of one reading).
 *
 * A number keeps its unit, its range and its comparator; a coded or written result stands beside it where the source gives both. A
 * result that says that nothing was found is never the thing itself.
 */

import { candidatesOf } from "./code-systems.ts";
import { INTERPRETATION, NO, OPERATOR, TYPE_CONCEPT, YES } from "./concept-ids.ts";
import { spanOf } from "./dates.ts";
import { type EventDraft, excluded, type MappedResource, type MappingContext, type UnitDraft, type ValueDraft } from "./draft.ts";
import { asElement, asNumber, asText, codesIn, type Element, elementsOf, referenceId } from "./elements.ts";
import { providerOf, subjectOf, typeOf } from "./findings.ts";
import { readWords } from "./result-words.ts";

const UCUM = "http://unitsofmeasure.org";

export function mapObservation(observation: Element, context: MappingContext): MappedResource {
  const subject = subjectOf(observation);
  if (subject === undefined) return excluded("no patient");
  const { start } = spanOf(observation, context.readDate, ["effectiveDateTime", "effectivePeriod", "effectiveInstant", "issued"]);
  const categories = codesIn(observation["category"]);
  const provider = elementsOf(observation["performer"]).flatMap((performer) => providerOf(performer) ?? [])[0];
  const common = {
    ...subject,
    ...(provider === undefined ? {} : { provider }),
    ...(start === undefined ? {} : { start }),
    typeConceptId: typeOf(observationType(observation, categories), start),
  };
  const components = elementsOf(observation["component"]).filter((component) => !("modifierExtension" in component));
  const parts = components.length > 0 && !hasValue(observation) ? components : [observation, ...components];
  const drafts = parts.flatMap((part): EventDraft[] => {
    const codes = candidatesOf(part["code"], context.sites, start?.date);
    const value = resultOf(part, context);
    if (codes.length === 0 || value === "absent" || (value === undefined && isEmptyPanel(observation))) return [];
    const isMeasured = value?.number !== undefined || categories.includes("laboratory") || categories.includes("vital-signs");
    return [{ table: isMeasured ? "measurement" : "observation", codes, ...common, ...(value === undefined ? {} : { value }) }];
  });
  return drafts.length === 0 ? excluded(whyEmpty(observation, context)) : { kind: "events", events: drafts };
}

function whyEmpty(observation: Element, context: MappingContext) {
  if ("valueSampledData" in observation) return "sampled data";
  if (isEmptyPanel(observation)) return "a panel whose results are records of their own";
  return candidatesOf(observation["code"], context.sites, undefined).length === 0 ? "no coded content" : "data absent";
}

const isEmptyPanel = (observation: Element): boolean => elementsOf(observation["hasMember"]).length > 0 && !hasValue(observation);

const hasValue = (part: Element): boolean => Object.keys(part).some((name) => name.startsWith("value"));

function observationType(observation: Element, categories: readonly string[]): number {
  const performers = elementsOf(observation["performer"]);
  if (performers.length > 0 && performers.every((each) => referenceId(each, "Patient", "RelatedPerson") !== undefined)) {
    return TYPE_CONCEPT.selfReport;
  }
  if (categories.includes("laboratory")) return TYPE_CONCEPT.laboratory;
  return categories.includes("exam") ? TYPE_CONCEPT.examination : TYPE_CONCEPT.ehr;
}

/** `absent`: the source says why there is no value, or gives one that no row can hold. */
function resultOf(part: Element, context: MappingContext): ValueDraft | "absent" | undefined {
  const read = readValue(part, context);
  if (read === "absent" || (read === undefined && "dataAbsentReason" in part)) return "absent";
  const interpretation = codesIn(part["interpretation"]).find((code) => INTERPRETATION.has(code));
  const interpreted = read?.codes === undefined && read?.conceptId === undefined ? INTERPRETATION.get(interpretation ?? "") : undefined;
  const range = asElement(elementsOf(part["referenceRange"])[0]);
  const low = asNumber(asElement(range?.["low"])?.["value"]);
  const high = asNumber(asElement(range?.["high"])?.["value"]);
  if (read === undefined && interpreted === undefined) return undefined;
  return {
    ...read,
    ...(interpreted === undefined ? {} : { conceptId: interpreted }),
    ...(low === undefined ? {} : { rangeLow: low }),
    ...(high === undefined ? {} : { rangeHigh: high }),
  };
}

function readValue(part: Element, context: MappingContext): ValueDraft | "absent" | undefined {
  if ("valueQuantity" in part) return quantityOf(asElement(part["valueQuantity"]), context);
  if ("valueCodeableConcept" in part) {
    const codes = candidatesOf(part["valueCodeableConcept"], context.sites, undefined);
    return codes.length === 0 ? wordsOf(asElement(part["valueCodeableConcept"])?.["text"], context) : { codes, ...denial(codes) };
  }
  if ("valueString" in part) return wordsOf(part["valueString"], context);
  if ("valueBoolean" in part) return part["valueBoolean"] === false ? { conceptId: NO, isDenied: true } : { conceptId: YES };
  if ("valueInteger" in part) return numberOf(asNumber(part["valueInteger"]));
  if ("valueRange" in part) return rangeOf(asElement(part["valueRange"]), context);
  if ("valueRatio" in part) return ratioOf(asElement(part["valueRatio"]), context);
  if ("valueDateTime" in part || "valuePeriod" in part) {
    const day = spanOf(part, context.readDate, ["valueDateTime", "valuePeriod"]).start;
    return day === undefined ? "absent" : { words: day.datetime ?? day.date };
  }
  if ("valueTime" in part) return wordsOf(part["valueTime"], context);
  return "valueSampledData" in part ? "absent" : undefined;
}

const numberOf = (number: number | undefined): ValueDraft | "absent" => (number === undefined ? "absent" : { number });

/** No value but a comparator or a unit alone says nothing. */
function quantityOf(quantity: Element | undefined, context: MappingContext): ValueDraft | "absent" {
  const number = asNumber(quantity?.["value"]);
  if (quantity === undefined || number === undefined) return "absent";
  const operator = OPERATOR.get(asText(quantity["comparator"]) ?? "");
  const unit = unitOf(quantity, context);
  return { number, ...(operator === undefined ? {} : { operatorConceptId: operator }), ...(unit === undefined ? {} : { unit }) };
}

/** Characters of a unit and few of them: what else stands there was written by a person. */
const UNIT_FORM = /^[A-Za-z0-9%‰°µμ²³⁹⁶/.*^[\]{}()+'_-]{1,20}$/;

/** The coded unit; without one the written unit, where it has the form of one, looked up as UCUM writes it. */
export function unitOf(quantity: Element, context: MappingContext): UnitDraft | undefined {
  const code = asText(quantity["code"]);
  const written = asText(quantity["unit"]);
  const coding = code === undefined ? { system: UCUM, code: written } : { system: asText(quantity["system"]) ?? UCUM, code };
  if (coding.code === undefined || !UNIT_FORM.test(coding.code)) return undefined;
  const candidate = candidatesOf({ coding: [coding] }, context.sites, undefined)[0];
  return candidate === undefined ? undefined : { code: candidate };
}

function wordsOf(value: unknown, context: MappingContext): ValueDraft | "absent" {
  const words = asText(value);
  if (words === undefined) return "absent";
  const read = readWords(words);
  if (read !== undefined) return read;
  return context.policy.textResults === "as-written" ? { words } : "absent";
}

function rangeOf(range: Element | undefined, context: MappingContext): ValueDraft | "absent" {
  const [low, high] = [asElement(range?.["low"]), asElement(range?.["high"])];
  const [lowNumber, highNumber] = [asNumber(low?.["value"]), asNumber(high?.["value"])];
  const unit = unitOf(low ?? high ?? {}, context);
  const withUnit = unit === undefined ? {} : { unit };
  if (lowNumber !== undefined && highNumber !== undefined) return { words: `${lowNumber}-${highNumber}`, ...withUnit };
  if (lowNumber !== undefined) return { number: lowNumber, operatorConceptId: OPERATOR.get(">=") ?? 0, ...withUnit };
  if (highNumber !== undefined) return { number: highNumber, operatorConceptId: OPERATOR.get("<=") ?? 0, ...withUnit };
  return "absent";
}

/** A titre stays `1:128`, which no number says; a ratio of two amounts is their quotient in the quotient of their units. */
function ratioOf(ratio: Element | undefined, context: MappingContext): ValueDraft | "absent" {
  const [upper, lower] = [asElement(ratio?.["numerator"]), asElement(ratio?.["denominator"])];
  const [numerator, denominator] = [asNumber(upper?.["value"]), asNumber(lower?.["value"]) ?? 1];
  if (upper === undefined || numerator === undefined || denominator === 0) return "absent";
  const [upperCode, lowerCode] = [asText(upper["code"]), asText(lower?.["code"])];
  if (upperCode === undefined && lowerCode === undefined) return { words: `${numerator}:${denominator}` };
  const code = lowerCode === undefined ? upperCode : `${upperCode ?? "1"}/${lowerCode}`;
  const unit = unitOf({ code, system: UCUM }, context);
  return { number: numerator / denominator, ...(unit === undefined ? {} : { unit }) };
}

/** Codes that deny: SNOMED no, negative, absent, not detected; v2 table 0136 N. */
const DENIALS = new Set(["373067005", "260385009", "2667000", "260415000", "N", "LA33-6", "LA6577-6"]);

const denial = (codes: readonly { readonly code: { readonly code: string } }[]) =>
  codes.some(({ code }) => DENIALS.has(code.code)) ? { isDenied: true as const } : {};
