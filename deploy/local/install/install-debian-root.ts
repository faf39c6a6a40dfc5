import { mkdir, readdir, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { versions } from '../versions.ts'
import { type InstallOptions, installOnce } from './cache-folder.ts'
import { debootstrap, requirePrograms, requireRoot } from './prerequisites.ts'

/**
 * Servers run as this user. The id is one that distributions do not give out, so that no user of the host owns the
 * servers' data by accident, and below 65536, where the ids of a container usually end.
 */
export const serverUser = { name: 'velocast', id: 61_432 } as const

/** Counts changes of what is done here with the same packages. */
const revision = 1

/** A Debian root folder with PostgreSQL, TimescaleDB and a Java runtime. debootstrap checks Debian's signatures. */
export async function installDebianRoot(options: InstallOptions): Promise<string> {
  const { debianSuite, postgres, java } = versions
  const packages = [
    `postgresql-${postgres}`,
    `postgresql-${postgres}-timescaledb`,
    `openjdk-${java}-jre-headless`,
  ]
  return installOnce(
    `debian-${debianSuite}-postgresql-${postgres}-java-${java}-${revision}`,
    'debian root',
    async ({ partial: root, working, run }) => {
      await requireRoot()
      await requirePrograms([debootstrap], options)
      working(`Debian ${debianSuite} with ${packages.join(', ')}`)
      const include = `--include=${packages.join(',')}`
      // debootstrap mounts /proc inside the new root; a namespace of its own takes that mount away however it ends.
      const bootstrap = ['--mount', 'debootstrap', '--variant=minbase', include, debianSuite, root]
      await run('unshare', bootstrap, { name: 'debootstrap', onLine: reportStages(working) })

      const { name, id } = serverUser
      await run('chroot', [root, 'groupadd', `--gid=${id}`, name])
      const account = [`--uid=${id}`, `--gid=${id}`, '--no-create-home', '--shell=/usr/sbin/nologin', name]
      await run('chroot', [root, 'useradd', ...account])
      for (const place of ['home', 'app', 'classes']) await mkdir(join(root, 'srv', place))
      // The packages' archives, and the cluster that Debian makes and that nobody here uses: 200 MB.
      for (const folder of ['var/cache/apt/archives', 'var/lib/postgresql']) await empty(join(root, folder))
    },
    options,
  )
}

export const postgresPrograms = join('/usr/lib/postgresql', versions.postgres, 'bin')

async function empty(folder: string): Promise<void> {
  const entries = await readdir(folder)
  await Promise.all(entries.map((entry) => rm(join(folder, entry), { recursive: true })))
}

function reportStages(working: (detail: string) => void): (line: string) => void {
  let said = ''
  return (line) => {
    const stage = ['Retrieving', 'Extracting', 'Unpacking', 'Configuring'].find((word) => line.includes(word))
    if (stage === undefined || stage === said) return
    said = stage
    working(`${stage.toLowerCase()} packages`)
  }
}
