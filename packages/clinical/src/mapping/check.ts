/** Whether a mapping of the right shape also makes sense: every reference points somewhere, kinds and units fit. */

import { text } from "@dure/kernel";
import { type Concept, findConcept } from "../concepts.ts";
import type { Finding } from "../document/read-document.ts";
import { findConversion, type Unit } from "../units.ts";
import { checkDelivery, checkLookups } from "./check-lookups.ts";
import { findFileValue, findValue, isTooDeep, kindOf, type ResolvedValue, referencesOf, unitsOf, type ValueKind } from "./resolve.ts";
import { conditionsIn, referencesIn } from "./row-references.ts";
import type { Mapping, MappingCondition, MappingFile, MappingRow, ValueCondition } from "./schema.ts";

type Path = readonly (string | number)[];
type Find = (reference: string) => ResolvedValue | undefined;

export function checkMapping(mapping: Mapping): readonly Finding[] {
  if (!Object.hasOwn(mapping.files, mapping.persons)) return checkWithoutPersons(mapping);
  return [
    ...checkPersons(mapping),
    ...Object.entries(mapping.files).flatMap(([name, file]) => [
      ...checkValues(mapping, name, file),
      ...checkExcluded(mapping, name, file),
      ...checkDeleted(mapping, name, file),
    ]),
    ...Object.entries(mapping.files).flatMap(([name, file]) =>
      file.rows.flatMap((row, i) => checkRow(mapping, name, row, ["files", name, "rows", i])),
    ),
    ...checkLookups(mapping),
    ...checkDelivery(mapping),
    ...checkPeriod(mapping),
  ];
}

/** What else is wrong is told as it were with the file that is plainly meant; where none is, it would only follow from this. */
function checkWithoutPersons(mapping: Mapping): readonly Finding[] {
  const files = Object.keys(mapping.files);
  const candidates = files.filter((name) => mapping.files[name]?.rows.some((row) => row.to === "person"));
  const meant = candidates.length === 1 ? candidates[0] : undefined;
  const allowed = (meant === undefined ? files : [meant]).join(", ");
  const unknown: Finding = {
    path: ["persons"],
    code: "mapping/unknown-reference",
    what: text(`this mapping has no file "${mapping.persons}".`, `이 매핑에는 "${mapping.persons}"(이)라는 파일이 없습니다.`),
    remedy:
      meant === undefined
        ? text(`Name the file with one row a patient, one of: ${allowed}.`, `환자당 한 행인 파일을 적으십시오: ${allowed} 중 하나.`)
        : text(
            `Write persons: ${allowed}, which has the row "to: person".`,
            `"to: person" 행이 있는 파일입니다. persons: ${allowed}(으)로 적으십시오.`,
          ),
  };
  return [unknown, ...(meant === undefined ? [] : checkMapping({ ...mapping, persons: meant }))];
}

function checkPersons(mapping: Mapping): readonly Finding[] {
  const findings: Finding[] = [];
  for (const [name, file] of Object.entries(mapping.files)) {
    const count = file.rows.filter((row) => row.to === "person").length;
    if (count !== (name === mapping.persons ? 1 : 0)) {
      findings.push({
        path: ["files", name, "rows"],
        code: "mapping/person-rows",
        what: text(`${count} rows "to: person" in file ${name}.`, `파일 ${name}에 "to: person" 행이 ${count}개 있습니다.`),
        remedy: text("Exactly one is needed in the persons file, none elsewhere.", "환자 파일에 하나만 두고 다른 파일에는 두지 마십시오."),
      });
    }
  }
  const ids = conditionIds(mapping);
  for (const id of ids.filter((id, i) => ids.indexOf(id) !== i)) {
    findings.push({
      path: ["files"],
      code: "mapping/doubled-id",
      what: text(`two rows "to: condition" have the id ${id}.`, `"to: condition" 행 두 개의 id가 ${id}(으)로 같습니다.`),
      remedy: text("Give each its own id.", "각각 다른 id를 주십시오."),
    });
  }
  return findings;
}

function checkValues(mapping: Mapping, fileName: string, file: MappingFile): readonly Finding[] {
  return Object.entries(file.values).flatMap(([name, value]): readonly Finding[] => {
    const path = ["files", fileName, "values", name];
    const resolved = { file: fileName, name, value };
    if (isTooDeep(mapping, resolved)) return [circular(path)];
    const find: Find = (reference) => findValue(mapping, fileName, reference);
    const findings = referencesOf(value).flatMap((inner) =>
      checkReference(mapping, find, inner.reference, [...path, ...inner.path], ...(inner.kind === undefined ? [] : [inner.kind])),
    );
    if ("firstOf" in value && findings.length === 0 && kindOf(mapping, resolved) === undefined) findings.push(wrongKind(path, "one kind"));
    if ("offset" in value && value.unit === "months" && value.daysPerUnit === undefined) {
      findings.push({
        path,
        code: "mapping/days-per-unit",
        what: text("months without daysPerUnit.", "개월 단위에 daysPerUnit이 없습니다."),
        remedy: text(
          "State how many days a month counts, such as daysPerUnit: 30.",
          "한 달을 며칠로 셀지 적으십시오. 예: daysPerUnit: 30.",
        ),
      });
    }
    if ("lookUp" in value && !Object.hasOwn(mapping.lookups ?? {}, value.lookUp))
      findings.push(unknownReference([...path, "lookUp"], value.lookUp));
    if ("codes" in value && value.asOf === undefined && value.codes.some(hasValidity)) {
      findings.push({
        path,
        code: "mapping/as-of",
        what: text("codes with from or to, but no asOf.", "코드에 from 또는 to가 있는데 asOf가 없습니다."),
        remedy: text("Name the date by which a code is valid: asOf.", "코드의 유효 여부를 판단할 날짜를 asOf로 지정하십시오."),
      });
    }
    return findings;
  });
}

const hasValidity = (entry: { readonly from?: string | undefined; readonly to?: string | undefined }): boolean =>
  entry.from !== undefined || entry.to !== undefined;

const checkExcluded = (mapping: Mapping, fileName: string, file: MappingFile): readonly Finding[] =>
  file.exclude.flatMap((rule, i) =>
    checkConditions(mapping, (reference) => findValue(mapping, fileName, reference), "when" in rule ? rule.when : rule.unless, [
      ...["files", fileName, "exclude", i],
      "when" in rule ? "when" : "unless",
    ]),
  );

/** What a row says of its own deletion is read before its values are: codes and texts only. */
function checkDeleted(mapping: Mapping, fileName: string, { deletedWhen }: MappingFile): readonly Finding[] {
  if (deletedWhen === undefined) return [];
  const path = ["files", fileName, "deletedWhen"];
  const find: Find = (reference) => findValue(mapping, fileName, reference);
  const spoken = deletedWhen.flatMap((condition) => ("anyOf" in condition ? condition.anyOf : [condition]));
  const wrong = spoken.filter(({ value }) => {
    const resolved = find(value);
    return resolved !== undefined && (resolved.file !== fileName || !hasCode(resolved));
  });
  return [...checkConditions(mapping, find, deletedWhen, path), ...wrong.map(() => wrongKind(path, "code or text"))];
}

function checkRow(mapping: Mapping, fileName: string, row: MappingRow, path: Path): readonly Finding[] {
  const find: Find = (reference) => findValue(mapping, fileName, reference);
  const references = referencesIn(row).flatMap(({ key, reference, kinds }) =>
    checkReference(mapping, find, reference, [...path, key], ...kinds),
  );
  const inConditions = conditionsIn(row).flatMap((conditions) => checkConditions(mapping, find, conditions, [...path, "when"]));
  const link =
    "of" in row && row.of !== undefined && !conditionIds(mapping).includes(row.of) ? [unknownReference([...path, "of"], row.of)] : [];
  const units =
    (row.to === "measurement" || row.to === "observation") && row.value !== undefined ? checkUnits(mapping, find, row, path) : [];
  return [...references, ...inConditions, ...link, ...units, ...checkParts(row, path)];
}

/** What a row needs beyond its references. */
function checkParts(row: MappingRow, path: Path): readonly Finding[] {
  // A row without `unpivot` may lack it, whatever the type of the written-out row says.
  const withoutConcept = row.to === "measurement" && row.concept === undefined;
  const withoutOrder = (row.to === "drug" || row.to === "event") && row.order !== undefined && row.record === undefined;
  return [
    ...(withoutConcept ? [missingPart([...path, "concept"], "concept")] : []),
    ...(withoutOrder ? [missingPart([...path, "record"], "record")] : []),
  ];
}

type ValueRow = Extract<MappingRow, { readonly to: "measurement" | "observation" }>;

const missingPart = (path: Path, key: string): Finding => ({
  path,
  code: "mapping/missing-key",
  what: text(`the row needs \`${key}\`.`, `이 행에는 \`${key}\`이(가) 필요합니다.`),
  remedy: text("See the rows in docs/mapping.md.", "docs/mapping.md의 행 설명을 참고하십시오."),
});

/**
 * A number must be convertible to the unit of its concept. Where a row's column names the concept, and another the unit, each concept
 * needs a unit that fits it, and each unit a concept: which of them meet in a row is known at the load.
 */
function checkUnits(mapping: Mapping, find: Find, row: ValueRow, path: Path): readonly Finding[] {
  const value = row.value === undefined ? undefined : find(row.value);
  if (value === undefined || kindOf(mapping, value) !== "number") return [];
  const units = unitsOf(mapping, value);
  const concepts = conceptsOf(mapping, find, row);
  const fits = (concept: Concept, unit: Unit): boolean => concept.unit !== undefined && findConversion(unit, concept.unit) !== undefined;
  const ofConcepts = concepts.filter((concept) => !units.some((unit) => fits(concept, unit)));
  if (ofConcepts.length > 0) return ofConcepts.map((concept) => unfitUnit([...path, "value"], units, concept));
  const strays = units.filter((unit) => !concepts.some((concept) => fits(concept, unit)));
  return concepts[0] === undefined || strays.length === 0 ? [] : [unfitUnit([...path, "value"], strays, concepts[0])];
}

const unfitUnit = (path: Path, units: readonly Unit[], concept: Concept): Finding => ({
  path,
  code: "mapping/unit-does-not-fit",
  what: text(
    `the unit ${units.join(", ")} cannot become ${concept.unit ?? "a number"}, which "${concept.name}" is stored in.`,
    `단위 ${units.join(", ")}을(를) "${concept.name}"의 저장 단위 ${concept.unit ?? "(숫자 아님)"}(으)로 바꿀 수 없습니다.`,
  ),
  remedy: text("Correct the unit of the value or choose another concept.", "값의 단위를 고치거나 다른 개념을 고르십시오."),
});

/** Every concept that a row's `concept` can be. */
export function conceptsOf(mapping: Mapping, find: Find, row: { readonly concept: ValueRow["concept"] }): readonly Concept[] {
  if (typeof row.concept === "string") return [findConcept(row.concept)];
  const resolved = find(row.concept.value);
  if (resolved === undefined) return [];
  return namedConcepts(mapping, resolved);
}

function namedConcepts(mapping: Mapping, resolved: ResolvedValue): readonly Concept[] {
  const { value } = resolved;
  if ("default" in value) return [findConcept(value.default)];
  if ("codeConcept" in value) {
    return value.codes.flatMap(({ means }) => (means === "missing" ? [] : [findConcept(means)]));
  }
  if ("firstOf" in value) {
    return value.firstOf.flatMap((reference) => {
      const part = findValue(mapping, resolved.file, reference);
      return part === undefined ? [] : namedConcepts(mapping, part);
    });
  }
  return [];
}

function checkPeriod(mapping: Mapping): readonly Finding[] {
  return (["start", "end"] as const).flatMap((key) =>
    mapping.observationPeriod[key].flatMap((date, i) => {
      const path = ["observationPeriod", key, i];
      const file = date.value.split(".")[0] ?? "";
      return [
        ...checkReference(mapping, (reference) => findFileValue(mapping, reference), date.value, [...path, "value"], "date"),
        ...(date.when === undefined
          ? []
          : checkConditions(mapping, (reference) => findValue(mapping, file, reference), date.when, [...path, "when"])),
      ];
    }),
  );
}

function checkConditions(mapping: Mapping, find: Find, conditions: readonly MappingCondition[], path: Path): readonly Finding[] {
  return conditions.flatMap((condition, i) =>
    "anyOf" in condition
      ? condition.anyOf.flatMap((inner, j) => checkCondition(mapping, find, inner, [...path, i, "anyOf", j]))
      : checkCondition(mapping, find, condition, [...path, i]),
  );
}

function checkCondition(mapping: Mapping, find: Find, condition: ValueCondition, path: Path): readonly Finding[] {
  const findings = [...checkReference(mapping, find, condition.value, [...path, "value"])];
  const resolved = find(condition.value);
  const comparesCodes = [condition.is, condition.in, condition.notIn, condition.startsWith, condition.parameter].some(
    (rule) => rule !== undefined,
  );
  const comparesNumbers = [condition.atLeast, condition.above, condition.atMost, condition.below].some((rule) => rule !== undefined);
  if (!comparesCodes && !comparesNumbers && condition.present === undefined)
    findings.push(wrongKind(path, "is, in, present, atLeast, ..."));
  if (resolved !== undefined && comparesCodes && !hasCode(resolved)) findings.push(wrongKind(path, "code or text"));
  if (resolved !== undefined && comparesNumbers && kindOf(mapping, resolved) !== "number") findings.push(wrongKind(path, "number"));
  if (condition.parameter !== undefined && !Object.hasOwn(mapping.parameters, condition.parameter)) {
    findings.push(unknownReference([...path, "parameter"], condition.parameter));
  }
  return findings;
}

/** Whether the value has the source's own code to compare with. */
const hasCode = ({ value }: ResolvedValue): boolean =>
  "codeConcept" in value || "codeNumber" in value || "text" in value || "lookUp" in value;

function checkReference(mapping: Mapping, find: Find, reference: string, path: Path, ...kinds: readonly ValueKind[]): Finding[] {
  const resolved = find(reference);
  if (resolved === undefined) return [unknownReference(path, reference)];
  const kind = kindOf(mapping, resolved);
  return kinds.length > 0 && (kind === undefined || !kinds.includes(kind)) ? [wrongKind(path, kinds.join(" | "))] : [];
}

const conditionIds = (mapping: Mapping): readonly string[] =>
  Object.values(mapping.files).flatMap((file) =>
    file.rows.flatMap((row) => (row.to === "condition" && row.id !== undefined ? [row.id] : [])),
  );

const unknownReference = (path: Path, reference: string): Finding => ({
  path,
  code: "mapping/unknown-reference",
  what: text(`"${reference}" is not declared.`, `"${reference}"이(가) 선언되어 있지 않습니다.`),
  remedy: text(
    "Declare it, or correct the name; another file's values can be used only if it is the persons file.",
    "선언하거나 이름을 고치십시오. 다른 파일의 값은 환자 파일의 것만 쓸 수 있습니다.",
  ),
});

const wrongKind = (path: Path, wanted: string): Finding => ({
  path,
  code: "mapping/wrong-kind",
  what: text(`a different kind of value is needed here: ${wanted}.`, `여기에는 다른 종류의 값이 필요합니다: ${wanted}.`),
  remedy: text("See the kinds of values in packages/clinical/README.md.", "packages/clinical/README.md의 값 종류를 참고하십시오."),
});

const circular = (path: Path): Finding => ({
  path,
  code: "mapping/circular",
  what: text("this value depends on itself, or through too many others.", "이 값이 자기 자신에게 의존하거나 의존 단계가 너무 많습니다."),
  remedy: text("Let each value depend on columns in a few steps.", "각 값이 몇 단계 안에 열에서 나오도록 고치십시오."),
});
