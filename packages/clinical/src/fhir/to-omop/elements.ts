/**
 * Reading a resource that nobody has checked: each reader gives the element where it has the form that FHIR R4 says, and undefined
 * where it has not, so that one bad field costs that field and not the resource.
 */

export type Element = Readonly<Record<string, unknown>>;

export const asElement = (value: unknown): Element | undefined =>
  typeof value === "object" && value !== null && !Array.isArray(value)
    ? (value as Element) // an object that is no list: its fields are read as unknown
    : undefined;

/** The elements of a list; servers that write one element without its list are understood. */
export function elementsOf(value: unknown): readonly Element[] {
  if (value === undefined || value === null) return [];
  const list: readonly unknown[] = Array.isArray(value) ? value : [value];
  return list.flatMap((item) => {
    const element = asElement(item);
    return element === undefined ? [] : [element];
  });
}

export const asText = (value: unknown): string | undefined => {
  if (typeof value !== "string") return undefined;
  const trimmed = value.trim();
  return trimmed === "" ? undefined : trimmed;
};

export const asNumber = (value: unknown): number | undefined => (typeof value === "number" && Number.isFinite(value) ? value : undefined);

/** `id` of a reference to one of `types`: `Type/id`, an absolute address ending so, or `urn:uuid:id`. Searches and fragments give none. */
export function referenceId(reference: unknown, ...types: readonly string[]): string | undefined {
  const target = asText(asElement(reference)?.["reference"]);
  if (target === undefined || target.includes("?") || target.startsWith("#")) return undefined;
  if (target.startsWith("urn:uuid:")) return target.slice("urn:uuid:".length);
  const parts = target.split("/");
  const history = parts.indexOf("_history");
  const end = history === -1 ? parts.length : history;
  const [type, id] = [parts[end - 2], parts[end - 1]];
  return type !== undefined && types.includes(type) && id !== undefined && id !== "" ? id : undefined;
}

/** The resource inside `contained` that a `#id` reference names. */
export function containedOf(resource: Element, reference: unknown): Element | undefined {
  const target = asText(asElement(reference)?.["reference"]);
  if (!target?.startsWith("#")) return undefined;
  return elementsOf(resource["contained"]).find((contained) => contained["id"] === target.slice(1));
}

/** Codes of a CodeableConcept, a Coding, or a list of either. */
export function codesIn(value: unknown, system?: string): readonly string[] {
  return codingsOf(value).flatMap((coding) => {
    const code = asText(coding["code"]);
    return code === undefined || (system !== undefined && coding["system"] !== system) ? [] : [code];
  });
}

export function codingsOf(value: unknown): readonly Element[] {
  return elementsOf(value).flatMap((item) => ("coding" in item ? elementsOf(item["coding"]) : "code" in item ? [item] : []));
}

/** The extension of that address, at this element only. */
export const extensionOf = (element: Element, url: string): Element | undefined =>
  elementsOf(element["extension"]).find((extension) => extension["url"] === url);
