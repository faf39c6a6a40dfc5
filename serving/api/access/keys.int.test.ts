/** Keys as people make and take them back, on replicas as they are deployed, against the real broker. */
import assert from 'node:assert/strict'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, describe, it } from 'node:test'
import { type AuditEntry, topics } from '@velocast/schemas'
import {
  createTestKafka,
  openCommandLine,
  type SpawnedService,
  spawnService,
  type TestKafka,
  waitFor,
} from '@velocast/testkit'
import { testSystem } from '../testing/test-city.ts'

const cli = new URL('../../../cli/testing/answer-commands.ts', import.meta.url)
const main = new URL('../main.ts', import.meta.url)
const toStart = { what: 'the API listens' }

describe('keys', () => {
  const folder = mkdtempSync(join(tmpdir(), 'velocast-keys-'))
  const services: SpawnedService[] = []
  const commands = openCommandLine(cli)
  let broker: TestKafka
  let addresses: string[]

  before(async () => {
    broker = await createTestKafka({ partitions: 2 })
    const { systemId, name, gbfs, timeZone, country, latitude, longitude } = testSystem
    writeFileSync(
      join(folder, 'systems.json'),
      JSON.stringify({ systems: [{ systemId, name, gbfs, timeZone, country, latitude, longitude }] }),
    )
    addresses = await Promise.all(['one', 'two'].map((replica) => start(replica)))
  })
  after(async () => {
    commands.close()
    await Promise.all(services.map((service) => service.kill('SIGKILL')))
    await broker.close()
    rmSync(folder, { recursive: true })
  })

  const start = (replica: string, env: Record<string, string> = {}): Promise<string> => {
    const service = spawnService(main, {
      ...broker.env,
      SYSTEMS_FILE: join(folder, 'systems.json'),
      CACHE_FOLDER: join(folder, replica),
      API_PORT: '0',
      REPLICA_ID: replica,
      ACCESS: 'guarded',
      ANONYMOUS_TIER: 'none',
      ...env,
    })
    services.push(service)
    return waitFor(() => {
      assert.ok(service.isRunning(), service.lines().join('\n'))
      return service.events().find((event) => event.msg === 'API')?.address as string | undefined
    }, toStart)
  }

  const velocast = (...words: string[]) => commands.run(words, broker.env)
  // biome-ignore lint/suspicious/noExplicitAny: what a script would read.
  const keys = async (...args: string[]): Promise<any> => {
    const { code, stdout, stderr } = await velocast('keys', ...args, '--json')
    assert.equal(code, 0, stderr)
    return JSON.parse(stdout)
  }

  const status = async (address: string, key: string): Promise<number> => {
    const response = await fetch(`${address}/v1/systems`, { headers: { 'x-api-key': key } })
    await response.arrayBuffer()
    return response.status
  }
  const everywhere = async (key: string, wanted: number): Promise<number> => {
    const since = performance.now()
    for (const address of addresses)
      await waitFor(async () => (await status(address, key)) === wanted, {
        what: `${wanted} on ${address}`,
      })
    return performance.now() - since
  }

  it('hold on all replicas that run, and are refused by all once revoked', async (context) => {
    const made = await keys('create', '--name', 'a test', '--by', 'kari')
    assert.equal(made.state, 'good')
    context.diagnostic(`known after ${Math.round(await everywhere(made.key, 200))} ms`)
    const revoked = await keys('revoke', made.id, '--by', 'kari')
    assert.equal(revoked.state, 'revoked')
    context.diagnostic(`refused after ${Math.round(await everywhere(made.key, 401))} ms`)
    assert.deepEqual(await keys('list'), [])
    assert.equal((await keys('list', '--all'))[0].id, made.id)
    assert.equal((await keys('revoke', made.id)).revokedAt, revoked.revokedAt, 'again changes nothing')
    const unknown = await velocast('keys', 'revoke', '0123456789ab')
    assert.equal(unknown.code, 1)
    const wrong = await velocast('keys', 'create', '--name', 'x', '--scope', 'everything')
    assert.equal(wrong.code, 2)
  })

  it('are known after a start while Kafka is away', async () => {
    const { key } = await keys('create', '--name', 'lasting', '--expires', 'never')
    await everywhere(key, 200)
    await services[0]!.kill('SIGKILL')
    const address = await start('one', { KAFKA_BROKERS: '127.0.0.1:2' })
    assert.equal(await status(address, key), 200)
    assert.equal(await status(address, `velocast_${'0'.repeat(12)}_${'A'.repeat(43)}`), 503, 'it cannot tell')
  })

  it('leave who made and revoked them in the audit log, and themselves in no log', async () => {
    const entries: AuditEntry[] = []
    const follower = await broker.kafka.follow({
      topics: [topics.auditLog],
      from: 'beginning',
      onRecords: (records) => void entries.push(...records.map(({ value }) => value)),
    })
    await follower.caughtUp
    await follower.stop()
    assert.deepEqual(entries.map(({ actor, action, outcome }) => [actor, action, outcome]).slice(0, 2), [
      ['cli:kari', 'key.create', 'SUCCEEDED'],
      ['cli:kari', 'key.revoke', 'SUCCEEDED'],
    ])
    for (const service of services) assert.doesNotMatch(service.lines().join('\n'), /velocast_[0-9a-f]{12}_/)
  })
})
