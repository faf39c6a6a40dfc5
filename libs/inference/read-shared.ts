import { open } from 'node:fs/promises'

/** A file in memory that threads can share. Rejects where it is not there, or becomes shorter while it is read. */
export const readShared = async (path: string): Promise<Buffer> => {
  const file = await open(path)
  try {
    const { size } = await file.stat()
    const content = Buffer.from(new SharedArrayBuffer(size))
    for (let at = 0; at < size; ) {
      const { bytesRead } = await file.read(content, at, size - at, at)
      if (bytesRead === 0) throw new Error(`${path} became shorter while it was read`)
      at += bytesRead
    }
    return content
  } finally {
    await file.close()
  }
}
