/**
 * What the fall-back costs where events are rare: 200 studies of 25 hospitals with an outcome in 1 % of the patients, each answered twice over the
 * same rows, by one logistic regression over all hospitals (exact federated fit) and by a meta-analysis of the hospitals' own fits.
 *
 * Every hospital has 200 to 1000 patients, 10 to 40 % of them exposed, mean age differing with a standard deviation of 5 years; the log odds
 * ratio of exposure is log 2 in the mean of hospitals and differs between them with a standard deviation τ: 0, where both methods estimate the
 * same number, and 0.3. Age, the other column, carries the hospitals' different risks. Both methods run through the halves of the product;
 * the meta-analysis is random effects by REML. A Monte-Carlo interval is mean ± 1.96 standard deviations / √replicates of the bias, and
 * Wilson's of the coverage of the 95 % intervals.
 */

import { coordinatorPartFor } from "@dure/federation/coordinator";
import { sitePartFor } from "@dure/federation/site";
import { type JsonValue, SeededRandom, sha256 } from "@dure/kernel";
import { CompensatedVector, logistic, logit } from "@dure/numerics";
import type { AnalysisTable } from "@dure/records";
import type { StudyDocument } from "@dure/study";

export interface BiasBench {
  readonly tau: number;
  readonly replicates: number;
  /** Means over the replicates. */
  readonly patients: number;
  readonly events: number;
  readonly hospitalsLeftOut: number;
  readonly exact: MethodFigures;
  readonly meta: MethodFigures;
}

export interface MethodFigures {
  /** Replicates with an estimate. */
  readonly answered: number;
  readonly bias: number;
  /** Monte-Carlo, 95 %. */
  readonly biasInterval: readonly [number, number];
  readonly coverage: number;
  readonly coverageInterval: readonly [number, number];
  readonly rootMeanSquareError: number;
}

const LOG_ODDS_RATIO = Math.log(2);
const HOSPITALS = 25;
const SHARE = 0.01;

export async function benchMetaAnalysisBias({ replicates = 200, taus = [0, 0.3], seed = 1 } = {}): Promise<readonly BiasBench[]> {
  const benches: BiasBench[] = [];
  for (const tau of taus) benches.push(await benchAt(tau, replicates, new SeededRandom(seed)));
  return benches;
}

async function benchAt(tau: number, replicates: number, random: SeededRandom): Promise<BiasBench> {
  const exact: Estimate[] = [];
  const meta: Estimate[] = [];
  let [patients, events, left] = [0, 0, 0];
  for (let replicate = 0; replicate < replicates; replicate++) {
    const tables = Array.from({ length: HOSPITALS }, (_, hospital) => makeHospital(random, tau, hospital));
    patients += tables.reduce((total, { rowCount }) => total + rowCount, 0);
    events += tables.reduce((total, { columns }) => total + (columns.get("y") ?? new Float64Array()).reduce((sum, y) => sum + y, 0), 0);
    const one = await run(study({ kind: "logistic-regression", standardise: true }), tables);
    if (one !== undefined) exact.push(...estimateOf(one));
    const pooled = await run(study({ kind: "meta-analysis", model: "logistic", effects: "random", reason: "benchmark" }), tables);
    if (pooled !== undefined) meta.push(...estimateOf(pooled));
    left += HOSPITALS - (pooled?.hospitals?.fitted ?? 0);
  }
  const mean = (total: number): number => total / replicates;
  return {
    tau,
    replicates,
    patients: mean(patients),
    events: mean(events),
    hospitalsLeftOut: mean(left),
    exact: figures(exact),
    meta: figures(meta),
  };
}

interface Estimate {
  readonly estimate: number;
  readonly ci95: readonly [number, number];
}

/** What both kinds of result hold. */
interface Analysis {
  readonly terms: readonly (Estimate & { readonly name: string })[];
  readonly hospitals?: { readonly fitted: number };
}

const estimateOf = ({ terms }: Analysis): readonly Estimate[] => terms.filter(({ name }) => name === "exposed");

/** The two halves, with sums added as doubles; undefined where the study is refused. Minimum cell 0: no hospital stays out for its size. */
async function run(document: StudyDocument, tables: readonly AnalysisTable[]): Promise<Analysis | undefined> {
  const coordinator = coordinatorPartFor(document);
  const site = sitePartFor(document);
  let state = coordinator.begin(tables.map((_, i) => `hospital-${i}`));
  for (;;) {
    const { vectors: layout } = coordinator.layout(state);
    const sums = new Map(layout.map(({ name, length }) => [name, new CompensatedVector(length)]));
    for (const table of tables) {
      const { vectors } = await site.contribute(state, table);
      for (const [name, values] of vectors) sums.get(name)?.add(values);
    }
    const vectors = new Map([...sums].map(([name, sum]) => [name, sum.values]));
    const absorbed = coordinator.absorb(state, { siteCount: tables.length, vectors });
    if (absorbed.kind === "done") return analysisOf(absorbed.result);
    if (absorbed.kind === "refused") return undefined;
    state = absorbed.state;
  }
}

/** Both parts end with `{ analysis }`. */
const analysisOf = (result: JsonValue): Analysis => (result as unknown as { readonly analysis: Analysis }).analysis;

const study = (analysis: StudyDocument["analysis"]): StudyDocument => ({
  dure: 1,
  id: "rare-outcome",
  title: "A rare outcome",
  purpose: "statistics",
  data: {
    table: "generated",
    split: {}, // no fits that leave a fold out
    variables: [
      { name: "y", role: "outcome", type: "boolean" },
      { name: "exposed", role: "feature", type: "boolean" },
      { name: "age10", role: "feature", type: "number" },
    ],
  },
  analysis,
  evaluation: { localModels: false, intervals: "delong" },
  privacy: { secureSum: { minimumSites: 3 }, minimumCell: 0 },
});

function makeHospital(random: SeededRandom, tau: number, hospital: number): AnalysisTable {
  const rowCount = 200 + random.below(801);
  const exposedShare = 0.1 + 0.3 * random.uniform();
  const meanAge = 0.5 * random.normal();
  const effect = LOG_ODDS_RATIO + tau * random.normal();
  // About 1 % over all: the intercept is that of a patient of average age who is not exposed.
  const intercept = logit(SHARE) - 0.35;
  const columns = new Map(["y", "exposed", "age10"].map((name) => [name, new Float64Array(rowCount)]));
  for (let row = 0; row < rowCount; row++) {
    const exposed = random.uniform() < exposedShare ? 1 : 0;
    const age10 = meanAge + random.normal();
    const y = random.uniform() < logistic(intercept + effect * exposed + 0.4 * age10) ? 1 : 0;
    for (const [name, value] of Object.entries({ y, exposed, age10 })) (columns.get(name) ?? new Float64Array())[row] = value;
  }
  const rowKeys = Array.from({ length: rowCount }, (_, row) => `${hospital}-${String(row).padStart(6, "0")}`);
  return { rowKeys, rowCount, columns, heldOut: new Uint8Array(rowCount), excluded: [], hash: sha256(`${hospital}`) };
}

const Z_975 = 1.959963984540054;

function figures(estimates: readonly Estimate[]): MethodFigures {
  const count = estimates.length;
  const errors = estimates.map(({ estimate }) => estimate - LOG_ODDS_RATIO);
  const bias = errors.reduce((total, error) => total + error, 0) / count;
  const deviation = Math.sqrt(errors.reduce((total, error) => total + (error - bias) ** 2, 0) / (count - 1));
  const half = (Z_975 * deviation) / Math.sqrt(count);
  const covered = estimates.filter(({ ci95: [low, high] }) => low <= LOG_ODDS_RATIO && LOG_ODDS_RATIO <= high).length;
  return {
    answered: count,
    bias,
    biasInterval: [bias - half, bias + half],
    coverage: covered / count,
    coverageInterval: wilson(covered, count),
    rootMeanSquareError: Math.sqrt(errors.reduce((total, error) => total + error * error, 0) / count),
  };
}

/** Wilson 1927. */
function wilson(covered: number, count: number): readonly [number, number] {
  const share = covered / count;
  const squared = Z_975 ** 2;
  const centre = (share + squared / (2 * count)) / (1 + squared / count);
  const half = (Z_975 / (1 + squared / count)) * Math.sqrt((share * (1 - share)) / count + squared / (4 * count ** 2));
  return [centre - half, centre + half];
}

if (import.meta.main) console.log(JSON.stringify(await benchMetaAnalysisBias(), undefined, 1));
