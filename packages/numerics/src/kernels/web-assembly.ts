/** What the kernels need of WebAssembly. Node has it; TypeScript types it only together with the whole DOM. */

type KernelFunction = (...args: number[]) => number;

/** A kernel's own memory, and its exported functions over byte offsets in it. */
export interface KernelInstance<Name extends string> {
  readonly memory: Uint8Array;
  readonly functions: Readonly<Record<Name, KernelFunction>>;
}

interface CompiledModule {
  readonly kind: "WebAssembly.Module";
}

declare const WebAssembly: {
  readonly Module: new (bytes: Uint8Array) => CompiledModule;
  readonly Instance: new (module: CompiledModule) => { readonly exports: Record<string, unknown> };
};

/** Compiled on first use, once. */
export class Kernel<Name extends string> {
  readonly #base64: string;
  readonly #names: readonly Name[];
  #module: CompiledModule | undefined;

  constructor(base64: string, names: readonly Name[]) {
    this.#base64 = base64;
    this.#names = names;
  }

  instantiate(): KernelInstance<Name> {
    this.#module ??= new WebAssembly.Module(new Uint8Array(Buffer.from(this.#base64, "base64")));
    const { exports } = new WebAssembly.Instance(this.#module);
    const missing = this.#names.filter((name) => typeof exports[name] !== "function");
    if (missing.length > 0) throw new Error(`the kernel lacks ${missing.join(", ")}: run node scripts/build-wasm.ts`);
    return {
      memory: new Uint8Array((exports["memory"] as { readonly buffer: ArrayBuffer }).buffer), // every kernel exports its memory, of fixed size
      functions: exports as Record<Name, KernelFunction>, // each was just seen to be a function; its arguments are the kernel's contract
    };
  }
}
