import { createReadStream } from 'node:fs'
import { Readable } from 'node:stream'
import { buffer } from 'node:stream/consumers'
import { extract } from 'tar-stream'
import { fromBufferPromise, openPromise, type ZipFile } from 'yauzl'
import { decompress } from './decompress.ts'
import { isReadable } from './find-files.ts'
import { type Bytes, peekBytes } from './peek-bytes.ts'

export interface OpenFile {
  /** The path; for a file in an archive, the archive's and its own within. */
  name: string
  bytes: Bytes
}

export interface OpenOptions {
  /** Hears how many bytes of the file on disk have been read. */
  onRead?: (bytes: number) => void
  /** Hears of what could be used only in part. */
  onNotice?: (notice: string) => void
}

const TAR_MAGIC_AT = 257
const HEAD_BYTES = TAR_MAGIC_AT + 5
const ZIP_MAGIC = Buffer.from('PK\x03\x04', 'latin1')

/**
 * The file without its compression (gzip, xz, Zstandard); of an archive (tar, zip), the readable files within, one after
 * the other: the bytes of one must be read, or left alone, before the next is asked for. What is broken off, as an interrupted
 * download is, yields what is there.
 */
export async function* openFiles(path: string, options: OpenOptions = {}): AsyncGenerator<OpenFile> {
  const source = countBytes(createReadStream(path), options.onRead)
  const { head, all } = await peekBytes(source, HEAD_BYTES)
  // A zip's list of files is at its end: it is read from the disk, not as a stream.
  if (isZip(head)) {
    await closeBytes(all)
    yield* unzip(path, await openPromise(path, { autoClose: false }), options)
  } else yield* unpack({ name: path, bytes: all }, options)
}

async function* unpack({ name, bytes }: OpenFile, options: OpenOptions): AsyncGenerator<OpenFile> {
  const { head, all } = await peekBytes(untilBrokenOff(name, bytes, options), HEAD_BYTES)
  const content = decompress(head, all)
  if (content) yield* unpack({ name, bytes: content }, options)
  else if (isZip(head))
    yield* unzip(name, await fromBufferPromise(await buffer(all), { autoClose: false }), options)
  else if (head.toString('latin1', TAR_MAGIC_AT) === 'ustar') yield* untar({ name, bytes: all }, options)
  else yield { name, bytes: all }
}

async function* untar({ name, bytes }: OpenFile, options: OpenOptions): AsyncGenerator<OpenFile> {
  const source = Readable.from(bytes)
  const entries = source.pipe(extract())
  source.once('error', (error) => entries.destroy(error))
  try {
    for await (const entry of entries) {
      const { name: within, type } = entry.header
      if (type === 'file' && isReadable(within))
        yield* unpack({ name: `${name}: ${within}`, bytes: entry as AsyncIterable<Buffer> }, options)
      entry.resume()
    }
  } catch (error) {
    if (!isBrokenOff(error)) throw error
    options.onNotice?.(`${name} is broken off: what comes before is used`)
  } finally {
    source.destroy()
    entries.destroy()
  }
}

async function* unzip(name: string, zip: ZipFile, options: OpenOptions): AsyncGenerator<OpenFile> {
  let reported = 0
  try {
    for await (const entry of zip.eachEntry()) {
      if (isReadable(entry.fileName)) {
        const bytes = await zip.openReadStreamPromise(entry)
        yield* unpack({ name: `${name}: ${entry.fileName}`, bytes }, options)
        bytes.destroy()
      }
      options.onRead?.(entry.compressedSize)
      reported += entry.compressedSize
    }
    options.onRead?.(Math.max(0, zip.fileSize - reported))
  } finally {
    zip.close()
  }
}

const isZip = (head: Buffer): boolean => head.subarray(0, ZIP_MAGIC.length).equals(ZIP_MAGIC)

async function* countBytes(bytes: Bytes, onRead: OpenOptions['onRead']): AsyncGenerator<Uint8Array> {
  for await (const chunk of bytes) {
    onRead?.(chunk.length)
    yield chunk
  }
}

async function* untilBrokenOff(
  name: string,
  bytes: Bytes,
  { onNotice }: OpenOptions,
): AsyncGenerator<Uint8Array> {
  try {
    yield* bytes
  } catch (error) {
    if (!isBrokenOff(error)) throw error
    onNotice?.(`${name} is broken off: what comes before is used`)
  }
}

/** As zlib and tar-stream say it. */
const isBrokenOff = (error: unknown): boolean =>
  error instanceof Error &&
  ((error as NodeJS.ErrnoException).code === 'Z_BUF_ERROR' || error.message === 'Unexpected end of data')

const closeBytes = async (bytes: Bytes): Promise<void> => {
  await bytes[Symbol.asyncIterator]().return?.()
}
