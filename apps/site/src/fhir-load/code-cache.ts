/**
 * Codes and what they stand for, asked of the vocabulary once and remembered for one load.
 *
 * A hospital uses some ten thousand codes a million times. The cache belongs to one load and so to one vocabulary (f2o-111). A code whose
 * meaning depends on the day is remembered by the stretch of days in which it means the same, so that it is not asked for each day anew.
 */

import { type ResolvedCode, type SourceCode, sourceCodeKey, UNMAPPED } from "@dure/clinical";
import type { Resolve } from "@dure/clinical/fhir";
import type { SqlSession } from "../store/clinical-session.ts";
import type { CodeLookup } from "../vocabulary/code-lookup.ts";

/** About 20 MB: a key and a small object each. */
export const CODES_KEPT_MAX = 50_000;
const LOOK_UP_BATCH = 2_000;

export class CodeCache {
  readonly #session: SqlSession;
  readonly #codes: CodeLookup;
  readonly #resolved = new Map<string, ResolvedCode>();
  /** By `undatedKeyOf`: days on which a stretch begins, ascending. */
  readonly #changeDays = new Map<string, readonly string[]>();

  constructor(session: SqlSession, codes: CodeLookup) {
    this.#session = session;
    this.#codes = codes;
  }

  /** Of a code that was prepared; any other counts as unmapped. */
  readonly resolve: Resolve = (code) => this.#resolved.get(this.#keyOf(code)) ?? UNMAPPED;

  /** Asks for what is not known of these codes. */
  async prepare(used: readonly SourceCode[]): Promise<void> {
    await this.#findStretches(used);
    let asked = this.#unknownOf(used);
    if (this.#resolved.size + asked.length > CODES_KEPT_MAX) {
      this.#resolved.clear();
      this.#changeDays.clear();
      await this.#findStretches(used);
      asked = this.#unknownOf(used);
    }
    for (const batch of batchesOf(asked)) {
      const found = await this.#codes.lookUp(
        this.#session,
        batch.map(([, code]) => code),
      );
      for (const [key, code] of batch) this.#resolved.set(key, found.get(sourceCodeKey(code)) ?? UNMAPPED);
    }
  }

  #unknownOf(used: readonly SourceCode[]): readonly Asked[] {
    const asked = new Map<string, SourceCode>();
    for (const code of used) {
      const key = this.#keyOf(code);
      if (!this.#resolved.has(key)) asked.set(key, code);
    }
    return [...asked];
  }

  async #findStretches(used: readonly SourceCode[]): Promise<void> {
    const asked = new Map<string, SourceCode>();
    for (const code of used) {
      if (code.onDate === undefined) continue;
      const key = undatedKeyOf(code);
      if (!this.#changeDays.has(key)) asked.set(key, code);
    }
    for (const batch of batchesOf([...asked])) {
      const found = await this.#codes.changeDays(
        this.#session,
        batch.map(([, code]) => code),
      );
      for (const [key, { vocabulary, code }] of batch) this.#changeDays.set(key, found.get(sourceCodeKey({ vocabulary, code })) ?? []);
    }
  }

  #keyOf(code: SourceCode): string {
    const undated = undatedKeyOf(code);
    const { onDate } = code;
    return onDate === undefined ? undated : `${undated}\n${this.#changeDays.get(undated)?.findLast((day) => day <= onDate) ?? ""}`;
  }
}

type Asked = readonly [key: string, code: SourceCode];

function* batchesOf(asked: readonly Asked[]): Generator<readonly Asked[]> {
  for (let at = 0; at < asked.length; at += LOOK_UP_BATCH) yield asked.slice(at, at + LOOK_UP_BATCH);
}

const undatedKeyOf = ({ vocabulary, code }: SourceCode): string => `${vocabulary}\n${code}`;
