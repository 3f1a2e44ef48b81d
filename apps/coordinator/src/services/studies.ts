/** StudyService: proposals, decisions, runs, results, feasibility. Each call in a few words; the work is in the files beside. */

import type { ServiceImpl } from "@connectrpc/connect";
import type { Peer } from "@dure/identity";
import { canonicalJson } from "@dure/kernel";
import { parseFrozen } from "@dure/study";
import type { alliance as wire } from "@dure/wire";
import type { Coordination } from "../coordination.ts";
import { peerOf } from "../server/guard.ts";
import type { StoreTransaction } from "../store/index.ts";
import { askCount, getCount } from "./counts.ts";
import { decide } from "./decide.ts";
import { asRosterMember } from "./enrolment.ts";
import { asProposed, isParticipant, type ProposedStudy, readAsParticipant } from "./participants.ts";
import { propose, readFiles } from "./propose.ts";
import { getResult, getRun } from "./runs.ts";
import { startRun } from "./start-run.ts";

export function studyService(c: Coordination): ServiceImpl<typeof wire.StudyService> {
  return {
    listMembers: async () => ({ memberJson: [...(await listMembers(c))] }),
    propose: async (request, context) => ({ study: await propose(c, request, peerOf(context)) }),
    listStudies: async (_, context) => ({ studies: await listStudies(c, peerOf(context)) }),
    getStudy: ({ study }, context) => getStudy(c, study, peerOf(context)),
    decide: async ({ decisionJson }, context) => ({ state: await decide(c, decisionJson, peerOf(context)) }),
    startRun: async (order, context) => ({ run: await startRun(c, order, peerOf(context)) }),
    getRun: ({ run }, context) => reportRun(c, run, peerOf(context)),
    getResult: async ({ run }, context) => ({ sealedResult: (await getResult(c, run, peerOf(context))).slice() }),
    askCount: async (request, context) => ({ question: await askCount(c, request, peerOf(context)) }),
    getCount: async ({ question }, context) => ({ answers: [...(await getCount(c, question, peerOf(context)))] }),
  };
}

/** Hospitals that can be invited, as a roster names them; the role is the proposer's to choose. */
async function listMembers({ store }: Coordination): Promise<readonly string[]> {
  const members = await store.transaction("list members", (tx) => store.repositories.members.list(tx));
  const hospitals = members.filter(({ role, status }) => role === "site" && status === "active");
  return hospitals.map((member) => canonicalJson({ ...asRosterMember(member) }));
}

async function listStudies({ store }: Coordination, peer: Peer) {
  return store.transaction("list studies", async (tx) => {
    const proposed = (await store.repositories.studies.list(tx)).flatMap((stored) => asProposed(stored) ?? []);
    const summaries = [];
    for (const study of proposed.filter((candidate) => isParticipant(candidate, peer.id)))
      summaries.push({ ...summaryOf(study), ...(await progressOf(tx, store, study, peer)) });
    return summaries;
  });
}

function summaryOf({ stored, proposal }: ProposedStudy) {
  const { id, title } = parseFrozen(stored.canonical).document;
  const { hash: study, state, proposerId: proposer } = stored;
  return { study, id, title, state, proposer, proposedAtMs: BigInt(proposal.terms.proposedAtMs) };
}

async function progressOf(tx: StoreTransaction, store: Coordination["store"], { stored }: ProposedStudy, peer: Peer) {
  const runs = await store.repositories.runs.list(tx, { study: stored.hash });
  const decisions = await store.repositories.decisions.current(tx, stored.hash);
  return { runs: runs.map(({ runId }) => runId), ownDecision: decisions.find(({ siteId }) => siteId === peer.id)?.kind ?? "" };
}

async function getStudy(c: Coordination, study: string, peer: Peer) {
  const { stored, proposal, invited } = await readAsParticipant(c, { study, peer });
  const { decisions, runs } = c.store.repositories;
  const files = await readFiles(c, parseFrozen(stored.canonical));
  const { decisionJson, runIds } = await c.store.transaction("read study's progress", async (tx) => ({
    decisionJson: (await decisions.current(tx, stored.hash)).map(({ signed }) => canonicalJson(signed)),
    runIds: (await runs.list(tx, { study: stored.hash })).map(({ runId }) => runId),
  }));
  return {
    canonicalStudyJson: canonicalJson(stored.canonical),
    proposalJson: canonicalJson({ terms: { ...proposal.terms }, proposerKey: proposal.proposerKey, signature: proposal.signature }),
    state: stored.state,
    files: files.map(({ name, content }) => ({ name, content: content.slice() })),
    decisionJson,
    runs: runIds,
    rosterJson: canonicalJson({ members: invited.members.map((member) => ({ ...member })) }),
  };
}

async function reportRun(c: Coordination, run: string, peer: Peer) {
  const { study, durable, record } = await getRun(c, run, peer);
  const { status, stage, round, waitingFor, stopReason } = durable;
  return {
    study,
    status,
    stage,
    round,
    waitingFor: [...waitingFor],
    stopCode: stopReason?.code ?? "",
    stopSites: [...(stopReason?.sites ?? [])],
    stopColumns: [...(stopReason?.columns ?? [])],
    record: record.map((entry) => ({ ...entry, atMs: BigInt(entry.atMs), sites: [...entry.sites] })),
  };
}
