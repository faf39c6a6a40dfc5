import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdir, mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { resolvePorts, stackStatus, startServer, startStack, stopServer, stopStack } from './index.ts'
import { installDebianRoot } from './install/install-debian-root.ts'
import { inDebianRoot } from './process/debian-root.ts'
import { findProcessesOf, folderMark } from './process/folder-mark.ts'
import { findPortHolder } from './process/port-holder.ts'
import { identifyProcess } from './process/process-identity.ts'
import { runCommand } from './process/run-command.ts'
import { homeFolders } from './stack-home.ts'

const ports = resolvePorts({ VELOCAST_PORT_OFFSET: '20000' })
let folder: string
let home: string

before(async () => {
  folder = await mkdtemp(join(tmpdir(), 'velocast-stack-test-'))
  home = join(folder, 'stack')
})

after(async () => {
  await stopStack({ home })
  await rm(folder, { recursive: true, force: true })
})

const pids = async () => (await stackStatus({ home })).servers.map(({ pid }) => pid)

/** A client that knows nothing but the address. Its program is the root folder's: the machine may have none. */
async function query(databaseUrl: string, sql: string): Promise<string> {
  const command = [
    'psql',
    databaseUrl,
    '--no-psqlrc',
    '--tuples-only',
    '--no-align',
    '--quiet',
    '--command',
    sql,
  ]
  const psql = inDebianRoot({ root: await installDebianRoot({}), folders: [], command })
  return runCommand(psql.command, psql.args, { ...psql, name: 'psql' })
}

test('a first start brings up servers that do their work', async (t) => {
  const { schemaRegistryUrl, databaseUrl, mlflowUrl } = await startStack({ home, ports })

  await t.test('PostgreSQL makes hypertables, for clients that have the password', async () => {
    await query(
      databaseUrl,
      "create table readings (at timestamptz not null); select create_hypertable('readings', 'at')",
    )
    await assert.rejects(
      query(databaseUrl.replace(/:[^:@]+@/, ':wrong@'), 'select 1'),
      /password authentication failed/,
    )
    assert.equal((await stat(homeFolders(home).credentials)).mode & 0o777, 0o600)
  })

  await t.test('the registry gives a schema an id', async () => {
    const response = await fetch(`${schemaRegistryUrl}/subjects/readings-value/versions`, {
      method: 'POST',
      headers: { 'content-type': 'application/vnd.schemaregistry.v1+json' },
      body: JSON.stringify({ schema: '"string"' }),
    })
    assert.equal(typeof ((await response.json()) as { id: number }).id, 'number')
  })

  await t.test('MLflow gives an artifact back over HTTP', async () => {
    const artifact = `${mlflowUrl}/api/2.0/mlflow-artifacts/artifacts/test/model.txt`
    assert.equal((await fetch(artifact, { method: 'PUT', body: 'trees' })).status, 200)
    assert.equal(await (await fetch(artifact)).text(), 'trees')
    assert.equal(await readFile(join(home, 'mlflow', 'artifacts', 'test', 'model.txt'), 'utf8'), 'trees')
  })

  await t.test('no server runs as root, except MLflow, and none listens beyond loopback', async () => {
    const { servers } = await stackStatus({ home })
    for (const { server, pid } of servers) {
      const status = await readFile(`/proc/${pid}/status`, 'utf8')
      assert.match(status, server === 'mlflow' ? /^Uid:/m : /^Uid:\s+61432\s/m)
    }
    const listeners = await runCommand('sh', ['-c', 'cat /proc/net/tcp /proc/net/tcp6'])
    for (const port of Object.values(ports)) {
      const hex = port.toString(16).toUpperCase()
      assert.doesNotMatch(listeners, new RegExp(` 0+:${hex} [0-9A-F:]+ 0A `))
    }
  })
})

test('a second start leaves running servers alone', async () => {
  const before = await pids()
  await startStack({ home, ports })
  assert.deepEqual(await pids(), before)
})

test('a start on other ports is refused while the servers run', async () => {
  await assert.rejects(startStack({ home, ports: { ...ports, kafka: 29_999 } }), /runs on other ports/)
})

test('what is committed outlives a SIGKILL of PostgreSQL', async () => {
  const { addresses } = await stackStatus({ home })
  await query(addresses!.databaseUrl, 'insert into readings values (now())')
  await stopServer({ home, server: 'postgres', signal: 'SIGKILL' })
  assert.equal(await findPortHolder(ports.postgres), undefined)
  await startServer({ home, server: 'postgres' })
  assert.equal(await query(addresses!.databaseUrl, 'select count(*) from readings'), '1\n')
})

test('Kafka comes back on its own data after a SIGKILL', async () => {
  await stopServer({ home, server: 'kafka', signal: 'SIGKILL' })
  await startServer({ home, server: 'kafka' })
  assert.equal((await pids()).includes(undefined), false)
})

test('a stopped stack leaves no process and no port behind', async () => {
  await stopStack({ home })
  assert.deepEqual(await pids(), [undefined, undefined, undefined, undefined])
  assert.deepEqual(await findProcessesOf(home), [])
  for (const port of Object.values(ports)) assert.equal(await findPortHolder(port), undefined)
})

test('a port that somebody else holds is told before anything is installed or starts: who, and what to set', async () => {
  const cacheBefore = process.env.XDG_CACHE_HOME
  const emptyCache = join(folder, 'cache')
  await mkdir(emptyCache)
  process.env.XDG_CACHE_HOME = emptyCache
  const foreigner = createServer().listen(ports.registry, '127.0.0.1')
  await once(foreigner, 'listening')
  try {
    await assert.rejects(startStack({ home, ports }), (error: Error) => {
      assert.match(
        error.message,
        new RegExp(`port ${ports.registry} \\(registry\\) is held by process ${process.pid} `),
      )
      assert.match(error.message, /set VELOCAST_REGISTRY_PORT/)
      return true
    })
    assert.deepEqual(await pids(), [undefined, undefined, undefined, undefined])
    assert.deepEqual(await readdir(emptyCache), [])
  } finally {
    foreigner.close()
    if (cacheBefore === undefined) delete process.env.XDG_CACHE_HOME
    else process.env.XDG_CACHE_HOME = cacheBefore
  }
})

test("a record whose pid is another process's by now counts as not running, and is not killed", async () => {
  const bystander = spawn('cat')
  await once(bystander, 'spawn')
  try {
    const identity = await identifyProcess(bystander.pid!)
    const stale = { ...identity, startTicks: identity!.startTicks - 1, port: ports.postgres, startedAt: 0 }
    const { recordOf } = homeFolders(home)
    await writeFile(recordOf('postgres'), JSON.stringify(stale))
    assert.equal((await pids())[0], undefined)
    await stopServer({ home, server: 'postgres' })
    assert.notEqual(await identifyProcess(bystander.pid!), undefined)
  } finally {
    bystander.kill()
  }
})

test('a home deleted under its servers counts as stopped, and a new start ends them first', async () => {
  await startStack({ home, ports, servers: ['postgres'] })
  const [orphan] = await pids()
  // PostgreSQL often notices and ends by itself; this one, marked as a server of the home, never does.
  const stubborn = spawn('cat', { env: { ...process.env, [folderMark]: home } })
  await once(stubborn, 'spawn')
  const stubbornEnds = once(stubborn, 'exit')
  await rm(home, { recursive: true })
  assert.equal((await pids())[0], undefined)

  const { databaseUrl } = await startStack({ home, ports, servers: ['postgres'] })
  assert.deepEqual(await stubbornEnds, [null, 'SIGKILL'])
  assert.notEqual((await pids())[0], orphan)
  assert.equal(await query(databaseUrl, "select to_regclass('readings') is null"), 't\n')
})

test('a user who is not root is told what to do instead', { skip: process.getuid?.() !== 0 }, async () => {
  const child = spawn(process.execPath, [join(import.meta.dirname, 'main.ts'), 'up'], {
    uid: 65_534,
    gid: 65_534,
    // A checkout in which only root may write, as root's own is: its lock is not the first thing to complain of.
    env: { ...process.env, VELOCAST_STACK_HOME: join(home, 'of-nobody', 'stack') },
  })
  let said = ''
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    said += text
  })
  const [code] = await once(child, 'close')
  assert.match(
    said,
    /only root may do. Run the same command with sudo .* or use the containers: docker compose up/,
  )
  assert.equal(code, 1)
})
