/**
 * Progress on stderr, for whatever lasts over a second.
 *
 * On a terminal a bar in one line that disappears when the work is done; elsewhere (a log, a service) sparse lines; with `--json` nothing.
 * Work that is done within the second leaves no trace. Work that does not let go of the thread is drawn when it reports.
 */

import { displayWidth, type Language, type Text } from "@dure/kernel";

/** Tells how far the work is; without a total the bar only says that it moves. */
export type ReportProgress = (doneCount: number, totalCount?: number) => void;

export interface ProgressOptions {
  readonly stream: { write(text: string): unknown; readonly isTTY?: boolean; readonly columns?: number };
  readonly language: Language;
  readonly silent: boolean;
}

const SHOWN_AFTER_MS = 1_000;
const REDRAW_MS = 100;
const LINE_MS = 10_000;
const BAR_COLUMNS = 24;

export class Progress {
  readonly #options: ProgressOptions;

  constructor(options: ProgressOptions) {
    this.#options = options;
  }

  /** Runs the work under its label, and gives back what it gives. */
  async during<Result>(label: Text, work: (report: ReportProgress) => Result | Promise<Result>): Promise<Result> {
    if (this.#options.silent) return work(() => {});
    const view = this.#options.stream.isTTY === true ? barOn(this.#options, label) : linesOn(this.#options, label);
    let [doneCount, totalCount]: [number, number | undefined] = [0, undefined];
    const startedMs = performance.now();
    const draw = (): void => {
      const elapsedMs = performance.now() - startedMs;
      if (elapsedMs >= SHOWN_AFTER_MS) view.draw({ doneCount, totalCount, elapsedMs });
    };
    const timer = setInterval(draw, REDRAW_MS);
    timer.unref();
    try {
      return await work((done, total) => {
        [doneCount, totalCount] = [done, total];
        draw();
      });
    } finally {
      clearInterval(timer);
      view.end();
    }
  }
}

interface Moment {
  readonly doneCount: number;
  readonly totalCount: number | undefined;
  readonly elapsedMs: number;
}

interface View {
  draw(moment: Moment): void;
  end(): void;
}

function barOn({ stream, language }: ProgressOptions, label: Text): View {
  let drawnMs = Number.NEGATIVE_INFINITY;
  return {
    draw(moment) {
      if (moment.elapsedMs - drawnMs < REDRAW_MS) return;
      drawnMs = moment.elapsedMs;
      stream.write(`\r\u001b[K${cut(`${label[language]}  ${drawBar(moment)}  ${describe(moment, language)}`, (stream.columns ?? 80) - 1)}`);
    },
    end() {
      if (Number.isFinite(drawnMs)) stream.write("\r\u001b[K");
    },
  };
}

function linesOn({ stream, language }: ProgressOptions, label: Text): View {
  let nextMs = SHOWN_AFTER_MS;
  return {
    draw(moment) {
      if (moment.elapsedMs < nextMs) return;
      nextMs = moment.elapsedMs + LINE_MS;
      stream.write(`${label[language]}: ${describe(moment, language)}\n`);
    },
    end() {},
  };
}

function drawBar({ doneCount, totalCount, elapsedMs }: Moment): string {
  if (totalCount === undefined || totalCount <= 0) {
    const position = Math.floor(elapsedMs / REDRAW_MS) % BAR_COLUMNS; // a block that wanders: nobody knows how long it takes
    return `${"░".repeat(position)}█${"░".repeat(BAR_COLUMNS - 1 - position)}`;
  }
  const filled = Math.round(BAR_COLUMNS * Math.min(1, doneCount / totalCount));
  return "█".repeat(filled) + "░".repeat(BAR_COLUMNS - filled);
}

/** Share and time left where a total is known, else what was done and for how long. */
function describe({ doneCount, totalCount, elapsedMs }: Moment, language: Language): string {
  const number = new Intl.NumberFormat(language === "ko" ? "ko-KR" : "en-GB");
  if (totalCount === undefined || totalCount <= 0) {
    const seconds = `${Math.floor(elapsedMs / 1000)} ${language === "ko" ? "초" : "s"}`;
    return doneCount > 0 ? `${number.format(doneCount)}, ${seconds}` : seconds;
  }
  const share = Math.min(1, doneCount / totalCount);
  const counts = `${Math.floor(100 * share)} % (${number.format(doneCount)} / ${number.format(totalCount)})`;
  if (share <= 0 || share >= 1) return counts;
  const left = Math.ceil((elapsedMs * (1 - share)) / share / 1000);
  return language === "ko" ? `${counts}, 약 ${left}초 남음` : `${counts}, about ${left} s left`;
}

/** At most so many columns: a longer line would wrap, and a carriage return would no longer reach its start. */
function cut(line: string, columnsMax: number): string {
  let out = "";
  for (const character of line) {
    if (displayWidth(out + character) > columnsMax) break;
    out += character;
  }
  return out;
}
