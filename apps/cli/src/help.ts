/** Help in the user's language, with examples. Printed on stdout when asked for. */

import { type Language, type Text, text } from "@dure/kernel";
import type { Command, OptionDefinition } from "./command.ts";
import { EXIT_MEANINGS } from "./exit-status.ts";
import { formatFields } from "./text-table.ts";

const WORDS = {
  usage: text("Usage", "사용법"),
  commands: text("Commands", "명령"),
  arguments: text("Arguments", "인수"),
  options: text("Options", "옵션"),
  examples: text("Examples", "예"),
  statuses: text("Exit status", "종료 상태"),
  product: text(
    "Hospitals research together while every record stays in its hospital.",
    "환자 기록은 병원 밖으로 나가지 않고, 여러 병원이 함께 연구합니다.",
  ),
  more: text("`dure COMMAND --help` tells more, with examples.", "`dure 명령 --help`로 자세한 설명과 예를 볼 수 있습니다."),
  language: text(
    "DURE_LANG=ko or DURE_LANG=en chooses the language; without it, the locale does.",
    "DURE_LANG=ko 또는 DURE_LANG=en으로 언어를 선택합니다. 지정하지 않으면 로캘을 따릅니다.",
  ),
  json: text("print the result as JSON", "결과를 JSON으로 출력합니다"),
  help: text("print this help", "이 도움말을 출력합니다"),
  version: text("print the version", "버전을 출력합니다"),
  repeatable: text("; may be repeated", ". 여러 번 지정할 수 있습니다"),
  required: text(" (required)", " (필수)"),
} satisfies Record<string, Text>;

export function helpOfProgram(commands: readonly Command[], language: Language): string {
  const statuses = EXIT_MEANINGS.map(([status, meaning]) => [String(status), meaning[language]] as const);
  return join([
    WORDS.product[language],
    section(WORDS.usage[language], "dure COMMAND [ARGUMENT …] [--option …]"),
    section(WORDS.commands[language], formatFields(commands.map(({ name, summary }) => [name, summary[language]]))),
    section(WORDS.options[language], formatFields([["--version", WORDS.version[language]], ...commonOptions(language)])),
    section(WORDS.statuses[language], formatFields(statuses)),
    `${WORDS.more[language]}\n${WORDS.language[language]}`,
  ]);
}

export function helpOfGroup(group: string, summary: Text, commands: readonly Command[], language: Language): string {
  const own = commands.filter(({ name }) => name.startsWith(`${group} `));
  return join([
    `dure ${group}: ${summary[language]}`,
    section(WORDS.commands[language], formatFields(own.map((command) => [command.name, command.summary[language]]))),
    WORDS.more[language],
  ]);
}

export function helpOfCommand(command: Command, language: Language): string {
  const args = Object.values(command.arguments);
  const options = Object.entries(command.options);
  const optionRows = options.map(([name, option]) => [flagOf(name, option), describeOption(option, language)] as const);
  const examples = command.examples.map(({ line, shows }) => `# ${shows[language]}\n${line}`);
  return join([
    command.description[language],
    section(WORDS.usage[language], usageOf(command)),
    args.length === 0 ? "" : section(WORDS.arguments[language], formatFields(args.map((one) => [one.placeholder, one.summary[language]]))),
    section(WORDS.options[language], formatFields([...optionRows, ...commonOptions(language)])),
    section(WORDS.examples[language], examples.join("\n")),
  ]);
}

/** `--minimum-cell N`. */
export function flagOf(name: string, option: OptionDefinition): string {
  const flag = `--${name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`;
  return option.kind === "flag" ? flag : `${flag} ${option.placeholder}`;
}

/** One line: `dure study check STUDY [--option VALUE]`. */
export function usageOf(command: Command): string {
  const args = Object.values(command.arguments).map(({ kind, placeholder }) => (kind === "text" ? placeholder : `[${placeholder}]`));
  const options = Object.entries(command.options).map(([name, option]) => {
    const flag = flagOf(name, option);
    if (option.kind === "required-text") return flag;
    return option.kind === "list" ? `[${flag} …]` : `[${flag}]`;
  });
  return ["dure", command.name, ...args, ...options].join(" ");
}

function describeOption(option: OptionDefinition, language: Language): string {
  const summary = option.summary[language];
  if (option.kind === "list") return `${summary}${WORDS.repeatable[language]}`;
  if (option.kind === "whole-number") return `${summary} (${option.min}–${option.max})`;
  return option.kind === "required-text" ? `${summary}${WORDS.required[language]}` : summary;
}

const commonOptions = (language: Language): (readonly [string, string])[] => [
  ["--json", WORDS.json[language]],
  ["-h, --help", WORDS.help[language]],
];

const section = (heading: string, body: string): string => `${heading}:\n${body.replace(/^(?=.)/gm, "  ")}`;
const join = (parts: readonly string[]): string => `${parts.filter((part) => part !== "").join("\n\n")}\n`;
