/** What the result says of the values that were put in, and what a hospital needs to put them into its own rows again. */

import type { JsonValue } from "@dure/kernel";
import type { MissingValuesReport, MissingVariable } from "../../missing-values-result.ts";
import type { Analysis } from "../../result.ts";
import { reportedCount } from "../excluded-reasons.ts";
import type { MissingDesign } from "./design.ts";
import type { Fill, MissingCounts } from "./state.ts";

/** Part of the frozen result: a hospital completes the rows that it judges the model on by it. */
export type Completion = { readonly indicators: readonly string[]; readonly fill: Fill };

export const completion = ({ indicators }: MissingCounts, fill: Fill): Completion => ({ indicators, fill });

/** Fails: RangeError on a result that is not one of completed rows. */
export function parseCompletion(result: JsonValue): Completion {
  const found = isRecord(result) ? result["completion"] : undefined;
  const { indicators, fill } = isRecord(found) ? found : {};
  if (!Array.isArray(indicators) || !Array.isArray(fill)) throw new RangeError("the result does not say what was filled in");
  return {
    indicators: indicators.filter((name) => typeof name === "string"),
    fill: fill.map((value) => (typeof value === "number" ? value : null)),
  };
}

/** The result of several completed data sets: no one of them completes a hospital's rows. */
export const isMultiple = (result: JsonValue): boolean => isRecord(result) && result["completion"] === undefined;

const isRecord = (value: JsonValue | undefined): value is { readonly [key: string]: JsonValue } =>
  typeof value === "object" && value !== null && !Array.isArray(value);

/** Only of variables that some row lacks. */
export function singleReport(design: MissingDesign, counts: MissingCounts, fill: Fill): MissingValuesReport {
  const variables = missingVariables(design, counts, (j, variable) => ({
    ...filledWith(design, j, fill),
    indicator: counts.indicators.includes(variable)
      ? ("kept" as const)
      : (counts.withoutIndicator.find((without) => without.variable === variable)?.why ?? ("too-few-rows" as const)),
  }));
  return { method: "single-imputation", variables };
}

export function missingVariables(
  { features, minimumCell }: MissingDesign,
  { n, missing, hospitalsWithout }: MissingCounts,
  more: (feature: number, variable: string) => Partial<MissingVariable>,
): readonly MissingVariable[] {
  return features.flatMap(({ name: variable }, j): readonly MissingVariable[] => {
    const count = missing[j] ?? 0;
    if (count === 0) return [];
    const without = hospitalsWithout[j] ?? 0;
    return [
      {
        variable,
        missing: reportedCount(count, minimumCell),
        ...(count < minimumCell ? {} : { share: count / n }),
        ...(without === 0 ? {} : { hospitalsWithout: without }),
        ...more(j, variable),
      },
    ];
  });
}

/** A level by its name; of a boolean yes or no. */
export function filledWith({ features }: MissingDesign, j: number, fill: Fill): Pick<MissingVariable, "filledWith"> {
  const [feature, value] = [features[j], fill[j]];
  if (feature === undefined || value === null || value === undefined) return {};
  if (feature.type === "boolean") return { filledWith: value === 1 };
  return { filledWith: feature.type === "category" ? (feature.levels?.[value] ?? value) : value };
}

const columnNames = ["=", "'"] as const;

/** The analysis with the report, and with the true counts of missing values where it describes its variables: it saw completed rows. */
export function withReport(analysis: Analysis, missing: MissingValuesReport): Analysis {
  if (!("description" in analysis)) return { ...analysis, missing };
  const description = analysis.description.map((row) => {
    // A level's column is named after its variable, and so are a curve's.
    const found = missing.variables.find(({ variable }) => columnNames.some((after) => row.variable.split(after)[0] === variable));
    return found === undefined ? row : { ...row, missing: found.missing };
  });
  return { ...analysis, description, missing };
}
