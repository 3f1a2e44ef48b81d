/** How fast HL7 v2 becomes OMOP rows: generated messages on disk, read, converted, taken in, loaded and committed. */

import { randomBytes } from "node:crypto";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { draftPolicy, isDecidedByPolicy, MAPPED_TYPES, parseFhirPolicy } from "@dure/clinical/fhir";
import { convertMessage, DEFAULT_TERMS, MessageSplitter, readMessage } from "@dure/clinical/hl7v2";
import { SeededRandom, sha256, utf8 } from "@dure/kernel";
import { fhirContributor } from "../apps/site/src/fhir-load/fhir-contributor.ts";
import { takeInHl7Files } from "../apps/site/src/intake/hl7v2/take-files.ts";
import { openIntakeForLoad, openIntakeStore } from "../apps/site/src/intake/intake-duckdb.ts";
import { buildSnapshot } from "../apps/site/src/load/build-snapshot.ts";
import { openClinicalStore } from "../apps/site/src/store/open-clinical-store.ts";
import { answerIfAsked, type Cost, isMain, startCost, tellCost, workApart } from "./own-process.ts";
import { bothOf, endByPeaks, type TwoSteps } from "./peak-memory.ts";

/** The bound on a 2-core machine, from file to snapshot. */
const MESSAGES_PER_SECOND_MIN = 1_000;
const FILE = "messages.hl7";
const MESSAGES = 10_000;
const PATIENTS = 1_000;
/** Of each patient, so that a result finds its visit. */
const VISITS = 3;

export interface Hl7Benchmark extends TwoSteps {
  readonly messages: number;
  /** Reading and conversion alone. */
  readonly convertedPerSecond: number;
  /** From file to snapshot. */
  readonly messagesPerSecond: number;
  readonly messagesPerSecondMin: number;
}

/** Prints and returns messages per second. */
export async function benchHl7(messages = MESSAGES): Promise<Hl7Benchmark> {
  const directory = await mkdtemp(join(tmpdir(), "dure-bench-"));
  try {
    await writeFile(join(directory, FILE), generate(messages));
    const convertedPerSecond = Math.round(messages / (await convertAll(join(directory, FILE))));
    const intake = await workApart<Cost>(import.meta.url, directory, "intake");
    const load = await workApart<Cost>(import.meta.url, directory, "load");
    const cost = bothOf(intake, load);
    const messagesPerSecond = Math.round(messages / cost.seconds);
    console.log(`hl7: intake ${tellCost(cost.intake, messages)}\nhl7: load ${tellCost(cost.load, messages)}`);
    console.log(
      `hl7: ${messages} messages in ${tellCost(cost, messages)} = ${messagesPerSecond} messages/s (at least ${MESSAGES_PER_SECOND_MIN}); ` +
        `${convertedPerSecond} messages/s read and converted`,
    );
    return { ...cost, messages, convertedPerSecond, messagesPerSecond, messagesPerSecondMin: MESSAGES_PER_SECOND_MIN };
  } finally {
    await rm(directory, { recursive: true, force: true });
  }
}

const work = (directory: string, step: string): Promise<Cost> => (step === "intake" ? takeIn(directory) : load(directory));

const clock = { nowMs: () => Date.now(), sleep: async () => undefined };

async function takeIn(directory: string): Promise<Cost> {
  const store = await openIntakeStore(join(directory, "intake.duckdb"));
  const cost = startCost();
  await takeInHl7Files({ store, source: "hl7", terms: DEFAULT_TERMS, paths: [join(directory, FILE)], clock });
  await store.close();
  return cost();
}

async function load(directory: string): Promise<Cost> {
  const random = { kind: "secure" as const, bytes: (length: number) => new Uint8Array(randomBytes(length)) };
  const store = await openClinicalStore(join(directory, "clinical.duckdb"));
  const intake = await openIntakeForLoad(join(directory, "intake.duckdb"));
  const cost = startCost();
  const onRead = (): Promise<void> => intake.close(); // as a load of a site's folder does
  await buildSnapshot(store, [fhirContributor({ intake, source: "hl7", policy: policy(), policyFile: "hl7.yaml", onRead })], {
    keyTable: { key: random.bytes(32), random },
    source: { name: "bench", abbreviation: "bench", holder: "bench", etlReference: "bench" },
    document: { id: "bench", version: 1, hash: sha256(utf8("bench")) },
    periodRule: { rule: "first-to-last-event" },
    clock,
  });
  await store.close();
  return cost();
}

/** @returns seconds */
async function convertAll(path: string): Promise<number> {
  const bytes = await readFile(path);
  const startMs = performance.now();
  const splitter = new MessageSplitter(1_000_000);
  let number = 0;
  for (const raw of [...splitter.push(bytes), ...splitter.finish()]) {
    const reading = readMessage({ raw, file: path });
    if (reading.kind === "unreadable") throw new Error("a generated message cannot be read");
    number += 1;
    convertMessage({ message: reading.message, terms: DEFAULT_TERMS, file: path, number, latest: "2100-01-01T00:00:00.000Z" });
  }
  return (performance.now() - startMs) / 1000;
}

function policy() {
  const text = draftPolicy({
    source: "hl7",
    profile: "orders-count",
    counts: MAPPED_TYPES.filter(isDecidedByPolicy).map((resourceType) => ({ resourceType, intent: "any", status: "(none)", count: 1 })),
    on: "2024-01-01",
    timeZone: "Asia/Seoul",
    identifierSystems: [],
  });
  return { ...parseFhirPolicy({ file: "hl7.yaml", text }), confirmed: { by: "the benchmark", on: "2024-01-01", reason: "to measure" } };
}

const LABS = ["718-7", "2160-0", "6690-2", "777-3", "2951-2", "2823-3", "1742-6", "1920-8", "2345-7", "4548-4"];

/** 60 % laboratory panels of five results, 20 % admissions and updates with diagnoses, 20 % drug orders. */
function generate(messages: number): string {
  const random = new SeededRandom(1);
  return Array.from({ length: messages }, (_, index) => {
    const patient = random.below(PATIENTS);
    const at = new Date(Date.UTC(2024, 0, 1) + index * 60_000).toISOString().slice(0, 19).replaceAll(/[-:T]/g, "");
    const msh = (type: string): string => `MSH|^~\\&|EMR|HOSPITAL|DURE|HOSPITAL|${at}||${type}|M${index}|P|2.5|||||KOR|UNICODE UTF-8`;
    const visit = `${patient}-${random.below(VISITS)}`;
    const head = [
      `PID|1||${patient}^^^HOSPITAL^MR||||19${30 + random.below(60)}0101|${random.below(2) === 0 ? "F" : "M"}`,
      `PV1|1|I|W${random.below(30)}^101^1||||D${random.below(200)}^^^^^^^^HOSPITAL|||IM|||||||||${visit}^^^HOSPITAL^VN${"|".repeat(25)}20240101`,
    ];
    return `${[...bodyOf(random, { index, at, msh, head })].join("\r")}\r`;
  }).join("");
}

interface Draft {
  readonly index: number;
  readonly at: string;
  readonly msh: (type: string) => string;
  readonly head: readonly string[];
}

function bodyOf(random: SeededRandom, { index, at, msh, head }: Draft): readonly string[] {
  const kind = random.below(10);
  if (kind < 2) return [msh("ADT^A08^ADT_A01"), `EVN|A08|${at}`, ...head, `DG1|1||N20${random.below(10)}^^KCD8||${at}|F`];
  if (kind < 4)
    return [
      msh("RDE^O11^RDE_O11"),
      ...head,
      `ORC|NW|R${index}^EMR|||||||${at}`,
      `RXE||64290${random.below(2000)}^^KD|1||tab^^UCUM`,
      `TQ1|1|||||7^d|${at}`,
    ];
  const results = LABS.slice(random.below(5))
    .slice(0, 5)
    .map((code, row) => `OBX|${row + 1}|NM|${code}^^LN||${random.below(1000) / 10}|g/dL^^UCUM|12-16|N|||F|||${at}`);
  return [msh("ORU^R01^ORU_R01"), ...head, `OBR|1|L${index}^EMR|F${index}^LAB|26464-8^^LN|||${at}`, ...results];
}

if (!(await answerIfAsked(import.meta.url, work)) && isMain(import.meta.url)) {
  const { intake, load } = await benchHl7(Number(process.argv[2] ?? MESSAGES));
  endByPeaks({ "hl7 intake": intake, "hl7 load": load });
}
