/** One language's edition of the report: what every section is given, and the lookups that all of them need. */

import type { StudyResult } from "@dure/federation/coordinator";
import { type Language, type Text, text } from "@dure/kernel";
import type { HospitalReport, LocalOnExternal, ReportOptions, SiteEvaluation } from "./report-options.ts";

export class Edition {
  readonly language: Language;
  readonly result: StudyResult;
  readonly options: ReportOptions;

  constructor(language: Language, result: StudyResult, options: ReportOptions) {
    this.language = language;
    this.result = result;
    this.options = options;
  }

  say(words: Text): string {
    return words[this.language];
  }

  /** An identifier that no other edition on the page has. */
  id(name: string): string {
    return `${name}-${this.language}`;
  }

  hospitalName(siteId: string): string {
    const hospital = this.options.hospitals.find((candidate) => candidate.siteId === siteId);
    return hospital === undefined ? siteId : this.say(hospital.displayName);
  }

  /** Of a variable, or of a column made from variables: `stage=II`, the bends of a spline `age'`, a product `age:stage=II`. */
  variableName(column: string): string {
    const words = this.options.words.variables.get(column);
    if (words !== undefined) return this.say(words);
    if (column.includes(":")) {
      return column
        .split(":")
        .map((factor) => this.variableName(factor))
        .join(" × ");
    }
    const [, variable = column, rest = ""] = /^([A-Za-z][A-Za-z0-9_]*)(=.*|'+)?$/.exec(column) ?? [];
    if (rest.startsWith("=")) return `${this.variableName(variable)}: ${rest.slice(1)}`;
    if (rest === "") return column;
    const bend = rest.length;
    return `${this.variableName(variable)}${this.say(text(` (bend ${bend})`, ` (곡선 항 ${bend})`))}`;
  }

  /** Models of multiply imputed data are judged by no hospital: hospitals tell counts alone. */
  get isJudged(): boolean {
    return this.result.analysis.missing?.method !== "multiple-imputation";
  }

  evaluationOf(siteId: string): SiteEvaluation | undefined {
    return this.result.evaluation.sites.find((site) => site.site === siteId);
  }

  get trainingHospitals(): readonly HospitalReport[] {
    return this.options.hospitals.filter((hospital) => hospital.role === "training");
  }

  get externalHospitals(): readonly HospitalReport[] {
    return this.options.hospitals.filter((hospital) => hospital.role === "external");
  }

  /** How each training hospital's own model did at external hospitals, where that was released; in the order of the hospitals. */
  comparisonsOf(filter: { readonly model?: string; readonly site?: string }): readonly LocalOnExternal[] {
    const place = (siteId: string) => this.options.hospitals.findIndex((hospital) => hospital.siteId === siteId);
    return this.result.evaluation.localOnExternal
      .filter(
        (row) => (filter.model === undefined || row.model === filter.model) && (filter.site === undefined || row.site === filter.site),
      )
      .toSorted((a, b) => place(a.model) - place(b.model) || place(a.site) - place(b.site));
  }
}
