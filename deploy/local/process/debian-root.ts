import { postgresPrograms, serverUser } from '../install/install-debian-root.ts'
import type { Launch } from '../server.ts'

/** A folder of the host, shown to the program at one of the places that the root folder has for it. */
export interface ShownFolder {
  readonly from: string
  readonly at: '/srv/home' | '/srv/app' | '/srv/classes'
  readonly isWritable?: boolean
}

export interface RootCommand {
  readonly root: string
  readonly folders: readonly ShownFolder[]
  readonly command: readonly string[]
  readonly env?: Readonly<Record<string, string>>
}

/** The host's environment means nothing inside: paths, locale and Java options of the host are kept out. */
const rootEnvironment = {
  PATH: `${postgresPrograms}:/usr/sbin:/usr/bin:/sbin:/bin`,
  LANG: 'C.UTF-8',
  LC_ALL: 'C.UTF-8',
  TZ: 'UTC',
  HOME: '/tmp',
}

const enterRoot = [
  'root=$1; shift',
  'mount --rbind /proc "$root/proc"',
  'mount --rbind /dev "$root/dev"',
  'mount -t tmpfs -o mode=1777 tmpfs "$root/tmp"',
  'while [ "$1" != -- ]; do',
  '  mount --bind "$1" "$root$2"',
  '  [ "$3" = writable ] || mount -o remount,bind,ro "$root$2"',
  '  shift 3',
  'done',
  'shift',
  `exec chroot --userspec=${serverUser.id}:${serverUser.id} "$root" "$@"`,
].join('\n')

/**
 * Turns a command inside the Debian root folder into one of the host: a mount namespace of its own (so that mounts end
 * with the process, and several stacks share one root folder), then chroot, as the unprivileged user. Every step
 * replaces itself by the next, so the process that is started is the server itself, with its pid.
 */
export function inDebianRoot({ root, folders, command, env }: RootCommand): Launch {
  const shown = folders.flatMap(({ from, at, isWritable }) => [
    from,
    at,
    isWritable ? 'writable' : 'read-only',
  ])
  return {
    command: 'unshare',
    args: [
      '--mount',
      '--propagation',
      'private',
      'sh',
      '-euc',
      enterRoot,
      'sh',
      root,
      ...shown,
      '--',
      ...command,
    ],
    env: { ...rootEnvironment, ...env },
    cwd: '/',
  }
}
