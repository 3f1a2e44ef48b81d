/** Words planted in every field that nobody declared as used, in sources of every kind: where they are after all commands have run. */

import assert from "node:assert/strict";
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { inspect } from "node:util";
import { DureError } from "@dure/kernel";
import { systemRandom, writePrivateFile } from "@dure/machine";
import { sitePaths, writeSettings } from "@dure/site";
import { bulkServer, openSender, readEverything, readPostgres, runOnPostgres, type Written, writeAthena } from "@dure/site/testing";
import {
  badSources,
  databaseMapping,
  databaseRows,
  PLANTED_IN_FILE_NAMES,
  PLANTED_IN_INTAKE,
  PLANTED_NOWHERE,
  planOf,
  plantedCount,
  writeSources,
} from "./canaries.testing.ts";
import { badBulkAnswers, fillBulkServer, MESSAGE_BYTES_MAX, sentMessages, strayText, writeViews } from "./canaries-live.testing.ts";
import { runCommandLine } from "./command-line.ts";
import { COMMANDS, GROUPS } from "./commands/index.ts";
import { Output } from "./output.ts";
import { Progress } from "./progress.ts";

const folder = mkdtempSync(join(tmpdir(), "dure-canaries-"));
after(() => rmSync(folder, { recursive: true, force: true }));
const scratch = join(folder, "tmp");
mkdirSync(scratch);
process.env["TMPDIR"] = scratch; // what is left in the machine's folder for temporary files is looked at too
const home = join(folder, "home");
const at = ["--home", home];

interface Said {
  readonly words: string;
  readonly text: string;
  /** The error with all its causes, as a debugger shows it. */
  readonly error: unknown;
}
const everySaid: Said[] = [];

/** The command as a person runs it, in both languages and as JSON by turns; all that it says is kept. */
const dure = (...words: readonly string[]): Promise<Said> => run(words, new AbortController().signal);

async function run(words: readonly string[], signal: AbortSignal, onText: (text: string) => void = () => undefined): Promise<Said> {
  const json = words.includes("--json") || everySaid.length % 2 === 1;
  const language = everySaid.length % 4 < 2 ? "en" : "ko";
  let said = "";
  const sink = {
    write: (text: string) => {
      said += text;
      onText(text);
    },
    isTTY: everySaid.length % 3 === 0,
  };
  const output = new Output({ stdout: sink, stderr: sink, language, json });
  const progress = new Progress({ stream: sink, language, silent: false });
  const context = {
    output,
    progress,
    language,
    environment: process.env,
    workingFolder: folder,
    signal,
  } as const;
  const error = await runCommandLine([...words.filter((word) => word !== "--json"), ...(json ? ["--json"] : [])], {
    commands: COMMANDS,
    groups: GROUPS,
    version: "0",
    context,
  }).then(
    () => undefined,
    (cause: unknown) => cause,
  );
  const one = { words: words.join(" ").replaceAll(folder, ""), text: said, error };
  everySaid.push(one);
  return one;
}

async function done(...words: readonly string[]): Promise<string> {
  const { text, error, words: line } = await dure(...words);
  assert.ok(error === undefined, `${line}: ${inspect(error, { depth: 6 })}`);
  return text;
}

function makeHome(): void {
  mkdirSync(join(home, "keys"), { recursive: true });
  writeSettings(sitePaths(home), {
    ...{ version: 1, siteId: "hospital-1", organisation: "Hospital 1", role: "site", alliance: "a", coordinatorUrl: "https://127.0.0.1:1" },
    ...{ coordinatorKey: "", stewardKey: "", source: { kind: "store" } },
  });
  writePrivateFile(sitePaths(home).personKey, systemRandom.bytes(32));
}

const findings = (written: readonly Written[], planted: RegExp, isAllowed: (place: string) => boolean = () => false): readonly string[] =>
  written.flatMap(({ place, text }) => {
    const found = isAllowed(place) ? null : planted.exec(text);
    return found === null ? [] : [`${place}: …${text.slice(Math.max(0, found.index - 60), found.index + 40)}…`];
  });

function confirmPolicy(path: string): void {
  const text = readFileSync(path, "utf8");
  writeFileSync(
    path,
    text
      .replace(/^# confirmed:.*$/m, 'confirmed: { by: Kim, on: "2024-06-01", reason: for tests }')
      .replace("otherwise: refuse", "otherwise: exclude"),
  );
}

interface Database {
  readonly url: string;
  readonly remove: () => Promise<void>;
}

/** One database for a source and for the published snapshots. */
async function makeDatabase(): Promise<Database | undefined> {
  const server = process.env["DURE_TEST_POSTGRES_URL"];
  if (server === undefined) return undefined;
  const url = new URL(server);
  const name = `dure_canaries_${process.pid}`;
  url.pathname = `/${name}`;
  await runOnPostgres(server, `CREATE DATABASE ${name}`);
  await runOnPostgres(url.href, databaseRows(SOURCE_SCHEMA));
  return { url: url.href, remove: () => runOnPostgres(server, `DROP DATABASE ${name} WITH (FORCE)`) };
}

async function loadEverything(database: Database | undefined): Promise<void> {
  makeHome();
  await writeSources(folder);
  writeFileSync(join(folder, "database.yaml"), databaseMapping(SOURCE_SCHEMA));
  writeFileSync(join(folder, "load.yaml"), planOf(database !== undefined));
  await done("site", "vocabulary", "load", writeAthena(join(folder, "athena"), { concepts: [] }), ...at, "--part");
  await done("site", "sniff", "exports", "--write", "sniffed.yaml");
  await done("site", "intake", "fhir", "fhir", ...at, "--source", "emr");
  await done("site", "intake", "hl7", "hl7", ...at);
  await listen();
  await exportInBulk();
  await done("site", "intake", "status", ...at);
  await done("site", "images", "take", "dicom", ...at);
  if (database !== undefined) {
    process.env["DURE_TEST_CANARIES"] = database.url;
    writeFileSync(join(folder, "url.txt"), database.url, { mode: 0o600 });
    await done("site", "store", ...at, "--postgresql", "url.txt");
  }
  for (const source of ["emr", "hl7"]) {
    await done("site", "fhir", "policy", ...at, "--source", source, "--profile", "orders-count");
    assert.equal(codesOf((await dure("site", "load", ...at, "--plan", "load.yaml")).error)[0], source === "emr" ? NO_POLICY : UNCONFIRMED);
    confirmPolicy(join(folder, `${source}-policy.yaml`));
  }
  await done("site", "load", ...at, "--plan", "load.yaml");
}

/** Every frame to the listener, as the source `hl7`; what it sent back is looked at as all that is said. */
async function listen(): Promise<void> {
  const [stopping, listening] = [new AbortController(), Promise.withResolvers<number>()];
  const words = ["site", "intake", "listen", ...at, "--port", "0", "--message-bytes-max", String(MESSAGE_BYTES_MAX)];
  const ended = run(words, stopping.signal, (text) => {
    const port = /"event":"listening".*"port":(\d+)/.exec(text)?.[1];
    if (port !== undefined) listening.resolve(Number(port));
  });
  await using sender = await openSender(await listening.promise);
  const answers: string[] = [];
  for (const message of sentMessages()) {
    sender.send(Buffer.from(strayText()));
    sender.send(message);
    answers.push((await sender.answer()).map((fields) => fields.join("|")).join("\r"));
  }
  stopping.abort();
  const { error, text } = await ended;
  assert.ok(error === undefined, inspect(error));
  assert.match(text, /message-refused/);
  assert.ok(
    ["AA", "AE", "AR"].every((code) => answers.some((answer) => answer.includes(`MSA|${code}|`))),
    answers.join("\n"),
  );
  everySaid.push({ words: "answers of the listener", text: answers.join("\n"), error: undefined });
}

/** A server on loopback that first answers wrongly in every way; what it was sent is looked at as all that is said. */
async function exportInBulk(): Promise<void> {
  await using server = await bulkServer();
  writeFileSync(join(folder, "token.txt"), server.token, { mode: 0o600 });
  const words = ["site", "intake", "bulk", `${server.url}/$export`, ...at, "--source", "emr", "--token-file", "token.txt"];
  for (const { code, at: place, status, body } of badBulkAnswers()) {
    server.instead.set(place, [(answer) => answer.writeHead(status).end(body)]);
    const { error } = await dure(...words);
    assert.deepEqual(codesOf(error), [code], inspect(error));
    if (place === "GET /status") await done(...words, "--cancel");
  }
  fillBulkServer(server);
  const report = await done(...words, "--on-fault", "continue", "--json");
  assert.match(report, /"faultCount":[1-9]/);
  const requests = server.requests.map(({ method, url, headers }) => JSON.stringify({ method, url, headers }));
  everySaid.push({ words: "requests to the bulk server", text: requests.join("\n").replaceAll(/dateiname\d+x/g, ""), error: undefined });
}

/** The tables are the hospital's own, and hold what was planted; nothing that is said about them does. */
async function makeTables(): Promise<void> {
  writeViews(folder);
  const resources = ["--ndjson", "views.ndjson"];
  await done("site", "view", "patients.view.json", ...resources, "--out", "patients.csv");
  await done("site", "view", "patients.view.json", ...at, "--source", "emr", "--out", "taken-in.csv");
  assert.match(readFileSync(join(folder, "patients.csv"), "utf8"), PLANTED_NOWHERE);
  assert.match(readFileSync(join(folder, "taken-in.csv"), "utf8"), PLANTED_IN_INTAKE);
  for (const name of ["patients.csv", "taken-in.csv"]) assert.equal(statSync(join(folder, name)).mode & 0o077, 0);
  for (const view of ["several", "number", "truth", "sum", "boundary"]) {
    const { error } = await dure("site", "view", `${view}.view.json`, ...resources, "--out", "failed.csv");
    assert.ok(error instanceof DureError, `${view}: ${inspect(error)}`);
  }
  const { error } = await dure("site", "view", "patients.view.json", "--ndjson", "broken.ndjson", "--out", "failed.csv");
  assert.deepEqual(codesOf(error), ["view/not-a-resource"]);
  assert.deepEqual(
    readdirSync(folder).filter((name) => name.startsWith("failed")),
    [],
  );
}

const SOURCE_SCHEMA = "exported";
/** The second source's document is not there yet. */
const NO_POLICY = "ingest/document-unreadable";
const UNCONFIRMED = "fhir/policy-not-confirmed";

/** Whatever shows or saves something of what was loaded. */
async function showEverything(): Promise<void> {
  await done("site", "quality", "run", ...at);
  await done("site", "quality", "report", ...at, "--html", "quality.html", "--csv", "quality.csv");
  for (const place of ["person", "visit_occurrence", "condition_occurrence.condition_concept_id"]) {
    await done("site", "quality", "report", ...at, "--rows", place);
  }
  for (const words of ["quality trend", "quality override", "map show", "vocabulary status", "store", "fhir requirements", "ledger"]) {
    await done("site", ...words.split(" "), ...(words.startsWith("fhir") ? [] : at));
  }
  await done("site", "map", "add", "SNOMED", ...at, "--by", "kim");
  await done("site", "map", "suggest", "SNOMED", ...at);
  await done("site", "map", "show", "SNOMED", ...at);
  await done("site", "map", "export", "SNOMED", ...at, "--out", "usagi.csv");
  await done("site", "images", "tensors", ...at, "--out", "tensors.parquet");
}

const codesOf = (error: unknown): readonly string[] => (error instanceof DureError ? error.problems.map(({ code }) => code) : []);

/** Each in the home in which everything was loaded. */
async function meetBadSources(): Promise<void> {
  for (const { code, words, files } of badSources()) {
    rmSync(join(folder, "bad"), { recursive: true, force: true });
    mkdirSync(join(folder, "bad"));
    for (const [name, content] of Object.entries(files)) writeFileSync(join(folder, "bad", name), content);
    const { error, text } = await dure(...words, ...(words[1] === "sniff" ? [] : at), "--json");
    assert.ok(
      codesOf(error).includes(code) || text.includes(code),
      `${words.join(" ")}: ${code}, not ${codesOf(error).join(" ")}${inspect(error)}`,
    );
  }
}

/** The PostgreSQL of the snapshots is gone: what needs it says so by name, and intake, images and map lists need none. */
async function meetNoDatabase(): Promise<void> {
  for (const words of ["quality run --anew", "map suggest SNOMED", "vocabulary load athena --part", "load --plan load.yaml"]) {
    const { error } = await dure("site", ...words.split(" "), ...at);
    assert.match(codesOf(error)[0] ?? inspect(error), /^store\/postgres-/, words);
    assert.doesNotMatch(inspect(error, { depth: 8 }), PLANTED_NOWHERE);
  }
  for (const words of ["intake status", "map show", "images take dicom", "intake hl7 hl7"]) await done("site", ...words.split(" "), ...at);
}

const readableByOthers = (path: string): readonly string[] =>
  readdirSync(path, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && (statSync(join(entry.parentPath, entry.name)).mode & 0o077) !== 0)
    .map(({ name }) => name);

const SAVED = ["quality.html", "quality.csv", "usagi.csv", "sniffed.yaml", "tensors.parquet"];

test("nothing planted in sources of every kind comes out of the commands, their errors, stores, reports and folders", async () => {
  const database = await makeDatabase();
  try {
    await loadEverything(database);
    await showEverything();
    await makeTables();
    await meetBadSources();
    assert.ok(plantedCount() > 450, String(plantedCount()));
    const saved = SAVED.map((name) => ({ place: name, text: readFileSync(join(folder, name), "utf8") }));
    const published = database === undefined ? [] : await readPostgres(database.url, SOURCE_SCHEMA);
    assert.equal(published.length > 30, database !== undefined);
    const kept = await readEverything(home);
    assert.ok(
      kept.some(({ place, text }) => place.startsWith("intake.duckdb") && PLANTED_IN_INTAKE.test(text)),
      "intake is read in clear",
    );
    assert.ok(
      kept.some(({ place, text }) => place === "clinical.duckdb snapshot_1.person" && text.includes("1970")),
      "so are snapshots",
    );
    const said = everySaid.map(({ words, text, error }) => ({ place: words, text: `${text}\n${inspect(error, { depth: 8 })}` }));
    const written = [...saved, ...published, ...kept, ...(await readEverything(scratch))];
    assert.deepEqual(findings([...written, ...said], PLANTED_NOWHERE), []);
    assert.deepEqual(
      findings([...written, ...said], PLANTED_IN_INTAKE, (place) => /^(intake\.duckdb|images\.sqlite)/.test(place)),
      [],
    );
    assert.deepEqual(
      findings(written, PLANTED_IN_FILE_NAMES, (place) => /^(intake\.duckdb|sniffed\.yaml)/.test(place)),
      [],
    );
    assert.deepEqual(readableByOthers(home), []);
    assert.deepEqual(
      kept.filter(({ place }) => /loading|\.tmp|\.wal/.test(place)),
      [],
    );
  } finally {
    await database?.remove();
  }
  if (database !== undefined) await meetNoDatabase();
});
