/** From words on a command line to a command that runs: commander parses, the definitions say what there is. */

import type { Text } from "@dure/kernel";
import { Command as CommanderCommand, CommanderError, Option } from "commander";
import type { Command, CommandContext, OptionDefinition } from "./command.ts";
import { EXIT, type ExitStatus } from "./exit-status.ts";
import { flagOf, helpOfCommand, helpOfGroup, helpOfProgram } from "./help.ts";
import { usageError, wrongNumber } from "./usage-problems.ts";

export interface CommandLineOptions {
  readonly commands: readonly Command[];
  readonly groups: Readonly<Record<string, Text>>;
  readonly version: string;
  readonly context: CommandContext;
}

/**
 * Parses and runs.
 *
 * @throws DureError with a `cli/…` code when the command line is wrong, and whatever the command throws.
 */
export async function runCommandLine(words: readonly string[], options: CommandLineOptions): Promise<ExitStatus> {
  let status: ExitStatus = EXIT.done;
  const program = buildProgram(options, async (command, input) => {
    status = (await command.run(options.context, input as never)) ?? EXIT.done; // `inputOf` made it after the definition
  });
  try {
    await program.parseAsync([...words], { from: "user" });
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error;
    if (error.exitCode === 0) return EXIT.done; // help or the version was printed
    throw usageError(error, nameReached(words, options));
  }
  return status;
}

type Run = (command: Command, input: Readonly<Record<string, unknown>>) => Promise<void>;

function buildProgram({ commands, groups, version, context }: CommandLineOptions, run: Run): CommanderCommand {
  const { language, output } = context;
  const program = newCommander("dure", helpOfProgram(commands, language), context);
  program.option("--version").option("--json");
  program.on("option:version", () => {
    const { node } = process.versions;
    output.result({ json: { version, node }, text: `dure ${version} (Node ${node})` });
    throw new CommanderError(EXIT.done, "commander.version", "");
  });
  const parents = new Map<string, CommanderCommand>();
  // Groups of one word come before those of two, which hang below them.
  for (const [group, summary] of Object.entries(groups).sort(([a], [b]) => a.split(" ").length - b.split(" ").length)) {
    if (!commands.some(({ name }) => name.startsWith(`${group} `))) continue;
    const parent = newCommander(lastWord(group), helpOfGroup(group, summary, commands, language), context);
    parents.set(group, parent);
    (parents.get(withoutLastWord(group)) ?? program).addCommand(parent);
  }
  for (const command of commands) (parents.get(withoutLastWord(command.name)) ?? program).addCommand(buildCommand(command, context, run));
  return program;
}

const lastWord = (name: string): string => name.slice(name.lastIndexOf(" ") + 1);
const withoutLastWord = (name: string): string => name.slice(0, Math.max(0, name.lastIndexOf(" ")));

function buildCommand(command: Command, context: CommandContext, run: Run): CommanderCommand {
  const built = newCommander(lastWord(command.name), helpOfCommand(command, context.language), context);
  for (const { kind, placeholder } of Object.values(command.arguments)) {
    built.argument(kind === "text" ? `<${placeholder.toLowerCase()}>` : `[${placeholder.toLowerCase()}]`);
  }
  for (const [name, option] of Object.entries(command.options)) built.addOption(buildOption(name, option));
  built.option("--json");
  built.action(async (...given: readonly unknown[]) => {
    const values = given.at(-2) as Readonly<Record<string, unknown>>; // commander: the arguments, the options, the command itself
    await run(command, inputOf(command, given, values));
  });
  return built;
}

/** A command without commander's own messages and help. */
function newCommander(name: string, help: string, { output }: CommandContext): CommanderCommand {
  const built = new CommanderCommand(name);
  built
    .exitOverride()
    .helpCommand(false)
    .helpOption("-h, --help")
    .configureHelp({ formatHelp: () => help });
  built.configureOutput({ writeErr: () => {}, writeOut: (text) => output.result({ json: { help: text }, text: text.trimEnd() }) });
  return built;
}

function buildOption(name: string, option: OptionDefinition): Option {
  const [flag = "", placeholder] = flagOf(name, option).split(" ");
  const built = new Option(placeholder === undefined ? flag : `${flag} <${placeholder.toLowerCase()}>`);
  if (option.kind === "required-text") built.makeOptionMandatory();
  if (option.kind === "list") {
    built.default([]).argParser((value: string, before: readonly string[]) => [...before, value]);
  }
  if (option.kind === "whole-number") {
    built.argParser((value: string) => {
      const number = /^\d{1,15}$/.test(value) ? Number(value) : Number.NaN;
      if (!(number >= option.min && number <= option.max)) throw wrongNumber(flag, option.min, option.max);
      return number;
    });
  }
  return built;
}

function inputOf(
  command: Command,
  given: readonly unknown[],
  values: Readonly<Record<string, unknown>>,
): Readonly<Record<string, unknown>> {
  const args = Object.keys(command.arguments).map((name, i) => [name, given[i]] as const);
  const options = Object.entries(command.options).map(
    ([name, { kind }]) => [name, kind === "flag" ? values[name] === true : values[name]] as const,
  );
  return Object.fromEntries([...args, ...options]);
}

/** The longest command or group that the words begin with. */
function nameReached(words: readonly string[], { commands, groups }: CommandLineOptions): string {
  const plain = words.filter((word) => !word.startsWith("-"));
  const names = [...commands.map(({ name }) => name), ...Object.keys(groups)];
  const reached = names.filter((name) => plain.slice(0, name.split(" ").length).join(" ") === name);
  return reached.sort((a, b) => b.length - a.length)[0] ?? "";
}

/** Before parsing, because a wrong command line is reported in this form too. */
export function wantsJson(words: readonly string[]): boolean {
  const end = words.indexOf("--");
  return (end === -1 ? words : words.slice(0, end)).includes("--json");
}
