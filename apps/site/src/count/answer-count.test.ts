import assert from "node:assert/strict";
import { test } from "node:test";
import { create } from "@bufbuild/protobuf";
import { signingKeyPair } from "@dure/identity";
import { canonicalJson, DureError, type JsonValue, text, utf8 } from "@dure/kernel";
import type { FrozenStudy } from "@dure/study";
import { alliance as wire } from "@dure/wire";
import { readLedger } from "../ledger/export-ledger.ts";
import type { TableSource } from "../run/table-source.ts";
import { nowMs, passphrase, type TestSite, tableFile, testSite, testStewardKey, toySource, toyStudy } from "../steward/testing-site.ts";
import { answerCount, type CountOptions } from "./answer-count.ts";
import { noisyCount } from "./noisy-count.ts";
import {
  findStandingApproval,
  removeStandingApproval,
  type StandingTerms,
  setStandingApproval,
  signStandingApproval,
} from "./standing-approval.ts";

const DAY_MS = 86_400_000;
const siteSecret = new Uint8Array(32).fill(9);
const columns = ["age", "treated", "y"];
const study = toyStudy();

const questionOf = (
  question: string,
  about: FrozenStudy = study,
  change: { readonly asker?: string; readonly canonicalStudyJson?: string; readonly files?: [] } = {},
): wire.CountQuestion =>
  create(wire.CountQuestionSchema, {
    question,
    asker: "researcher-1",
    canonicalStudyJson: canonicalJson(about.canonical),
    files: [{ name: tableFile.name, content: utf8(new TextDecoder().decode(tableFile.content)) }],
    ...change,
  });

const termsOf = (site: TestSite, change: Partial<StandingTerms> = {}): StandingTerms => ({
  siteId: site.settings.siteId,
  askers: ["researcher-1", "researcher-2"],
  tables: { toy: columns },
  questionsPerDayMax: 20,
  expiresAtMs: nowMs + 30 * DAY_MS,
  decidedAtMs: nowMs,
  ...change,
});

const approve = (site: TestSite, change: Partial<StandingTerms> = {}): void =>
  site.store.putSetting("standing-approval", signStandingApproval(termsOf(site, change), testStewardKey().privateKey));

const optionsOf = (site: TestSite, question: wire.CountQuestion, source: TableSource = toySource({ rowCount: 200 })): CountOptions => ({
  question,
  store: site.store,
  source,
  siteSecret,
  clock: site.clock,
  siteId: site.settings.siteId,
  stewardKey: site.settings.stewardKey,
  ledger: site.ledger,
});

const ask = async (site: TestSite, question: wire.CountQuestion, source?: TableSource): Promise<string> =>
  (await answerCount(optionsOf(site, question, source))).answer;

test("an answer is near the count, a multiple of five, on the record before it leaves, and nothing else is", async () => {
  using site = await testSite();
  approve(site);
  const answer = await ask(site, questionOf("q-1"));
  assert.ok(Math.abs(Number(answer) - 200) <= 20 && Number(answer) % 5 === 0, answer);
  const entries = [...readLedger(site.store)];
  assert.deepEqual(
    entries.map(({ kind, details }) => [kind, details]),
    [["release", ["feasibility-count", `answer:${answer}`]]],
  );
  assert.deepEqual(site.store.listRefusals(), []);
});

test("the same patients give the same answer to every asker, in whatever words, on whatever day", async () => {
  using site = await testSite();
  approve(site);
  const answers = new Set<string>();
  for (const [i, about] of [study, toyStudy({ title: "In other words" }), toyStudy({ include: "age > -1000" })].entries()) {
    site.clock.set(nowMs + i * DAY_MS);
    answers.add(await ask(site, questionOf(`q-${i}`, about)));
    answers.add(await ask(site, questionOf(`r-${i}`, about, { asker: "researcher-2" })));
  }
  assert.equal(answers.size, 1);
});

test("a question that was answered keeps its answer, though patients, approval or limit have changed", async () => {
  using site = await testSite();
  approve(site);
  const first = await ask(site, questionOf("q-1"));
  removeStandingApproval(site);
  assert.equal(await ask(site, questionOf("q-1"), toySource({ rowCount: 900 })), first);
  assert.equal(await ask(site, questionOf("q-2")), "not-taking-part");
});

test("few patients are shown as <10, none like nine", async () => {
  using site = await testSite();
  approve(site);
  assert.equal(await ask(site, questionOf("q-1"), toySource({ rowCount: 0 })), "<10");
});

test("every refusal is the same word, and its reason stays in the hospital's own console", async () => {
  using site = await testSite();
  const agentKey = signingKeyPair(site.hospital.identity.privateKey).privateKey;
  const approval = signStandingApproval(termsOf(site), testStewardKey().privateKey);
  const fails = (error: Error): TableSource => ({ read: () => Promise.reject(error) });
  const inUse = new DureError({ code: "store/in-use", severity: "error", place: {}, what: text("", ""), remedy: text("", "") });
  const rows: readonly (readonly [string, JsonValue, wire.CountQuestion, string, TableSource?])[] = [
    ["no approval", null, questionOf("a"), "count/no-standing-approval"],
    ["an unreadable one", { terms: {} }, questionOf("b"), "count/no-standing-approval"],
    ["signed by the agent", signStandingApproval(termsOf(site), agentKey), questionOf("c"), "count/standing-approval-not-ours"],
    [
      "changed after signing",
      { ...approval, terms: { ...approval.terms, askers: "any-member" } },
      questionOf("d"),
      "count/standing-approval-not-ours",
    ],
    [
      "another hospital's",
      signStandingApproval(termsOf(site, { siteId: "hospital-2" }), testStewardKey().privateKey),
      questionOf("e"),
      "count/standing-approval-not-ours",
    ],
    [
      "expired",
      signStandingApproval(termsOf(site, { expiresAtMs: nowMs }), testStewardKey().privateKey),
      questionOf("f"),
      "count/standing-approval-expired",
    ],
    ["another asker", approval, questionOf("g", study, { asker: "researcher-9" }), "count/asker-not-admitted"],
    ["an id that is none", approval, questionOf("a b"), "count/malformed"],
    ["no study", approval, questionOf("h", study, { canonicalStudyJson: "{" }), "count/malformed"],
    ["no table", approval, questionOf("i", study, { files: [] }), "count/malformed"],
    ["a column that is not opened", approval, questionOf("j", toyStudy({ include: "site_code == 'a'" })), "count/column-not-opened"],
    [
      "a table that is not opened",
      signStandingApproval(termsOf(site, { tables: { other: columns } }), testStewardKey().privateKey),
      questionOf("k"),
      "count/column-not-opened",
    ],
    ["a store that is being loaded", approval, questionOf("l"), "store/in-use", fails(inUse)],
    ["a fault of the store", approval, questionOf("m"), "count/malformed", fails(new TypeError("a driver's message with a value"))],
  ];
  for (const [name, stored, question, code, source] of rows) {
    site.store.putSetting("standing-approval", stored);
    assert.equal(await ask(site, question, source), "not-taking-part", name);
    assert.equal(site.store.listRefusals().at(-1)?.code, code, name);
  }
  assert.ok([...readLedger(site.store)].every(({ kind }) => kind === "refusal"));
});

test("one asker gets so many answers a day as approved, 20 at most; another asker and another day begin anew", async () => {
  using site = await testSite();
  approve(site, { questionsPerDayMax: 3, askers: "any-member" });
  const answers: string[] = [];
  for (let i = 0; i < 4; i++) answers.push(await ask(site, questionOf(`q-${i}`)));
  assert.deepEqual(
    answers.map((answer) => answer === "not-taking-part"),
    [false, false, false, true],
  );
  assert.notEqual(await ask(site, questionOf("r", study, { asker: "researcher-7" })), "not-taking-part");
  site.clock.set(nowMs + DAY_MS);
  assert.notEqual(await ask(site, questionOf("q-5")), "not-taking-part");
  site.store.putSetting(
    "standing-approval",
    signStandingApproval(termsOf(site, { questionsPerDayMax: 1000 }), testStewardKey().privateKey),
  );
  for (let i = 0; i < 19; i++) await ask(site, questionOf(`s-${i}`));
  assert.equal(await ask(site, questionOf("s-20")), "not-taking-part");
});

test("noise has mean 0 and variance 9 over sets of patients, and is another one under another secret", () => {
  const keys = Array.from({ length: 1000 }, (_, i) => String(i).padStart(4, "0"));
  const answers = Array.from(
    { length: 1000 },
    (_, i) => Number(noisyCount({ rowKeys: keys.filter((_, row) => row !== i), siteSecret })) - 999,
  );
  const mean = answers.reduce((sum, value) => sum + value, 0) / answers.length;
  const variance = answers.reduce((sum, value) => sum + value * value, 0) / answers.length;
  // Rounding to 5 adds about 2 to the variance and, 999 being 1 below a multiple, no more than 0.1 to the mean. Five standard errors: 0.53 and 2.6.
  assert.ok(Math.abs(mean) < 0.63, String(mean));
  assert.ok(Math.abs(variance - 11) < 2.7, String(variance));
  const other = keys.filter(
    (_, i) =>
      noisyCount({ rowKeys: keys.slice(0, 500 + i), siteSecret }) !==
      noisyCount({ rowKeys: keys.slice(0, 500 + i), siteSecret: new Uint8Array(32).fill(8) }),
  );
  assert.ok(other.length > 250);
});

test("the steward's passphrase opens the hospital for counts, and terms that go too far are refused at once", async () => {
  using site = await testSite();
  const { siteId: _, decidedAtMs: __, ...terms } = termsOf(site);
  const refused = await setStandingApproval({
    ...site,
    ...terms,
    passphrase,
    askers: [],
    tables: { toy: [] },
    questionsPerDayMax: 21,
    expiresAtMs: nowMs,
  });
  assert.ok(refused.kind === "refused");
  assert.deepEqual(
    refused.problems.map(({ code }) => code.replace("standing-approval/", "")),
    ["nobody-may-ask", "no-columns", "questions-a-day", "expiry"],
  );
  const wrong = await setStandingApproval({ ...site, ...terms, passphrase: "not this passphrase" });
  assert.ok(wrong.kind === "refused" && wrong.problems[0]?.code === "identity/passphrase-wrong");
  assert.equal(findStandingApproval(site.store), undefined);
  const set = await setStandingApproval({ ...site, ...terms, passphrase });
  assert.equal(set.kind, "set");
  assert.notEqual(await ask(site, questionOf("q-1")), "not-taking-part");
});
