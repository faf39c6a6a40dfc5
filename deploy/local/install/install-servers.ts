import { createHash } from 'node:crypto'
import { basename, join } from 'node:path'
import { runTogether } from '../process/run-together.ts'
import type { InstallOptions } from './cache-folder.ts'
import { installDebianRoot } from './install-debian-root.ts'
import { installKafka, installRegistry } from './install-java-servers.ts'
import { installPythonEnvironment } from './install-python-environment.ts'

/** Where the servers' programs are. */
export interface ServerFolders {
  readonly debianRoot: string
  readonly kafka: string
  readonly registry: string
  readonly mlflow: string
}

/** Installs the programs of all servers that are not there yet, at the same time. */
export async function installServers(options: InstallOptions): Promise<ServerFolders> {
  const requirementsFile = join(import.meta.dirname, '..', 'mlflow', 'requirements.lock')
  const { onProgress } = options
  const [debianRoot, [kafka, registry], mlflow] = await runTogether<[string, [string, string], string]>(
    options.signal,
    [
      (signal) => installDebianRoot({ onProgress, signal }),
      // One after the other: two runs of Maven may spoil each other's downloads into the same local repository.
      async (signal) => [
        await installKafka({ onProgress, signal }),
        await installRegistry({ onProgress, signal }),
      ],
      (signal) => installPythonEnvironment({ name: 'mlflow', requirementsFile, onProgress, signal }),
    ],
  )
  return { debianRoot, kafka, registry, mlflow }
}

/** Changes with whatever a home's content depends on; the number is for changes of this project's own making. */
export function templateKey(folders: ServerFolders): string {
  const madeOf = ['2', ...Object.values(folders).map((folder) => basename(folder))]
  return createHash('sha256').update(madeOf.join('\n')).digest('hex').slice(0, 12)
}
