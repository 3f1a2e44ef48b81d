import assert from "node:assert/strict";
import { test } from "node:test";
import {
  type CheckName,
  type CheckResult,
  checkId,
  judgeCounts,
  type NotApplicableReason,
  type QualityCheck,
  summariseResults,
} from "@dure/clinical/quality";
import { parseSha256 } from "@dure/kernel";
import type { QualityReport } from "@dure/site/quality";
import { renderQualityReport } from "./render-quality-report.ts";

const hash = parseSha256("a".repeat(64));
const run = (number: number, endedAtMs?: number): QualityReport["run"] => ({
  ...{ number, snapshot: 7, snapshotHash: hash, definitionHash: hash, today: "2026-03-01", startedAtMs: 0 },
  requirements: [{ contributor: "fhir:emr", requirement: "f2o-050", outcome: "fail", count: 12 }],
  ...(endedAtMs === undefined ? {} : { endedAtMs }),
});

const checkOf = (name: CheckName, more: Partial<QualityCheck> = {}): QualityCheck => ({
  ...{ name, table: "measurement", field: "unit_concept_id", thresholdSource: { kind: "default" }, rule: { kind: "plain" } },
  ...more,
});
const counted = (check: QualityCheck, violatedCount: number, denominatorCount: number): CheckResult => ({
  ...{ id: checkId(check), check, durationMs: 1 },
  ...judgeCounts(check, { violatedCount, denominatorCount }),
});
const notApplicable = (check: QualityCheck, reason: NotApplicableReason): CheckResult => ({
  ...{ id: checkId(check), check, status: "not-applicable", reason, durationMs: 0 },
});

const orphans = counted(
  checkOf("isForeignKey", {
    field: "visit_occurrence_id",
    rule: { kind: "references", table: "visit_occurrence", field: "visit_occurrence_id" },
  }),
  12_345,
  20_000,
);
const results: readonly CheckResult[] = [
  counted(checkOf("plausibleValueLow", { field: "value_as_number", thresholdPercent: 1 }), 900, 1000),
  orphans,
  counted(
    checkOf("fkDomain", {
      thresholdPercent: 40,
      thresholdSource: { kind: "site", author: "<b>Kim</b>", date: "2026-02-01", reason: "Old <units> & co" },
    }),
    100,
    1_000_000,
  ),
  notApplicable(checkOf("fkClass"), "field-unpopulated"),
  { id: "field_cdmdatatype_x", check: checkOf("cdmDatatype"), status: "error", errorCode: "conversion-error", durationMs: 0 },
];
const reportOf = (some: readonly CheckResult[], of: QualityReport["run"] = run(2, 5)): QualityReport => ({
  organisation: "Hospital <One>",
  ...{ run: of, results: some, summary: summariseResults(some) },
  trend: [
    { run: run(1, 4), summary: summariseResults(some) },
    { run: of, summary: summariseResults(some) },
  ],
  history: new Map([[orphans.id, [70, 61.7]]]),
});
const textOf = (page: string): string =>
  page
    .replace(/<style>.*?<\/style>|<script>.*?<\/script>/gs, "")
    .replace(/<[^>]+>/g, " ")
    .replace(/\s+/g, " ");

const page = renderQualityReport(reportOf(results), "en");

test("the page needs nothing from anywhere, and a name is never markup", () => {
  assert.doesNotMatch(page, /(src|href)=|url\(|@import/);
  assert.match(page, /default-src 'none'/);
  assert.doesNotMatch(page, /<b>Kim|<units>|<One>/);
});

test("it says first what is most serious and what to do, with counts beside every share", () => {
  const words = textOf(page);
  assert.match(words, /2 of 4 checks that apply here failed; 1 of them are fatal and come first\. 1 could not be checked\./);
  const [orphan, low] = ["points at nothing in visit_occurrence", "value too low"].map((one) => words.indexOf(one));
  assert.ok(orphan !== undefined && low !== undefined && orphan > 0 && orphan < low);
  assert.match(words, /12,345 of 20,000 \(61\.7 %\)/);
  assert.match(words, /Load the visits of the same period/);
});

test("a pass with faults, a check without an answer and one without data are told apart from a pass", () => {
  const words = textOf(page);
  assert.match(words, /Passed with faults: 1/);
  assert.match(words, /100 of 1,000,000 \(&#60;0\.1 %\)/);
  assert.match(words, /Could not be checked: 1/);
  assert.match(words, /Not applicable: 1/);
  assert.match(words, /FHIR to OMOP: 0 of 1 requirements met/);
  assert.match(words, /Old &#60;units&#62; &#38; co/);
});

test("both editions say the same in their own words, and the one asked for is shown first", () => {
  assert.match(page, /<html lang="en">/);
  assert.match(renderQualityReport(reportOf(results), "ko"), /<html lang="ko">/);
  const korean = textOf(page.slice(page.indexOf('<article class="edition" lang="ko"')));
  assert.match(
    korean,
    /해당하는 점검 4건 중 2건이 실패했습니다\. 그중 1건은 치명적이므로 먼저 고쳐야 합니다\. 1건은 점검하지 못했습니다\./,
  );
  assert.match(korean, /20,000 중 12,345 \(61\.7 %\)/);
  const sections = (language: string) =>
    page
      .split(`lang="${language}" aria-label`)[1]
      ?.split("</article>")[0]
      ?.match(/<section/g)?.length;
  assert.equal(sections("en"), sections("ko"));
});

test("a trend has words for who cannot see its line", () => {
  assert.match(page, /<svg class="spark" role="img" aria-label="over the runs: 70\.0 %, 61\.7 %"/);
});

test("a stopped run and a run without a failure say so", () => {
  assert.match(textOf(renderQualityReport(reportOf(results, run(2)), "en")), /The run was stopped after 5 checks\./);
  assert.match(
    textOf(renderQualityReport(reportOf([results[2] ?? orphans]), "en")),
    /All 1 checks that apply here and could be made passed\./,
  );
});
