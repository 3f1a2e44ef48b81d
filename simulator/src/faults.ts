/** Where a simulated process dies: before or after its n-th stored effect, counted over all processes. */

export interface KillPoint {
  readonly storedEffect: number;
  readonly when: "before" | "after";
}

/** Thrown inside a simulated process: everything it held in memory is gone. */
export class Killed extends Error {}

export class Faults {
  readonly #killPoints: readonly KillPoint[];
  #storedEffectCount = 0;

  constructor(killPoints: readonly KillPoint[]) {
    this.#killPoints = killPoints;
  }

  get storedEffectCount(): number {
    return this.#storedEffectCount;
  }

  /** Stores with `write`, or dies just before or just after. */
  store(write: () => void): void {
    const index = this.#storedEffectCount++;
    if (this.#isKilled(index, "before")) throw new Killed();
    write();
    if (this.#isKilled(index, "after")) throw new Killed();
  }

  #isKilled(index: number, when: KillPoint["when"]): boolean {
    return this.#killPoints.some((point) => point.storedEffect === index && point.when === when);
  }
}
