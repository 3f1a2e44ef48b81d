/**
 * Which vectors would leave: found by running the study's two halves inside the hospital, with nothing sent.
 *
 * Run on the hospital's own rows it tells how many sums such a fit takes. It may end early there (one class only, separated), and then
 * it would show fewer vectors than a run over all hospitals can ask for. So it is run on generated rows too, on which nothing is missing:
 * lengths and names follow from the study alone, and every vector of any of these runs is shown. What is asked for only where cells are
 * guarded, or only of several hospitals, shows in a third run: of generated rows at three hospitals, under the study's own minimum cell.
 */

import { coordinatorPartFor } from "@dure/federation/coordinator";
import { type AnySitePart, sitePartFor } from "@dure/federation/site";
import { DureError, type JsonValue, SeededRandom, sha256 } from "@dure/kernel";
import type { Contribution, VectorLayout } from "@dure/privacy";
import type { AnalysisTable } from "@dure/records";
import type { StudyDocument, Variable } from "@dure/study";

export interface DryVector {
  readonly layout: VectorLayout;
  /** Asked for in round after round, as long as the run takes; the others once. */
  readonly isRepeated: boolean;
}

export interface DryRun {
  /** In the order in which they would first leave. */
  readonly vectors: readonly DryVector[];
  /** Sums before the repeated ones begin. */
  readonly sumsBefore: number;
  /** Sums that the fit took: on own rows where it reached its end, else on generated ones. */
  readonly sumCount: number;
  /** `refused` with the code where own rows alone carry no such model. */
  readonly ownRows: { readonly kind: "done" } | { readonly kind: "refused"; readonly code: string; readonly columns: readonly string[] };
}

/** Fails: DureError `federation/analysis-not-available`. Takes the time of a local fit. */
export async function dryRun(study: StudyDocument, ownRows: AnalysisTable): Promise<DryRun> {
  // The minimum cell protects what a coordinator opens; here nobody opens anything.
  const alone = { ...study, privacy: { ...study.privacy, minimumCell: 0 } };
  const own = await walk(alone, [ownRows]);
  const generated = await walk(alone, [generateRows(study, 1)]);
  const guarded = await walk(
    study,
    Array.from({ length: GENERATED_HOSPITALS }, (_, hospital) => generateRows(study, 1 + hospital)),
  );
  const layouts = longestByName([...generated.rounds, ...guarded.rounds, ...own.rounds].flat());
  const repeated = new Set([generated, guarded, own].flatMap(({ rounds }) => namesRepeated(rounds)));
  const firstRepeated = generated.rounds.findIndex((layout) => layout.some(({ name }) => repeated.has(name)));
  return {
    vectors: [...layouts.values()].map((layout) => ({ layout, isRepeated: repeated.has(layout.name) })),
    sumsBefore: firstRepeated < 0 ? 0 : firstRepeated,
    sumCount: (own.end.kind === "done" ? own : generated).rounds.length,
    ownRows: own.end,
  };
}

/** In the order of the first of each name; one that changes its length is shown at its longest. */
function longestByName(layouts: readonly VectorLayout[]): ReadonlyMap<string, VectorLayout> {
  const longest = new Map<string, VectorLayout>();
  for (const layout of layouts) {
    if (layout.length >= (longest.get(layout.name)?.length ?? 0)) longest.set(layout.name, layout);
  }
  return longest;
}

interface Walk {
  readonly rounds: readonly (readonly VectorLayout[])[];
  readonly end: DryRun["ownRows"];
}

/** One hospital a table. */
async function walk(study: StudyDocument, tables: readonly AnalysisTable[]): Promise<Walk> {
  const coordinator = coordinatorPartFor(study);
  const site = sitePartFor(study);
  const rounds: (readonly VectorLayout[])[] = [];
  let state = coordinator.begin([]);
  for (;;) {
    rounds.push(joinImputations(coordinator.layout(state).vectors));
    const contributed = await contributeOrRefuse(site, state, tables);
    if (contributed.kind === "refused") return { rounds, end: contributed };
    const absorbed = coordinator.absorb(state, { siteCount: tables.length, vectors: added(contributed.contributions) });
    if (absorbed.kind === "done") return { rounds, end: { kind: "done" } };
    if (absorbed.kind === "refused") return { rounds, end: { kind: "refused", ...absorbed.refusal } };
    state = absorbed.state;
  }
}

/** Completed data sets ask for the same vectors each: shown as one, with all their entries. */
function joinImputations(layouts: readonly VectorLayout[]): readonly VectorLayout[] {
  const joined = new Map<string, VectorLayout>();
  for (const layout of layouts) {
    const name = layout.name.replace(/^imputation \d+\//, "");
    joined.set(name, { ...layout, name, length: layout.length + (joined.get(name)?.length ?? 0) });
  }
  return [...joined.values()];
}

/** Rows that an analysis cannot use at all (a negative time, no event) keep the hospital out of a run, and are no fault of the preview. */
async function contributeOrRefuse(site: AnySitePart, state: JsonValue, tables: readonly AnalysisTable[]) {
  try {
    const contributions: Contribution[] = [];
    for (const table of tables) contributions.push(await site.contribute(state, table));
    return { kind: "contributed", contributions } as const;
  } catch (error) {
    if (!(error instanceof DureError)) throw error;
    const columns = error.problems.flatMap(({ place }) => (place.column === undefined ? [] : [place.column]));
    return { kind: "refused", code: error.code, columns } as const;
  }
}

function added(contributions: readonly Contribution[]): Contribution["vectors"] {
  const [first, ...others] = contributions;
  if (first === undefined || others.length === 0) return first?.vectors ?? new Map();
  return new Map(
    [...first.vectors].map(([name, values]) => {
      const total = Float64Array.from(values);
      for (const { vectors } of others)
        vectors.get(name)?.forEach((value, i) => {
          total[i] = (total[i] ?? 0) + value;
        });
      return [name, total];
    }),
  );
}

function namesRepeated(rounds: Walk["rounds"]): readonly string[] {
  const names = rounds.flat().map(({ name }) => name);
  return names.filter((name, i) => names.indexOf(name) !== i);
}

const GENERATED_HOSPITALS = 3;
const GENERATED_ROWS_MIN = 500;
const GENERATED_ROWS_A_VARIABLE = 50;

/** Independent columns, an outcome by the toss of a coin, a time within the first hundred days: every level, class and fold is filled, and nothing is separated. */
function generateRows(study: StudyDocument, seed: number): AnalysisTable {
  const { variables } = study.data;
  const rowCount = Math.max(GENERATED_ROWS_MIN, GENERATED_ROWS_A_VARIABLE * variables.length);
  const random = new SeededRandom(seed);
  const columns = new Map(
    variables.map((variable) => [
      variable.name,
      Float64Array.from(
        { length: rowCount },
        drawsByRole[variable.role]?.(random) ?? drawsOfOutcome(study, variable)?.(random) ?? drawOf(variable, random),
      ),
    ]),
  );
  if ((study.data.missing?.method ?? "complete-case") !== "complete-case") {
    for (const { name, role } of variables) if (role === "feature") dropSome(columns.get(name), random);
  }
  const rowKeys = Array.from({ length: rowCount }, (_, i) => String(i).padStart(9, "0"));
  return { rowKeys, rowCount, columns, heldOut: new Uint8Array(rowCount), excluded: [], hash: sha256("generated rows") };
}

/** One value in five is missing, so that every round of an imputation is asked for. */
function dropSome(column: Float64Array | undefined, random: SeededRandom): void {
  column?.forEach((_, row) => {
    if (random.below(5) === 0) column[row] = Number.NaN;
  });
}

/** Roles whose values are bounded, whatever their type. */
const drawsByRole: { readonly [R in Variable["role"]]?: (random: SeededRandom) => () => number } = {
  time: (random) => () => 1 + random.below(100),
  entry: () => () => 0,
  weight: () => () => 1,
};

/** Counts that vary more than a Poisson distribution would have them, and amounts above 0, where a model asks for such. */
function drawsOfOutcome({ analysis }: StudyDocument, { role, type }: Variable): ((random: SeededRandom) => () => number) | undefined {
  if (role !== "outcome" || type !== "number") return undefined;
  if (analysis.kind === "meta-analysis") return analysis.model === "poisson" ? (random) => () => random.below(4) : undefined;
  if (analysis.kind === "treatment-effect") return analysis.outcomeModel === "poisson" ? (random) => () => random.below(4) : undefined;
  if (analysis.kind !== "generalised-linear-model") return undefined;
  if (analysis.family === "gamma") return (random) => () => 1 + random.below(1000) / 100;
  return analysis.family === "linear" ? undefined : (random) => () => (random.below(3) === 0 ? random.below(12) : random.below(2));
}

function drawOf({ type, levels = [] }: Variable, random: SeededRandom): (_: unknown, row: number) => number {
  switch (type) {
    case "boolean":
      return () => random.below(2);
    case "category":
      return () => random.below(levels.length);
    case "identifier":
      return (_, row) => row;
    default:
      return () => random.normal();
  }
}
