/** Places in WebAssembly's memory, one after the other: what is laid out there once is worked on by the module's own code. */

export interface Layout {
  /** The place of so many bytes, in bytes. Views of the memory that were made before are useless where it has to grow. */
  readonly reserve: (bytes: number) => number
  /** The same for a copy of `content`. */
  readonly put: (content: Int32Array | Float32Array) => number
}

const PAGE_BYTES = 65_536
/** Of a vector: whatever is read there begins at a multiple of it. */
const ALIGNMENT = 16

/** Behind what the memory has. Throws a RangeError where there is none left. */
export const layOutMemory = (memory: WebAssembly.Memory): Layout => {
  let end = memory.buffer.byteLength
  const reserve = (bytes: number): number => {
    const at = end
    end += Math.ceil(bytes / ALIGNMENT) * ALIGNMENT
    const lacking = end - memory.buffer.byteLength
    if (lacking > 0) memory.grow(Math.ceil(lacking / PAGE_BYTES))
    return at
  }
  return {
    reserve,
    put: (content) => {
      const at = reserve(content.byteLength)
      new Uint8Array(memory.buffer).set(
        new Uint8Array(content.buffer, content.byteOffset, content.byteLength),
        at,
      )
      return at
    },
  }
}
