import { mkdir, rm } from 'node:fs/promises'
import { createServer } from 'node:net'
import { join } from 'node:path'
import { type InstallOptions, installOnce } from './install/cache-folder.ts'
import { type StackFolders, templateKey } from './install/install-stack.ts'
import { portNames, type StackPorts } from './ports.ts'
import { runCommand } from './process/run-command.ts'
import { bringDown, bringUp } from './run-server.ts'
import type { ServerContext } from './server.ts'
import { formatStorage, kafka } from './servers/kafka.ts'
import { mlflow } from './servers/mlflow.ts'
import { createCluster, postgres, setPasswords } from './servers/postgres.ts'
import { registry } from './servers/registry.ts'
import { type HomeFolders, homeFolders, newCredentials, writeCredentials } from './stack-home.ts'

/**
 * A home whose servers have run once: databases made, their schemas migrated, Kafka's storage formatted. A new home is a
 * copy of it, which takes a second instead of half a minute.
 */
export async function installHomeTemplate(installed: StackFolders, options: InstallOptions): Promise<string> {
  return installOnce(
    `home-template-${templateKey(installed)}`,
    'home template',
    async (partial, _final, working) => {
      const { signal } = options
      const home = homeFolders(partial)
      const context: ServerContext = {
        home,
        installed,
        ports: await findFreePorts(),
        credentials: newCredentials(),
      }
      const folders = (['postgres', 'kafka'] as const).map(home.folderOf)
      await Promise.all(folders.map((folder) => mkdir(folder, { recursive: true })))

      const [postgresFolder, kafkaFolder] = [home.folderOf('postgres'), home.folderOf('kafka')]
      working('making databases')
      await Promise.all([
        createCluster(installed.debianRoot, postgresFolder, signal),
        formatStorage(installed, kafkaFolder, context.ports, signal),
      ])
      await setPasswords(installed.debianRoot, postgresFolder, context.credentials, signal)
      try {
        await bringUp(postgres, context, { signal })
        working('migrating the databases of MLflow and the registry')
        await Promise.all([kafka, registry, mlflow].map((server) => bringUp(server, context, { signal })))
      } finally {
        await Promise.all([kafka, registry, mlflow].map((server) => bringDown(server, home)))
        await bringDown(postgres, home)
      }
      await Promise.all(
        ['logs', 'run'].map((folder) => rm(join(partial, folder), { recursive: true, force: true })),
      )
    },
    options,
  )
}

/** Fills an empty home from the template and gives it passwords of its own. Written last, they mark it as complete. */
export async function createHome(
  home: HomeFolders,
  template: string,
  installed: StackFolders,
  signal?: AbortSignal,
): Promise<ServerContext['credentials']> {
  await rm(home.path, { recursive: true, force: true })
  await mkdir(home.path, { recursive: true })
  await runCommand('cp', ['--archive', '--reflink=auto', `${template}/.`, home.path], { signal })
  const credentials = newCredentials()
  await setPasswords(installed.debianRoot, home.folderOf('postgres'), credentials, signal)
  await writeCredentials(home, credentials)
  return credentials
}

/** Ports that nobody listens on at this moment. */
async function findFreePorts(): Promise<StackPorts> {
  const listeners = await Promise.all(
    portNames.map(async (name) => {
      const listener = createServer()
      await new Promise<void>((resolve, reject) =>
        listener.once('error', reject).listen(0, '127.0.0.1', resolve),
      )
      return { name, listener, port: (listener.address() as { port: number }).port }
    }),
  )
  await Promise.all(listeners.map(({ listener }) => new Promise((resolve) => listener.close(resolve))))
  return Object.fromEntries(listeners.map(({ name, port }) => [name, port])) as StackPorts
}
