/** What the schema found, in words: found against allowed, and what to do. */

import { type Text, text } from "@dure/kernel";
import type { z } from "zod";
import { FORMS } from "./forms.ts";
import { studyJsonSchema } from "./json-schema.ts";
import { type Finding, findNearest } from "./problem-report.ts";
import type { Path } from "./source.ts";

export interface FieldFinding extends Finding {
  readonly path: Path;
}

type Issue = z.core.$ZodIssue;

/** One finding for each field that an issue speaks of. */
export function findingsOfIssue(issue: Issue, document: unknown): readonly FieldFinding[] {
  const found = valueAt(document, issue.path);
  const at = (finding: Finding): readonly FieldFinding[] => [{ ...finding, path: issue.path }];
  if (issue.code === "unrecognized_keys") {
    const known = knownFields(document, issue.path);
    return issue.keys.map((key) => ({ path: [...issue.path, key], ...unknownField(key, known) }));
  }
  if (found === undefined) return at(missingField(issue));
  switch (issue.code) {
    case "invalid_type":
      return at(wrongType(issue.expected, found));
    case "invalid_value":
      return at(notAllowed(found, issue.values.map(String)));
    case "invalid_union":
      return at(notAllowed(found, optionsOf(issue)));
    case "too_small":
      return at(outOfRange({ found, origin: issue.origin, bound: issue.minimum, inclusive: issue.inclusive ?? true, side: "least" }));
    case "too_big":
      return at(outOfRange({ found, origin: issue.origin, bound: issue.maximum, inclusive: issue.inclusive ?? true, side: "most" }));
    case "invalid_format":
      return at(wrongForm(issue.pattern));
    case "invalid_key":
      return at(wrongForm(String(FORMS.identifier)));
    default:
      return at(wrongType("another value", found));
  }
}

export function valueAt(document: unknown, path: Path): unknown {
  let value = document;
  for (const step of path) {
    if (typeof value !== "object" || value === null || !Object.hasOwn(value, step)) return undefined;
    value = Reflect.get(value, step);
  }
  return value;
}

type JsonSchema = ReturnType<typeof studyJsonSchema>;

/** The fields the schema has at a path, from the generated JSON Schema; of a choice of analyses, those of the kind the document names. */
function knownFields(document: unknown, path: Path): readonly string[] {
  let schema: JsonSchema | undefined = studyJsonSchema();
  let value = document;
  for (const step of path) {
    value = valueAt(value, [step]);
    schema = chosen(typeof step === "number" ? entriesOf(schema) : fieldOf(schema, String(step)), value);
  }
  return Object.keys(schema?.properties ?? {});
}

const asSchema = (schema: JsonSchema | boolean | undefined): JsonSchema | undefined => (typeof schema === "object" ? schema : undefined);

const fieldOf = (schema: JsonSchema | undefined, name: string): JsonSchema | undefined =>
  asSchema(schema?.properties?.[name]) ?? asSchema(schema?.additionalProperties);

const entriesOf = (schema: JsonSchema | undefined): JsonSchema | undefined =>
  Array.isArray(schema?.items) ? undefined : asSchema(schema?.items);

/** The fields by whose value a choice is made: of analyses and penalties, and of what is done about missing values. */
const CHOOSING = ["kind", "method"] as const;

function chosen(schema: JsonSchema | undefined, value: unknown): JsonSchema | undefined {
  const choices = (schema?.oneOf ?? schema?.anyOf)?.map((choice) => asSchema(choice));
  if (choices === undefined) return schema;
  const constant = (choice: JsonSchema | undefined, name: string): unknown => asSchema(choice?.properties?.[name])?.const;
  const name = CHOOSING.find((field) => choices.some((choice) => constant(choice, field) !== undefined));
  return name === undefined ? undefined : choices.find((choice) => constant(choice, name) === valueAt(value, [name]));
}

const optionsOf = (issue: Extract<Issue, { code: "invalid_union" }>): readonly string[] =>
  "options" in issue && Array.isArray(issue.options) ? issue.options.map(String) : [];

function unknownField(key: string, known: readonly string[]): Finding {
  const nearest = findNearest(key, known);
  return {
    code: "study/unknown-field",
    what: text(
      `there is no field "${shown(key)}" here; there are: ${known.join(", ")}.`,
      `없는 항목입니다: ${shown(key)} (쓸 수 있는 항목: ${known.join(", ")})`,
    ),
    remedy: nearest === undefined ? text("Remove it.", "이 항목을 지우십시오.") : didYouMean(nearest),
  };
}

const didYouMean = (nearest: string): Text => text(`Did you mean "${nearest}"?`, `혹시 다음을 뜻하셨습니까? ${nearest}`);

function missingField(issue: Issue): Finding {
  const needed =
    issue.code === "invalid_type"
      ? typeName(issue.expected)
      : issue.code === "invalid_value"
        ? oneOf(issue.values.map(String))
        : issue.code === "invalid_union"
          ? oneOf(optionsOf(issue))
          : text("a value", "값");
  return {
    code: "study/missing-field",
    what: text(`this field is missing; it holds ${needed.en}.`, `꼭 필요한 항목이 없습니다(형식: ${needed.ko}).`),
    remedy: text("Add it.", "항목을 추가하십시오."),
  };
}

function wrongType(expected: string, found: unknown): Finding {
  const needed = typeName(expected);
  return {
    code: "study/wrong-type",
    what: text(`found ${describe(found).en}, but ${needed.en} is needed.`, `${describe(found).ko}: ${needed.ko} 형식이어야 합니다.`),
    remedy: text("Correct the value.", "값을 고치십시오."),
  };
}

function notAllowed(found: unknown, allowed: readonly string[]): Finding {
  const nearest = typeof found === "string" ? findNearest(found, allowed) : undefined;
  const list = oneOf(allowed);
  return {
    code: "study/value-not-allowed",
    what: text(`found ${describe(found).en}; allowed is ${list.en}.`, `${describe(found).ko}: 허용되는 값은 ${list.ko}입니다.`),
    remedy: nearest === undefined ? text("Choose an allowed value.", "허용되는 값 가운데 하나를 쓰십시오.") : didYouMean(nearest),
  };
}

interface Range {
  readonly found: unknown;
  readonly origin: string;
  readonly bound: number | bigint;
  readonly inclusive: boolean;
  readonly side: "least" | "most";
}

function outOfRange({ found, origin, bound, inclusive, side }: Range): Finding {
  const unit = origin === "string" ? text(" characters", "자") : origin === "array" ? text(" entries", "개") : text("", "");
  const allowed = inclusive
    ? text(`at ${side} ${bound}${unit.en}`, `${bound}${unit.ko} ${side === "least" ? "이상" : "이하"}`)
    : text(`${side === "least" ? "more" : "less"} than ${bound}${unit.en}`, `${bound}${unit.ko} ${side === "least" ? "초과" : "미만"}`);
  const size =
    typeof found === "string" || Array.isArray(found) ? text(`${found.length}${unit.en}`, `${found.length}${unit.ko}`) : describe(found);
  return {
    code: "study/out-of-range",
    what: text(`found ${size.en}; allowed is ${allowed.en}.`, `${size.ko}: ${allowed.ko}만 허용됩니다.`),
    remedy: text("Correct the value.", "값을 고치십시오."),
  };
}

const FORM_NAMES: readonly (readonly [RegExp, Text, Text])[] = [
  [
    FORMS.slug,
    text(
      "lower-case letters, digits and single hyphens, such as breast-recurrence-5y",
      "영문 소문자와 숫자, 사이의 붙임표(예: breast-recurrence-5y)",
    ),
    text("Rename it.", "이름을 바꾸십시오."),
  ],
  [
    FORMS.identifier,
    text(
      "a name of letters, digits and _ that begins with a letter, such as er_pos",
      "영문자로 시작하고 영문자, 숫자, _로 된 이름(예: er_pos)",
    ),
    text("Rename it.", "이름을 바꾸십시오."),
  ],
  [
    FORMS.onnxFile,
    text("the name of an .onnx file without folders, such as model.onnx", "폴더 없이 쓴 .onnx 파일 이름(예: model.onnx)"),
    text("Put the file beside the study and write its name.", "파일을 연구 문서와 같은 폴더에 두고 파일 이름만 쓰십시오."),
  ],
  [FORMS.words, text("a text that is not blank", "비어 있지 않은 문자열"), text("Write the text.", "내용을 쓰십시오.")],
];

function wrongForm(pattern: string | undefined): Finding {
  const form = FORM_NAMES.find(([known]) => String(known) === pattern);
  const needed = form?.[1] ?? text("another form", "다른 형식");
  return {
    code: "study/wrong-form",
    what: text(`this must be ${needed.en}.`, `형식이 맞지 않습니다. ${needed.ko}만 쓸 수 있습니다.`),
    remedy: form?.[2] ?? text("Correct the value.", "값을 고치십시오."),
  };
}

const TYPE_NAMES: Readonly<Record<string, Text>> = {
  string: text("a text", "문자열"),
  number: text("a finite number", "유한한 수"),
  int: text("a whole number", "정수"),
  boolean: text("true or false", "true 또는 false"),
  object: text("a map of fields", "항목 묶음"),
  record: text("a map of fields", "항목 묶음"),
  array: text("a list", "목록"),
};

const typeName = (expected: string): Text => TYPE_NAMES[expected] ?? text(expected, expected);

const oneOf = (allowed: readonly string[]): Text => text(allowed.join(" | "), allowed.join(" | "));

/** A word of the study document; long ones are cut. */
const shown = (value: string): string => (value.length > 60 ? `${value.slice(0, 60)}…` : value);

function describe(found: unknown): Text {
  if (Array.isArray(found)) return text("a list", "목록");
  if (typeof found === "object" && found !== null) return text("a map of fields", "항목 묶음");
  if (found === null) return text("nothing", "빈 값");
  const literal = typeof found === "string" ? `"${shown(found)}"` : String(found);
  return text(literal, literal);
}
