import type { ServerFolders } from './install/install-servers.ts'
import type { StackPorts } from './ports.ts'
import type { HomeFolders } from './stack-home.ts'

export type ServerName = 'postgres' | 'kafka' | 'registry' | 'mlflow'
export const serverNames: readonly ServerName[] = ['postgres', 'kafka', 'registry', 'mlflow']

/** One role and one database a client of PostgreSQL, each with a password of its own. */
export interface Credentials {
  readonly velocast: string
  readonly registry: string
  readonly mlflow: string
}

/** Where the Java servers find, or while the home template is made write, the archives of their classes. */
export interface ClassArchives {
  readonly folder: string
  readonly areRecorded: boolean
}

/** All that a server needs to know of where it runs. */
export interface ServerContext {
  readonly home: HomeFolders
  readonly ports: StackPorts
  readonly installed: ServerFolders
  readonly classArchives: ClassArchives
  readonly credentials: Credentials
}

/** A process to start: arguments as they are (no shell), and what its environment holds beside the caller's. */
export interface Launch {
  readonly command: string
  readonly args: readonly string[]
  readonly env: Readonly<Record<string, string>>
  readonly cwd: string
}

export interface Server {
  readonly name: ServerName
  /** Servers that must be ready before this one is started. */
  readonly after: readonly ServerName[]
  /** What asks this server for an orderly end; PostgreSQL calls SIGTERM something else. */
  readonly stopSignal: NodeJS.Signals
  /** Writes what must be there before the process starts. */
  prepare(context: ServerContext): Promise<void>
  launch(context: ServerContext): Launch
  /** True as soon as the server does its work, not merely holds its port. Throws or returns false until then. */
  isReady(context: ServerContext, signal: AbortSignal): Promise<boolean>
}
