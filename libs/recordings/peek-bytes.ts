export type Bytes = AsyncIterable<Uint8Array>

/** The first `length` bytes (fewer where there are no more), and all of them again from the start. */
export const peekBytes = async (bytes: Bytes, length: number): Promise<{ head: Buffer; all: Bytes }> => {
  const source = bytes[Symbol.asyncIterator]()
  const read: Uint8Array[] = []
  let count = 0
  while (count < length) {
    const next = await source.next()
    if (next.done) break
    read.push(next.value)
    count += next.value.length
  }
  async function* again(): AsyncGenerator<Uint8Array> {
    try {
      yield* read
      for (;;) {
        const next = await source.next()
        if (next.done) return
        yield next.value
      }
    } finally {
      await source.return?.()
    }
  }
  return { head: Buffer.concat(read).subarray(0, length), all: again() }
}
