import { readdirSync, statSync } from 'node:fs'
import { readFile, stat } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { gunzipSync } from 'node:zlib'
import { decodeText, FeedError, MOST_BODY_BYTES, parseJson, type RequestJson } from '@velocast/producers'
import { findBeside, savedDocument } from './saved-documents.ts'

/**
 * Answers from documents that were saved: an operator's address stands for the file of its name in the same folder, and is asked
 * for itself where there is none.
 */
export const requestFiles =
  (startAddress: string, elsewhere: RequestJson): RequestJson =>
  async (address, options) => {
    const isOfFile = address.startsWith('file:')
    const named = isOfFile ? pathIn(address) : savedCopy(address, startAddress)
    const path =
      named !== null && isFile(named) ? named : (savedUnderAnotherName(address, startAddress) ?? named)
    if (path !== null) return { kind: 'document', document: await readSaved(path), etag: null, latencyMs: 0 }
    if (!isOfFile) return elsewhere(address, options)
    throw new FeedError(
      'unreachable',
      `${withoutQuery(address)} is not the address of a file on this machine`,
    )
  }

/** The path that a file's address stands for; null where no file here can have it, as with a host or %2F in it. */
export const pathIn = (address: string): string | null => {
  try {
    const path = fileURLToPath(withoutQuery(address))
    return path.includes('\0') ? null : path
  } catch {
    return null
  }
}

/** An operator's document in the folder, under the last part of its address. */
const savedCopy = (address: string, startAddress: string): string | null => {
  const start = startIn(startAddress)
  const name = basename(new URL(address).pathname)
  const names = name === '' ? [] : [name, `${name}.json`, `${name}.gz`, `${name}.json.gz`]
  const paths = names.map((each) => join(dirname(start), each))
  return paths.find((path) => path !== start && isFile(path)) ?? null
}

/** The address names its feed, in its path or its query, and a file in the folder names the same. */
const savedUnderAnotherName = (address: string, startAddress: string): string | null => {
  const start = startIn(startAddress)
  const { pathname, search } = new URL(address)
  const wanted = savedDocument(basename(pathname) + search)
  if (wanted === null || address === startAddress) return null
  const name = findBeside(namesIn(dirname(start)), basename(start), wanted.feed)
  return name === null ? null : join(dirname(start), name)
}

const startIn = (startAddress: string): string => {
  const path = pathIn(startAddress)
  if (path === null) throw new Error(`${startAddress} is not the address of a file`)
  return path
}

const namesIn = (folder: string): string[] => {
  try {
    return readdirSync(folder)
  } catch {
    return []
  }
}

const isFile = (path: string): boolean => {
  try {
    return statSync(path).isFile()
  } catch {
    return false
  }
}

/** A document in a file. Throws a FeedError. */
export const readSaved = async (path: string): Promise<unknown> => {
  const text = await readText(path).catch((error) => {
    throw new FeedError('unreachable', `${path} cannot be read: ${reasonOf(error)}`, error)
  })
  try {
    return parseJson(text)
  } catch (error) {
    throw new FeedError('not-json', `${path} is not JSON: ${(error as Error).message}`, error)
  }
}

/** As large as a server's answer may be: a check says what the producers would. */
const readText = async (path: string): Promise<string> => {
  const about = await stat(path)
  // A device or a pipe may have no end.
  if (!about.isFile()) throw new Error('it is not a file')
  if (about.size > MOST_BODY_BYTES) throw new Error(TOO_LARGE)
  const bytes = await readFile(path)
  const isCompressed = bytes[0] === 0x1f && bytes[1] === 0x8b
  return decodeText(isCompressed ? gunzipSync(bytes, { maxOutputLength: MOST_BODY_BYTES }) : bytes)
}

const TOO_LARGE = `it is larger than ${MOST_BODY_BYTES / 1024 ** 2} MB`

const REASONS: Record<string, string> = {
  ENOENT: 'there is no such file',
  ENOTDIR: 'there is no such file',
  ENAMETOOLONG: 'there is no such file',
  ELOOP: 'there is no such file',
  EACCES: 'it may not be read',
  EPERM: 'it may not be read',
  ERR_BUFFER_TOO_LARGE: TOO_LARGE,
}

const reasonOf = (error: Error): string => {
  const { code = '' } = error as NodeJS.ErrnoException
  return REASONS[code] ?? (code.startsWith('Z_') ? 'its compression is damaged' : error.message)
}

const withoutQuery = (address: string): string => address.replace(/[?#].*$/, '')
