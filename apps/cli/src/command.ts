/**
 * A command as data: what it is called, what it takes, examples, and what it does. Parsing, help and documentation are made from this.
 */

import type { Language, Text } from "@dure/kernel";
import type { ExitStatus } from "./exit-status.ts";
import type { Environment } from "./language.ts";
import type { Output } from "./output.ts";
import type { Progress } from "./progress.ts";

/** What a command gets from the process that runs it. */
export interface CommandContext {
  readonly output: Output;
  readonly progress: Progress;
  readonly language: Language;
  readonly environment: Environment;
  /** Relative paths on the command line start here. */
  readonly workingFolder: string;
  /** Aborted by Ctrl-C or a signal to terminate: end soon, and leave everything as after a kill. */
  readonly signal: AbortSignal;
}

export type ArgumentDefinition =
  | { readonly kind: "text"; readonly placeholder: string; readonly summary: Text }
  | { readonly kind: "optional-text"; readonly placeholder: string; readonly summary: Text };

export type OptionDefinition =
  | { readonly kind: "flag"; readonly summary: Text }
  | { readonly kind: "text" | "required-text" | "list"; readonly placeholder: string; readonly summary: Text }
  | { readonly kind: "whole-number"; readonly placeholder: string; readonly summary: Text; readonly min: number; readonly max: number };

export interface Example {
  readonly line: string;
  readonly shows: Text;
}

type Arguments = Readonly<Record<string, ArgumentDefinition>>;
type Options = Readonly<Record<string, OptionDefinition>>;

interface ValueOf {
  readonly flag: boolean;
  readonly text: string | undefined;
  readonly "optional-text": string | undefined;
  readonly "required-text": string;
  readonly list: readonly string[];
  readonly "whole-number": number | undefined;
}

/** What `run` receives: each argument and option under its own name, in the type that its kind gives. */
export type Input<A extends Arguments, O extends Options> = {
  readonly [Name in keyof A]: A[Name]["kind"] extends "text" ? string : string | undefined;
} & { readonly [Name in keyof O]: ValueOf[O[Name]["kind"]] };

export interface Command<A extends Arguments = Arguments, O extends Options = Options> {
  /** The words after `dure`, such as `study check`. */
  readonly name: string;
  /** One line of a list. */
  readonly summary: Text;
  /** A paragraph or two of the command's own help. */
  readonly description: Text;
  /** In their order on the command line. Names are camelCase. */
  readonly arguments: A;
  /** Named in camelCase: `minimumCell` is `--minimum-cell`. `--json` and `--help` are everybody's. */
  readonly options: O;
  readonly examples: readonly Example[];
  /** Imports what it needs when it runs, so that help is quick. Without a status the command is done; a DureError sets its own. */
  run(context: CommandContext, input: Input<A, O>): Promise<ExitStatus | undefined>;
}

/** Checks a definition against the types of its own arguments and options, then forgets them, so that all fit in one list. */
export function defineCommand<const A extends Arguments, const O extends Options>(command: Command<A, O>): Command {
  return command as unknown as Command; // `command-line.ts` gives `run` exactly what the definition names
}
