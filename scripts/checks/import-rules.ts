/**
 * Who may import whom.
 *
 * The house has one direction (`ORDER`), so that the privacy arithmetic can be read without reading a server. Beyond the order, two promises
 * of the product are promises about imports: patient rows can be named only where a hospital's own code runs, and no path of imports, however
 * long, leads from the coordinator to them.
 */

import { builtinModules } from "node:module";
import { posix } from "node:path";
import { type Finding, isTest, parseFile, type SourceFile, walk } from "./source-files.ts";

export interface Workspace {
  readonly name: string;
  /** From the repository's root; the root itself is ".". */
  readonly folder: string;
  readonly dependencies: ReadonlySet<string>;
  readonly devDependencies: ReadonlySet<string>;
  /** Subpath of `exports` to file, such as "." to "./src/index.ts". */
  readonly exports: Readonly<Record<string, string>>;
}

/** Left to right: a workspace imports only from groups before its own. Members of one group do not import each other. */
const ORDER: readonly (readonly string[])[] = [
  ["packages/kernel"],
  ["packages/numerics"],
  ["packages/statistics", "packages/learning", "packages/privacy", "packages/identity"],
  ["packages/study"],
  ["packages/clinical"],
  ["packages/records"],
  ["packages/federation"],
  ["packages/wire", "packages/machine"],
  ["apps/coordinator", "apps/site", "apps/portal"],
  ["simulator"],
  ["apps/cli"],
];

/** Code that runs in a hospital, or plays one. */
const MAY_NAME_ROWS = ["packages/records/", "packages/federation/src/site/", "apps/site/", "simulator/", "apps/cli/"];

/** Code that runs outside every hospital: nothing reachable from it may name a row. */
const NEVER_REACHES_ROWS = ["packages/federation/src/coordinator/", "packages/wire/", "apps/coordinator/", "apps/portal/"];
const ROWS = ["packages/records/", "packages/federation/src/site/"];

export function checkImports(files: readonly SourceFile[], workspaces: readonly Workspace[]): Finding[] {
  const imports = files.flatMap(importsOf);
  const known = new Set(files.map(({ path }) => path));
  const edges = imports.map((item) => ({ ...item, target: resolveImport(item, workspaces) }));
  return [...edges.flatMap((edge) => checkEdge(edge, workspaces, known)), ...checkReach(edges.filter(({ from }) => !isTest(from)))];
}

interface Import {
  readonly from: string;
  readonly line: number;
  readonly specifier: string;
}

interface Edge extends Import {
  /** The file imported, from the repository's root; undefined for a package from outside. */
  readonly target: string | undefined;
}

/** Static, dynamic and re-exporting imports, types included. */
function importsOf(file: SourceFile): Import[] {
  const { program, lineAt } = parseFile(file);
  const found: Import[] = [];
  walk(program, ({ type, source, start }) => {
    const specifier = source?.value;
    if (IMPORTING.has(type) && typeof specifier === "string") found.push({ from: file.path, line: lineAt(start), specifier });
  });
  return found;
}

const IMPORTING = new Set(["ImportDeclaration", "ExportNamedDeclaration", "ExportAllDeclaration", "ImportExpression", "TSImportType"]);

function resolveImport({ from, specifier }: Import, workspaces: readonly Workspace[]): string | undefined {
  if (specifier.startsWith(".")) return posix.normalize(posix.join(posix.dirname(from), specifier));
  const workspace = workspaces.find(({ name }) => specifier === name || specifier.startsWith(`${name}/`));
  if (workspace === undefined || workspace.folder === ".") return undefined;
  const entry = workspace.exports[`.${specifier.slice(workspace.name.length)}`];
  return posix.join(workspace.folder, entry ?? "package.json"); // an undeclared subpath does not run, and the compiler says so
}

function checkEdge(edge: Edge, workspaces: readonly Workspace[], known: ReadonlySet<string>): Finding[] {
  const { from, line, specifier, target } = edge;
  const importer = workspaceOf(from, workspaces);
  const finding = (what: string): Finding[] => [{ path: from, line, what }];
  if (target !== undefined && isTest(target) && !isTest(from))
    return finding(`"${specifier}" is for tests only; the product may not need it`);
  if (target === undefined) return declared(edge, importer, workspaces).flatMap(finding);
  const imported = workspaceOf(target, workspaces);
  if (specifier.startsWith(".")) {
    if (imported === importer || importer.folder === ".") return [];
    return finding(`"${specifier}" reaches into ${imported.folder}; import ${imported.name} instead, and export there what is needed`);
  }
  const findings: string[] = [];
  if (imported !== importer) findings.push(...declared(edge, importer, workspaces), ...direction(importer, imported));
  if (
    target.startsWith("packages/records/") &&
    !isTest(from) &&
    importer.folder !== "." &&
    !MAY_NAME_ROWS.some((folder) => from.startsWith(folder))
  ) {
    findings.push(
      "patient rows may be named only in federation/src/site, apps/site, simulator and apps/cli; pass what was computed from them",
    );
  }
  if (!known.has(target) && !target.endsWith("package.json")) findings.push(`${specifier} leads to ${target}, which does not exist`);
  return findings.flatMap(finding);
}

function declared({ from, specifier }: Import, importer: Workspace, workspaces: readonly Workspace[]): string[] {
  if (specifier.startsWith("node:") || builtinModules.includes(specifier)) return [];
  const name = specifier.split("/", specifier.startsWith("@") ? 2 : 1).join("/");
  const root = workspaces.find(({ folder }) => folder === ".");
  const isTool = isTest(from) || importer.folder === ".";
  if (importer.dependencies.has(name) || importer.devDependencies.has(name)) return [];
  if (isTool && root?.devDependencies.has(name)) return [];
  if (importer.folder === "." && workspaces.some((workspace) => workspace.name === name)) return []; // npm links every workspace at the root
  return [`${name} is not a dependency in ${posix.join(importer.folder, "package.json")}; name it there, or do without`];
}

function direction(importer: Workspace, imported: Workspace): string[] {
  if (importer.folder === ".") return [];
  const place = (folder: string): number => ORDER.findIndex((group) => group.includes(folder));
  const [from, to] = [place(importer.folder), place(imported.folder)];
  if (from === -1) return [`${importer.folder} has no place in the order of the house; give it one in scripts/checks/import-rules.ts`];
  if (to >= 0 && to < from) return [];
  return [
    `${importer.folder} may not import ${imported.folder}: imports go one way, ${ORDER.map((group) => group.join(" = ")).join(" <- ")}`,
  ];
}

/** Follows imports from every file outside the hospitals' walls, and tells the shortest way in. */
function checkReach(edges: readonly Edge[]): Finding[] {
  const next = Map.groupBy(edges, ({ from }) => from);
  const starts = [...next.keys()].filter((path) => NEVER_REACHES_ROWS.some((folder) => path.startsWith(folder)));
  return starts.flatMap((start) => {
    const way = findWay(start, next);
    return way === undefined
      ? []
      : [{ path: start, what: `reaches patient rows: ${way.join(" -> ")}; nothing outside a hospital may name a row` }];
  });
}

function findWay(start: string, next: ReadonlyMap<string, readonly Edge[]>): readonly string[] | undefined {
  const ways = new Map([[start, [start]]]);
  for (const [path, way] of ways) {
    if (ROWS.some((folder) => path.startsWith(folder))) return way;
    for (const { target } of next.get(path) ?? []) {
      if (target !== undefined && !ways.has(target)) ways.set(target, [...way, target]); // a Map iterates over what is added to it
    }
  }
  return undefined;
}

function workspaceOf(path: string, workspaces: readonly Workspace[]): Workspace {
  const inside = workspaces.filter(({ folder }) => folder === "." || path.startsWith(`${folder}/`));
  const nearest = inside.sort((a, b) => b.folder.length - a.folder.length)[0];
  if (nearest === undefined) throw new Error(`${path} lies in no workspace`);
  return nearest;
}
