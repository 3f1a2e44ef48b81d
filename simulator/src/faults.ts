/** Where simulated processes die: before or after a stored effect, named by who stored it and why. */

/** `andong survivor-list 3`, `coordinator sums 2 0`: the process, what made it store, and how far the run was. */
export type StoredEffect = string;

export interface KillPoint {
  readonly effect: StoredEffect;
  readonly when: "before" | "after";
  /** Virtual time until the process is started again; a second where nothing is said. */
  readonly awayMs?: number;
}

const RESTART_MS = 1_000;

/** Thrown inside a simulated process: everything it held in memory is gone. */
export class Killed extends Error {
  readonly awayMs: number;

  constructor(awayMs: number) {
    super("killed");
    this.awayMs = awayMs;
  }
}

export class Faults {
  /** Those at which nobody has died yet: a kill point kills once, the first time that its effect is to be stored. */
  readonly #pending: KillPoint[];
  readonly killed: KillPoint[] = [];
  readonly #stored: StoredEffect[] = [];

  constructor(killPoints: readonly KillPoint[]) {
    this.#pending = [...killPoints];
  }

  /** In order, repetitions included. */
  get stored(): readonly StoredEffect[] {
    return this.#stored;
  }

  /** Stores with `write`, or dies just before or just after. */
  store(effect: StoredEffect, write: () => void): void {
    this.#killAt(effect, "before");
    write();
    this.#stored.push(effect);
    this.#killAt(effect, "after");
  }

  #killAt(effect: StoredEffect, when: KillPoint["when"]): void {
    const index = this.#pending.findIndex((point) => point.effect === effect && point.when === when);
    const [point] = index < 0 ? [] : this.#pending.splice(index, 1);
    if (point === undefined) return;
    this.killed.push(point);
    throw new Killed(point.awayMs ?? RESTART_MS);
  }
}
