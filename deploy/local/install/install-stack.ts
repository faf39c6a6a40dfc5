import { createHash } from 'node:crypto'
import { basename, join } from 'node:path'
import type { InstallOptions } from './cache-folder.ts'
import { installDebianRoot } from './install-debian-root.ts'
import { installKafka, installRegistry } from './install-java-servers.ts'
import { installPythonEnvironment } from './install-python-environment.ts'

/** Where the servers' programs are. */
export interface StackFolders {
  readonly debianRoot: string
  readonly kafka: string
  readonly registry: string
  readonly mlflow: string
}

/** Installs the programs of all servers that are not there yet, at the same time. */
export async function installServers(options: InstallOptions): Promise<StackFolders> {
  const requirementsFile = join(import.meta.dirname, '..', 'mlflow', 'requirements.lock')
  const [debianRoot, [kafka, registry], mlflow] = await Promise.all([
    installDebianRoot(options),
    // One after the other: two runs of Maven may spoil each other's downloads into the same local repository.
    (async () => [await installKafka(options), await installRegistry(options)] as const)(),
    installPythonEnvironment({ name: 'mlflow', requirementsFile, ...options }),
  ])
  return { debianRoot, kafka, registry, mlflow }
}

/** Changes with whatever a home's content depends on; the number is for changes of this project's own making. */
export function templateKey(folders: StackFolders): string {
  const madeOf = ['1', ...Object.values(folders).map((folder) => basename(folder))]
  return createHash('sha256').update(madeOf.join('\n')).digest('hex').slice(0, 12)
}
