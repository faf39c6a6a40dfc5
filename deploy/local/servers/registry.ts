import { chown, mkdir } from 'node:fs/promises'
import { serverUser } from '../install/install-debian-root.ts'
import { inDebianRoot, rootApp, rootEnvironment } from '../process/debian-root.ts'
import type { Server } from '../server.ts'

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
  launch({ home, ports, installed, credentials }) {
    const command = ['java', '-Xmx256m', '-XX:+UseSerialGC', '-jar', `${rootApp}/quarkus-run.jar`]
    return {
      ...inDebianRoot({
        root: installed.debianRoot,
        home: home.folderOf('registry'),
        app: installed.registry,
        command,
      }),
      env: {
        ...rootEnvironment,
        QUARKUS_HTTP_HOST: '127.0.0.1',
        QUARKUS_HTTP_PORT: `${ports.registry}`,
        APICURIO_STORAGE_KIND: 'sql',
        APICURIO_STORAGE_SQL_KIND: 'postgresql',
        APICURIO_DATASOURCE_URL: `jdbc:postgresql://127.0.0.1:${ports.postgres}/registry`,
        APICURIO_DATASOURCE_USERNAME: 'registry',
        APICURIO_DATASOURCE_PASSWORD: credentials.registry,
      },
      cwd: '/',
    }
  },
  async isReady({ ports }, signal) {
    const response = await fetch(`http://127.0.0.1:${ports.registry}${registryPath}/subjects`, { signal })
    return response.ok && Array.isArray(await response.json())
  },
}
