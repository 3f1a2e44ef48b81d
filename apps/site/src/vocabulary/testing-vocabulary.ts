/** For tests: a small vocabulary in Athena's form. Ids and names are invented where a test does not need the real ones. */

import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { type OmopTable, omopFields } from "@dure/clinical";
import { vocabularyTables } from "./vocabulary-tables.ts";

export interface TestConcept {
  readonly id: number;
  readonly vocabulary: string;
  readonly code: string;
  readonly name?: string;
  readonly domain?: string;
  readonly standard?: "S" | "C";
  /** YYYYMMDD. */
  readonly from?: string;
  readonly to?: string;
  readonly invalid?: "D" | "U";
}

export interface TestRelation {
  readonly from: number;
  readonly relation: string;
  readonly to: number;
  readonly invalid?: "D";
}

export interface TestVocabulary {
  readonly version?: string;
  readonly concepts: readonly TestConcept[];
  readonly relations?: readonly TestRelation[];
  readonly synonyms?: readonly (readonly [id: number, name: string, language: number])[];
}

/** So that a small vocabulary is whole: one concept of each vocabulary without which none is accepted. */
const ESSENTIAL: readonly TestConcept[] = ["SNOMED", "RxNorm", "LOINC", "UCUM"].map((vocabulary, i) => ({
  ...{ id: 900_001 + i, vocabulary, code: `essential-${i}`, standard: "S" as const },
}));

type Rows = Readonly<Partial<Record<OmopTable, readonly (readonly (string | number)[])[]>>>;

function rowsOf({ version = "v5.0 27-FEB-26", concepts, relations = [], synonyms = [] }: TestVocabulary): Rows {
  const all = [...ESSENTIAL, ...concepts];
  const vocabularies = [...new Set(all.map(({ vocabulary }) => vocabulary))];
  const domains = [...new Set(all.map(({ domain = "Condition" }) => domain))];
  return {
    concept: all.map(
      ({ id, vocabulary, code, name, domain = "Condition", standard = "", from = "19700101", to = "20991231", invalid = "" }) => [
        ...[id, name ?? `${vocabulary} ${code}`, domain, vocabulary, "Test class", standard, code, from, to, invalid],
      ],
    ),
    concept_relationship: relations.map(({ from, relation, to, invalid = "" }) => [from, to, relation, "19700101", "20991231", invalid]),
    concept_ancestor: all.filter(({ standard }) => standard === "S").map(({ id }) => [id, id, 0, 0]),
    concept_synonym: synonyms.map(([id, name, language]) => [id, name, language]),
    vocabulary: [
      ["None", "OMOP Standardized Vocabularies", "OMOP", version, 900_001],
      ...vocabularies.map((name) => [name, name, "", "", 900_001]),
    ],
    domain: domains.map((name) => [name, name, 900_001]),
    concept_class: [["Test class", "Test class", 900_001]],
    relationship: [["Maps to", "Maps to", 0, 0, "Mapped from", 900_001]],
    drug_strength: [],
  };
}

/** Writes the nine files of a download, with all tables unless `except` names them. */
export function writeAthena(folder: string, vocabulary: TestVocabulary, except: readonly OmopTable[] = []): string {
  mkdirSync(folder, { recursive: true });
  const rows = rowsOf(vocabulary);
  for (const table of vocabularyTables) {
    if (table === "source_to_concept_map" || except.includes(table)) continue;
    const lines = [omopFields(table).map(([name]) => name), ...(rows[table] ?? [])];
    writeFileSync(join(folder, `${table.toUpperCase()}.csv`), lines.map((line) => `${line.join("\t")}\n`).join(""));
  }
  return folder;
}
