/** Feasibility: how many patients could each hospital bring. Questions wait for the hospitals' next poll, answers are kept as given. */

import { Code } from "@connectrpc/connect";
import type { Peer } from "@dure/identity";
import { canonicalJson, type JsonValue, parseSha256, sha256, sha256Bytes, toHex, transcript } from "@dure/kernel";
import type { alliance as wire } from "@dure/wire";
import type { Coordination } from "../coordination.ts";
import { dayMs, questionsPerDayMax } from "../limits.ts";
import type { Letter } from "../mailbox/mailboxes.ts";
import { refuse } from "../server/refusals.ts";
import type { FeasibilityQuestion, StoreTransaction } from "../store/index.ts";
import { assertFiles, readStudy } from "./documents.ts";

/** What `question` of the store holds. */
interface QuestionDocument {
  readonly sites: readonly string[];
  readonly canonical: JsonValue;
  readonly files: readonly { readonly name: string; readonly sha256: string }[];
}

const ANSWER = /^(?:<10|\d{1,9}|not-taking-part)$/;
const QUESTION_ID_BYTES = 16;

/** The same question of the same asker on the same day is one question. @returns its id */
export async function askCount(c: Coordination, request: wire.AskCountRequest, peer: Peer): Promise<string> {
  const study = readStudy("canonical_study_json", request.canonicalStudyJson);
  assertFiles(study, request.files, sha256);
  const sites = [...new Set(request.sites)].sort();
  const askedAtMs = c.clock.nowMs();
  const day = Math.floor(askedAtMs / dayMs);
  const questionId = toHex(sha256Bytes(transcript("dure count 1", peer.id, study.hash, day, ...sites)).subarray(0, QUESTION_ID_BYTES));
  const files = request.files.map(({ name, content }) => ({ name, sha256: sha256(content) }));
  const question = { questionId, askerId: peer.id, study: study.hash, question: { sites, canonical: study.canonical, files }, askedAtMs };
  await c.store.transaction("ask feasibility", async (tx) => {
    const { feasibility, blobs } = c.store.repositories;
    await assertHospitals(c, tx, sites);
    if ((await feasibility.find(tx, questionId)) !== undefined) return;
    if ((await feasibility.countSince(tx, peer.id, askedAtMs - dayMs)) >= questionsPerDayMax)
      throw refuse(Code.ResourceExhausted, "too-many-questions");
    for (const { content } of request.files) await blobs.put(tx, content, askedAtMs);
    await feasibility.ask(tx, question);
  });
  const letter = await letterOf(c, question);
  for (const site of sites) c.mailboxes.put(site, letter);
  return questionId;
}

async function assertHospitals(c: Coordination, tx: StoreTransaction, sites: readonly string[]): Promise<void> {
  const members = await c.store.repositories.members.list(tx);
  const unknown = sites.find(
    (site) => !members.some(({ siteId, role, status }) => siteId === site && role === "site" && status === "active"),
  );
  if (sites.length === 0) throw refuse(Code.InvalidArgument, "malformed", { path: "sites" });
  if (unknown !== undefined) throw refuse(Code.InvalidArgument, "unknown-member", { path: "sites" });
}

/** Whatever a hospital has not answered yet, for a process of it that has just started. */
export async function repeatQuestions(c: Coordination, site: string): Promise<void> {
  const sinceMs = c.clock.nowMs() - dayMs;
  const { feasibility } = c.store.repositories;
  const open = await c.store.transaction("list open questions", (tx) => feasibility.unanswered(tx, site, sinceMs));
  for (const question of open) if (documentOf(question).sites.includes(site)) c.mailboxes.put(site, await letterOf(c, question));
}

async function letterOf(c: Coordination, question: FeasibilityQuestion): Promise<Letter> {
  const { canonical, files } = documentOf(question);
  const contents = await c.store.transaction("read question files", async (tx) => {
    const read: { readonly name: string; readonly content: Uint8Array<ArrayBuffer> }[] = [];
    for (const { name, sha256: hash } of files) {
      const content = await c.store.repositories.blobs.get(tx, parseSha256(hash));
      if (content !== undefined) read.push({ name, content: content.slice() });
    }
    return read;
  });
  const canonicalStudyJson = canonicalJson(canonical);
  const value = { question: question.questionId, asker: question.askerId, canonicalStudyJson, files: contents };
  const byteCount = canonicalStudyJson.length + contents.reduce((total, { content }) => total + content.byteLength, 0);
  return { content: { case: "countQuestion", value }, byteCount, isKept: true };
}

/** Taken once: a second answer changes nothing. */
export async function takeAnswer(c: Coordination, { question, answer }: wire.CountReply, site: string): Promise<void> {
  if (!ANSWER.test(answer)) throw refuse(Code.InvalidArgument, "malformed", { path: "answer" });
  await c.store.transaction("answer feasibility", async (tx) => {
    const { feasibility } = c.store.repositories;
    const asked = await feasibility.find(tx, question);
    if (asked === undefined || !documentOf(asked).sites.includes(site)) throw refuse(Code.NotFound, "unknown-question");
    await feasibility.answer(tx, question, { siteId: site, answer, answeredAtMs: c.clock.nowMs() });
  });
}

/** For the asker alone: every hospital asked, with an empty answer while none has come. */
export async function getCount(
  c: Coordination,
  question: string,
  peer: Peer,
): Promise<readonly { readonly site: string; readonly answer: string }[]> {
  return c.store.transaction("read feasibility", async (tx) => {
    const { feasibility } = c.store.repositories;
    const asked = await feasibility.find(tx, question);
    if (asked === undefined || asked.askerId !== peer.id) throw refuse(Code.NotFound, "unknown-question");
    const answers = new Map((await feasibility.answers(tx, question)).map(({ siteId, answer }) => [siteId, answer]));
    return documentOf(asked).sites.map((site) => ({ site, answer: answers.get(site) ?? "" }));
  });
}

const documentOf = ({ question }: FeasibilityQuestion): QuestionDocument => question as unknown as QuestionDocument; // `askCount` wrote it
