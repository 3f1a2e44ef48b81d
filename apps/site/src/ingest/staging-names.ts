/** The names of staging tables and columns: made of numbers only, unique over all files, so no name of a hospital's enters a statement. */

import type { Mapping, ResolvedValue } from "@dure/clinical";
import { identifier, type Sql } from "../store/clinical-sql.ts";

export interface StagingNames {
  /** One row a row of the file: the cells that are needed as text, trimmed, and the others parsed. */
  readonly rawTable: (file: string) => Sql;
  /** One row a row of the file: number, person, why it is excluded, and its values. */
  readonly table: (file: string) => Sql;
  readonly value: (value: ResolvedValue) => Sql;
  /** The point in time of a date whose format has the hour. */
  readonly time: (value: ResolvedValue) => Sql;
  /** The cell parsed, before any check of its range. */
  readonly parsed: (value: ResolvedValue) => Sql;
  /** Whether the parsed cell holds anything. */
  readonly filled: (value: ResolvedValue) => Sql;
  /** The code as the source wrote it. */
  readonly code: (value: ResolvedValue) => Sql;
  /** Of a looked-up code: the temporary table that says what it stands for. */
  readonly map: (value: ResolvedValue) => Sql;
  /** The distinct codes of a looked-up value, and the codes of the vocabulary that they lead to. */
  readonly trace: (value: ResolvedValue) => Sql;
  /** Of a result: `<`, `<=`, `>` or `>=`, else NULL. */
  readonly sign: (value: ResolvedValue) => Sql;
  /** The unit's name, where a number comes in several; of a result, the unit as the source wrote it. */
  readonly unit: (value: ResolvedValue) => Sql;
  /** What is wrong with the value: a key of VALUE_FAULTS, or 0. */
  readonly fault: (value: ResolvedValue) => Sql;
  /** First row of the person made by a condition rule. */
  readonly link: (conditionId: string) => Sql;
}

export function stagingNames(mapping: Mapping): StagingNames {
  const files = Object.keys(mapping.files);
  const column = (kind: string) => (value: ResolvedValue) => {
    const valueIndex = Object.keys(mapping.files[value.file]?.values ?? {}).indexOf(value.name);
    return identifier(`f${files.indexOf(value.file)}_${kind}${valueIndex}`);
  };
  const links = Object.values(mapping.files).flatMap((file) =>
    file.rows.flatMap((row) => (row.to === "condition" && row.id !== undefined ? [row.id] : [])),
  );
  return {
    rawTable: (file) => identifier(`raw_${files.indexOf(file)}`),
    table: (file) => identifier(`stage_${files.indexOf(file)}`),
    value: column("v"),
    time: column("t"),
    parsed: column("n"),
    filled: column("b"),
    code: column("c"),
    map: column("m"),
    trace: column("d"),
    sign: column("o"),
    unit: column("u"),
    fault: column("p"),
    link: (id) => identifier(`link_${links.indexOf(id)}`),
  };
}
