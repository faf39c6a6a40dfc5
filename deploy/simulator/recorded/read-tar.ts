/** The regular files of a tar archive, one after the other: as much of the format as archives of documents use. */
export interface TarFile {
  name: string
  content: Buffer
}

const BLOCK = 512

/** An archive that ends in the middle of a file (an interrupted download) yields the files before it. */
export async function* readTar(chunks: AsyncIterable<Uint8Array>): AsyncGenerator<TarFile> {
  let pending: Buffer = Buffer.alloc(0)
  const source = chunks[Symbol.asyncIterator]()
  const take = async (length: number): Promise<Buffer | null> => {
    const parts = [pending]
    let have = pending.length
    while (have < length) {
      const next = await source.next()
      if (next.done) return null
      parts.push(Buffer.from(next.value))
      have += next.value.length
    }
    const all = Buffer.concat(parts)
    pending = all.subarray(length)
    return all.subarray(0, length)
  }

  let longName: string | null = null
  for (;;) {
    const header = await take(BLOCK)
    // Two empty blocks end an archive; what follows is padding.
    if (header === null || header[0] === 0) return
    const size = Number.parseInt(textIn(header, 124, 12), 8)
    if (Number.isNaN(size)) throw new Error('This is no tar archive, or a damaged one.')
    const padded = await take(Math.ceil(size / BLOCK) * BLOCK)
    if (padded === null) return
    const content = padded.subarray(0, size)
    const type = String.fromCharCode(header[156]!)
    if (type === 'L') longName = textIn(content, 0, size)
    else {
      const prefix = textIn(header, 345, 155)
      const name = longName ?? (prefix ? `${prefix}/` : '') + textIn(header, 0, 100)
      longName = null
      if (type === '0' || type === '\0') yield { name, content }
    }
  }
}

const textIn = (bytes: Buffer, from: number, length: number): string => {
  const text = bytes.toString('utf8', from, from + length)
  const end = text.indexOf('\0')
  return (end === -1 ? text : text.slice(0, end)).trim()
}
