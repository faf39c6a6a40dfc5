import { postgresPrograms, serverUser } from '../install/install-debian-root.ts'

export interface RootCommand {
  readonly root: string
  /** The folder that the program sees as `/srv/home`, and the only one of the host that it can write. */
  readonly home: string
  /** The folder that it sees as `/srv/app`, read-only. */
  readonly app?: string
  readonly command: readonly string[]
}

/**
 * Turns a command inside the Debian root folder into one of the host: a mount namespace of its own (so that mounts end
 * with the process, and several stacks share one root folder), then chroot, as the unprivileged user. Every step
 * replaces itself by the next, so the process that is started is the server itself, with its pid.
 */
export function inDebianRoot({ root, home, app, command }: RootCommand): { command: string; args: string[] } {
  const script = [
    'root=$1 home=$2 app=$3; shift 3',
    'mount --rbind /proc "$root/proc"',
    'mount --rbind /dev "$root/dev"',
    'mount -t tmpfs -o mode=1777 tmpfs "$root/tmp"',
    'mount --bind "$home" "$root/srv/home"',
    '[ -z "$app" ] || { mount --bind "$app" "$root/srv/app"; mount -o remount,bind,ro "$root/srv/app"; }',
    `exec chroot --userspec=${serverUser.id}:${serverUser.id} "$root" "$@"`,
  ]
  return {
    command: 'unshare',
    args: [
      '--mount',
      '--propagation',
      'private',
      'sh',
      '-euc',
      script.join('\n'),
      'sh',
      root,
      home,
      app ?? '',
      ...command,
    ],
  }
}

export const rootHome = '/srv/home'
export const rootApp = '/srv/app'

/** The host's environment means nothing inside: paths, locale and Java options of the host are kept out. */
export const rootEnvironment: Readonly<Record<string, string>> = {
  PATH: `${postgresPrograms}:/usr/sbin:/usr/bin:/sbin:/bin`,
  LANG: 'C.UTF-8',
  LC_ALL: 'C.UTF-8',
  TZ: 'UTC',
  HOME: '/tmp',
}
