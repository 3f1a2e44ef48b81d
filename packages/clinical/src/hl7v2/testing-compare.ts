/**
 * For tests only: what two bundles say about the same message, resource by resource and fact by fact. A fact is a path without positions and a
 * value; facts about people's names, narrative and references are not compared, because ids differ by design and names are never taken.
 */

type Json = Readonly<Record<string, unknown>>;

export interface Difference {
  readonly message: string;
  /** `missing`: expected, and not made. `extra`: made, and not expected. */
  readonly side: "missing" | "extra";
  readonly resourceType: string;
  /** Empty for a whole resource. */
  readonly path: string;
  /** Of a whole resource: its code or its number. */
  readonly value: string;
}

export interface Comparison {
  /** Facts that both sides state. */
  readonly equal: number;
  readonly differences: readonly Difference[];
}

/** Words and pictures, pointers, and what only names a person. */
const NOT_COMPARED =
  /(^|\.)(display|text|reference|id|url|name|telecom|line|description|note|data|contentType|patientInstruction|district|version|userSelected|type\.coding\.system)(\.|$)/;

/** Resources are paired by what they share, the likest first; what is left over on either side is one difference. */
export function compareResources(message: string, expected: readonly Json[], made: readonly Json[]): Comparison {
  const left = expected.map(describe);
  const right = made.map(describe);
  const pairs = left
    .flatMap((one, i) =>
      right.map((other, j) => ({ i, j, shared: one.resourceType === other.resourceType ? sharedCount(one.facts, other.facts) : -1 })),
    )
    .filter(({ shared }) => shared >= 0)
    .sort((a, b) => b.shared - a.shared || a.i - b.i || a.j - b.j);
  const [usedLeft, usedRight] = [new Set<number>(), new Set<number>()];
  const comparisons: Comparison[] = [];
  for (const { i, j, shared } of pairs) {
    const [one, other] = [left[i], right[j]];
    if (one === undefined || other === undefined || usedLeft.has(i) || usedRight.has(j) || (shared === 0 && one.resourceType !== "Patient"))
      continue;
    usedLeft.add(i);
    usedRight.add(j);
    comparisons.push(compareFacts(message, one, other));
  }
  const whole = (side: Difference["side"], of: readonly Described[], used: ReadonlySet<number>): readonly Difference[] =>
    of.filter((_, index) => !used.has(index)).map(({ resourceType, label }) => ({ message, side, resourceType, path: "", value: label }));
  return {
    equal: comparisons.reduce((sum, { equal }) => sum + equal, 0),
    differences: [
      ...comparisons.flatMap(({ differences }) => differences),
      ...whole("missing", left, usedLeft),
      ...whole("extra", right, usedRight),
    ],
  };
}

/** A medication that stands in a resource of its own is put into the resource that refers to it. */
export function withInlineMedications(resources: readonly Json[]): readonly Json[] {
  const codes = new Map(
    resources
      .filter(({ resourceType }) => resourceType === "Medication")
      .map((medication) => [`Medication/${medication["id"]}`, medication["code"]]),
  );
  return resources
    .filter(({ resourceType }) => resourceType !== "Medication")
    .map((resource) => {
      const { medicationReference, ...rest } = resource;
      const reference = (medicationReference as { readonly reference?: string } | undefined)?.reference;
      return reference === undefined ? resource : { ...rest, medicationCodeableConcept: codes.get(reference) };
    });
}

interface Described {
  readonly resourceType: string;
  readonly label: string;
  readonly facts: readonly string[];
}

function describe(resource: Json): Described {
  const facts = leaves(resource, "");
  const label =
    facts.find((fact) => /(^code|Code|CodeableConcept)\.coding\.code=/.test(fact)) ??
    facts.find((fact) => fact.startsWith("identifier.value=")) ??
    "";
  return { resourceType: String(resource["resourceType"]), label: label.slice(label.indexOf("=") + 1), facts };
}

function leaves(value: unknown, path: string): readonly string[] {
  if (Array.isArray(value)) return value.flatMap((item) => leaves(item, path));
  if (typeof value === "object" && value !== null)
    return Object.entries(value).flatMap(([name, inner]) => leaves(inner, path === "" ? name : `${path}.${name}`));
  return path === "resourceType" || NOT_COMPARED.test(path) ? [] : [`${path}=${comparable(String(value))}`];
}

/** A time is the instant that it names: the expected bundles were written in the time zone of the machine that made them. */
function comparable(value: string): string {
  if (!/^\d{4}-\d\d-\d\dT/.test(value)) return value.trim();
  const ms = Date.parse(value);
  return Number.isNaN(ms) ? value : new Date(ms).toISOString();
}

function compareFacts(message: string, expected: Described, made: Described): Comparison {
  const open = [...made.facts];
  const missing = expected.facts.filter((fact) => !take(open, fact));
  const differ = (side: Difference["side"], fact: string): Difference => {
    const at = fact.indexOf("=");
    return { message, side, resourceType: expected.resourceType, path: fact.slice(0, at), value: fact.slice(at + 1) };
  };
  return {
    equal: expected.facts.length - missing.length,
    differences: [...missing.map((fact) => differ("missing", fact)), ...open.map((fact) => differ("extra", fact))],
  };
}

function sharedCount(one: readonly string[], other: readonly string[]): number {
  const open = [...other];
  return one.filter((fact) => take(open, fact)).length;
}

function take(from: string[], fact: string): boolean {
  const at = from.indexOf(fact);
  if (at < 0) return false;
  from.splice(at, 1);
  return true;
}
