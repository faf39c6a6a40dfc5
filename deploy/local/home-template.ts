import { chown, mkdir, rm } from 'node:fs/promises'
import { createServer } from 'node:net'
import { join } from 'node:path'
import { type InstallOptions, installOnce } from './install/cache-folder.ts'
import { serverUser } from './install/install-debian-root.ts'
import { type ServerFolders, templateKey } from './install/install-servers.ts'
import { portNames, type StackPorts } from './ports.ts'
import { runCommand } from './process/run-command.ts'
import { runTogether } from './process/run-together.ts'
import { bringDown, bringUp } from './run-server.ts'
import { type Credentials, type ServerContext, serverNames } from './server.ts'
import { formatStorage, kafka } from './servers/kafka.ts'
import { mlflow } from './servers/mlflow.ts'
import { createCluster, postgres, setPasswords } from './servers/postgres.ts'
import { registry } from './servers/registry.ts'
import { type HomeFolders, homeFolders, newCredentials, writeCredentials } from './stack-home.ts'

/**
 * A home whose servers have run once: databases made, their schemas migrated, Kafka's storage formatted, the classes of
 * the Java servers archived. A new home is a copy of it, which takes a second instead of half a minute.
 */
export async function installHomeTemplate(
  installed: ServerFolders,
  options: InstallOptions,
): Promise<string> {
  return installOnce(
    `home-template-${templateKey(installed)}`,
    'home template',
    async ({ partial, working }) => {
      working('making databases')
      const context = await createFirstHome(homeFolders(partial), installed, options.signal)
      working('starting every server once, which migrates the databases')
      await runOnce(context, options.signal)
      await Promise.all(
        ['logs', 'run'].map((folder) => rm(join(partial, folder), { recursive: true, force: true })),
      )
    },
    options,
  )
}

/** The one part of the template that homes do not copy but share. */
export const classArchiveFolder = (template: string) => join(template, 'classes')

/** Fills a home from the template and gives it passwords of its own. Written last, they mark it as complete. */
export async function createHome(
  home: HomeFolders,
  { installed, homeTemplate }: { readonly installed: ServerFolders; readonly homeTemplate: string },
  signal?: AbortSignal,
): Promise<Credentials> {
  await rm(home.path, { recursive: true, force: true })
  await mkdir(home.path, { recursive: true })
  const folders = serverNames.map((server) => homeFolders(homeTemplate).folderOf(server))
  await runCommand('cp', ['--archive', '--reflink=auto', ...folders, home.path], { signal })
  const credentials = newCredentials()
  await setPasswords(installed.debianRoot, home.folderOf('postgres'), credentials, signal)
  await writeCredentials(home, credentials)
  return credentials
}

async function createFirstHome(
  home: HomeFolders,
  installed: ServerFolders,
  signal: AbortSignal | undefined,
): Promise<ServerContext> {
  const classes = classArchiveFolder(home.path)
  const [postgresFolder, kafkaFolder] = [home.folderOf('postgres'), home.folderOf('kafka')]
  for (const folder of [classes, postgresFolder, kafkaFolder]) await mkdir(folder, { recursive: true })
  await chown(classes, serverUser.id, serverUser.id)

  const [ports, credentials] = [await findFreePorts(), newCredentials()]
  await runTogether(signal, [
    (together) => createCluster(installed.debianRoot, postgresFolder, together),
    (together) => formatStorage(installed, kafkaFolder, ports, together),
  ])
  await setPasswords(installed.debianRoot, postgresFolder, credentials, signal)
  return { home, installed, ports, credentials, classArchives: { folder: classes, areRecorded: false } }
}

async function runOnce(context: ServerContext, signal: AbortSignal | undefined): Promise<void> {
  const clients = [kafka, registry, mlflow]
  try {
    await bringUp(postgres, context, { signal })
    await runTogether(
      signal,
      clients.map((server) => (together: AbortSignal) => bringUp(server, context, { signal: together })),
    )
  } finally {
    await Promise.all(clients.map((server) => bringDown(server, context.home)))
    await bringDown(postgres, context.home)
  }
}

/** Ports that nobody listens on at this moment. */
async function findFreePorts(): Promise<StackPorts> {
  const listeners = await Promise.all(
    portNames.map(async (name) => {
      const listener = createServer()
      await new Promise<void>((resolve, reject) => {
        listener.once('error', reject).listen(0, '127.0.0.1', resolve)
      })
      return { name, listener, port: (listener.address() as { port: number }).port }
    }),
  )
  await Promise.all(listeners.map(({ listener }) => new Promise((resolve) => listener.close(resolve))))
  return Object.fromEntries(listeners.map(({ name, port }) => [name, port])) as StackPorts
}
