import { access, constants, readFile } from 'node:fs/promises'
import { delimiter, join } from 'node:path'
import { withFileLock } from '../process/file-lock.ts'
import { runCommand } from '../process/run-command.ts'
import { reportOn } from '../progress.ts'
import { cacheFolder, type InstallOptions } from './cache-folder.ts'

export interface Prerequisite {
  /** What it is for, in a message. */
  readonly purpose: string
  /** Debian's and Ubuntu's packages that hold it. */
  readonly packages: readonly string[]
  readonly isThere: () => Promise<boolean>
}

const command =
  (name: string): (() => Promise<boolean>) =>
  async () => {
    for (const folder of (process.env.PATH ?? '').split(delimiter).concat('/usr/sbin', '/sbin')) {
      const found = await access(join(folder, name), constants.X_OK).then(
        () => true,
        () => false,
      )
      if (found) return true
    }
    return false
  }

const succeeds = (name: string, args: readonly string[]) => () =>
  runCommand(name, args).then(
    () => true,
    () => false,
  )

export const debootstrap: Prerequisite = {
  purpose: 'PostgreSQL and Java come from a Debian root folder, which debootstrap makes',
  packages: ['debootstrap', 'debian-archive-keyring'],
  isThere: command('debootstrap'),
}

export const maven: Prerequisite = {
  purpose: 'Kafka and the schema registry come from Maven Central',
  packages: ['maven'],
  isThere: command('mvn'),
}

export const pythonVenv: Prerequisite = {
  purpose: 'MLflow and the trainer are Python programs (3.11 or newer), each in a virtual environment',
  packages: ['python3', 'python3-venv'],
  // Debian splits ensurepip from python3: `venv` imports without it and then fails half-way.
  isThere: succeeds('python3', ['-c', 'import sys, venv, ensurepip; sys.exit(sys.version_info < (3, 11))']),
}

/**
 * Makes sure that programs are there. As root on Debian or Ubuntu what is missing is installed, and said; elsewhere this
 * throws with the whole list and the command that installs it.
 */
export async function requirePrograms(
  prerequisites: readonly Prerequisite[],
  { onProgress, signal }: InstallOptions,
): Promise<void> {
  const missing = await findMissing(prerequisites)
  if (missing.length === 0) return

  const packages = [...new Set(missing.flatMap((prerequisite) => prerequisite.packages))]
  const aptInstall = `apt-get install --yes --no-install-recommends ${packages.join(' ')}`
  if (process.getuid?.() === 0 && (await command('apt-get')())) {
    const reporter = reportOn('packages', onProgress)
    reporter.working(`${packages.join(', ')}: missing on this machine, installing with apt-get`)
    const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' }
    // apt-get fails at once when another one runs, and the installs of several servers run at the same time.
    await withFileLock(join(cacheFolder(), '.apt-get.lock'), { signal }, async () => {
      await runCommand('apt-get', ['update'], { env, signal })
      await runCommand('apt-get', aptInstall.split(' ').slice(1), { env, signal })
    })
    reporter.done(`${packages.join(', ')} installed`)
  }

  const stillMissing = await findMissing(missing)
  if (stillMissing.length > 0) {
    const reasons = stillMissing.map(({ packages, purpose }) => `${packages.join(', ')}: ${purpose}`)
    throw new Error(
      `Programs are missing:\n  ${reasons.join('\n  ')}\nOn Debian or Ubuntu: sudo ${aptInstall}\nOr use the containers: docker compose up`,
    )
  }
}

async function findMissing(prerequisites: readonly Prerequisite[]): Promise<Prerequisite[]> {
  const isThere = await Promise.all(prerequisites.map((prerequisite) => prerequisite.isThere()))
  return prerequisites.filter((_, index) => !isThere[index])
}

/** The root folder's programs are run by chroot in a mount namespace of their own: both are root's right. */
export async function requireRoot(): Promise<void> {
  if (process.getuid?.() !== 0) {
    throw new Error(
      'The local stack runs PostgreSQL and Java from a Debian root folder, by chroot, which only root may do. ' +
        'Run the same command with sudo (the servers themselves run as an unprivileged user), or use the containers: docker compose up',
    )
  }
  await runCommand('unshare', ['--mount', 'true']).catch((error: Error) => {
    throw new Error(
      `A mount namespace cannot be made here (${error.message.trim()}). In a container, give it the right to: ` +
        '--cap-add SYS_ADMIN. Or use the containers of this project: docker compose up',
    )
  })
}

/** The machine's processor, as Debian names it; for cache keys of what holds machine code. */
export async function machineName(): Promise<string> {
  return readFile('/proc/sys/kernel/arch', 'utf8').then(
    (text) => text.trim(),
    () => process.arch,
  )
}
