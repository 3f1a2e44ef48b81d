/** The package.json files of the repository, and what they depend on. */

import { posix } from "node:path";
import type { Workspace } from "./import-rules.ts";
import { readRepositoryFile, repositoryFiles } from "./source-files.ts";

interface Manifest {
  readonly name: string;
  readonly dependencies?: Readonly<Record<string, string>>;
  readonly devDependencies?: Readonly<Record<string, string>>;
  readonly exports?: Readonly<Record<string, string>>;
}

/** One dependency in one package.json. */
export interface DeclaredDependency {
  readonly manifestPath: string;
  readonly name: string;
  readonly version: string;
}

export function workspaces(): Workspace[] {
  return manifests().map(([path, { name, dependencies = {}, devDependencies = {}, exports = {} }]) => ({
    name,
    folder: posix.dirname(path),
    dependencies: new Set(Object.keys(dependencies)),
    devDependencies: new Set(Object.keys(devDependencies)),
    exports,
  }));
}

/** Without those of the house itself. */
export function declaredDependencies(): DeclaredDependency[] {
  return manifests().flatMap(([manifestPath, { dependencies = {}, devDependencies = {} }]) =>
    Object.entries({ ...dependencies, ...devDependencies })
      .filter(([name]) => !name.startsWith("@dure/"))
      .map(([name, version]) => ({ manifestPath, name, version })),
  );
}

function manifests(): [string, Manifest][] {
  const paths = repositoryFiles().filter((path) => posix.basename(path) === "package.json");
  return paths.map((path) => [path, JSON.parse(readRepositoryFile(path)) as Manifest]); // npm refuses a package.json of another shape
}
