/**
 * `npm run bench`: how fast this is, on this machine, now. `--only NAME`, which may be repeated, measures some of it.
 *
 * Every time is also told as a multiple of one plain fit measured in the same run (plain-fit.ts), because that number may be compared
 * between machines. Ends with status 1 when a target of the issue is missed; other processes on the machine can cause that.
 */

import { availableParallelism, loadavg } from "node:os";
import { formatTable } from "../apps/cli/src/text-table.ts";
import { measurePlainFit } from "./plain-fit.ts";

interface Figure {
  readonly what: string;
  readonly figure: string;
  /** Of which the multiple of the plain fit is told. */
  readonly ms?: number;
  readonly target?: string;
  readonly isMet?: boolean;
}

const ROUND_MS_MAX = 150;
const DEMO_SECONDS_MAX = 60;
const DEMO_BYTES_MAX = 2.5e9;
const ROWS_OF_RATIO = 100_000;

const BENCHMARKS: Readonly<Record<string, () => Promise<readonly Figure[]>>> = {
  logistic: async () => {
    const { benchLogistic } = await import("./logistic.ts");
    const { rowCount, coefficientCount, contributionMs, ratio } = benchLogistic();
    const what = `a site's Newton contribution, ${rowCount} rows × ${coefficientCount}`;
    return [{ what, figure: `${contributionMs.toFixed(0)} ms, ${ratio.toFixed(2)} × a plain loop`, ms: contributionMs }];
  },
  "secure-sum": async () => {
    const { benchSecureSum } = await import("./secure-sum.ts");
    return benchSecureSum().map(({ name, siteCount, siteMs, coordinatorMs, attemptMs }) => ({
      what: `hiding a sum: ${name}, ${siteCount} sites`,
      figure: `${siteMs.toFixed(1)} ms a site, ${coordinatorMs.toFixed(1)} ms coordinator`,
      ms: attemptMs,
    }));
  },
  ledger: async () => {
    const { benchLedger } = await import("./ledger.ts");
    const { entryCount, verifyUsPerEntry, ratio } = await benchLedger();
    const figure = `${verifyUsPerEntry.toFixed(1)} µs an entry, ${ratio.toFixed(1)} × one SHA-256`;
    return [{ what: `proving a ledger of ${entryCount} entries`, figure, ms: (verifyUsPerEntry * entryCount) / 1000 }];
  },
  ingest: async () => {
    const { benchIngest } = await import("./ingest.ts");
    const { rowsPerSecond, rowsPerSecondMin } = await benchIngest();
    return [
      {
        what: `ingest of 12-column rows; multiple of ${ROWS_OF_RATIO} rows`,
        figure: `${rowsPerSecond} rows/s`,
        ms: (1000 * ROWS_OF_RATIO) / rowsPerSecond,
        target: `≥ ${rowsPerSecondMin} rows/s`,
        isMet: rowsPerSecond >= rowsPerSecondMin,
      },
    ];
  },
  quality: async () => {
    const { benchQuality } = await import("./quality.ts");
    const { persons, rows, checks, seconds, secondsMax } = await benchQuality();
    return [
      {
        what: `${checks} quality checks, ${persons} persons, ${rows} rows`,
        figure: `${seconds.toFixed(1)} s`,
        ms: 1000 * seconds,
        target: `< ${secondsMax} s`,
        isMet: seconds < secondsMax,
      },
    ];
  },
  fhir: async () => {
    const { benchFhir } = await import("./fhir.ts");
    const { resources, resourcesPerSecond, resourcesPerSecondMin } = await benchFhir();
    return [
      {
        what: `FHIR NDJSON to a snapshot, ${resources} resources`,
        figure: `${resourcesPerSecond} resources/s`,
        ms: (1000 * resources) / resourcesPerSecond,
        target: `≥ ${resourcesPerSecondMin} resources/s`,
        isMet: resourcesPerSecond >= resourcesPerSecondMin,
      },
    ];
  },
  "fhir-intake": async () => {
    const { benchFhirIntake } = await import("./fhir-intake.ts");
    const { resourcesPerSecond, resourcesPerSecondMin } = await benchFhirIntake();
    return [
      {
        what: "FHIR NDJSON into the intake store",
        figure: `${resourcesPerSecond} resources/s`,
        target: `≥ ${resourcesPerSecondMin} resources/s`,
        isMet: resourcesPerSecond >= resourcesPerSecondMin,
      },
    ];
  },
  hl7: async () => {
    const { benchHl7 } = await import("./hl7.ts");
    const { messages, convertedPerSecond, messagesPerSecond, messagesPerSecondMin } = await benchHl7();
    return [
      { what: "HL7 v2 messages read and converted", figure: `${convertedPerSecond} messages/s` },
      {
        what: `${messages} HL7 v2 messages from file to OMOP`,
        figure: `${messagesPerSecond} messages/s`,
        target: `≥ ${messagesPerSecondMin} messages/s`,
        isMet: messagesPerSecond >= messagesPerSecondMin,
      },
    ];
  },
  sources: async () => {
    const { benchSources } = await import("./sources.ts");
    return (await benchSources()).map(({ format, rowsPerSecond, rowsPerCpuSecond }) => ({
      what: `reading 12-column rows: ${format}`,
      figure: `${rowsPerSecond} rows/s, ${rowsPerCpuSecond} a second of processor`,
    }));
  },
  "ingest-memory": async () => {
    const { benchIngestMemory } = await import("./ingest-memory.ts");
    return (await benchIngestMemory()).map(({ rows, rowsPerSecond, peakBytes, peakBytesMax }) => ({
      what: `memory of a load of ${rows} rows, ${rowsPerSecond} rows/s`,
      figure: `${Math.round(peakBytes / 1e6)} MB`,
      target: `< ${peakBytesMax / 1e6} MB`,
      isMet: peakBytes < peakBytesMax,
    }));
  },
  "newton-round": async () => {
    const { benchNewtonRound } = await import("./newton-round.ts");
    return (await benchNewtonRound()).map(({ siteCount, fitCount, roundMs }) => ({
      what: `Newton round of 8 coefficients, ${siteCount} sites on loopback${fitCount > 1 ? `, ${fitCount} fits` : ""}`,
      figure: `${roundMs.toFixed(0)} ms`,
      ms: roundMs,
      ...(fitCount > 1 ? {} : { target: `< ${ROUND_MS_MAX} ms`, isMet: roundMs < ROUND_MS_MAX }),
    }));
  },
  demo: async () => {
    const { benchDemo } = await import("./demo.ts");
    const { seconds, pssBytesMax, processCountMax } = await benchDemo();
    const time = {
      what: "npm run demo",
      figure: `${seconds.toFixed(1)} s`,
      ms: 1000 * seconds,
      target: `< ${DEMO_SECONDS_MAX} s`,
      isMet: seconds < DEMO_SECONDS_MAX,
    };
    if (pssBytesMax === undefined) return [time];
    const memory = {
      what: `npm run demo, PSS of up to ${processCountMax} processes`,
      figure: `${(pssBytesMax / 1e9).toFixed(2)} GB`,
      target: `< ${DEMO_BYTES_MAX / 1e9} GB`,
      isMet: pssBytesMax < DEMO_BYTES_MAX,
    };
    return [time, memory];
  },
};

const only = process.argv.flatMap((word, i, words) => (words[i - 1] === "--only" ? [word] : []));
const unknown = only.filter((name) => !Object.hasOwn(BENCHMARKS, name));
if (unknown.length > 0) {
  console.error(`no benchmark is called ${unknown.join(", ")}; there are ${Object.keys(BENCHMARKS).join(", ")}`);
  process.exit(2);
}

const [load = 0] = loadavg();
const processorCount = availableParallelism();
if (load > processorCount / 2)
  console.log(`The machine was busy before (load ${load.toFixed(1)} on ${processorCount} processors): times are too long.\n`);

const plain = measurePlainFit();
const figures: Figure[] = [
  {
    what: `plain fit in one process, ${plain.rowCount} rows × 8, ${plain.iterationCount} steps`,
    figure: `${plain.fitMs.toFixed(1)} ms`,
    ms: plain.fitMs,
  },
];
for (const [name, measure] of Object.entries(BENCHMARKS)) {
  if (only.length > 0 && !only.includes(name)) continue;
  console.error(`measuring ${name} …`);
  figures.push(...(await measure()));
}

const right = { align: "right" as const };
console.log(
  formatTable(
    [
      { heading: "what" },
      { heading: "figure", ...right },
      { heading: "× plain fit", ...right },
      { heading: "target", ...right },
      { heading: "" },
    ],
    figures.map(({ what, figure, ms, target = "", isMet }) => [
      what,
      figure,
      ms === undefined ? "" : (ms / plain.fitMs).toPrecision(3),
      target,
      isMet === undefined ? "" : isMet ? "met" : "MISSED",
    ]),
  ),
);
if (figures.some(({ isMet }) => isMet === false)) process.exitCode = 1;
