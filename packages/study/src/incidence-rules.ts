/** A standard population names every combination of the strata once, with weights; for the indirect way with rates too. */

import { text } from "@dure/kernel";
import type { VariableRole, VariableType } from "./document.ts";
import type { Finding } from "./problem-report.ts";
import { type FieldFinding, valueAt } from "./schema-problems.ts";
import type { Path } from "./source.ts";

/** What is known of a variable before the schema has accepted it. */
export interface StratumVariable {
  readonly name: string;
  readonly role: VariableRole | undefined;
  readonly type: VariableType | undefined;
  readonly levels: readonly (string | number)[];
}

type Report = (finding: FieldFinding) => void;

const POPULATION: Path = ["analysis", "standardisation", "population"];

export function checkIncidenceRates(document: unknown, variables: readonly StratumVariable[], report: Report): void {
  const standardisation = valueAt(document, ["analysis", "standardisation"]);
  if (valueAt(document, ["analysis", "kind"]) !== "incidence-rates" || standardisation === undefined) return;
  const strata = variables.filter(({ role }) => role === "stratum");
  const population: unknown = valueAt(document, POPULATION);
  if (strata.length === 0 && variables.every(({ role }) => role !== undefined))
    report({ path: ["analysis", "standardisation"], ...NO_STRATUM });
  if (strata.length === 0 || strata.some(({ type }) => type === undefined) || !Array.isArray(population)) return;
  const keys = population.map((_, i) => checkCell(document, strata, { path: [...POPULATION, i], report }));
  keys.forEach((key, i) => {
    if (key !== undefined && keys.indexOf(key) < i) report({ path: [...POPULATION, i, "levels"], ...CELL_TWICE });
  });
  const missing = combinations(strata).filter((key) => !keys.includes(key));
  const isReadable = keys.every((key) => key !== undefined);
  if (isReadable && missing.length > 0) report({ path: POPULATION, ...cellsMissing(missing) });
  const weights = population.map((_, i) => valueAt(document, [...POPULATION, i, "weight"]));
  if (weights.every((weight) => weight === 0)) report({ path: POPULATION, ...NO_WEIGHT });
}

/** @returns what tells the cell from others, undefined where its levels are none */
function checkCell(
  document: unknown,
  strata: readonly StratumVariable[],
  { path, report }: { readonly path: Path; readonly report: Report },
): string | undefined {
  const levels: unknown = valueAt(document, [...path, "levels"]);
  const rate = valueAt(document, [...path, "rate"]);
  const isIndirect = valueAt(document, ["analysis", "standardisation", "method"]) === "indirect";
  if (isIndirect && rate === undefined) report({ path: [...path, "rate"], ...RATE_MISSING });
  if (!isIndirect && rate !== undefined) report({ path: [...path, "rate"], ...RATE_OF_DIRECT });
  if (typeof levels !== "object" || levels === null) return undefined;
  const named = new Map<string, unknown>(Object.entries(levels));
  const isNamed = strata.every((variable) => named.has(variable.name) && levelsOf(variable).includes(String(named.get(variable.name))));
  if (!isNamed || named.size !== strata.length) {
    report({ path: [...path, "levels"], ...noSuchCell(strata) });
    return undefined;
  }
  return labelOf(strata.map(({ name }) => `${name}: ${named.get(name)}`));
}

const levelsOf = ({ type, levels }: StratumVariable): readonly string[] => (type === "boolean" ? ["false", "true"] : levels.map(String));

const labelOf = (parts: readonly string[]): string => `{ ${parts.join(", ")} }`;

function combinations(strata: readonly StratumVariable[]): readonly string[] {
  const parts = strata.reduce<readonly (readonly string[])[]>(
    (found, variable) => found.flatMap((before) => levelsOf(variable).map((level) => [...before, `${variable.name}: ${level}`])),
    [[]],
  );
  return parts.map(labelOf);
}

const NO_STRATUM: Finding = {
  code: "study/no-stratum",
  what: text(
    "rates are standardised over variables with the role stratum, and there is none.",
    "표준화에 쓸 층(stratum) 역할의 변수가 없습니다.",
  ),
  remedy: text("Add a variable with `role: stratum`, such as bands of age.", "연령대처럼 `role: stratum`인 변수를 추가하십시오."),
};

const CELL_TWICE: Finding = {
  code: "study/standard-cell-twice",
  what: text("this combination of levels stands twice.", "같은 수준 조합이 두 번 나옵니다."),
  remedy: text("Write each once.", "한 번씩만 쓰십시오."),
};

const CELLS_SHOWN_MAX = 3;

const cellsMissing = (missing: readonly string[]): Finding => {
  const shown = missing.slice(0, CELLS_SHOWN_MAX).join(", ");
  return {
    code: "study/standard-cell-missing",
    what: text(
      `${missing.length} combinations of levels are not in the standard population, such as ${shown}.`,
      `표준 인구에 없는 수준 조합이 ${missing.length}개 있습니다(예: ${shown}).`,
    ),
    remedy: text("Add them; a weight may be 0.", "추가하십시오. 가중치는 0이어도 됩니다."),
  };
};

const NO_WEIGHT: Finding = {
  code: "study/standard-without-weight",
  what: text("all weights of the standard population are 0.", "표준 인구의 가중치가 모두 0입니다."),
  remedy: text("Give each stratum its number of persons.", "층마다 인구수를 쓰십시오."),
};

const noSuchCell = (strata: readonly StratumVariable[]): Finding => {
  const allowed = strata.map((variable) => `${variable.name}: ${levelsOf(variable).join(" | ")}`).join("; ");
  return {
    code: "study/no-such-standard-cell",
    what: text(
      `a cell of the standard population names one level of each stratum variable: ${allowed}.`,
      `표준 인구의 칸마다 층 변수의 수준을 하나씩 써야 합니다: ${allowed}`,
    ),
    remedy: text("Correct the levels.", "수준을 고치십시오."),
  };
};

const RATE_MISSING: Finding = {
  code: "study/standard-rate-missing",
  what: text(
    "the indirect way needs the standard population's rate in each cell.",
    "간접 표준화에는 칸마다 표준 인구의 발생률이 필요합니다.",
  ),
  remedy: text("Add `rate`, per as many units of time as `per` says.", "`per` 항목과 같은 단위로 `rate`를 추가하십시오."),
};

const RATE_OF_DIRECT: Finding = {
  code: "study/standard-rate-not-used",
  what: text("the direct way takes weights only.", "직접 표준화는 가중치만 사용합니다."),
  remedy: text("Remove `rate`, or choose the method indirect.", "`rate`를 지우거나 indirect 방법을 선택하십시오."),
};
