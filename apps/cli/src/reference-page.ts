/** The tables of docs/cli.md, made from the definitions, so that the page cannot lag behind the command. */

import type { Command } from "./command.ts";
import { EXIT_MEANINGS } from "./exit-status.ts";
import { usageOf } from "./help.ts";

/** Puts the tables between their marks. @throws Error when the page lacks a mark */
export function fillReferencePage(page: string, commands: readonly Command[]): string {
  return fill(fill(page, "commands", commandTable(commands)), "statuses", statusTable());
}

function commandTable(commands: readonly Command[]): string {
  const rows = commands.map(
    (command) => `| \`${usageOf(command).replaceAll("|", "\\|")}\` | ${command.summary.en} | ${command.summary.ko} |`,
  );
  return ["| command | what it does | 하는 일 |", "|---|---|---|", ...rows].join("\n");
}

function statusTable(): string {
  const rows = EXIT_MEANINGS.map(([status, meaning]) => `| ${status} | ${meaning.en} | ${meaning.ko} |`);
  return ["| status | meaning | 의미 |", "|---|---|---|", ...rows].join("\n");
}

function fill(page: string, name: string, table: string): string {
  const [begin, end] = [`<!-- ${name}: made by npm run generate -->`, `<!-- end of ${name} -->`];
  const [from, to] = [page.indexOf(begin), page.indexOf(end)];
  if (from === -1 || to < from) throw new Error(`the page lacks "${begin}" … "${end}"`);
  return `${page.slice(0, from + begin.length)}\n${table}\n${page.slice(to)}`;
}
