/** What the kernels need of WebAssembly. Node has it; TypeScript types it only together with the whole DOM. */

/** A kernel's own memory, and its exported functions over byte offsets in it. */
export interface KernelInstance {
  readonly memory: Uint8Array;
  readonly functions: Readonly<Record<string, (...args: number[]) => number>>;
}

interface CompiledModule {
  readonly kind: "WebAssembly.Module";
}

declare const WebAssembly: {
  readonly Module: new (bytes: Uint8Array) => CompiledModule;
  readonly Instance: new (module: CompiledModule) => { readonly exports: Record<string, unknown> };
};

/** Compiled on first use, once. */
export class Kernel {
  readonly #base64: string;
  #module: CompiledModule | undefined;

  constructor(base64: string) {
    this.#base64 = base64;
  }

  instantiate(): KernelInstance {
    this.#module ??= new WebAssembly.Module(new Uint8Array(Buffer.from(this.#base64, "base64")));
    const { memory, ...functions } = new WebAssembly.Instance(this.#module).exports;
    return {
      memory: new Uint8Array((memory as { readonly buffer: ArrayBuffer }).buffer), // every kernel exports its memory, of fixed size
      functions: functions as KernelInstance["functions"], // all other exports are functions of numbers: scripts/build-wasm.ts builds them so
    };
  }
}
