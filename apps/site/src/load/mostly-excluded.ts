/** Files of which a load left out most rows: a load may be right that does so, but rarely is, and it ends without a fault. */

import { type Problem, text } from "@dure/kernel";
import type { LoadReport } from "../ingest/load-report.ts";

/** Above this share of a file's rows somebody should look: a wrong persons file, a wrong code or a wrong month empties a file quietly. */
const EXCLUDED_SHARE_MAX = 0.5;

/**
 * A warning for each file of a mapping of which more than half of the rows gave nothing; a row that no rule took counts as left out.
 * Of FHIR and OMOP sources whole kinds are left out by design, so those are not judged.
 * Disclosure: counts and reasons, which stay at the site.
 */
export function warnOfExcluded(report: Pick<LoadReport, "contributors" | "files">): readonly Problem[] {
  const inputs = report.contributors.filter(({ contributor }) => contributor.startsWith("mapping:")).flatMap((one) => one.inputs);
  return inputs.flatMap(({ input, rowsIn, rowsUsed, excluded }) => {
    const leftOut = rowsIn - rowsUsed;
    const [main] = [...excluded].sort((a, b) => b.rowCount - a.rowCount);
    if (main === undefined || leftOut <= EXCLUDED_SHARE_MAX * rowsIn) return [];
    return [mostlyExcluded(report.files.find(({ file }) => file === input)?.path ?? input, { rowsIn, leftOut, main })];
  });
}

interface Excluded {
  readonly rowsIn: number;
  readonly leftOut: number;
  readonly main: { readonly reason: string; readonly rowCount: number };
}

function mostlyExcluded(file: string, { rowsIn, leftOut, main }: Excluded): Problem {
  const percent = Math.floor((100 * leftOut) / rowsIn);
  return {
    code: "load/most-rows-excluded",
    severity: "warning",
    place: { file },
    what: text(
      `${leftOut} of ${rowsIn} rows (${percent} %) are left out, most of them for: ${main.reason} (${main.rowCount}).`,
      `${rowsIn}행 중 ${leftOut}행(${percent} %)이 제외되었습니다. 가장 많은 사유: ${main.reason} (${main.rowCount}행).`,
    ),
    remedy: text(
      "Check that this is meant. If not: the export may be of other patients or another time, or the mapping's exclude, when or formats may not fit it.",
      "의도한 것인지 확인하십시오. 아니라면 다른 환자나 다른 기간의 내보내기이거나, 매핑의 exclude, when, 형식이 파일과 맞지 않을 수 있습니다.",
    ),
  };
}
