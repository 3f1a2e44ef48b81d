/**
 * The first sum of incidence rates: plain counts by group and stratum. Then it is known where person-time may be summed.
 *
 * The follow-up times of a few patients would be told by their sum, and those of one hospital's by a cell that it alone has. So a cell
 * needs the minimum cell of patients (or none) from two hospitals; without a standardisation the groups alone are enough.
 */

import type { Sum, SumLayout } from "@dure/privacy";
import type { AnalysisRefusal } from "../../analysis.ts";
import { countVector } from "../count-vectors.ts";
import { tooFewEvents, unusableGroups } from "../group-refusals.ts";
import { labelsOf } from "../group-variable.ts";
import type { OrRefused } from "../standardisation.ts";
import { entry, readVector } from "../sum-reading.ts";
import { cellLabel, type IncidenceDesign } from "./design.ts";
import type { TimeState } from "./state.ts";

export const cellCount = ({ groupCount, strata }: IncidenceDesign): number => groupCount * strata.length;

export function countsLayout(design: IncidenceDesign): SumLayout {
  const cells = cellCount(design);
  return {
    vectors: [
      countVector("patientsByCell", cells),
      countVector("eventsByCell", cells),
      countVector("patientsWithEvent", cells),
      countVector("hospitalsByCell", cells, 1),
      countVector("hospitalsByGroup", design.groupCount, 1),
      countVector("excluded", design.reasons.length),
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
  const refusal =
    tooFewEvents(design, { n: total(counts.patients), events: total(counts.withEvent) }) ??
    groupRefusal(design, { sum, patients: counts.patients });
  if (refusal !== undefined) return { kind: "refused", refusal };
  const unusable = unusableCells(design, { sum, patients: counts.patients });
  if (unusable !== undefined && design.standardisation !== undefined) return { kind: "refused", refusal: unusable };
  return { kind: "known", value: { phase: "time", counts, opens: unusable === undefined ? "strata" : "groups" } };
}

const total = (values: readonly number[]): number => values.reduce((sum, value) => sum + value, 0);

/** Of one group, over its strata. */
export const ofGroup = ({ strata }: IncidenceDesign, cells: readonly number[], group: number): readonly number[] =>
  cells.slice(group * strata.length, (group + 1) * strata.length);

interface Patients {
  readonly sum: Sum;
  readonly patients: readonly number[];
}

function groupRefusal(design: IncidenceDesign, { sum, patients }: Patients): AnalysisRefusal | undefined {
  if (design.group === undefined) return undefined;
  const sizes = design.group.levels.map((_, i) => total(ofGroup(design, patients, i)));
  return unusableGroups({ labels: labelsOf(design.group), sizes }, sum, design.minimumCell);
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
