/** Which rows belong to which hospital of a simulation: a file each, or one file dealt out by a column or by a list of row numbers. */

import { DureError, type Problem, text } from "@dure/kernel";
import { type SourceColumn, type SourceTable, sourceTable } from "@dure/records";

export interface SiteRows {
  readonly siteId: string;
  readonly role: "training" | "external";
  readonly source: SourceTable;
}

/** `NAME=PATH`. @throws DureError `simulate/not-name-and-path` for each that is not. */
export function parseNamedPaths(option: string, values: readonly string[]): readonly { readonly name: string; readonly path: string }[] {
  const problems: Problem[] = [];
  const pairs = values.map((value) => {
    const at = value.indexOf("=");
    if (at < 1 || at === value.length - 1) problems.push(notNameAndPath(option));
    return { name: value.slice(0, at), path: value.slice(at + 1) };
  });
  if (problems.length > 0) throw new DureError(problems);
  return pairs;
}

export interface Split {
  readonly sites: readonly SiteRows[];
  /** Rows without a value in the column. */
  readonly withoutSite: number;
}

/** One hospital for each value of the column; the values named external score the model, the rest train. */
export function splitByColumn(table: SourceTable, column: string, external: readonly string[]): Split {
  const values = table.columns.get(column);
  if (values === undefined) throw new DureError(unknownColumn(column, [...table.columns.keys()]));
  const rows = new Map<string, number[]>();
  let withoutSite = 0;
  table.rowKeys.forEach((_, row) => {
    if (values.missing[row] === 1) {
      withoutSite++;
      return;
    }
    const name = String(values.values[row]);
    const own = rows.get(name);
    if (own === undefined) rows.set(name, [row]);
    else own.push(row);
  });
  const unknown = external.filter((name) => !rows.has(name));
  if (unknown.length > 0) throw new DureError(unknown.map((name) => unknownValue(column, name)));
  const sites = [...rows].map(([siteId, own]) => ({ siteId, role: roleOf(siteId, external), source: pickRows(table, own) }));
  return { sites, withoutSite };
}

/** `{ "site": [row numbers from 0] }`. Rows that no site names are left out. */
export function splitByFile(
  table: SourceTable,
  dealt: unknown,
  options: { readonly file: string; readonly external: readonly string[] },
): Split {
  const { file, external } = options;
  if (typeof dealt !== "object" || dealt === null || Array.isArray(dealt)) throw new DureError(notADeal(file));
  const seen = new Set<number>();
  const sites = Object.entries(dealt).map(([siteId, rows]): SiteRows => {
    if (!Array.isArray(rows)) throw new DureError(notADeal(file));
    const own = rows.map((row: unknown) => {
      if (typeof row !== "number" || !Number.isInteger(row) || row < 0 || row >= table.rowKeys.length || seen.has(row))
        throw new DureError(notADeal(file));
      seen.add(row);
      return row;
    });
    return { siteId, role: roleOf(siteId, external), source: pickRows(table, own) };
  });
  return { sites, withoutSite: table.rowKeys.length - seen.size };
}

const roleOf = (siteId: string, external: readonly string[]): SiteRows["role"] => (external.includes(siteId) ? "external" : "training");

function pickRows(table: SourceTable, rows: readonly number[]): SourceTable {
  const pick = (column: SourceColumn): SourceColumn => {
    const missing = Uint8Array.from(rows, (row) => column.missing[row] ?? 1);
    return column.kind === "number"
      ? { kind: "number", values: Float64Array.from(rows, (row) => column.values[row] ?? 0), missing }
      : { kind: "text", values: rows.map((row) => column.values[row] ?? ""), missing };
  };
  return sourceTable(
    rows.map((row) => table.rowKeys[row] ?? ""),
    new Map([...table.columns].map(([name, column]) => [name, pick(column)])),
  );
}

const problem = (code: string, what: Problem["what"], remedy: Problem["remedy"], place: Problem["place"] = {}): Problem => ({
  code: `simulate/${code}`,
  severity: "error",
  place,
  what,
  remedy,
});

const notNameAndPath = (option: string): Problem =>
  problem(
    "not-name-and-path",
    text(
      `--${option} takes a hospital's name and a file: NAME=PATH.`,
      `--${option} 옵션에는 병원 이름과 파일을 이름=경로 형식으로 적습니다.`,
    ),
    text(`For example --${option} seoul=seoul.csv.`, `예: --${option} seoul=seoul.csv`),
  );

const unknownColumn = (column: string, columns: readonly string[]): Problem =>
  problem(
    "unknown-column",
    text(
      `the table has no column "${column}"; it has ${columns.join(", ")}.`,
      `표에 "${column}" 열이 없습니다. 있는 열: ${columns.join(", ")}.`,
    ),
    text("Name the column that holds each row's hospital.", "각 행의 병원이 적힌 열 이름을 지정해 주십시오."),
    { column },
  );

const unknownValue = (column: string, name: string): Problem =>
  problem(
    "unknown-site",
    text(`no row has the value "${name}", which was named external.`, `외부 병원으로 지정한 "${name}" 값을 가진 행이 없습니다.`),
    text("Name a value of the column.", "열에 있는 값을 지정해 주십시오."),
    { column },
  );

const notADeal = (file: string): Problem =>
  problem(
    "not-a-deal",
    text(
      "the file must give each site a list of row numbers from 0, each row at most once.",
      "파일은 기관마다 0부터 세는 행 번호 목록이어야 하며 각 행은 한 번만 나와야 합니다.",
    ),
    text('Write it as {"site-a": [0, 1], "site-b": [2]}.', '{"site-a": [0, 1], "site-b": [2]} 형식으로 적어 주십시오.'),
    { file },
  );
