import { chown, mkdir } from 'node:fs/promises'
import { serverUser } from '../install/install-debian-root.ts'
import { inDebianRoot } from '../process/debian-root.ts'
import type { Server } from '../server.ts'
import { useClassArchive } from './class-archive.ts'

/** The Confluent-compatible API, which is what clients call the registry's address. */
export const registryPath = '/apis/ccompat/v7'

export const registry: Server = {
  name: 'registry',
  after: ['postgres'],
  stopSignal: 'SIGTERM',
  async prepare({ home }) {
    await mkdir(home.folderOf('registry'), { recursive: true })
    await chown(home.folderOf('registry'), serverUser.id, serverUser.id)
  },
  launch({ home, ports, installed, credentials, classArchives }) {
    const { flags, folder } = useClassArchive('registry', classArchives)
    // It serves a few requests a minute: code compiled better would cost 2 s more of the processor at every start.
    const java = ['java', ...flags, '-XX:TieredStopAtLevel=1', '-XX:+UseSerialGC', '-Xmx256m']
    return inDebianRoot({
      root: installed.debianRoot,
      folders: [
        { from: home.folderOf('registry'), at: '/srv/home', isWritable: true },
        { from: installed.registry, at: '/srv/app' },
        folder,
      ],
      command: [...java, '-jar', '/srv/app/quarkus-run.jar'],
      env: {
        QUARKUS_HTTP_HOST: '127.0.0.1',
        QUARKUS_HTTP_PORT: `${ports.registry}`,
        QUARKUS_HTTP_ACCESS_LOG_ENABLED: 'false',
        // The management interface cannot be left out of the finished application, and would listen on every address.
        QUARKUS_MANAGEMENT_HOST: '127.0.0.1',
        QUARKUS_MANAGEMENT_PORT: '0',
        APICURIO_STORAGE_KIND: 'sql',
        APICURIO_STORAGE_SQL_KIND: 'postgresql',
        APICURIO_DATASOURCE_URL: `jdbc:postgresql://127.0.0.1:${ports.postgres}/registry`,
        APICURIO_DATASOURCE_USERNAME: 'registry',
        APICURIO_DATASOURCE_PASSWORD: credentials.registry,
      },
    })
  },
  async isReady({ ports }, signal) {
    const response = await fetch(`http://127.0.0.1:${ports.registry}${registryPath}/subjects`, { signal })
    return response.ok && Array.isArray(await response.json())
  },
}
