import assert from "node:assert/strict";
import { hashJson, sha256 } from "@dure/kernel";
import type { Contract } from "./contract.testing.ts";
import { blobBytesMax, studyJsonBytesMax } from "./limits.ts";
import { proposeSample, sampleDraft, sampleProposal, startMs } from "./samples.ts";

const by = { byMember: "a", atMs: startMs };

export const studiesContract: Contract = {
  "a draft is stored once; another document under its id and version is a conflict": async ({ run, studies }) => {
    const draft = sampleDraft("draft-1", "a");
    assert.deepEqual(await run((tx) => studies.addDraft(tx, draft)), { kind: "stored" });
    assert.deepEqual(await run((tx) => studies.addDraft(tx, draft)), { kind: "repeated" });
    const canonical = { dure: 1, id: "draft-1", title: "another" };
    const another = { ...draft, canonical, hash: hashJson(canonical) };
    assert.deepEqual(await run((tx) => studies.addDraft(tx, another)), { kind: "conflict", columns: [] });
    assert.deepEqual(await run((tx) => studies.find(tx, draft.hash)), { ...draft, state: "draft" });
    assert.equal(await run((tx) => studies.find(tx, sha256("no study"))), undefined);
  },

  "a signed proposal is attached once, and the draft becomes proposed": async ({ run, studies }) => {
    const draft = sampleDraft("proposal-1", "a");
    const proposal = sampleProposal("proposal-1", ["a", "b"]);
    await run((tx) => studies.addDraft(tx, draft));
    assert.deepEqual(await run((tx) => studies.propose(tx, draft.hash, proposal, by)), { kind: "stored" });
    assert.deepEqual(await run((tx) => studies.propose(tx, draft.hash, proposal, by)), { kind: "repeated" });
    const another = sampleProposal("proposal-1", ["b"]);
    assert.deepEqual(await run((tx) => studies.propose(tx, draft.hash, another, by)), { kind: "elsewhere", state: "proposed" });
    assert.deepEqual(await run((tx) => studies.propose(tx, sha256("none"), another, by)), { kind: "unknown-study" });
    assert.deepEqual(await run((tx) => studies.find(tx, draft.hash)), { ...draft, proposal, state: "proposed" });
  },

  "every change of state says who, when and why, and only allowed ones happen": async ({ store, run, studies }) => {
    const study = await run((tx) => proposeSample(tx, store.repositories, "states-1", "a"));
    const move = { study, from: "proposed", to: "recruiting", reason: "invited", ...by } as const;
    assert.deepEqual(await run((tx) => studies.move(tx, move)), { kind: "stored" });
    assert.deepEqual(await run((tx) => studies.move(tx, move)), { kind: "repeated" });
    assert.deepEqual(await run((tx) => studies.move(tx, { ...move, byMember: "b" })), { kind: "elsewhere", state: "recruiting" });
    assert.deepEqual(await run((tx) => studies.move(tx, { ...move, from: "recruiting", to: "completed" })), { kind: "not-allowed" });
    const history = await run((tx) => studies.history(tx, study));
    assert.deepEqual(history, [
      { sequence: 1, to: "draft", reason: "written", ...by },
      { sequence: 2, from: "draft", to: "proposed", reason: "signed", ...by },
      { sequence: 3, from: "proposed", to: "recruiting", reason: "invited", ...by },
    ]);
  },

  "studies are listed by state, newest first": async ({ run, studies }) => {
    await run((tx) => studies.addDraft(tx, { ...sampleDraft("list-1", "b"), createdAtMs: startMs + 1 }));
    await run((tx) => studies.addDraft(tx, { ...sampleDraft("list-2", "b"), createdAtMs: startMs + 2 }));
    const drafts = await run((tx) => studies.list(tx, { states: ["draft"] }));
    assert.deepEqual(
      drafts.filter(({ studyId }) => studyId.startsWith("list-")).map(({ studyId }) => studyId),
      ["list-2", "list-1"],
    );
    assert.ok(drafts.every(({ state }) => state === "draft"));
    assert.ok((await run((tx) => studies.list(tx))).length > drafts.length);
  },

  "a document beyond its limit is refused as store/too-large": async ({ run, studies }) => {
    const canonical = { text: "x".repeat(studyJsonBytesMax) };
    const large = { ...sampleDraft("large-1", "a"), canonical, hash: hashJson(canonical) };
    await assert.rejects(
      run((tx) => studies.addDraft(tx, large)),
      { code: "store/too-large" },
    );
  },

  "a file is kept by its content, byte for byte": async ({ run, blobs }) => {
    const content = Uint8Array.from({ length: 300_000 }, (_, index) => (index * 7) % 256);
    const stored = await run((tx) => blobs.put(tx, content, startMs));
    assert.deepEqual(stored, { sha256: sha256(content), outcome: { kind: "stored" } });
    assert.deepEqual(await run((tx) => blobs.put(tx, content, startMs)), { sha256: sha256(content), outcome: { kind: "repeated" } });
    assert.deepEqual(await run((tx) => blobs.get(tx, stored.sha256)), content);
    assert.deepEqual(await run((tx) => blobs.missing(tx, [sha256("absent"), stored.sha256])), [sha256("absent")]);
    assert.equal(await run((tx) => blobs.get(tx, sha256("absent"))), undefined);
    await assert.rejects(
      run((tx) => blobs.put(tx, new Uint8Array(blobBytesMax + 1), startMs)),
      { code: "store/too-large" },
    );
  },

  "a study names each file once, and only files whose content is there": async ({ store, run, blobs, studyFiles }) => {
    const study = await run((tx) => proposeSample(tx, store.repositories, "files-1", "a"));
    const { sha256: hash } = await run((tx) => blobs.put(tx, new TextEncoder().encode("id: lung"), startMs));
    const { sha256: other } = await run((tx) => blobs.put(tx, new TextEncoder().encode("id: heart"), startMs));
    const file = { name: "tables/lung.yaml", sha256: hash };
    assert.deepEqual(await run((tx) => studyFiles.attach(tx, study, file)), { kind: "stored" });
    assert.deepEqual(await run((tx) => studyFiles.attach(tx, study, file)), { kind: "repeated" });
    assert.deepEqual(await run((tx) => studyFiles.attach(tx, study, { ...file, sha256: other })), {
      kind: "conflict",
      columns: ["sha256"],
    });
    assert.deepEqual(await run((tx) => studyFiles.list(tx, study)), [file]);
    await assert.rejects(
      run((tx) => studyFiles.attach(tx, study, { name: "absent", sha256: sha256("absent") })),
      { code: "store/refused" },
    );
  },

  "the last decision of each hospital counts, and all of them stay": async ({ store, run, decisions }) => {
    const study = await run((tx) => proposeSample(tx, store.repositories, "decisions-1", "a"));
    const approved = { study, siteId: "a", kind: "approved", signed: { board: "IRB-2026-1", n: 1 }, receivedAtMs: startMs } as const;
    const withdrawn = { ...approved, kind: "withdrawn", signed: { board: "IRB-2026-1", n: 2 } } as const;
    const declined = { ...approved, siteId: "b", kind: "declined", signed: { board: "DRB-7" } } as const;
    const first = await run((tx) => decisions.record(tx, approved));
    assert.deepEqual(first, { kind: "stored", hash: hashJson(approved.signed) });
    await run((tx) => decisions.record(tx, withdrawn));
    await run((tx) => decisions.record(tx, declined));
    assert.deepEqual(await run((tx) => decisions.record(tx, approved)), { kind: "repeated", hash: hashJson(approved.signed) });
    const current = await run((tx) => decisions.current(tx, study));
    assert.deepEqual(
      current.map(({ siteId, kind, sequence }) => ({ siteId, kind, sequence })),
      [
        { siteId: "a", kind: "withdrawn", sequence: 2 },
        { siteId: "b", kind: "declined", sequence: 1 },
      ],
    );
    const history = await run((tx) => decisions.history(tx, study, "a"));
    assert.deepEqual(history[0], { ...approved, sequence: 1, hash: hashJson(approved.signed) });
    assert.equal(history.length, 2);
  },

  "a question counts once, and an answer is never replaced": async ({ run, feasibility }) => {
    const question = {
      questionId: "q-1",
      askerId: "a",
      study: sha256("draft"),
      question: { include: "age >= 50" },
      askedAtMs: startMs,
    };
    assert.deepEqual(await run((tx) => feasibility.ask(tx, question)), { kind: "stored" });
    assert.deepEqual(await run((tx) => feasibility.ask(tx, { ...question, askedAtMs: startMs + 9 })), { kind: "repeated" });
    await run((tx) => feasibility.ask(tx, { ...question, questionId: "q-2", askedAtMs: startMs + 1 }));
    assert.equal(await run((tx) => feasibility.countSince(tx, "a", startMs)), 2);
    assert.equal(await run((tx) => feasibility.countSince(tx, "a", startMs + 1)), 1);
    const answer = { siteId: "b", answer: "<10", answeredAtMs: startMs + 2 };
    assert.deepEqual(await run((tx) => feasibility.answer(tx, "q-1", answer)), { kind: "stored" });
    assert.deepEqual(await run((tx) => feasibility.answer(tx, "q-1", answer)), { kind: "repeated" });
    assert.deepEqual(await run((tx) => feasibility.answer(tx, "q-1", { ...answer, answer: "120" })), {
      kind: "conflict",
      columns: ["answer"],
    });
    assert.deepEqual(await run((tx) => feasibility.answers(tx, "q-1")), [answer]);
    assert.deepEqual(
      (await run((tx) => feasibility.unanswered(tx, "b", startMs))).map(({ questionId }) => questionId),
      ["q-2"],
    );
    assert.deepEqual(await run((tx) => feasibility.find(tx, "q-1")), question);
    assert.equal(await run((tx) => feasibility.find(tx, "q-3")), undefined);
  },
};
