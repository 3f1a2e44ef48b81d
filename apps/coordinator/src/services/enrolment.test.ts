/** Tokens and enrolments over real TLS: good once, safe to repeat, and nobody twice. */

import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { Code } from "@connectrpc/connect";
import { createTlsKey, readCertificate, requestRenewal } from "@dure/identity";
import { createEnrolmentToken } from "../admin/administer.ts";
import { enrolmentsPerAddressMax } from "../limits.ts";
import { type RunningCoordinator, startCoordinator } from "../start-coordinator.ts";
import {
  clock,
  connect,
  enrolMember,
  json,
  makeHome,
  makeRequest,
  memoryLog,
  random,
  refusalOf,
  type TestConnection,
  type TestHome,
} from "../testing.ts";

let home: TestHome;
let coordinator: RunningCoordinator;
let open: TestConnection;

/** Each test begins with a coordinator that has counted no enrolment yet: the limit is ten a minute. */
async function restart(): Promise<void> {
  open?.close();
  await coordinator?.close();
  coordinator = await startCoordinator({ home: home.home, clock, random, log: memoryLog() });
  open = connect(coordinator.url, home.rootPem);
}

before(async () => {
  home = await makeHome();
  await restart();
});

after(async () => {
  open.close();
  await coordinator.close();
  await home.remove();
});

const invite = (id: string, organisation?: string): Promise<string> =>
  createEnrolmentToken({ home: home.home, role: "site", id, ...(organisation === undefined ? {} : { organisation }), clock, random });

test("a lost answer is asked for again, also with a newly signed CSR, and gives a certificate for the same member", async () => {
  const token = await invite("repeated");
  const { request } = await makeRequest(token, "Hospital repeated");
  const first = await open.enrolment.enrol({ requestJson: json(request) });
  const second = await open.enrolment.enrol({ requestJson: json(request) });
  assert.equal(readCertificate(first.certificateChainPem)?.id, "repeated");
  assert.equal(readCertificate(second.certificateChainPem)?.id, "repeated");
  assert.equal(second.coordinatorIdentityKey, first.coordinatorIdentityKey);
  assert.equal(second.rootPem, home.rootPem);
});

test("a token used by other keys is refused by name", async () => {
  const token = await invite("used");
  const [one, two] = [await makeRequest(token, "Hospital used"), await makeRequest(token, "Hospital used")];
  await open.enrolment.enrol({ requestJson: json(one.request) });
  assert.deepEqual(await refusalOf(open.enrolment.enrol({ requestJson: json(two.request) })), [
    Code.PermissionDenied,
    "coordinator/token-used",
  ]);
});

test("a request without a token's secret is refused, whatever it names", async () => {
  await restart();
  const token = await invite("guessed");
  const { request } = await makeRequest(token, "Hospital guessed");
  for (const terms of [
    { ...request.terms, organisation: "Another" },
    { ...request.terms, id: "nobody-asked" },
  ])
    assert.deepEqual(await refusalOf(open.enrolment.enrol({ requestJson: json({ ...request, terms }) })), [
      Code.PermissionDenied,
      "identity/enrolment-not-asked",
    ]);
  for (const requestJson of ["", "{", "{}", "[]"])
    assert.deepEqual(await refusalOf(open.enrolment.enrol({ requestJson })), [Code.InvalidArgument, "coordinator/malformed"]);
});

test("an organisation that the operator named is the only one that may use the token", async () => {
  await restart();
  const token = await invite("named", "Severance Hospital");
  const { request } = await makeRequest(token, "Another hospital");
  assert.deepEqual(await refusalOf(open.enrolment.enrol({ requestJson: json(request) })), [
    Code.InvalidArgument,
    "coordinator/enrolment-other-organisation",
  ]);
  const { request: own } = await makeRequest(token, " severance  HOSPITAL ");
  await open.enrolment.enrol({ requestJson: json(own) });
});

test("one organisation does not become two members, however it is written", async () => {
  await restart();
  await enrolMember(home, coordinator.url, { id: "first-of-two", organisation: "서울병원" });
  const token = await invite("second-of-two");
  const { request } = await makeRequest(token, "서울 병원");
  assert.deepEqual(await refusalOf(open.enrolment.enrol({ requestJson: json(request) })), [
    Code.AlreadyExists,
    "identity/roster-duplicate-organisation",
  ]);
});

test("an id that a member has is never invited again", async () => {
  await assert.rejects(invite("first-of-two"), { code: "coordinator/member-exists" });
  await assert.rejects(invite("no spaces"), { code: "coordinator/bad-invitation" });
});

test("a certificate is renewed with the old key's signature, and only one's own", async () => {
  await restart();
  const [member, other] = [
    await enrolMember(home, coordinator.url, { id: "renewed" }),
    await enrolMember(home, coordinator.url, { id: "other" }),
  ];
  const connection = connect(coordinator.url, home.rootPem, member);
  const newPrivateKey = createTlsKey(random);
  const request = await requestRenewal({ chain: member.chain, privateKey: member.privateKey, newPrivateKey });
  const { certificateChainPem } = await connection.enrolment.renewCertificate({ requestJson: json(request) });
  connection.close();
  const renewed = connect(coordinator.url, home.rootPem, { privateKey: newPrivateKey, chain: certificateChainPem });
  assert.deepEqual((await renewed.sites.poll({ session: "s", waitMs: 1 })).deliveries, []);
  const stolen = await requestRenewal({ chain: other.chain, privateKey: other.privateKey, newPrivateKey });
  assert.deepEqual(await refusalOf(renewed.enrolment.renewCertificate({ requestJson: json(stolen) })), [
    Code.PermissionDenied,
    "coordinator/renewal-not-own",
  ]);
  const forged = { ...request, signature: request.signature.slice(0, -4) };
  assert.deepEqual(await refusalOf(renewed.enrolment.renewCertificate({ requestJson: json(forged) })), [
    Code.PermissionDenied,
    "identity/certificate-malformed",
  ]);
  renewed.close();
});

test(`more than ${enrolmentsPerAddressMax} enrolments a minute from one address are refused`, async () => {
  await restart();
  for (let tried = 0; tried < enrolmentsPerAddressMax; tried++)
    assert.equal((await refusalOf(open.enrolment.enrol({ requestJson: "{}" })))[0], Code.InvalidArgument);
  assert.deepEqual(await refusalOf(open.enrolment.enrol({ requestJson: "{}" })), [
    Code.ResourceExhausted,
    "coordinator/too-many-enrolments",
  ]);
});
