import { randomBytes } from 'node:crypto'
import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import type { StackPorts } from './ports.ts'
import type { Credentials, ServerName } from './server.ts'

/** Where one stack keeps all that is its own. Deleting it, stopped, is a fresh start. */
export interface HomeFolders {
  readonly path: string
  readonly lock: string
  readonly credentials: string
  /** The ports of its last start. */
  readonly ports: string
  /** A server's own folder: all that it writes. */
  readonly folderOf: (server: ServerName) => string
  readonly logOf: (server: ServerName) => string
  readonly recordOf: (server: ServerName) => string
}

export function homeFolders(home: string): HomeFolders {
  const path = resolve(home)
  return {
    path,
    // Beside the folder, not in it: it must outlive a home that is deleted while someone waits for the lock.
    lock: `${path}.lock`,
    credentials: join(path, 'credentials.json'),
    ports: join(path, 'ports.json'),
    folderOf: (server) => join(path, server),
    logOf: (server) => join(path, 'logs', `${server}.log`),
    recordOf: (server) => join(path, 'run', `${server}.json`),
  }
}

/** `.velocast/stack` of this checkout. */
export const defaultHome = resolve(import.meta.dirname, '..', '..', '.velocast', 'stack')

/** Undefined when the home has none yet. */
export async function readCredentials(home: HomeFolders): Promise<Credentials | undefined> {
  return readJson(home.credentials)
}

export function newCredentials(): Credentials {
  const password = () => randomBytes(18).toString('base64url')
  return { velocast: password(), registry: password(), mlflow: password() }
}

export async function writeCredentials(home: HomeFolders, credentials: Credentials): Promise<void> {
  await mkdir(home.path, { recursive: true })
  await writeFile(home.credentials, JSON.stringify(credentials), { mode: 0o600 })
}

export async function readPorts(home: HomeFolders): Promise<StackPorts | undefined> {
  return readJson(home.ports)
}

export async function writePorts(home: HomeFolders, ports: StackPorts): Promise<void> {
  await writeFile(home.ports, JSON.stringify(ports))
}

async function readJson<Content>(path: string): Promise<Content | undefined> {
  try {
    return JSON.parse(await readFile(path, 'utf8'))
  } catch {
    return undefined
  }
}
