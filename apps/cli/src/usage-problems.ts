/** What is wrong with a command line, as problems in both languages. commander says it in English only. */

import { DureError, type Problem, type Text, text } from "@dure/kernel";
import type { CommanderError } from "commander";

/** @param name the words of the command that was being read, such as `study check`; empty for `dure` itself */
export function usageError(error: CommanderError, name: string): DureError {
  const [what, code] = describe(error, `dure ${name}`.trimEnd());
  const suggestion = /\(Did you mean (?:one of )?(.+?)\?\)/.exec(error.message)?.[1];
  const help = `dure ${name}`.trimEnd();
  const remedy =
    suggestion === undefined
      ? text(`\`${help} --help\` shows what it takes.`, `\`${help} --help\`로 사용법을 확인하십시오.`)
      : text(
          `Did you mean ${suggestion}? \`${help} --help\` shows more.`,
          `${suggestion}을(를) 뜻하셨습니까? \`${help} --help\`로 사용법을 확인하십시오.`,
        );
  return new DureError(problem(code, what, remedy));
}

export function wrongNumber(flag: string, min: number, max: number): DureError {
  const what = text(`${flag} must be a whole number from ${min} to ${max}.`, `${flag}에는 ${min}부터 ${max}까지의 정수를 지정해야 합니다.`);
  return new DureError(problem("cli/wrong-number", what, text("Correct the number.", "숫자를 고쳐 입력하십시오.")));
}

function describe({ code, message }: CommanderError, command: string): readonly [Text, string] {
  const named = /'([^']*)'/.exec(message)?.[1] ?? "";
  switch (code) {
    case "commander.help":
      return [text(`${command} needs a command.`, `${command} 뒤에 명령이 필요합니다.`), "cli/command-missing"];
    case "commander.unknownOption":
      return [text(`${command} has no option ${named}.`, `${command}에는 ${named} 옵션이 없습니다.`), "cli/unknown-option"];
    case "commander.unknownCommand":
      return [text(`${command} has no command ${named}.`, `${command}에는 ${named} 명령이 없습니다.`), "cli/unknown-command"];
    case "commander.missingArgument":
      return [
        text(`${command} needs ${named.toUpperCase()}.`, `${command}에 ${named.toUpperCase()}을(를) 지정해야 합니다.`),
        "cli/argument-missing",
      ];
    case "commander.optionMissingArgument":
      return [text(`the option ${named} needs a value.`, `${named} 옵션에 값을 지정해야 합니다.`), "cli/value-missing"];
    case "commander.missingMandatoryOptionValue":
      return [text(`${command} needs the option ${named}.`, `${command}에 ${named} 옵션을 지정해야 합니다.`), "cli/option-missing"];
    case "commander.excessArguments":
      return [text(`${command} was given more arguments than it takes.`, `${command}에 인수가 너무 많습니다.`), "cli/too-many-arguments"];
    default:
      return [text(`${command}: the command line is not understood.`, `${command}: 명령줄을 해석할 수 없습니다.`), "cli/not-understood"];
  }
}

const problem = (code: string, what: Text, remedy: Text): Problem => ({ code, severity: "error", place: {}, what, remedy });
