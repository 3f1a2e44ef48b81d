import assert from "node:assert/strict";
import { after, test } from "node:test";
import { hashRoster, makeRoster, signProposal } from "@dure/identity";
import { canonicalJson, type JsonValue, sha256, toHex, utf8 } from "@dure/kernel";
import { systemRandom } from "@dure/machine";
import { readRoster, writeRoster } from "@dure/wire";
import { fetchStudy, listStudies, ownKeysOf, type StudyAnswer, verifyStudy } from "./fetch-study.ts";
import { findKnownStudy } from "./known-study.ts";
import { proposed, tableFile, testCoordinator, testHospital, testSite, toyStudy } from "./testing-site.ts";

const site = await testSite();
after(() => site[Symbol.dispose]());
const study = toyStudy();
const members = site.hospitals.map(({ member }) => member);
const good = proposed(study, members);

const codesOf = (answer: StudyAnswer, asked: string = study.hash): readonly string[] => {
  const verified = verifyStudy(answer, { study: asked, own: site.own });
  return verified.kind === "verified" ? [] : verified.problems.map(({ code }) => code);
};

test("a study that is what it says is fetched, stored with its files, and found again", async () => {
  const coordinator = testCoordinator();
  coordinator.studies.set(study.hash, good);
  const options = {
    connection: coordinator.connection,
    store: site.store,
    own: ownKeysOf(site.paths, site.settings),
    study: study.hash,
    clock: site.clock,
  };
  const first = await fetchStudy(options);
  assert.ok(first.kind === "fetched" && first.isNew);
  const again = await fetchStudy(options);
  assert.ok(again.kind === "fetched" && !again.isNew);
  assert.equal(findKnownStudy(site.store, study.hash)?.frozen.hash, study.hash);
  assert.deepEqual(site.store.findFile(sha256(tableFile.content)), tableFile.content);
  const [listed] = await listStudies(coordinator.connection, site.store);
  assert.equal(listed?.isHere, true);
  assert.equal(listed?.decision, undefined);
});

test("the same study under another proposal does not replace the one that the steward saw", async () => {
  const coordinator = testCoordinator();
  coordinator.studies.set(study.hash, proposed(study, members.slice(0, 4)));
  const answer = await fetchStudy({
    connection: coordinator.connection,
    store: site.store,
    own: site.own,
    study: study.hash,
    clock: site.clock,
  });
  assert.ok(answer.kind === "refused");
  assert.deepEqual(
    answer.problems.map(({ code }) => code),
    ["steward/other-roster"],
  );
  assert.equal(findKnownStudy(site.store, study.hash)?.invitedRoster.members.length, 5);
});

test("each way in which a study can be wrong has its name, and all are told at once", () => {
  const other = toyStudy({ title: "Another" });
  const withoutUs = members.filter(({ siteId }) => siteId !== "hospital-1");
  const stranger = testHospital("hospital-1").member;
  const resigned = { ...good, proposalJson: good.proposalJson.replace('"researcher-1"', '"researcher-2"') };
  const rows: readonly (readonly [string, StudyAnswer, readonly string[], string?])[] = [
    ["as proposed", good, []],
    ["no JSON", { ...good, canonicalStudyJson: "{" }, ["steward/study-malformed"]],
    ["no study", { ...good, canonicalStudyJson: "{}" }, ["study/not-frozen"]],
    ["another hash asked for", good, ["steward/other-study-hash"], other.hash],
    [
      "another study",
      { ...good, canonicalStudyJson: canonicalJson(other.canonical) },
      ["steward/other-study-hash", "identity/proposal-other-study"],
    ],
    ["no proposal", { ...good, proposalJson: "[]" }, ["steward/proposal-malformed"]],
    ["a proposal that was changed", resigned, ["identity/proposal-bad-signature"]],
    ["no roster", { ...good, rosterJson: "{}" }, ["steward/roster-malformed"]],
    [
      "a roster that was not proposed",
      { ...good, rosterJson: writeRoster({ members: members.slice(0, 4) }) },
      ["identity/proposal-other-study"],
    ],
    ["without the table", { ...good, files: [] }, ["steward/file-absent"]],
    ["with another table", { ...good, files: [{ ...tableFile, content: utf8("dureTable: 2") }] }, ["steward/file-altered"]],
    ["with a file that nobody named", { ...good, files: [tableFile, { name: "run.sh", content: utf8("echo") }] }, ["steward/file-unasked"]],
    ["not for us", proposed(study, withoutUs), ["steward/not-invited"]],
    [
      "with other keys of ours",
      proposed(study, [...withoutUs, stranger]),
      ["steward/own-key-differs", "steward/own-key-differs", "steward/own-key-differs"],
    ],
    ["with too few hospitals", proposed(study, members.slice(0, 2)), ["identity/roster-too-few-training"]],
    [
      "wrong in three ways",
      { ...proposed(study, withoutUs), files: [], proposalJson: "7" },
      ["steward/proposal-malformed", "steward/file-absent", "steward/not-invited"],
    ],
  ];
  for (const [name, answer, expected, asked] of rows) assert.deepEqual(codesOf(answer, asked), expected, name);
});

test("a proposal for another roster than the one beside it is refused though both are signed", () => {
  const roster = makeRoster(members);
  assert.equal(hashRoster(readRoster(good.rosterJson)), hashRoster(roster));
  const keys = testHospital("researcher-1");
  const terms = {
    study: study.hash,
    invitedRoster: sha256(toHex(systemRandom.bytes(8))),
    proposer: "researcher-1",
    proposerSealKey: keys.member.sealKey,
    proposedAtMs: 1,
  };
  const proposal = signProposal(terms, keys.identity.privateKey) as unknown as JsonValue;
  assert.deepEqual(codesOf({ ...good, proposalJson: canonicalJson(proposal) }), ["identity/proposal-other-study"]);
});
