/**
 * What a coordinator could read of one row through perfect secure sums of a Cox regression with one baseline hazard, tried for real: with the
 * gate off each way finds a patient, with a minimum cell of 5 none does.
 */

import assert from "node:assert/strict";
import { test } from "node:test";
import { SeededRandom } from "@dure/kernel";
import { differencingCheck, gateContribution, type Sum } from "@dure/privacy";
import type { AnalysisTable } from "@dure/records";
import type { StudyDocument } from "@dure/study";
import { pooledCoxCoordinator } from "../../coordinator/cox-pooled/cox-pooled.ts";
import type { PooledPhase, PooledState } from "../../coordinator/cox-pooled/state.ts";
import type { Standardisation } from "../../coordinator/standardisation.ts";
import { coxStudy } from "../cox/testing-cox.ts";
import { testTable } from "../testing.ts";
import { pooledCoxSite } from "./cox-pooled.ts";

const k = 5;
const grid = { timeBinDays: 1, horizonDays: 2000 };
const features = ["age", "marker", "rare"] as const;

interface Person {
  readonly days: number;
  readonly event: number;
  readonly age: number;
  readonly marker: number;
  readonly rare: number;
}

/** Three hospitals of 80 persons; `carriers` of all of them have the level `rare`, one is an outlier of `marker`. */
function persons(carriers: number): readonly Person[] {
  const random = new SeededRandom(11);
  return Array.from({ length: 240 }, (_, i) => {
    const age = 60 + 9 * random.normal();
    const marker = i === 7 ? 6 : 2 * random.uniform() - 1;
    const days = 1 + Math.floor(-700 * Math.log(1 - random.uniform()));
    return { days, event: random.uniform() < 0.7 ? 1 : 0, age, marker, rare: i % 3 === 0 && i / 3 < carriers ? 1 : 0 };
  });
}

const tablesOf = (all: readonly Person[]): readonly AnalysisTable[] =>
  [0, 1, 2].map((site) => {
    const own = all.filter((_, i) => i % 3 === site);
    const names = ["days", "event", ...features] as const;
    return testTable({
      columns: new Map(names.map((name) => [name, Float64Array.from(own, (person) => person[name])])),
      keyPrefix: `s${site}`,
    });
  });

const studyOf = (minimumCell: number, columns: readonly string[] = ["age", "marker"]): StudyDocument =>
  coxStudy(columns, { minimumCell, booleans: columns.filter((name) => name === "rare"), grid });

interface Round {
  readonly state: PooledState;
  readonly sum: Sum;
}

/** Everything that the coordinator opens, round by round, and how it ended. */
async function listen(study: StudyDocument, tables: readonly AnalysisTable[]) {
  const coordinator = pooledCoxCoordinator(study);
  const sites = tables.map((table) => ({ table, part: pooledCoxSite(study) }));
  const rounds: Round[] = [];
  for (let state = coordinator.begin([]); ; ) {
    const contributions = await Promise.all(sites.map(({ part, table }) => part.contribute(state, table)));
    const vectors = new Map(
      coordinator
        .layout(state)
        .vectors.map(({ name, length }): [string, Float64Array] => [
          name,
          Float64Array.from({ length }, (_, i) => contributions.reduce((total, own) => total + (own.vectors.get(name)?.[i] ?? 0), 0)),
        ]),
    );
    const sum = { siteCount: tables.length, vectors };
    rounds.push({ state, sum });
    const absorbed = coordinator.absorb(state, sum);
    if (absorbed.kind !== "continue") return { rounds, refusal: absorbed.kind === "refused" ? absorbed.refusal : undefined };
    state = absorbed.state;
  }
}

const isPhase =
  <Phase extends PooledState["phase"]>(phase: Phase) =>
  (round: Round): round is Round & { readonly state: PooledPhase<Phase> } =>
    round.state.phase === phase;

/** From the fit's columns back to the variables' own: u = ((x − mean) / sd) × basis, basis upper triangular. */
function ownValues(u: readonly number[], { means, standardDeviations, basis }: Standardisation): readonly number[] {
  const p = u.length;
  const z: number[] = [];
  for (let j = 0; j < p; j++) {
    const known = z.reduce((total, value, i) => total + value * (basis[i * p + j] ?? 0), 0);
    z.push(((u[j] ?? 0) - known) / (basis[j * p + j] ?? 1));
  }
  return z.map((value, j) => value * (standardDeviations[j] ?? 1) + (means[j] ?? 0));
}

const isSomebody = (all: readonly Person[], [age = 0, marker = 0]: readonly number[]): boolean =>
  all.some((person) => Math.abs(person.age - age) < 1e-6 && Math.abs(person.marker - marker) < 1e-6);

/** Differences of neighbouring risk sets, less those with the event where they are told apart, as if each were one row. */
function rowsByDifferencing({ state, sum }: Round & { readonly state: PooledPhase<"risk"> }): readonly (readonly number[])[] {
  const [p, count] = [2, state.intervals.ends.length];
  const at = (name: string, i: number): number => sum.vectors.get(name)?.[i] ?? 0;
  return Array.from({ length: count }, (_, b) => b).flatMap((b) =>
    [0, 1].flatMap((part) => {
      // All who left, or those who had the event; the latter are those of Efron's sums.
      const of = (sums: string, tied: string, i: number, next: number): number =>
        part === 1 ? at(tied, i) : b + 1 < count ? at(sums, i) - at(sums, next) : at(sums, i);
      const weight = of("riskWeights", "tiedWeights", b, b + 1);
      const u = Array.from({ length: p }, (_, j) => of("riskSums", "tiedSums", b * p + j, (b + 1) * p + j) / weight);
      return [ownValues(u, state.standardisation)];
    }),
  );
}

test("differencing S0 and S1 of neighbouring bins finds rows with the gate off, and none with a minimum cell of 5", async () => {
  const all = persons(0);
  for (const minimumCell of [0, k]) {
    const { rounds } = await listen(studyOf(minimumCell), tablesOf(all));
    const found = rounds.filter(isPhase("risk")).flatMap((round) => rowsByDifferencing(round).filter((values) => isSomebody(all, values)));
    if (minimumCell === 0) assert.ok(found.length > 100, `${found.length} rows found`);
    else assert.equal(found.length, 0);
  }
});

test("with a minimum cell every difference of neighbouring risk sets is of 20 persons or more, and so are its parts", async () => {
  const all = persons(0);
  const { rounds } = await listen(studyOf(k), tablesOf(all));
  const [risk] = rounds.filter(isPhase("risk"));
  assert.ok(risk !== undefined && risk.state.intervals.ends.length >= 3);
  const { ends, events } = risk.state.intervals;
  for (const [b, end] of ends.entries()) {
    const from = b === 0 ? -1 : (ends[b - 1] ?? 0);
    const inside = all.filter(({ days }) => Math.min(days, 2000) > from && Math.min(days, 2000) <= end);
    const [withEvent, without] = [inside.filter(({ event }) => event === 1).length, inside.filter(({ event }) => event === 0).length];
    assert.equal(events[b], withEvent);
    assert.ok(withEvent >= 20 && (without === 0 || without >= 20 || b === ends.length - 1));
  }
});

test("a fit asks for fewer sums over the same persons than would settle who they are", async () => {
  const { rounds } = await listen(studyOf(k), tablesOf(persons(0)));
  const points = rounds.filter(isPhase("risk")).length;
  assert.ok(points * 3 < 20 * 2, `${points} points of 3 figures, 20 persons of 2 columns`);
});

test("a dummy with one patient gives that patient's other columns away with the gate off, and is refused with it on", async () => {
  const all = persons(1);
  const columns = ["age", "marker", "rare"];
  const { rounds } = await listen(studyOf(0, columns), tablesOf(all));
  const centred = rounds.find(isPhase("centred"));
  assert.ok(centred !== undefined);
  // Σ z_rare z_j = (1 − m)/s · z_j of the carrier − m/s · Σ of the others': two equations a column.
  const { means, scales } = centred.state.centre;
  const [deviations, products] = ["deviations", "products"].map((name) => centred.sum.vectors.get(name) ?? new Float64Array());
  const carrier = [0, 1].map((j) => {
    const product = products?.[j === 0 ? 2 : 4] ?? 0;
    const z = product * (scales[2] ?? 1) + (means[2] ?? 0) * (deviations?.[j] ?? 0);
    return z * (scales[j] ?? 1) + (means[j] ?? 0);
  });
  assert.ok(isSomebody(all, carrier), "the carrier's age and marker are read");
  const on = await listen(studyOf(k, columns), tablesOf(all));
  assert.deepEqual([on.refusal, on.rounds.length], [{ code: "unsupported-column", columns: ["rare"] }, 1]);
});

for (const phase of ["risk", "spread"] as const) {
  test(`a chosen state reads a patient's columns from the sums of ${phase} with the gate off, and is refused with it on`, async () => {
    const all = persons(0);
    const tables = tablesOf(all);
    for (const minimumCell of [0, k]) {
      const { rounds } = await listen(studyOf(minimumCell), tables);
      const honest = rounds.find(isPhase(phase));
      assert.ok(honest !== undefined);
      const { standardisation, newton } = honest.state;
      // Along the marker, so steep that the outlier outweighs everybody: η = 4.2 (marker − 6).
      const slope = 4.2 * (standardisation.standardDeviations[1] ?? 1);
      const [b00 = 1, b01 = 0, , b11 = 1] = standardisation.basis;
      const params = [(-slope * b01) / b11 / b00, slope / b11].map((value, j) => (j === 0 ? value * 0 : value));
      const state = {
        ...honest.state,
        newton: { ...newton, trial: params },
        ...("risk" in honest.state
          ? { risk: { ...honest.state.risk, at: params, a: faint(honest.state.risk.a), b: faint(honest.state.risk.b) } }
          : {}),
      };
      const study = studyOf(minimumCell);
      const victim = tables[1];
      assert.ok(victim !== undefined);
      const contribution = await pooledCoxSite(study).contribute(state as PooledState, victim);
      const answer = gateContribution({
        layout: pooledCoxCoordinator(study).layout(state as PooledState),
        contribution,
        siteCount: 3,
        policy: { minimumCell, sumCountMax: 60, sumCountUsed: 5 },
        rowCount: 80,
      });
      if (minimumCell > 0) {
        assert.ok(answer.kind === "refused");
        assert.equal(answer.detail, "gate/few-rows-dominate");
        continue;
      }
      assert.equal(answer.kind, "released");
      const values = contribution.vectors;
      const [weight, first, second] =
        phase === "risk"
          ? [values.get("riskWeights")?.[0], values.get("riskSums")?.[0], values.get("riskSums")?.[1]]
          : [values.get("spread")?.[0], values.get("spread")?.[0], values.get("spread")?.[1]];
      if (phase === "risk") {
        const read = ownValues([(first ?? 0) / (weight ?? 1), (second ?? 0) / (weight ?? 1)], standardisation);
        assert.ok(Math.abs((read[1] ?? 0) - 6) < 0.01, `the outlier's marker is read: ${read[1]}`);
      } else {
        // v u uᵀ of one row: the ratio of two entries is that of its columns.
        const outlier = all[7];
        const z = [(outlier?.age ?? 0) - (standardisation.means[0] ?? 0), (outlier?.marker ?? 0) - (standardisation.means[1] ?? 0)].map(
          (value, j) => value / (standardisation.standardDeviations[j] ?? 1),
        );
        const u = [(z[0] ?? 0) * b00, (z[0] ?? 0) * b01 + (z[1] ?? 0) * b11];
        assert.ok(Math.abs((second ?? 0) / (first ?? 1) - (u[1] ?? 0) / (u[0] ?? 1)) < 0.01 * Math.abs((u[1] ?? 0) / (u[0] ?? 1)));
      }
    }
  });
}

/** Hazards as they would be were the outlier's weight what it is in that state: exp(25) times the others'. */
const faint = (hazards: readonly number[]): readonly number[] => hazards.map((value) => value * Math.exp(-25));

test("two nested cohorts: their sums differ by one patient with the gate off; with it on the second is refused", async () => {
  const all = persons(0);
  const tables = tablesOf(all);
  const fewer = tablesOf(all.filter((_, i) => i !== 7 && i !== 8 && i !== 6)); // one of each hospital, so that the rest keep their places
  const [whole, without] = [
    await listen(studyOf(0), tables),
    await listen(
      studyOf(0),
      [tables[0], fewer[1], tables[2]].flatMap((table) => table ?? []),
    ),
  ];
  const [a, b] = [whole, without].map(({ rounds }) => rounds.find(isPhase("moments"))?.sum.vectors.get("sums") ?? new Float64Array());
  assert.ok(
    isSomebody(
      [all[7]].flatMap((person) => person ?? []),
      [0, 1].map((j) => (a?.[j] ?? 0) - (b?.[j] ?? 0)),
    ),
    "patient 7 is read",
  );
  const keys = tables[1]?.rowKeys ?? [];
  assert.equal(differencingCheck(keys.slice(1), [keys], 0).kind, "accepted");
  assert.equal(differencingCheck(keys.slice(1), [keys], k).kind, "refused");
});
