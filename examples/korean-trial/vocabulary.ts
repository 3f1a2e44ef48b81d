/**
 * A vocabulary download in Athena's form, as large as the made-up hospital needs. Concept ids are invented (from 1,900,000,001 on): it is for
 * trying the program and for nothing else. Vocabularies, codes and names are the public ones.
 */

import { DISEASES, ITEMS, TESTS, VITALS } from "./codes.ts";
import { writeZip } from "./files.ts";

type Cell = string | number;

const ALWAYS = ["19700101", "20991231", ""] as const;
const VERSION = "v5.0 27-FEB-26";
const FIRST_ID = 1_900_000_001;
/** OMOP's number for the Korean language. */
const KOREAN = 4175771;

class Vocabulary {
  #next = FIRST_ID;
  readonly concepts: (readonly Cell[])[] = [];
  readonly relations: (readonly Cell[])[] = [];
  readonly ancestors: (readonly Cell[])[] = [];
  readonly synonyms: (readonly Cell[])[] = [];
  readonly strengths: (readonly Cell[])[] = [];

  add(concept: {
    readonly vocabulary: string;
    readonly code: string;
    readonly name: string;
    readonly domain: string;
    readonly kind: string;
    readonly isStandard?: boolean;
    readonly korean?: string;
  }): number {
    const id = this.#next++;
    const { vocabulary, code, name, domain, kind, isStandard = false, korean } = concept;
    this.concepts.push([id, name, domain, vocabulary, kind, isStandard ? "S" : "", code, ...ALWAYS]);
    if (isStandard) {
      this.mapsTo(id, id);
      this.ancestors.push([id, id, 0, 0]);
    }
    if (korean !== undefined && korean !== "") this.synonyms.push([id, korean, KOREAN]);
    return id;
  }

  mapsTo(from: number, to: number): void {
    this.relations.push([from, to, "Maps to", ...ALWAYS], [to, from, "Mapped from", ...ALWAYS]);
  }
}

export function writeVocabulary(path: string): void {
  const vocabulary = new Vocabulary();
  addDiseases(vocabulary);
  addItems(vocabulary);
  addTests(vocabulary);
  addSmallLists(vocabulary);
  writeZip(
    path,
    tablesOf(vocabulary).map(([name, rows]) => ({ name: `${name}.csv`, content: rows.map((row) => `${row.join("\t")}\n`).join("") })),
  );
}

function addDiseases(vocabulary: Vocabulary): void {
  const done = new Set<string>();
  for (const { kcd, english, korean, inVocabulary } of DISEASES) {
    const code = inVocabulary === "parent" ? kcd.slice(0, -1).replace(/\.$/, "") : kcd;
    if (inVocabulary === "absent" || done.has(code)) continue;
    done.add(code);
    const name = inVocabulary === "parent" ? `${english} (category)` : english;
    const domain = code.startsWith("R") ? "Observation" : "Condition";
    const standard = vocabulary.add({
      ...{ vocabulary: "SNOMED", code: `9${String(done.size).padStart(7, "0")}`, name, domain, kind: "Disorder", isStandard: true, korean },
    });
    vocabulary.mapsTo(vocabulary.add({ vocabulary: "KCD7", code, name: english, domain, kind: "KCD7 code", korean }), standard);
    vocabulary.mapsTo(vocabulary.add({ vocabulary: "ICD10", code, name: english, domain, kind: "ICD10 code" }), standard);
  }
}

function addItems(vocabulary: Vocabulary): void {
  const milligram = vocabulary.add({ vocabulary: "UCUM", code: "mg", name: "milligram", domain: "Unit", kind: "Unit", isStandard: true });
  for (const [i, item] of ITEMS.entries()) {
    if (!item.inVocabulary) continue;
    const isDrug = item.kind === "D";
    const domain = isDrug ? "Drug" : "Procedure";
    const standard = vocabulary.add({
      ...{ vocabulary: isDrug ? "RxNorm" : "SNOMED", code: `${isDrug ? 8 : 7}${String(i).padStart(6, "0")}`, name: item.standard, domain },
      ...{
        kind: isDrug ? "Clinical Drug" : "Procedure",
        isStandard: true,
        korean: item.fee === "" ? item.korean.replace(/^원내\S+ /, "") : item.korean,
      },
    });
    if (isDrug) {
      const ingredient = vocabulary.add({
        ...{
          vocabulary: "RxNorm",
          code: `6${String(i).padStart(6, "0")}`,
          name: item.ingredient,
          domain,
          kind: "Ingredient",
          isStandard: true,
        },
      });
      vocabulary.ancestors.push([ingredient, standard, 1, 1]);
      const amount = /([\d.]+) MG Oral/.exec(item.standard)?.[1];
      if (amount !== undefined) vocabulary.strengths.push([standard, ingredient, amount, milligram, "", "", "", "", "", ...ALWAYS]);
    }
    if (item.edi === "") continue;
    const code = item.edi.length === 8 ? item.edi.slice(0, 5) : item.edi; // of a procedure the first five characters only
    vocabulary.mapsTo(
      vocabulary.add({ vocabulary: "EDI", code, name: item.english, domain, kind: "EDI code", korean: item.korean }),
      standard,
    );
  }
}

function addTests(vocabulary: Vocabulary): void {
  const test = { vocabulary: "LOINC", domain: "Measurement", kind: "Lab Test", isStandard: true };
  for (const { loinc, english, korean, unit } of TESTS) {
    const property = unit === "" ? "[Presence] in Serum" : "[Level] in Blood or Serum";
    vocabulary.add({ ...test, code: loinc, name: `${english} ${property}`, korean: korean.replace(/\(.*\)/, "") });
  }
  for (const [, name = "", code = ""] of VITALS) vocabulary.add({ ...test, code, name, kind: "Clinical Observation" });
}

const UNITS =
  "g/dL 10*6/uL 10*3/uL % mg/dL U/L mmol/L mg/L u[IU]/mL ng/dL ng/mL {INR} cm kg mm[Hg] /min Cel [degF] umol/L g/L meq/L [IU]/L".split(" ");

function addSmallLists(vocabulary: Vocabulary): void {
  for (const [id, name, domain, code] of FIXED) vocabulary.concepts.push([id, name, domain, domain, domain, "S", code, ...ALWAYS]);
  for (const code of UNITS) vocabulary.add({ vocabulary: "UCUM", code, name: code, domain: "Unit", kind: "Unit", isStandard: true });
  const words = { vocabulary: "SNOMED", kind: "Qualifier Value", isStandard: true };
  for (const [code, name, korean] of [
    ["10828004", "Positive", "양성"],
    ["260385009", "Negative", "음성"],
  ] as const)
    vocabulary.add({ ...words, code, name, korean, domain: "Meas Value" });
  for (const [code, name, korean] of [
    ["26643006", "Oral route", "경구"],
    ["47625008", "Intravenous route", "정맥"],
  ] as const)
    vocabulary.add({ ...words, code, name, korean, domain: "Route" });
}

/** Their real numbers: every load uses them. */
const FIXED = [
  [32838, "EHR prescription", "Type Concept", "OMOP4976911"],
  [32825, "EHR dispensing record", "Type Concept", "OMOP4976898"],
  [32818, "EHR administration record", "Type Concept", "OMOP4976891"],
  [4171756, "<", "Meas Value Operator", "276139006"],
  [4172704, ">", "Meas Value Operator", "276140008"],
  [KOREAN, "Korean language", "Language", "297504001"],
] as const;

function tablesOf(vocabulary: Vocabulary): readonly (readonly [string, readonly (readonly Cell[])[]])[] {
  const days = ["valid_start_date", "valid_end_date", "invalid_reason"];
  const head = [
    "concept_id",
    "concept_name",
    "domain_id",
    "vocabulary_id",
    "concept_class_id",
    "standard_concept",
    "concept_code",
    ...days,
  ];
  const strength = ["amount_value", "amount_unit_concept_id", "numerator_value", "numerator_unit_concept_id", "denominator_value"];
  const names = ["None", "SNOMED", "RxNorm", "LOINC", "UCUM", "KCD7", "ICD10", "EDI", "Type Concept", "Meas Value Operator", "Language"];
  const classes = [...new Set(vocabulary.concepts.map(([, , , , kind]) => String(kind)))].map((kind) => [kind, kind, 0]);
  const relation = ["relationship_id", "relationship_name", "is_hierarchical", "defines_ancestry", "reverse_relationship_id"];
  return [
    ["CONCEPT", [head, ...vocabulary.concepts]],
    ["CONCEPT_RELATIONSHIP", [["concept_id_1", "concept_id_2", "relationship_id", ...days], ...vocabulary.relations]],
    [
      "CONCEPT_ANCESTOR",
      [["ancestor_concept_id", "descendant_concept_id", "min_levels_of_separation", "max_levels_of_separation"], ...vocabulary.ancestors],
    ],
    ["CONCEPT_SYNONYM", [["concept_id", "concept_synonym_name", "language_concept_id"], ...vocabulary.synonyms]],
    [
      "DRUG_STRENGTH",
      [
        ["drug_concept_id", "ingredient_concept_id", ...strength, "denominator_unit_concept_id", "box_size", ...days],
        ...vocabulary.strengths,
      ],
    ],
    [
      "VOCABULARY",
      [
        ["vocabulary_id", "vocabulary_name", "vocabulary_reference", "vocabulary_version", "vocabulary_concept_id"],
        ...names.map((name) => [name, name === "None" ? "Vocabulary for a trial" : name, "", VERSION, 0]),
      ],
    ],
    [
      "DOMAIN",
      [
        ["domain_id", "domain_name", "domain_concept_id"],
        ...[
          "Condition",
          "Observation",
          "Drug",
          "Procedure",
          "Measurement",
          "Unit",
          "Meas Value",
          "Route",
          "Type Concept",
          "Meas Value Operator",
          "Language",
        ].map((name) => [name, name, 0]),
      ],
    ],
    ["CONCEPT_CLASS", [["concept_class_id", "concept_class_name", "concept_class_concept_id"], ...classes]],
    [
      "RELATIONSHIP",
      [
        [...relation, "relationship_concept_id"],
        ["Maps to", "Maps to", 0, 0, "Mapped from", 0],
        ["Mapped from", "Mapped from", 0, 0, "Maps to", 0],
      ],
    ],
  ];
}
