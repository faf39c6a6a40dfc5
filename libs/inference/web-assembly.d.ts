/** What of WebAssembly is used here: Node has it, its types are those of browsers (lib "dom"), which are not ours. */
declare namespace WebAssembly {
  class Module {
    constructor(bytes: Uint8Array)
  }
  class Instance {
    constructor(module: Module, imports?: Record<string, Record<string, (value: number) => number>>)
    readonly exports: object
  }
  interface Memory {
    readonly buffer: ArrayBuffer
    /** Throws a RangeError where there is none left. */
    grow(pages: number): number
  }
}
