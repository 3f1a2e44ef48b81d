/**
 * An alliance as its operator, four stewards and a researcher would run it: every step a command typed at a terminal, every process a
 * process of its own, on loopback. The steps follow one another; each stands on those before.
 */

import assert from "node:assert/strict";
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { SeededRandom } from "@dure/kernel";
import { type Finished, type Running, runDure, startDure } from "./run-dure.testing.ts";

const STUDY = `dure: 1
id: clinic-outcome
title: What age and nodes say about the outcome
purpose: scientific-research
data:
  table: clinic
  variables:
    outcome: { role: outcome, type: boolean }
    age10: { role: feature, type: number, from: (age - 60) / 10 }
    nodes: { role: feature, type: number }
analysis: { kind: logistic-regression }
privacy: { secureSum: { minimumSites: 3 }, minimumCell: 5 }
`;

const TABLE = `dureTable: 1
id: clinic
version: 1
title: { en: Clinic, ko: 진료 }
description: { en: Generated rows., ko: 생성한 행. }
columns:
  outcome: { type: boolean, description: { en: Outcome., ko: 결과. } }
  age: { type: number, description: { en: Age., ko: 나이. } }
  nodes: { type: number, description: { en: Nodes., ko: 림프절. } }
`;

const PATIENCE_MS = 30_000;

const folder = mkdtempSync(join(tmpdir(), "dure-operator-"));
const home = (name: string): string => join(folder, name);
const file = (name: string): string => join(folder, name);

const hospitals = ["andong", "boryeong", "chuncheon", "daegu"] as const;
type Hospital = (typeof hospitals)[number];
const agreeing = ["andong", "boryeong", "chuncheon"] as const;
const declining = "daegu";
/** Rows of each hospital's table. */
const rowCounts: Readonly<Record<Hospital, number>> = { andong: 240, boryeong: 180, chuncheon: 210, daegu: 1 };

const english = { DURE_LANG: "en", DURE_STEWARD_PASSPHRASE: "a passphrase that is thrown away" };
const korean = { ...english, DURE_LANG: "ko" };

const dure = (...words: readonly string[]): Promise<Finished> => runDure(words, { cwd: folder, environment: english });
const inKorean = (...words: readonly string[]): Promise<Finished> => runDure(words, { cwd: folder, environment: korean });

/** A command that must succeed. @returns its result as JSON */
async function ask<Value>(...words: readonly string[]): Promise<Value> {
  const { status, stdout, stderr } = await dure(...words, "--json");
  assert.equal(status, 0, `dure ${words.join(" ")}: ${stderr}`);
  return JSON.parse(stdout);
}

const everywhere = <Name extends string, Value>(names: readonly Name[], work: (name: Name) => Promise<Value>): Promise<Value[]> =>
  Promise.all(names.map(work));

let coordinator: Running | undefined;
const agents = new Map<string, Running>();
let [study, run] = ["", ""];

before(() => {
  mkdirSync(join(folder, "tables"));
  writeFileSync(file("study.yaml"), STUDY);
  writeFileSync(join(folder, "tables", "clinic.yaml"), TABLE);
  for (const [i, name] of hospitals.entries()) writeFileSync(file(`${name}.csv`), rowsOf(rowCounts[name], i + 1));
});

after(async () => {
  await Promise.all([...agents.values(), ...(coordinator === undefined ? [] : [coordinator])].map((process) => process.kill()));
  rmSync(folder, { recursive: true, force: true });
});

test("an alliance is founded, and its coordinator started", async () => {
  const listen = `127.0.0.1:${await findFreePort()}`;
  const founded = await ask<{ name: string }>("alliance", "init", "--home", "alliance", "--name", "clinics", "--listen", listen);
  assert.equal(founded.name, "clinics");
  coordinator = startDure(["coordinator", "start", "--home", home("alliance")]);
  await coordinator.line("coordinator/started");
});

test("four hospitals and a researcher join with tokens, and their agents start", async () => {
  await everywhere([...hospitals, "researcher"], async (name) => {
    const role = name === "researcher" ? "researcher" : "site";
    const { token } = await ask<{ token: string }>("alliance", "invite", name, "--home", "alliance", "--role", role);
    const table = role === "site" ? ["--flat-table", `${name}.csv`] : [];
    const enrolled = await ask<{ siteId: string }>(
      "site",
      "enrol",
      "--home",
      name,
      "--token",
      token,
      "--organisation",
      `Clinic ${name}`,
      ...table,
    );
    assert.equal(enrolled.siteId, name);
  });
  startAgents(hospitals);
});

test("a proposed study waits in every hospital's list, and a review says in plain words what would leave", async () => {
  const sites = hospitals.flatMap((name) => ["--site", name]);
  ({ study } = await ask<{ study: string }>("study", "propose", "study.yaml", "--home", "researcher", ...sites));
  const [list, review, koreanReview] = await Promise.all([
    dure("site", "review", "--home", "andong"),
    dure("site", "review", study, "--home", "andong"),
    inKorean("site", "review", study, "--home", "boryeong"),
  ]);
  assert.match(list.stdout, new RegExp(`clinic-outcome +not decided +proposed +researcher .*${study}`));
  assert.match(review.stdout, /Would be used +240/);
  assert.match(review.stdout, /gradient × 6 +\d+ +wide/);
  assert.match(review.stdout, /daegu +Clinic daegu +trains/);
  assert.match(koreanReview.stdout, /분석에 쓰이는 행 +180/);
  assert.match(koreanReview.stdout, /승인하기 전에는 아무것도 나가지 않습니다/);
});

test("a count is answered under standing approvals, and by nobody else", async () => {
  const columns = "clinic=outcome,age,nodes";
  await Promise.all([
    ask("site", "standing-approval", "--home", "andong", "--any-member", "--table", columns),
    inKorean("site", "standing-approval", "--home", "boryeong", "--asker", "somebody-else", "--table", columns),
    ask("site", "standing-approval", "--home", declining, "--asker", "researcher", "--table", columns, "--questions", "2", "--days", "30"),
  ]);
  type Counted = { answers: { site: string; answer: string }[] };
  const { answers } = await ask<Counted>("study", "count", "study.yaml", "--home", "researcher");
  const byHospital = new Map(answers.map(({ site, answer }) => [site, answer]));
  assert.deepEqual([byHospital.get("boryeong"), byHospital.get("chuncheon")], ["not-taking-part", "not-taking-part"]);
  assert.ok(Math.abs(Number(byHospital.get("andong")) - rowCounts.andong) <= 25, "noise of σ = 3 and rounding to 5");
  assert.match(byHospital.get(declining) ?? "", /^(<10|10|15|20)$/);
  const removed = await inKorean("site", "standing-approval", "--home", "andong", "--remove");
  assert.match(removed.stdout, /상시 승인을 거두었습니다/);
});

test("a count that nobody answers is not ready yet", async () => {
  await stopAgents([declining]);
  writeFileSync(
    file("older.yaml"),
    STUDY.replace("id: clinic-outcome", "id: older").replace("table: clinic", "table: clinic\n  include: age >= 60"),
  );
  const counted = await dure("study", "count", "older.yaml", "--home", "researcher", "--site", declining, "--wait", "0");
  assert.equal(counted.status, 75, counted.stderr);
  assert.match(counted.stdout, /daegu +no answer yet/);
  startAgents([declining]);
});

test("three stewards approve and one declines", async () => {
  await ask("site", "review", study, "--home", declining);
  await ask("site", "review", study, "--home", "chuncheon");
  await Promise.all([
    ...agreeing.map((name) => ask("site", "approve", study, "--home", name, "--reference", "DRB-1", "--release", "headline")),
    ask("site", "decline", study, "--home", declining, "--reason", "capacity"),
  ]);
  const [listed] = await ask<{ state: string; decision: { kind: string; isDelivered: boolean } }[]>("site", "review", "--home", declining);
  assert.deepEqual([listed?.state, listed?.decision.kind, listed?.decision.isDelivered], ["agreed", "declined", true]);
});

test("the study runs, and the proposer and a hospital that agreed read the same result", async () => {
  ({ run } = await ask<{ run: string }>("study", "run", study, "--home", "researcher"));
  const [mine, theirs] = await everywhere(["researcher", "andong"], (name) =>
    ask<{ analysis: { n: number; outcome: string } }>("study", "result", run, "--home", name),
  );
  assert.deepEqual(mine, theirs);
  assert.deepEqual([mine?.analysis.outcome, mine?.analysis.n], ["converged", rowCounts.andong + rowCounts.boryeong + rowCounts.chuncheon]);
  const listed = await dure("study", "list", "--home", "researcher");
  assert.match(listed.stdout, new RegExp(`clinic-outcome +completed[^]*${run}`));
});

test("the hospital that declined is refused the result, and the refusal stands in the coordinator's record", async () => {
  const refused = await dure("study", "result", run, "--home", declining);
  assert.deepEqual([refused.status, refused.stdout], [4, ""]);
  await ask("coordinator", "backup", "first.backup", "--home", "alliance");
  const rows = readFileSync(file("first.backup"), "utf8").split("\n");
  const recorded = rows.filter((row) => row.startsWith('{"table":"refusal"') && row.includes(run) && row.includes(declining));
  assert.equal(recorded.length, 1);
});

test("a ledger says what left; the one that declined sent only its answer to a count", async () => {
  const [left, koreanLeft, nothing] = await Promise.all([
    dure("site", "ledger", "--home", "andong", "--study", study),
    inKorean("site", "ledger", "--home", "andong"),
    ask<{ kind: string; details?: string[] }[]>("site", "ledger", "--home", declining),
  ]);
  assert.match(left.stdout, /masked sums .* gradient\[\d+\]/);
  assert.match(left.stdout, /own figures/);
  assert.match(koreanLeft.stdout, /가려진 합계/);
  assert.match(koreanLeft.stdout, /환자 개인의 행은 포함되어 있지 않습니다/);
  const sent = nothing.filter(({ kind }) => kind === "contribution" || kind === "message" || kind === "release");
  assert.ok(sent.every(({ details }) => details?.includes("feasibility-count")));
});

test("an exported ledger is proven elsewhere, with the cosignature of another hospital", async () => {
  await stopAgents(hospitals); // agents publish and witness when they start
  startAgents(["andong"]);
  const exported = await until(
    () => ask<Exported>("site", "ledger", "--home", "andong", "--export", "ledger.jsonl"),
    ({ checkpointCount }) => checkpointCount > 0,
  );
  startAgents(["boryeong"]);
  const cosigned = await until(
    async () => {
      await ask("site", "ledger", "--home", "andong", "--export", "ledger.jsonl");
      return ask<Proof>("ledger", "verify", "ledger.jsonl", "--home", "andong");
    },
    ({ checkpoints }) => checkpoints.some(({ cosignedBy }) => cosignedBy.some(({ name }) => name === "boryeong")),
  );
  assert.equal(cosigned.entryCount, exported.entryCount);
  const { alliance, site, key, witnesses } = exported;
  const known = witnesses.flatMap((witness) => ["--witness", `${witness.site}=${witness.key}`]);
  const elsewhere = await dure("ledger", "verify", "ledger.jsonl", "--alliance", alliance, "--site", site, "--key", key, ...known);
  assert.equal(elsewhere.status, 0, elsewhere.stderr);
  assert.match(elsewhere.stdout, /The ledger is whole/);
  assert.match(elsewhere.stdout, /cosigned by boryeong/);
});

test("a flipped byte and a cut end are found", async () => {
  const bytes = readFileSync(file("ledger.jsonl"));
  const at = bytes.indexOf('"bytes":') + 8;
  const flipped = Buffer.from(bytes);
  flipped[at] = (bytes[at] ?? 0) ^ 1;
  writeFileSync(file("flipped.jsonl"), flipped);
  writeFileSync(file("cut.jsonl"), bytes.subarray(0, bytes.lastIndexOf("\n", bytes.byteLength - 2) + 1));
  const [changed, cut] = await everywhere(["flipped.jsonl", "cut.jsonl"], (name) => dure("ledger", "verify", name, "--home", "andong"));
  assert.equal(changed?.status, 4);
  assert.match(changed?.stderr ?? "", /flipped\.jsonl:\d+: .*\[identity\/ledger-bad-hash\]/);
  assert.match(changed?.stdout ?? "", /NOT whole/);
  assert.equal(cut?.status, 4);
  assert.match(cut?.stderr ?? "", /\[identity\/ledger-cut-off\]/);
});

test("while the coordinator is down a steward still reads the study that is here", async () => {
  await ask("coordinator", "backup", "alliance.backup", "--home", "alliance");
  await coordinator?.kill();
  const [review, list] = await Promise.all([
    inKorean("site", "review", study, "--home", "andong"),
    dure("site", "review", "--home", declining),
  ]);
  assert.equal(review.status, 0, review.stderr);
  assert.match(review.stderr, /코디네이터가 응답하지 않아/);
  assert.match(review.stdout, /분석에 쓰이는 행 +240/);
  assert.equal(list.status, 0, list.stderr);
  assert.match(list.stdout, /clinic-outcome +declined/);
});

test("the backup, restored into a new folder with the keys, serves the sealed result again", async () => {
  mkdirSync(home("restored"));
  for (const name of ["coordinator.json", "keys"]) cpSync(join(home("alliance"), name), join(home("restored"), name), { recursive: true });
  await ask("coordinator", "restore", "alliance.backup", "--home", "restored");
  coordinator = startDure(["coordinator", "start", "--home", home("restored")]);
  await coordinator.line("coordinator/started");
  const { analysis } = await ask<{ analysis: { outcome: string } }>("study", "result", run, "--home", "boryeong");
  assert.equal(analysis.outcome, "converged");
});

test("a revoked hospital is refused from that moment", async () => {
  const revoked = await ask<{ isNew: boolean }>("alliance", "revoke", declining, "--home", "restored", "--reason", "key-compromise");
  assert.equal(revoked.isNew, true);
  const refused = await dure("study", "list", "--home", declining);
  assert.equal(refused.status, 4, refused.stderr);
  assert.match(refused.stderr, /revoked/);
});

interface Exported {
  readonly entryCount: number;
  readonly checkpointCount: number;
  readonly alliance: string;
  readonly site: string;
  readonly key: string;
  readonly witnesses: readonly { readonly site: string; readonly key: string }[];
}

interface Proof {
  readonly entryCount: number;
  readonly checkpoints: readonly { readonly cosignedBy: readonly { readonly name: string }[] }[];
}

function startAgents(names: readonly Hospital[]): void {
  for (const name of names) agents.set(name, startDure(["site", "start", "--home", home(name)]));
}

async function stopAgents(names: readonly Hospital[]): Promise<void> {
  await everywhere(names, async (name) => {
    await agents.get(name)?.stop();
    agents.delete(name);
  });
}

async function until<Value>(work: () => Promise<Value>, isEnough: (value: Value) => boolean): Promise<Value> {
  const untilMs = performance.now() + PATIENCE_MS;
  for (;;) {
    const value = await work();
    if (isEnough(value)) return value;
    assert.ok(performance.now() < untilMs, `not within ${PATIENCE_MS} ms: ${JSON.stringify(value)}`);
    await sleep(200);
  }
}

/** Rows of invented patients. */
function rowsOf(rowCount: number, seed: number): string {
  const random = new SeededRandom(seed);
  const rows = Array.from({ length: rowCount }, () => {
    const [age, nodes] = [40 + random.below(40), random.below(9)];
    const outcome = random.uniform() < 1 / (1 + Math.exp(1.2 - 0.3 * nodes)) ? 1 : 0;
    return `${outcome},${age},${nodes}`;
  });
  return `outcome,age,nodes\n${rows.join("\n")}\n`;
}

function findFreePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once("error", reject);
    server.listen(0, "127.0.0.1", () => {
      const address = server.address();
      server.close(() => (typeof address === "object" && address !== null ? resolve(address.port) : reject(new Error("no port"))));
    });
  });
}
