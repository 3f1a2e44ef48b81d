/** The given messages and the bundles expected of them: every difference is explained by a row of the tables, or it fails. */

import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import test from "node:test";
import { sharedData } from "@dure/kernel/testing";
import { DEFAULT_TERMS } from "./conversion.ts";
import { convertMessage } from "./convert-message.ts";
import { readMessage } from "./read-message.ts";
import { MessageSplitter, type RawMessage } from "./split-messages.ts";
import { ACCEPTED } from "./testing-accepted.ts";
import { compareResources, type Difference, withInlineMedications } from "./testing-compare.ts";

const data = sharedData("clinical/hl7v2");
const skip = data === undefined ? "no shared data" : false;

/** Types that are left out whole; their reason is in the conversion. */
const EXCLUDED = /^(SIU|BAR|DFT|REF)/;

test("every given message parses, and SIU, BAR, DFT and REF are left out by reason", { skip }, () => {
  const outcomes = messages("messages").map(({ name, raw }) => ({ name, outcome: convert(name, raw).kind }));
  assert.ok(outcomes.length >= 66);
  assert.deepEqual(
    outcomes.filter(({ outcome }) => outcome === "refused"),
    [],
  );
  // SIU_12 declares itself an ADT^A01 in MSH-9, which is what counts.
  const excluded = outcomes.filter(({ outcome }) => outcome === "excluded").map(({ name }) => name);
  assert.deepEqual(
    excluded,
    outcomes.map(({ name }) => name).filter((name) => EXCLUDED.test(name) && name !== "SIU_12"),
  );
  assert.ok(messages("linuxforhealth").every(({ name, raw }) => convert(name, raw).kind === "converted"));
});

test("each difference from the expected bundles is explained by a row of v2-to-FHIR, each explanation is needed", { skip }, (context) => {
  const counts = ACCEPTED.map(() => 0);
  const unexplained: Difference[] = [];
  let [bundles, equal, accepted] = [0, 0, 0];
  const expected = expectedBundles();
  for (const { name, raw } of messages("messages")) {
    const bundle = expected.get(name);
    const conversion = convert(name, raw);
    if (bundle === undefined || conversion.kind !== "converted") continue;
    const made = conversion.changes.flatMap((change) => (change.kind === "put" ? [change.resource] : []));
    const comparison = compareResources(name, withInlineMedications(bundle), made);
    bundles += 1;
    equal += comparison.equal;
    for (const difference of comparison.differences) {
      const rule = ACCEPTED.findIndex((candidate) => explains(candidate, difference));
      if (rule < 0) unexplained.push(difference);
      else counts[rule] = (counts[rule] ?? 0) + 1;
      if (rule >= 0) accepted += 1;
    }
  }
  context.diagnostic(
    `${bundles} bundles: ${equal} facts equal, ${accepted} differences accepted by ${ACCEPTED.length} rules, ${unexplained.length} unexplained`,
  );
  for (const [index, rule] of ACCEPTED.entries()) context.diagnostic(`${counts[index]} × ${rule.row}: ${rule.because}`);
  assert.deepEqual(unexplained, []);
  assert.deepEqual(
    counts,
    ACCEPTED.map(({ count }) => count),
  );
});

function explains(rule: (typeof ACCEPTED)[number], difference: Difference): boolean {
  return (
    rule.resourceType.test(difference.resourceType) &&
    rule.path.test(difference.path) &&
    (rule.side === undefined || rule.side === difference.side) &&
    (rule.value === undefined || rule.value.test(difference.value))
  );
}

/** The first message of each file: the expected bundles are of one message each. */
function messages(folder: string): readonly { readonly name: string; readonly raw: RawMessage }[] {
  if (data === undefined) return [];
  return readdirSync(join(data, folder))
    .sort()
    .flatMap((file) => {
      const splitter = new MessageSplitter(1_000_000);
      const [raw] = [...splitter.push(readFileSync(join(data, folder, file))), ...splitter.finish()];
      return raw === undefined ? [] : [{ name: file.replace(".hl7", ""), raw }];
    });
}

function convert(name: string, raw: RawMessage) {
  const reading = readMessage({ raw, file: name });
  if (reading.kind === "unreadable") return { kind: "refused", problem: reading.problem } as const;
  return convertMessage({
    message: reading.message,
    terms: { ...DEFAULT_TERMS, zone: "+00:00" },
    file: name,
    number: 1,
    latest: "2027-01-01T00:00:00.000Z",
  });
}

function expectedBundles(): ReadonlyMap<string, readonly Readonly<Record<string, unknown>>[]> {
  if (data === undefined) return new Map();
  const root = join(data, "expected-fhir-r4", "Hl7v2");
  return new Map(
    readdirSync(root).flatMap((type) =>
      readdirSync(join(root, type)).map((file) => {
        const bundle = JSON.parse(readFileSync(join(root, type, file), "utf8")) as {
          readonly entry: readonly { readonly resource: Readonly<Record<string, unknown>> }[];
        };
        return [file.replace("-expected.json", ""), bundle.entry.map(({ resource }) => resource)] as const;
      }),
    ),
  );
}
