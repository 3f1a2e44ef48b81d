/** The hospitals of a simulation, from what the command line names: a file each, a site's folder, or one table dealt out. */

import { existsSync, statSync } from "node:fs";
import { join, resolve } from "node:path";
import { parseResearchTable, type ResearchTable } from "@dure/clinical";
import { DureError, fromUtf8, type JsonValue, text } from "@dure/kernel";
import type { SourceTable } from "@dure/records";
import { openClinicalStore, readFlatTable, readResearchTable } from "@dure/site/store";
import type { FrozenStudy } from "@dure/study";
import { readInputFile, studyFileReader } from "../study-files.ts";
import { parseNamedPaths, type SiteRows, splitByColumn, splitByFile } from "./sites.ts";

export interface SitesInput {
  readonly study: string;
  readonly site: readonly string[];
  readonly external: readonly string[];
  readonly table: string | undefined;
  readonly splitBy: string | undefined;
}

/** @throws DureError with the problems of the command line or of the tables */
export async function readSites(study: FrozenStudy, input: SitesInput, workingFolder: string): Promise<readonly SiteRows[]> {
  const table = readTableDocument(study, input.study, workingFolder);
  const dealt = await dealTable(input, table, workingFolder);
  const named = [
    ...parseNamedPaths("site", input.site).map((pair) => ({ ...pair, role: "training" as const })),
    ...parseNamedPaths("external", externalPaths(input)).map((pair) => ({ ...pair, role: "external" as const })),
  ];
  const read = await Promise.all(
    named.map(
      async ({ name, path, role }): Promise<SiteRows> => ({
        siteId: name,
        role,
        source: await readSource(resolve(workingFolder, path), table),
      }),
    ),
  );
  const sites = [...dealt, ...read];
  if (sites.length === 0 || new Set(sites.map(({ siteId }) => siteId)).size !== sites.length) throw noSites(sites.length === 0);
  return sites;
}

/** With a dealt table, `--external VALUE` names one of its sites and `--external NAME=PATH` a file. */
const externalPaths = ({ external, table }: SitesInput): readonly string[] =>
  table === undefined ? external : external.filter((value) => value.includes("="));

async function dealTable(input: SitesInput, table: ResearchTable, workingFolder: string): Promise<readonly SiteRows[]> {
  if (input.table === undefined && input.splitBy === undefined) return [];
  if (input.table === undefined || input.splitBy === undefined) throw tableAndSplit();
  const rows = await readFlatTable(resolve(workingFolder, input.table), table);
  const external = input.external.filter((value) => !value.includes("="));
  if (!input.splitBy.endsWith(".json")) return splitByColumn(rows, input.splitBy, external).sites;
  const dealt = JSON.parse(fromUtf8(readInputFile(input.splitBy, workingFolder))) as JsonValue; // JSON.parse gives JSON values only
  return splitByFile(rows, dealt, { file: input.splitBy, external }).sites;
}

/** A folder is a site's own: its newest snapshot is read. Anything else is a flat file. */
async function readSource(path: string, table: ResearchTable): Promise<SourceTable> {
  if (!existsSync(path) || !statSync(path).isDirectory()) return readFlatTable(path, table);
  const store = await openClinicalStore(join(path, "clinical.duckdb"));
  try {
    return await readResearchTable(store, table);
  } finally {
    await store.close();
  }
}

function readTableDocument(study: FrozenStudy, studyPath: string, workingFolder: string): ResearchTable {
  const name = `tables/${study.document.data.table}.yaml`;
  const content = studyFileReader(studyPath, workingFolder)(name);
  if (content === undefined) throw new Error(`broken invariant: a frozen study without ${name}`);
  return parseResearchTable({ file: name, text: fromUtf8(content) });
}

function noSites(isEmpty: boolean): DureError {
  return new DureError({
    code: "simulate/no-sites",
    severity: "error",
    place: {},
    what: isEmpty
      ? text("no hospital was named.", "병원이 지정되지 않았습니다.")
      : text("two hospitals have the same name.", "이름이 같은 병원이 둘 있습니다."),
    remedy: text(
      "Give each its own --site NAME=PATH, or --table with --split-by.",
      "병원마다 다른 이름으로 --site 이름=경로 를 주거나 --table 과 --split-by 를 쓰십시오.",
    ),
  });
}

function tableAndSplit(): DureError {
  return new DureError({
    code: "simulate/table-without-split",
    severity: "error",
    place: {},
    what: text("--table and --split-by belong together.", "--table 과 --split-by 는 함께 써야 합니다."),
    remedy: text("Give both, or a file for each hospital by --site.", "둘 다 주거나 병원마다 --site 로 파일을 주십시오."),
  });
}
