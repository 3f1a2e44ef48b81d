/**
 * What a command says, and where: its result to stdout, everything else to stderr, so that a script can keep the one and a person read both.
 * With `--json` the result is one JSON value on one line, and problems are one on stderr.
 */

import { formatProblem, type JsonValue, type Language, type Problem, type Text } from "@dure/kernel";

/** Where text goes: a stream of the process, or a test's. */
export interface Sink {
  write(text: string): unknown;
}

export interface OutputOptions {
  readonly stdout: Sink;
  readonly stderr: Sink;
  readonly language: Language;
  readonly json: boolean;
}

/** One answer in two forms: for programs, and for people in the language chosen. */
export interface Result {
  readonly json: JsonValue;
  readonly text: string;
}

export class Output {
  readonly language: Language;
  readonly json: boolean;
  readonly #stdout: Sink;
  readonly #stderr: Sink;

  constructor({ stdout, stderr, language, json }: OutputOptions) {
    this.language = language;
    this.json = json;
    this.#stdout = stdout;
    this.#stderr = stderr;
  }

  /** Once a command: what was asked for. */
  result({ json, text }: Result): void {
    this.#stdout.write(`${this.json ? JSON.stringify(json) : text}\n`);
  }

  /** One JSON line on stderr: what a long-running process tells its supervisor's log. Codes, ids and counts only. */
  log(entry: Readonly<Record<string, string | number>>): void {
    this.#stderr.write(`${JSON.stringify(entry)}\n`);
  }

  /** What a person may like to know meanwhile; a program that asked for JSON is spared it. */
  note(note: Text): void {
    if (!this.json) this.#stderr.write(`${note[this.language]}\n`);
  }

  problems(problems: readonly Problem[]): void {
    if (this.json) {
      const rows = problems.map(({ code, severity, place, what, remedy }) => {
        return { code, severity, place: { ...place }, what: what[this.language], remedy: remedy[this.language] };
      });
      this.#stderr.write(`${JSON.stringify({ problems: rows })}\n`);
    } else {
      for (const problem of problems) this.#stderr.write(`${MARKS[problem.severity]} ${formatProblem(problem, this.language)}\n`);
    }
  }
}

const MARKS = { error: "✖", warning: "!" } as const;
