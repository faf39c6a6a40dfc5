import { chmod, chown } from 'node:fs/promises'
import { serverUser } from '../install/install-debian-root.ts'
import { inDebianRoot } from '../process/debian-root.ts'
import { runCommand } from '../process/run-command.ts'
import type { Credentials, Launch, Server, ServerContext } from '../server.ts'

const dataFolder = '/srv/home/data'

/** For a developer's machine and bulk loads. What a kill -9 test relies on (fsync, full pages) keeps its safe default. */
const settings = (port: number): Readonly<Record<string, string>> => ({
  listen_addresses: '127.0.0.1',
  port: `${port}`,
  unix_socket_directories: '',
  shared_preload_libraries: 'timescaledb',
  'timescaledb.telemetry_level': 'off',
  max_connections: '200',
  shared_buffers: '256MB',
  work_mem: '32MB',
  maintenance_work_mem: '256MB',
  // A bulk load of weeks should meet few checkpoints, each of which makes whole pages go to the log again.
  max_wal_size: '4GB',
  checkpoint_timeout: '15min',
  wal_compression: 'lz4',
  random_page_cost: '1.1',
  jit: 'off',
  timezone: 'UTC',
  log_timezone: 'UTC',
})

export const postgres: Server = {
  name: 'postgres',
  after: [],
  // SIGTERM would wait until the last client has gone of its own accord.
  stopSignal: 'SIGINT',
  async prepare({ home }) {
    await chown(home.folderOf('postgres'), serverUser.id, serverUser.id)
  },
  launch({ home, ports, installed }) {
    const command = ['postgres', '-D', dataFolder, ...settingFlags(settings(ports.postgres))]
    return inPostgresRoot(installed.debianRoot, home.folderOf('postgres'), command)
  },
  async isReady(context, signal) {
    await runSql(context, 'velocast', 'create extension if not exists timescaledb', signal)
    return true
  },
}

function settingFlags(values: Readonly<Record<string, string>>): string[] {
  return Object.entries(values).flatMap(([name, value]) => ['-c', `${name}=${value}`])
}

/** Runs SQL as a client over TCP, in the database of the role's own name. Throws when the server refuses. */
export async function runSql(
  { home, ports, installed, credentials }: ServerContext,
  role: keyof Credentials,
  sql: string,
  signal: AbortSignal,
): Promise<string> {
  const address = ['--host=127.0.0.1', `--port=${ports.postgres}`, `--username=${role}`, `--dbname=${role}`]
  const command = [
    'psql',
    ...address,
    '--no-psqlrc',
    '--quiet',
    '--tuples-only',
    '--set=ON_ERROR_STOP=1',
    `--command=${sql}`,
  ]
  const program = inPostgresRoot(installed.debianRoot, home.folderOf('postgres'), command)
  const env = { ...program.env, PGPASSWORD: credentials[role], PGCONNECT_TIMEOUT: '3' }
  return runCommand(program.command, program.args, { ...program, name: 'psql', env, signal })
}

/** Makes an empty cluster, reachable over loopback with a password only: any user of the machine can reach a loopback port. */
export async function createCluster(debianRoot: string, folder: string, signal?: AbortSignal): Promise<void> {
  await chown(folder, serverUser.id, serverUser.id)
  await chmod(folder, 0o700)
  const script = [
    `initdb --pgdata=${dataFolder} --username=postgres --encoding=UTF8 --locale-provider=builtin --locale=C.UTF-8 --auth=reject --no-sync`,
    `echo 'host all all 127.0.0.1/32 scram-sha-256' > ${dataFolder}/pg_hba.conf`,
  ]
  const program = inPostgresRoot(debianRoot, folder, ['sh', '-euc', script.join('\n')])
  await runCommand(program.command, program.args, { ...program, name: 'initdb', signal })
  await runOffline(
    debianRoot,
    folder,
    [
      ...databases.flatMap((name) => [
        `create role ${name} login${name === 'velocast' ? ' createdb' : ''}`,
        `create database ${name} owner ${name}`,
      ]),
      ...groups.flatMap((name) => [
        `create role ${name} nologin`,
        `grant ${name} to velocast with admin option`,
      ]),
    ],
    signal,
  )
}

const databases: readonly (keyof Credentials)[] = ['velocast', 'registry', 'mlflow']
/** What libs/db/roles.sql grants rights to; velocast may give them to the log-ins of others. */
const groups = ['velocast_writer', 'velocast_reader', 'velocast_dashboard']

/** Gives each role its password. The server must not run. The superuser has none, so nobody logs in as it. */
export async function setPasswords(
  debianRoot: string,
  folder: string,
  credentials: Credentials,
  signal?: AbortSignal,
): Promise<void> {
  const statements = databases.map((name) => `alter role ${name} password '${credentials[name]}'`)
  await runOffline(debianRoot, folder, statements, signal)
}

async function runOffline(
  debianRoot: string,
  folder: string,
  sql: readonly string[],
  signal?: AbortSignal,
): Promise<void> {
  const command = ['postgres', '--single', '-D', dataFolder, '-c', 'exit_on_error=on', 'postgres']
  const program = inPostgresRoot(debianRoot, folder, command)
  await runCommand(program.command, program.args, {
    ...program,
    name: 'postgres --single',
    input: `${sql.join('\n')}\n`,
    signal,
  })
}

function inPostgresRoot(debianRoot: string, folder: string, command: readonly string[]): Launch {
  return inDebianRoot({
    root: debianRoot,
    folders: [{ from: folder, at: '/srv/home', isWritable: true }],
    command,
  })
}
