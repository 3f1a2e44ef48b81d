/** What no tracked file may say: where it was made, or from where its packages came. */

import assert from "node:assert/strict";
import { test } from "node:test";
import { describeFindings, type Finding, readRepositoryFile, repositoryFiles } from "./source-files.ts";

const MACHINE_PATH = /(?<![\w.)}~-])\/(?:work|root|home|Users)\/[\w.]/;
const REGISTRY_ADDRESS = /(?<![\w-])registry\.[a-z0-9-]+\.[a-z]{2,}|\b(?:npmjs|yarnpkg)\.(?:org|com)\b/i;

function checkText(path: string, text: string): Finding[] {
  if (text.includes("\0")) return [];
  return text.split("\n").flatMap((line, index) => {
    const findings: Finding[] = [];
    const place = { path, line: index + 1 };
    if (MACHINE_PATH.test(line))
      findings.push({ ...place, what: "names a folder of one machine; write a path relative to the repository" });
    if (REGISTRY_ADDRESS.test(line))
      findings.push({ ...place, what: "names a package registry; the user's npm settings say where packages come from" });
    return findings;
  });
}

test("no tracked file names a folder of one machine or a package registry", () => {
  const findings = repositoryFiles().flatMap((path) => checkText(path, readRepositoryFile(path)));
  assert.equal(describeFindings(findings), "");
});

test("a machine's folder and a registry's address are recognised, a relative path is not", () => {
  assert.equal(checkText("a", `see /${"work"}/main/x`).length, 1);
  assert.equal(checkText("a", `"/${"home"}/somebody/x"`).length, 1);
  assert.equal(checkText("a", `https://${"registry"}.example.org/x`).length, 1);
  assert.equal(checkText("a", `see ../${"work"}/main, tables/breast-registry.yaml, framework/root/x and $HOME/${"home"}/x`).length, 0);
});

test("package-lock.json holds no addresses", () => {
  const { packages } = JSON.parse(readRepositoryFile("package-lock.json"));
  const remote = Object.entries(packages).filter(([, entry]) => /^\w+:\/\//.test((entry as { resolved?: string }).resolved ?? ""));
  assert.deepEqual(remote, []);
});

test("package-lock.json names every package with its integrity", () => {
  const { packages } = JSON.parse(readRepositoryFile("package-lock.json")) as { packages: Record<string, Record<string, unknown>> };
  const bare = Object.entries(packages).filter(
    ([path, entry]) => path.includes("node_modules/") && !entry["link"] && !entry["inBundle"] && !entry["integrity"],
  );
  assert.deepEqual(bare, []);
});
