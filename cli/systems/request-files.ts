import { existsSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { gunzipSync } from 'node:zlib'
import { FeedError, parseJson, type RequestJson } from '@velocast/producers'

/**
 * Answers from documents that were saved: an operator's address stands for the file of its name in the same folder, and is asked
 * for itself where there is none.
 */
export const requestFiles =
  (startAddress: string, elsewhere: RequestJson): RequestJson =>
  async (address, options) => {
    const isFile = address.startsWith('file:')
    const path = isFile ? fileURLToPath(withoutQuery(address)) : savedCopy(address, startAddress)
    if (path === null) return elsewhere(address, options)
    return { kind: 'document', document: await readDocument(path), etag: null, latencyMs: 0 }
  }

/** An operator's document in the folder, under the last part of its address. */
const savedCopy = (address: string, startAddress: string): string | null => {
  const folder = dirname(fileURLToPath(startAddress))
  const name = basename(new URL(address).pathname)
  const names = name === '' ? [] : [name, `${name}.json`, `${name}.gz`, `${name}.json.gz`]
  return names.map((each) => join(folder, each)).find((path) => existsSync(path)) ?? null
}

const readDocument = async (path: string): Promise<unknown> => {
  let bytes: Buffer
  try {
    bytes = await readFile(path)
    if (bytes[0] === 0x1f && bytes[1] === 0x8b) bytes = gunzipSync(bytes)
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException
    const why = code === 'ENOENT' ? 'there is no such file' : message
    throw new FeedError('unreachable', `${path} cannot be read: ${why}`, error)
  }
  try {
    return parseJson(bytes.toString('utf8'))
  } catch (error) {
    throw new FeedError('not-json', `${path} is not JSON: ${(error as Error).message}`, error)
  }
}

const withoutQuery = (address: string): string => address.replace(/[?#].*$/, '')
