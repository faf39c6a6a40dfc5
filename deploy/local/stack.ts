import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { createHome, installHomeTemplate } from './home-template.ts'
import { installServers } from './install/install-stack.ts'
import { portsOf, portVariables, type StackPorts } from './ports.ts'
import { withFileLock } from './process/file-lock.ts'
import { findPortHolder } from './process/port-holder.ts'
import { findRunning } from './process/server-process.ts'
import { bringDown, bringUp, type RunOptions } from './run-server.ts'
import { type Credentials, type Server, type ServerContext, type ServerName, serverNames } from './server.ts'
import { kafka } from './servers/kafka.ts'
import { mlflow } from './servers/mlflow.ts'
import { postgres } from './servers/postgres.ts'
import { registry, registryPath } from './servers/registry.ts'
import { type HomeFolders, homeFolders, readCredentials } from './stack-home.ts'

const servers: Readonly<Record<ServerName, Server>> = { postgres, kafka, registry, mlflow }

export interface StackAddresses {
  /** `host:port` of each broker. */
  readonly kafkaBrokers: readonly string[]
  /** With the path of the Confluent-compatible API. */
  readonly schemaRegistryUrl: string
  /** Holds the password of this home's role `velocast`. */
  readonly databaseUrl: string
  readonly mlflowUrl: string
}

export interface StartStackOptions extends RunOptions {
  readonly home: string
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

/** Installs the servers, and what makes a first start quick. Does nothing where all is there; goes on where it was interrupted. */
export async function installStack(options: RunOptions = {}): Promise<void> {
  await installHomeTemplate(await installServers(options), options)
}

/**
 * Brings the servers up, at the same time where they do not need each other, and returns when all do their work. Installs
 * them first if need be. What runs already is left alone. The servers go on running when the caller ends.
 * Throws when a port is taken, before anything is started.
 */
export async function startStack({
  home: path,
  ports,
  servers: wanted = serverNames,
  ...options
}: StartStackOptions): Promise<StackAddresses> {
  const home = homeFolders(path)
  const installed = await installServers(options)
  const template = await installHomeTemplate(installed, options)
  const names = withDependencies(wanted)

  return withFileLock(home.lock, options, async () => {
    await refuseOtherPorts(home, ports)
    await refuseTakenPorts(home, ports, names)
    const credentials =
      (await readCredentials(home)) ?? (await createHome(home, template, installed, options.signal))
    await writeFile(portsFile(home), JSON.stringify(ports))
    await bringUpAll(names, { home, ports, installed, credentials }, options)
    return addressesOf(ports, credentials)
  })
}

/** Stops what runs in a home, clients of the database before the database. */
export async function stopStack({
  home: path,
  ...options
}: { readonly home: string } & RunOptions): Promise<void> {
  const home = homeFolders(path)
  await withFileLock(home.lock, options, async () => {
    await Promise.all([kafka, registry, mlflow].map((server) => bringDown(server, home, { onProgress: options.onProgress })))
    await bringDown(postgres, home, { onProgress: options.onProgress })
  })
}

/** Starts one server of a home that `startStack` has made, on the ports it had there. */
export async function startServer({
  home: path,
  server,
  ...options
}: { readonly home: string; readonly server: ServerName } & RunOptions): Promise<void> {
  const home = homeFolders(path)
  const [ports, credentials] = await Promise.all([readPorts(home), readCredentials(home)])
  if (ports === undefined || credentials === undefined) {
    throw new Error(`${home.path} holds no stack: start it as a whole first (velocast stack up)`)
  }
  const installed = await installServers(options)
  await withFileLock(home.lock, options, () =>
    bringUp(servers[server], { home, ports, installed, credentials }, options),
  )
}

/** Stops one server, orderly or (`SIGKILL`) as a power cut would: with all its processes, and no chance to tidy up. */
export async function stopServer({
  home: path,
  server,
  signal = 'SIGTERM',
}: {
  readonly home: string
  readonly server: ServerName
  readonly signal?: 'SIGTERM' | 'SIGKILL'
}): Promise<void> {
  const home = homeFolders(path)
  await withFileLock(home.lock, {}, () => bringDown(servers[server], home, { by: signal }))
}

export async function stackStatus({ home: path }: { readonly home: string }): Promise<{
  readonly servers: readonly ServerStatus[]
  /** Undefined when the home has never been started. */
  readonly addresses: StackAddresses | undefined
}> {
  const home = homeFolders(path)
  const [ports, credentials] = await Promise.all([readPorts(home), readCredentials(home)])
  const statuses = await Promise.all(
    serverNames.map(async (server): Promise<ServerStatus> => {
      const running = await findRunning(home.recordOf(server))
      return {
        server,
        isRunning: running !== undefined,
        pid: running?.pid,
        port: running?.port,
        log: home.logOf(server),
      }
    }),
  )
  return {
    servers: statuses,
    addresses: ports === undefined || credentials === undefined ? undefined : addressesOf(ports, credentials),
  }
}

/** The variables by which every service finds the servers. */
export function stackEnvironment(addresses: StackAddresses): Record<string, string> {
  return {
    KAFKA_BROKERS: addresses.kafkaBrokers.join(','),
    SCHEMA_REGISTRY_URL: addresses.schemaRegistryUrl,
    DATABASE_URL: addresses.databaseUrl,
    MLFLOW_TRACKING_URI: addresses.mlflowUrl,
  }
}

function addressesOf(ports: StackPorts, credentials: Credentials): StackAddresses {
  return {
    kafkaBrokers: [`127.0.0.1:${ports.kafka}`],
    schemaRegistryUrl: `http://127.0.0.1:${ports.registry}${registryPath}`,
    databaseUrl: `postgresql://velocast:${credentials.velocast}@127.0.0.1:${ports.postgres}/velocast`,
    mlflowUrl: `http://127.0.0.1:${ports.mlflow}`,
  }
}

function withDependencies(wanted: readonly ServerName[]): readonly ServerName[] {
  const needed = new Set(wanted.flatMap((name) => [name, ...servers[name].after]))
  return serverNames.filter((name) => needed.has(name))
}

async function bringUpAll(
  names: readonly ServerName[],
  context: ServerContext,
  options: RunOptions,
): Promise<void> {
  const started = new Map<ServerName, Promise<void>>()
  for (const name of names) {
    const needed = servers[name].after.map((other) => started.get(other))
    started.set(
      name,
      Promise.all(needed).then(() => bringUp(servers[name], context, options)),
    )
  }
  await Promise.all(started.values())
}

const portsFile = (home: HomeFolders) => join(home.path, 'ports.json')

async function readPorts(home: HomeFolders): Promise<StackPorts | undefined> {
  try {
    return JSON.parse(await readFile(portsFile(home), 'utf8'))
  } catch {
    return undefined
  }
}

/** Servers hold each other's ports in their configuration, so a stack moves as a whole or not at all. */
async function refuseOtherPorts(home: HomeFolders, ports: StackPorts): Promise<void> {
  const before = await readPorts(home)
  if (before === undefined || JSON.stringify(before) === JSON.stringify(ports)) return
  const running = await Promise.all(serverNames.map((name) => findRunning(home.recordOf(name))))
  if (running.some((record) => record !== undefined)) {
    throw new Error(
      `The stack in ${home.path} runs on other ports (${JSON.stringify(before)}): stop it first`,
    )
  }
}

async function refuseTakenPorts(
  home: HomeFolders,
  ports: StackPorts,
  names: readonly ServerName[],
): Promise<void> {
  const taken: string[] = []
  for (const name of names) {
    if ((await findRunning(home.recordOf(name))) !== undefined) continue
    for (const port of portsOf(name)) {
      const holder = await findPortHolder(ports[port])
      if (holder === undefined) continue
      const who = holder.pid === undefined ? holder.program : `process ${holder.pid} (${holder.program})`
      taken.push(
        `port ${ports[port]} (${port}) is held by ${who}: stop it, or set ${portVariables[port]} to a free port`,
      )
    }
  }
  if (taken.length > 0) {
    throw new Error(
      `The stack cannot start:\n  ${taken.join('\n  ')}\nVELOCAST_PORT_OFFSET moves all ports at once.`,
    )
  }
}
