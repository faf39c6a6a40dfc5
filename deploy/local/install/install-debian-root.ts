import { join } from 'node:path'
import { runCommand } from '../process/run-command.ts'
import { versions } from '../versions.ts'
import { type InstallOptions, installOnce } from './cache-folder.ts'
import { debootstrap, requirePrograms, requireRoot } from './prerequisites.ts'

/**
 * Servers run as this user, which the host does not have: above all ids that distributions give out, and below those
 * that a container's user namespace usually maps.
 */
export const serverUser = { name: 'velocast', id: 61_432 } as const

/** A Debian root folder with PostgreSQL, TimescaleDB and a Java runtime. debootstrap checks Debian's signatures. */
export async function installDebianRoot(options: InstallOptions): Promise<string> {
  const { debianSuite, postgres, java } = versions
  return installOnce(
    `debian-${debianSuite}-postgresql-${postgres}-java-${java}-1`,
    'debian root',
    async (root, _final, working) => {
      await requireRoot()
      await requirePrograms([debootstrap], options)
      const packages = [
        `postgresql-${postgres}`,
        `postgresql-${postgres}-timescaledb`,
        `openjdk-${java}-jre-headless`,
      ]
      working(`Debian ${debianSuite} with ${packages.join(', ')}`)
      await runCommand(
        // debootstrap mounts /proc inside the new root; a namespace of its own takes that mount away however it ends.
        'unshare',
        ['--mount', 'debootstrap', '--variant=minbase', `--include=${packages.join(',')}`, debianSuite, root],
        { signal: options.signal, onLine: reportStages(working) },
      )
      const { name, id } = serverUser
      await runCommand('chroot', [root, 'groupadd', '--gid', `${id}`, name], { signal: options.signal })
      await runCommand(
        'chroot',
        [
          root,
          'useradd',
          '--uid',
          `${id}`,
          '--gid',
          `${id}`,
          '--no-create-home',
          '--shell',
          '/usr/sbin/nologin',
          name,
        ],
        { signal: options.signal },
      )
      await runCommand('sh', [
        '-c',
        `mkdir -p ${['home', 'app', 'classes'].map((folder) => `"$1/srv/${folder}"`).join(' ')}; rm -rf "$1"/var/cache/apt/archives/*.deb "$1"/var/lib/postgresql/*`,
        'sh',
        root,
      ])
    },
    options,
  )
}

export const postgresPrograms = join('/usr/lib/postgresql', versions.postgres, 'bin')

function reportStages(working: (detail: string) => void): (line: string) => void {
  let said = ''
  return (line) => {
    const stage = ['Retrieving', 'Extracting', 'Unpacking', 'Configuring'].find((word) => line.includes(word))
    if (stage === undefined || stage === said) return
    said = stage
    working(`${stage.toLowerCase()} packages`)
  }
}
