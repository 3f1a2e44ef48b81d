/** What the kernels need of WebAssembly. Node has it; TypeScript types it only together with the whole DOM. */

type KernelFunction = (...args: number[]) => number;

/** A kernel's own memory, and its exported functions over byte offsets in it. */
export interface KernelInstance<Name extends string> {
  /** Of the moment: views of it are void once it has grown. */
  readonly memory: { readonly buffer: ArrayBuffer; readonly grow: (pages: number) => number };
  readonly functions: Readonly<Record<Name, KernelFunction>>;
}

/** Unit of a kernel's memory. */
export const PAGE_BYTES = 65_536;

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
      memory: exports["memory"] as KernelInstance<Name>["memory"], // every kernel exports its memory
      functions: exports as Record<Name, KernelFunction>, // each was just seen to be a function; its arguments are the kernel's contract
    };
  }
}
