import { existsSync, readdirSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { gunzipSync } from 'node:zlib'
import { decodeText, FeedError, parseJson, type RequestJson } from '@velocast/producers'
import { findBeside, savedDocument } from './saved-documents.ts'

/**
 * Answers from documents that were saved: an operator's address stands for the file of its name in the same folder, and is asked
 * for itself where there is none.
 */
export const requestFiles =
  (startAddress: string, elsewhere: RequestJson): RequestJson =>
  async (address, options) => {
    const isFile = address.startsWith('file:')
    const named = isFile ? fileURLToPath(withoutQuery(address)) : savedCopy(address, startAddress)
    const isThere = named !== null && existsSync(named)
    const path = isThere ? named : (savedUnderAnotherName(address, startAddress) ?? named)
    if (path === null) return elsewhere(address, options)
    return { kind: 'document', document: await readDocument(path), etag: null, latencyMs: 0 }
  }

/** An operator's document in the folder, under the last part of its address. */
const savedCopy = (address: string, startAddress: string): string | null => {
  const start = fileURLToPath(withoutQuery(startAddress))
  const name = basename(new URL(address).pathname)
  const names = name === '' ? [] : [name, `${name}.json`, `${name}.gz`, `${name}.json.gz`]
  const paths = names.map((each) => join(dirname(start), each))
  return paths.find((path) => path !== start && existsSync(path)) ?? null
}

/** The address names its feed, in its path or its query, and a file in the folder names the same. */
const savedUnderAnotherName = (address: string, startAddress: string): string | null => {
  const start = fileURLToPath(withoutQuery(startAddress))
  const { pathname, search } = new URL(address)
  const wanted = savedDocument(basename(pathname) + search)
  const isStart = address === startAddress
  if (wanted === null || isStart || !existsSync(dirname(start))) return null
  const name = findBeside(readdirSync(dirname(start)), basename(start), wanted.feed)
  return name === null ? null : join(dirname(start), name)
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
    return parseJson(decodeText(bytes))
  } catch (error) {
    throw new FeedError('not-json', `${path} is not JSON: ${(error as Error).message}`, error)
  }
}

const withoutQuery = (address: string): string => address.replace(/[?#].*$/, '')
