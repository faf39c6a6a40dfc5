import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { runCommand } from '../process/run-command.ts'
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
    async (partial) => {
      await requirePrograms([maven], options)
      const pom = join(import.meta.dirname, '..', 'maven', 'pom.xml')
      await runCommand(
        'mvn',
        [
          ...mavenFlags,
          `--file=${pom}`,
          `-Dkafka.version=${versions.kafka}`,
          `${dependencyPlugin}:copy-dependencies`,
          '-DincludeScope=runtime',
          `-DoutputDirectory=${partial}`,
        ],
        { signal: options.signal },
      )
    },
    options,
  )
}

/** Apicurio Registry, unpacked: a Quarkus application with every storage in it. */
export async function installRegistry(options: InstallOptions): Promise<string> {
  return installOnce(
    `registry-${versions.registry}`,
    'registry',
    async (partial) => {
      await requirePrograms([maven], options)
      const download = await mkdtemp(join(tmpdir(), 'velocast-registry-'))
      try {
        const artifact = `io.apicurio:apicurio-registry-app:${versions.registry}:tar.gz:all`
        await runCommand(
          'mvn',
          [
            ...mavenFlags,
            `${dependencyPlugin}:copy`,
            `-Dartifact=${artifact}`,
            `-DoutputDirectory=${download}`,
          ],
          { cwd: download, signal: options.signal },
        )
        const archive = join(download, `apicurio-registry-app-${versions.registry}-all.tar.gz`)
        await runCommand(
          'tar',
          ['--extract', '--gzip', '--no-same-owner', `--file=${archive}`, `--directory=${partial}`],
          {
            signal: options.signal,
          },
        )
      } finally {
        await rm(download, { recursive: true, force: true })
      }
    },
    options,
  )
}
