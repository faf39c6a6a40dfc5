import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import { versions } from '../versions.ts'
import { type InstallOptions, installOnce } from './cache-folder.ts'
import { maven, requirePrograms } from './prerequisites.ts'

const dependencyPlugin = 'org.apache.maven.plugins:maven-dependency-plugin:3.8.1'
/** Refuse an artifact whose checksum is not the published one: Maven only warns by default. */
const mavenFlags = ['--batch-mode', '--no-transfer-progress', '--strict-checksums']

/** The broker's class path, one folder of jars. */
export async function installKafka(options: InstallOptions): Promise<string> {
  return installOnce(
    `kafka-${versions.kafka}`,
    'kafka',
    async ({ partial, run }) => {
      await requirePrograms([maven], options)
      const pom = join(import.meta.dirname, '..', 'maven', 'pom.xml')
      const project = [`--file=${pom}`, `-Dkafka.version=${versions.kafka}`]
      const copy = [
        `${dependencyPlugin}:copy-dependencies`,
        '-DincludeScope=runtime',
        `-DoutputDirectory=${partial}`,
      ]
      await run('mvn', [...mavenFlags, ...project, ...copy])
    },
    options,
  )
}

/** Apicurio Registry, unpacked: a Quarkus application with every storage in it. */
export async function installRegistry(options: InstallOptions): Promise<string> {
  return installOnce(
    `registry-${versions.registry}`,
    'registry',
    async ({ partial, run }) => {
      await requirePrograms([maven], options)
      const artifact = `io.apicurio:apicurio-registry-app:${versions.registry}:tar.gz:all`
      const copy = [`${dependencyPlugin}:copy`, `-Dartifact=${artifact}`, `-DoutputDirectory=${partial}`]
      await run('mvn', [...mavenFlags, ...copy], { cwd: partial })
      const archive = join(partial, `apicurio-registry-app-${versions.registry}-all.tar.gz`)
      await run('tar', [
        '--extract',
        '--gzip',
        '--no-same-owner',
        `--file=${archive}`,
        `--directory=${partial}`,
      ])
      await rm(archive)
    },
    options,
  )
}
