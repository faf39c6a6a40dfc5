import { classArchiveFolder, createHome, installHomeTemplate } from './home-template.ts'
import { installServers, type ServerFolders } from './install/install-servers.ts'
import { requireRoot } from './install/prerequisites.ts'
import type { StackPorts } from './ports.ts'
import { withFileLock } from './process/file-lock.ts'
import { runTogether } from './process/run-together.ts'
import { findRunning } from './process/server-process.ts'
import { refuseOtherPorts, refuseTakenPorts } from './refuse-ports.ts'
import { bringDown, bringUp, killStrays, type RunOptions } from './run-server.ts'
import { type Credentials, type Server, type ServerContext, type ServerName, serverNames } from './server.ts'
import { kafka } from './servers/kafka.ts'
import { mlflow } from './servers/mlflow.ts'
import { postgres } from './servers/postgres.ts'
import { registry } from './servers/registry.ts'
import { addressesOf, type StackAddresses } from './stack-addresses.ts'
import { type HomeFolders, homeFolders, readCredentials, readPorts, writePorts } from './stack-home.ts'

const servers: Readonly<Record<ServerName, Server>> = { postgres, kafka, registry, mlflow }

export interface HomeOptions extends RunOptions {
  /** The folder that holds one stack's data, logs and process records. */
  readonly home: string
}

export interface StartStackOptions extends HomeOptions {
  readonly ports: StackPorts
  /** All of them when left out; what they need is started too. */
  readonly servers?: readonly ServerName[]
}

export interface ServerStatus {
  readonly server: ServerName
  readonly isRunning: boolean
  readonly pid: number | undefined
  readonly port: number | undefined
  readonly log: string
}

/** Installs all that a stack needs. Does nothing where it is there already; goes on where it was interrupted. */
export async function installStack(options: RunOptions = {}): Promise<void> {
  await install(options)
}

/**
 * Brings the servers up, at the same time where they do not need each other, and returns when all do their work. Installs
 * them first if need be. What runs already is left alone. The servers go on running when the caller ends.
 * Throws when the caller is not root or a port is taken, before anything is installed or started.
 */
export async function startStack(options: StartStackOptions): Promise<StackAddresses> {
  const { ports, servers: wanted = serverNames, onProgress, signal } = options
  const home = homeFolders(options.home)
  const names = serverNames.filter((name) =>
    wanted.some((other) => other === name || servers[other].after.includes(name)),
  )
  const clearPorts = async (): Promise<void> => {
    await refuseOtherPorts(home, ports)
    await killStrays(home, onProgress)
    await refuseTakenPorts(home, ports, names)
  }
  // Both said at once: to install takes minutes, in which a port may be taken that is free now.
  await requireRoot()
  await withFileLock(home.lock, { signal }, clearPorts)
  const installation = await install({ onProgress, signal })

  return withFileLock(home.lock, { signal }, async () => {
    await clearPorts()
    const credentials = (await readCredentials(home)) ?? (await createHome(home, installation, signal))
    await writePorts(home, ports)
    await bringUpAll(names, contextOf(home, ports, credentials, installation), { onProgress, signal })
    return addressesOf(ports, credentials)
  })
}

/** Stops what runs in a home, clients of the database before the database. */
export async function stopStack({ home: path, onProgress, signal }: HomeOptions): Promise<void> {
  const home = homeFolders(path)
  await withFileLock(home.lock, { signal }, async () => {
    await Promise.all([kafka, registry, mlflow].map((server) => bringDown(server, home, { onProgress })))
    await bringDown(postgres, home, { onProgress })
    await killStrays(home, onProgress)
  })
}

/** Starts one server of a home that `startStack` has made, on the port it had there, and waits until it is ready. */
export async function startServer(options: HomeOptions & { readonly server: ServerName }): Promise<void> {
  const { server, onProgress, signal } = options
  const home = homeFolders(options.home)
  const [ports, credentials] = await Promise.all([readPorts(home), readCredentials(home)])
  if (ports === undefined || credentials === undefined) {
    throw new Error(`${home.path} holds no stack: start it as a whole first (velocast stack up)`)
  }
  const context = contextOf(home, ports, credentials, await install({ onProgress, signal }))
  await withFileLock(home.lock, { signal }, () => bringUp(servers[server], context, { onProgress, signal }))
}

/** Stops one server, orderly or (`SIGKILL`) as a power cut would: with all its processes, and no chance to tidy up. */
export async function stopServer(options: {
  readonly home: string
  readonly server: ServerName
  readonly signal?: 'SIGTERM' | 'SIGKILL'
}): Promise<void> {
  const home = homeFolders(options.home)
  const by = options.signal ?? 'SIGTERM'
  await withFileLock(home.lock, {}, () => bringDown(servers[options.server], home, { by }))
}

export interface StackStatus {
  readonly servers: readonly ServerStatus[]
  /** Undefined when the home has never been started. */
  readonly addresses: StackAddresses | undefined
}

export async function stackStatus({ home: path }: { readonly home: string }): Promise<StackStatus> {
  const home = homeFolders(path)
  const [ports, credentials] = await Promise.all([readPorts(home), readCredentials(home)])
  const statuses = serverNames.map(async (server): Promise<ServerStatus> => {
    const running = await findRunning(home.recordOf(server))
    return {
      server,
      isRunning: running !== undefined,
      pid: running?.pid,
      port: running?.port,
      log: home.logOf(server),
    }
  })
  return {
    servers: await Promise.all(statuses),
    addresses: ports === undefined || credentials === undefined ? undefined : addressesOf(ports, credentials),
  }
}

interface Installation {
  readonly installed: ServerFolders
  readonly homeTemplate: string
}

async function install(options: RunOptions): Promise<Installation> {
  await requireRoot()
  const installed = await installServers(options)
  return { installed, homeTemplate: await installHomeTemplate(installed, options) }
}

function contextOf(
  home: HomeFolders,
  ports: StackPorts,
  credentials: Credentials,
  installation: Installation,
): ServerContext {
  const { installed, homeTemplate } = installation
  const classArchives = { folder: classArchiveFolder(homeTemplate), areRecorded: true }
  return { home, ports, credentials, installed, classArchives }
}

async function bringUpAll(
  names: readonly ServerName[],
  context: ServerContext,
  options: RunOptions,
): Promise<void> {
  const started = new Map<ServerName, Promise<void>>()
  await runTogether(
    options.signal,
    names.map((name) => (signal: AbortSignal) => {
      const start = async () => {
        await Promise.all(servers[name].after.map((needed) => started.get(needed)))
        await bringUp(servers[name], context, { ...options, signal })
      }
      const starting = start()
      started.set(name, starting)
      return starting
    }),
  )
}
