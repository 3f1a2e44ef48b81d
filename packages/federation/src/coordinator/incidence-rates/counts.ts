/**
 * The first sum of incidence rates: plain counts by group and stratum. Then it is known where person-time may be summed.
 *
 * The follow-up times of a few patients would be told by their sum, and those of one hospital's by a cell that it alone has. So a cell
 * needs the minimum cell of patients (or none) from two hospitals; without a standardisation the groups alone are enough.
 */

import type { Sum, SumLayout, VectorLayout } from "@dure/privacy";
import type { AnalysisRefusal } from "../../analysis.ts";
import { siteRowsMax } from "../count-vectors.ts";
import type { OrRefused } from "../standardisation.ts";
import { entry, readVector } from "../sum-reading.ts";
import { cellLabel, type IncidenceDesign } from "./design.ts";
import type { TimeState } from "./state.ts";

export const cellCount = ({ groupCount, strata }: IncidenceDesign): number => groupCount * strata.length;

export function countsLayout(design: IncidenceDesign): SumLayout {
  const counts = (name: string, length: number, bound: number = siteRowsMax): VectorLayout => ({
    name,
    length,
    encoding: "histogram",
    bound,
  });
  const cells = cellCount(design);
  return {
    vectors: [
      counts("patientsByCell", cells),
      counts("eventsByCell", cells),
      counts("patientsWithEvent", cells),
      counts("hospitalsByCell", cells, 1),
      counts("hospitalsByGroup", design.groupCount, 1),
      counts("excluded", design.reasons.length),
    ],
  };
}

export function readCounts(design: IncidenceDesign, sum: Sum): OrRefused<TimeState> {
  const cells = cellCount(design);
  const read = (name: string): readonly number[] => readVector(sum, name, cells);
  const counts = {
    patients: read("patientsByCell"),
    events: read("eventsByCell"),
    withEvent: read("patientsWithEvent"),
    excluded: readVector(sum, "excluded", design.reasons.length),
  };
  const refusal = tooLittle(design, counts) ?? unusableGroups(design, { sum, patients: counts.patients });
  if (refusal !== undefined) return { kind: "refused", refusal };
  const unusable = unusableCells(design, { sum, patients: counts.patients });
  if (unusable !== undefined && design.standardisation !== undefined) return { kind: "refused", refusal: unusable };
  return { kind: "known", value: { phase: "time", counts, opens: unusable === undefined ? "strata" : "groups" } };
}

const total = (values: readonly number[]): number => values.reduce((sum, value) => sum + value, 0);

/** Of one group, over its strata. */
export const ofGroup = ({ strata }: IncidenceDesign, cells: readonly number[], group: number): readonly number[] =>
  cells.slice(group * strata.length, (group + 1) * strata.length);

function tooLittle(
  { minimumCell, event }: IncidenceDesign,
  { patients, withEvent }: Pick<TimeState["counts"], "patients" | "withEvent">,
): AnalysisRefusal | undefined {
  const [n, cases] = [total(patients), total(withEvent)];
  if (n === 0 || n < minimumCell) return { code: "too-few-rows", columns: [] };
  if (cases === 0) return { code: "no-events", columns: [event] };
  return cases < minimumCell ? { code: "too-few-events", columns: [event] } : undefined;
}

interface Patients {
  readonly sum: Sum;
  readonly patients: readonly number[];
}

function unusableGroups(design: IncidenceDesign, { sum, patients }: Patients): AnalysisRefusal | undefined {
  const { group, minimumCell } = design;
  if (group === undefined) return undefined;
  const sizes = group.levels.map((_, i) => total(ofGroup(design, patients, i)));
  const label = (level: string): string => `${group.variable} = ${level}`;
  const small = group.levels.filter((_, i) => entry(sizes, i) > 0 && entry(sizes, i) < minimumCell);
  if (small.length > 0) return { code: "too-few-in-a-group", columns: small.map(label) };
  const hospitals = readVector(sum, "hospitalsByGroup", design.groupCount);
  const alone = group.levels.filter((_, i) => sum.siteCount > 1 && entry(sizes, i) > 0 && entry(hospitals, i) <= 1);
  return alone.length > 0 ? { code: "group-at-one-site", columns: alone.map(label) } : undefined;
}

function unusableCells(design: IncidenceDesign, { sum, patients }: Patients): AnalysisRefusal | undefined {
  if (design.stratumVariables.length === 0) return undefined;
  const labels = (holds: (count: number, cell: number) => boolean): readonly string[] =>
    patients.flatMap((count, cell) => (count > 0 && holds(count, cell) ? [cellLabel(design, cell)] : []));
  const small = labels((count) => count < design.minimumCell);
  if (small.length > 0) return { code: "too-few-in-a-stratum", columns: small };
  const hospitals = readVector(sum, "hospitalsByCell", patients.length);
  const alone = labels((_, cell) => sum.siteCount > 1 && entry(hospitals, cell) <= 1);
  return alone.length > 0 ? { code: "stratum-at-one-site", columns: alone } : undefined;
}
