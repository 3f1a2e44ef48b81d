import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { sharedData } from "@dure/kernel/testing";
import { REQUIREMENTS } from "./requirements.ts";

const root = fileURLToPath(new URL("../../../../..", import.meta.url));
const path = sharedData("clinical/fhir-omop-ig/Requirements-fromNarrative.json");

test("the list has every number of the guide, once and in order", { skip: path === undefined ? "no shared data" : false }, () => {
  const guide = JSON.parse(readFileSync(path ?? "", "utf8")) as { statement: { key: string }[] };
  assert.equal(guide.statement.length, 56);
  assert.deepEqual(
    REQUIREMENTS.map(({ requirement }) => requirement),
    guide.statement.map(({ key }) => key),
  );
});

test("each requirement that is said to be tested has a test named by its number; a deviation has its reason", () => {
  const folders = ["packages/clinical/src/fhir/to-omop", "apps/site/src/fhir-load"];
  const named = folders.flatMap((folder) =>
    readdirSync(join(root, folder))
      .filter((name) => name.endsWith(".test.ts"))
      .flatMap((name) =>
        [...readFileSync(join(root, folder, name), "utf8").matchAll(/^test\(\s*"([^"]*)"/gm)].map(([, title]) => title ?? ""),
      ),
  );
  for (const { requirement, kept, how } of REQUIREMENTS) {
    if (kept === "deviation") assert.ok(how.en.length > 20 && how.ko.length > 10, requirement);
    if (kept === "load" || kept === "test" || kept === "declared")
      assert.ok(
        named.some((title) => title.includes(requirement)),
        requirement,
      );
  }
});

test("docs/fhir-to-omop.md has the table as the list has it", () => {
  const page = readFileSync(join(root, "docs/fhir-to-omop.md"), "utf8");
  for (const { requirement, kept, says, how } of REQUIREMENTS) {
    assert.ok(page.includes(`| ${requirement} | ${kept} | ${says.en} ${how.en} |`), requirement);
  }
});
