import assert from "node:assert/strict";
import { readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { sha256 } from "@dure/kernel";
import { sql } from "kysely";
import { backupStore, restoreStore } from "./backup.ts";
import { BACKUP_FORMAT, tablesInOrder } from "./backup-format.ts";
import { latestSchema } from "./migrate.ts";
import { enrolSamples, proposeSample, sampleChange, sampleRun, startMs } from "./samples.ts";
import { type CoordinatorStore, openCoordinatorStore } from "./store.ts";
import { makeTemporaryDirectory, type TestDatabase, testDatabases } from "./testing.ts";

async function openEmpty(t: TestContext, database: TestDatabase): Promise<CoordinatorStore> {
  const { target, remove } = await database.make();
  const store = await openCoordinatorStore(target);
  t.after(() => store.close().then(remove));
  return store;
}

function temporaryDirectory(t: TestContext): string {
  const directory = makeTemporaryDirectory();
  t.after(() => rmSync(directory, { recursive: true, force: true }));
  return directory;
}

/** Every table holds something: scripts, line separators, bytes, nulls, large numbers. */
async function fill(store: CoordinatorStore): Promise<void> {
  const {
    alliance,
    members,
    enrolmentTokens,
    blobs,
    studyFiles,
    decisions,
    feasibility,
    runs,
    ownReleases,
    results,
    refusals,
    ledgerCheckpoints,
  } = store.repositories;
  await store.transaction("fill", async (tx) => {
    const name = "두레 \u2028 “x” \\ \n";
    await alliance.establish(tx, {
      name,
      rootFingerprint: sha256("root"),
      rootCertificate: "r",
      issuingCertificate: "i",
      establishedAtMs: startMs,
    });
    await enrolSamples(tx, store.repositories, ["a", "b", "c"]);
    await members.revokeMember(tx, { siteId: "c", reason: "keyCompromise", atMs: startMs });
    await enrolmentTokens.issue(tx, {
      secretSha256: sha256("s"),
      siteId: "d",
      organisation: "D",
      role: "site",
      issuedAtMs: 1,
      expiresAtMs: 2 ** 52,
    });
    const study = await proposeSample(tx, store.repositories, "study", "a");
    const { sha256: hash } = await blobs.put(
      tx,
      Uint8Array.from({ length: 1000 }, (_, index) => index % 256),
      startMs,
    );
    await studyFiles.attach(tx, study, { name: "tables/표.yaml", sha256: hash });
    await decisions.record(tx, { study, siteId: "a", kind: "approved", signed: { board: "IRB" }, receivedAtMs: startMs });
    await feasibility.ask(tx, { questionId: "q", askerId: "a", study, question: {}, askedAtMs: startMs });
    await feasibility.answer(tx, "q", { siteId: "b", answer: "<10", answeredAtMs: startMs });
    await runs.begin(tx, sampleRun("run", study));
    for (let version = 1; version <= 120; version++) await runs.save(tx, sampleChange("run", version));
    await ownReleases.put(tx, { runId: "run", siteId: "a", kind: "headline", subject: "", release: { n: 9 }, receivedAtMs: startMs });
    await runs.putSummary(tx, { runId: "run", bytes: new Uint8Array([0, 255]), atMs: startMs });
    await results.put(tx, { runId: "run", recipients: ["a", "b"], sealed: new Uint8Array([1, 2, 3]), sealedAtMs: startMs });
    await refusals.record(tx, {
      refusalId: "x",
      askerId: "c",
      askedFor: "result",
      subject: "run",
      code: "coordinator/not-a-recipient",
      atMs: startMs,
    });
    await ledgerCheckpoints.put(tx, { siteId: "a", treeSize: 2 ** 40, root: sha256("r"), signed: {}, receivedAtMs: startMs });
    await ledgerCheckpoints.cosign(tx, { siteId: "a", treeSize: 2 ** 40, cosignerId: "b", signature: "s", receivedAtMs: startMs });
  });
}

/** All rows of all tables, in a fixed order. */
const dump = (store: CoordinatorStore): Promise<Record<string, unknown>> =>
  store.transaction("dump", async (tx) => {
    const tables: Record<string, unknown> = {};
    for (const table of tablesInOrder) {
      const { rows } = await sql`select * from ${sql.table(table)} as t order by t::text collate "C"`.execute(tx);
      assert.ok(rows.length > 0, `${table} is empty`);
      tables[table] = rows;
    }
    return tables;
  });

test("a backup restores every row of every table", async (t) => {
  const directory = temporaryDirectory(t);
  const backups: { readonly name: string; readonly file: string; readonly rows: unknown }[] = [];
  for (const database of testDatabases) {
    const store = await openEmpty(t, database);
    await fill(store);
    const file = join(directory, `${database.name}.backup`);
    const report = await backupStore(store, { file, atMs: startMs });
    assert.equal(report.bytes, statSync(file).size);
    assert.equal(statSync(file).mode & 0o777, 0o600);
    assert.ok(report.rows > 120);
    backups.push({ name: database.name, file, rows: await dump(store) });
  }
  for (const { name, file, rows } of backups) {
    for (const database of testDatabases) {
      await t.test(`from ${name} into ${database.name}`, async (inner) => {
        const store = await openEmpty(inner, database);
        const report = await restoreStore(store, file);
        assert.deepEqual(await dump(store), rows);
        const again = await backupStore(store, { file: `${file}.again`, atMs: startMs });
        assert.equal(again.sha256, report.sha256, "the restored store has the same backup");
        assert.deepEqual(await store.transaction("go on", (tx) => store.repositories.runs.save(tx, sampleChange("run", 121))), {
          kind: "stored",
          version: 122,
        });
        await assert.rejects(restoreStore(store, file), { code: "store/not-empty" });
      });
    }
  }
});

test("a backup that is not whole is refused, and nothing is restored", async (t) => {
  const [database] = testDatabases;
  assert.ok(database !== undefined);
  const store = await openEmpty(t, database);
  const directory = temporaryDirectory(t);
  const whole = join(directory, "whole");
  await store.transaction("enrol", (tx) => enrolSamples(tx, store.repositories, ["a", "b"]));
  await backupStore(store, { file: whole, atMs: startMs });
  await store.transaction("empty", (tx) => sql`truncate certificate, member cascade`.execute(tx));

  const good = readFileSync(whole, "utf8");
  const lines = good.trimEnd().split("\n");
  const header = { dureBackup: BACKUP_FORMAT, schema: latestSchema, createdAtMs: 0 };
  const cases: readonly (readonly [name: string, content: string, code: string])[] = [
    ["an empty file", "", "store/backup-damaged"],
    ["a file of something else", "hello\n", "store/backup-damaged"],
    ["one cut in the middle of a line", good.slice(0, good.length >> 1), "store/backup-damaged"],
    ["one without its last line", `${lines.slice(0, -1).join("\n")}\n`, "store/backup-damaged"],
    ["one without a row", `${lines.toSpliced(1, 1).join("\n")}\n`, "store/backup-damaged"],
    ["one with a changed letter", good.replace("Hospital a", "Hospital x"), "store/backup-damaged"],
    ["one with lines after its end", `${good}${lines[1]}\n`, "store/backup-damaged"],
    ["one that names an unknown table", good.replace('"table":"member"', '"table":"pg_user"'), "store/backup-damaged"],
    ["one with a column that is no name", good.replace('"organisation"', '"organi\\"sation"'), "store/backup-damaged"],
    ["one of a newer format", `${JSON.stringify({ ...header, dureBackup: BACKUP_FORMAT + 1 })}\n`, "store/backup-too-new"],
    ["one of a newer schema", `${JSON.stringify({ ...header, schema: latestSchema + 1 })}\n`, "store/backup-too-new"],
  ];
  for (const [name, content, code] of cases) {
    await t.test(`${name} is ${code}`, async () => {
      assert.notEqual(content, good);
      const file = join(directory, "bad");
      writeFileSync(file, content);
      await assert.rejects(restoreStore(store, file), { code });
      assert.deepEqual(await store.transaction("look", (tx) => store.repositories.members.list(tx)), []);
    });
  }
  await t.test("one that is not there is store/backup-unreadable", () =>
    assert.rejects(restoreStore(store, join(directory, "absent")), { code: "store/backup-unreadable" }),
  );
  await t.test("a directory that is not there takes no backup: store/backup-unreadable", () =>
    assert.rejects(backupStore(store, { file: join(directory, "absent", "file"), atMs: 0 }), { code: "store/backup-unreadable" }),
  );
  await t.test("a backup of an older schema is brought to this one", async () => {
    const older = `${JSON.stringify({ ...header, schema: 1 })}\n${lines.slice(1, -1).join("\n")}\n`;
    const file = join(directory, "older");
    writeFileSync(file, `${older}${JSON.stringify({ end: { rows: lines.length - 2, sha256: sha256(older) } })}\n`);
    await restoreStore(store, file);
    assert.equal((await store.transaction("look", (tx) => store.repositories.members.list(tx))).length, 2);
    assert.deepEqual(await store.transaction("look", (tx) => store.repositories.runs.list(tx)), []);
  });
});
