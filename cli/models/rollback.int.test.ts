/** The commands as a person types them, on the real servers, with a predictor and the sink as they are deployed. */
import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, describe, it } from 'node:test'
import { makeBundle } from '@velocast/inference/testing'
import type { Follower } from '@velocast/kafka'
import { type AuditEntry, type ModelActivated, type ModelPromoted, topics } from '@velocast/schemas'
import {
  type CommandLine,
  createTestDatabase,
  createTestKafka,
  openCommandLine,
  type SpawnedService,
  spawnService,
  type TestDatabase,
  type TestKafka,
  testStack,
  waitFor,
} from '@velocast/testkit'
import { aliasOf, forgetModels, registerVersion, versionsOf } from '@velocast/training/testing'
import { serviceFile } from '../processes/services.ts'

describe('rollback', () => {
  const { mlflowUrl } = testStack()
  const systemId = `test-${randomBytes(5).toString('hex')}`
  const folder = mkdtempSync(join(tmpdir(), 'velocast-rollback-'))
  const promotions: ModelPromoted[] = []
  const activations: ModelActivated[] = []
  const services: SpawnedService[] = []
  let commands: CommandLine
  let broker: TestKafka
  let made: TestDatabase
  let follower: Follower
  let env: Record<string, string>

  before(async () => {
    commands = openCommandLine(new URL('../testing/answer-commands.ts', import.meta.url))
    ;[broker, made] = await Promise.all([createTestKafka({ partitions: 2 }), createTestDatabase()])
    const systemsFile = join(folder, 'systems.json')
    writeFileSync(
      systemsFile,
      JSON.stringify({
        systems: [
          {
            systemId,
            modelName: systemId,
            gbfs: 'http://127.0.0.1/gbfs.json',
            timeZone: 'Europe/Oslo',
            country: 'NO',
            latitude: 59.9,
            longitude: 10.7,
          },
        ],
      }),
    )
    env = { ...broker.env, DATABASE_URL: made.url, SYSTEMS_FILE: systemsFile }
    for (const seed of [1, 2, 3]) {
      const scores = { rows: 100, rmse: 3 - seed / 10, mae: 1, coverage90: 0.9 }
      const { files, manifestSha256 } = makeBundle({
        seed,
        systemId,
        modelName: systemId,
        spoil: ({ manifest }) =>
          Object.assign(manifest, { metrics: { overall: scores, byHorizon: [{ upToHours: 1, ...scores }] } }),
      })
      await registerVersion({ mlflowUrl, modelName: systemId, systemId, files, manifestSha256 })
    }
    follower = await broker.kafka.follow({
      topics: [topics.modelPromoted, topics.modelActivated],
      from: 'beginning',
      onRecords(records) {
        for (const { topic, value } of records)
          (topic === topics.modelPromoted ? promotions : activations).push(value)
      },
    })
    const api = { CACHE_FOLDER: join(folder, 'cache'), API_PORT: '0', REPLICA_ID: 'api-1' }
    services.push(
      spawnService(serviceFile('api'), { ...env, ...api }),
      spawnService(serviceFile('timescale-sink'), env),
    )
    for (const service of services)
      await waitFor(() => service.events().some(({ msg }) => msg === 'started'), {
        what: 'the services have started',
      })
  })
  after(async () => {
    commands.close()
    await Promise.all(services.map((service) => service.kill('SIGKILL')))
    await follower?.stop()
    await Promise.all([broker?.close(), made?.drop(), forgetModels(mlflowUrl, systemId)])
    rmSync(folder, { recursive: true, force: true })
  })

  const velocast = (...words: string[]) => commands.run(words, env)

  /** Types it, and waits until the predictor answers with the version that was promoted by it. */
  const promoteBy = async (...args: string[]): Promise<ModelPromoted> => {
    const known = promotions.length
    const { code, stdout, stderr } = await velocast(...args)
    assert.equal(code, 0, `${args.join(' ')}: ${stdout}${stderr}`)
    const promotion = await waitFor(() => promotions[known], { what: args.join(' ') })
    await waitFor(() => activations.some(({ promotedAt }) => promotedAt === promotion.promotedAt), {
      what: `version ${promotion.modelVersion} is activated`,
    })
    return promotion
  }
  // biome-ignore lint/suspicious/noExplicitAny: what a script would read.
  const models = async (...args: string[]): Promise<any> =>
    JSON.parse((await velocast('models', '--json', ...args)).stdout)

  let second: ModelPromoted

  it('goes back to the version before, on a predictor, too', async () => {
    await promoteBy('promote', '--version', '1')
    second = await promoteBy('promote', '--version', '2')
    await promoteBy('promote', '--version', '3')
    const back = await promoteBy('rollback', '--by', 'kari', '--reason', 'it is too high')
    assert.equal(back.modelVersion, '2')
    assert.equal(back.previousVersion, '3')
    assert.equal(back.reason, 'rollback, by kari: it is too high')
    assert.equal(back.manifestSha256, second.manifestSha256)
    assert.equal(back.metrics.rmse, 2.8)
  })

  it('is undone by another, even at once', async () => {
    assert.equal((await promoteBy('rollback')).modelVersion, '3')
    assert.equal((await promoteBy('rollback')).modelVersion, '2')
  })

  it('goes back to what was live at a time', async () => {
    // A moment before the second: the first was live.
    const to = new Date(second.promotedAt - 1).toISOString()
    const back = await promoteBy('rollback', '--to', to)
    assert.equal(back.modelVersion, '1')
    assert.match(back.reason, new RegExp(`^rollback to what was live at ${to}, by `))
  })

  it('to where nothing is, or to two places at once, changes nothing and says so', async () => {
    const known = promotions.length
    const early = await velocast('rollback', '--to', '2020-01-01')
    assert.equal(early.code, 1)
    assert.match(early.stderr, /nothing was live at 2020-01-01.* the first model was promoted at /)
    const both = await velocast('rollback', '--to', '2020-01-01', '--version', '2')
    assert.match(both.stderr, /--version .* --to .* give one/)
    const unknown = await velocast('rollback', '--version', '77')
    assert.match(unknown.stderr, /no version 77/)
    const same = await velocast('rollback', '--version', '1')
    assert.match(same.stdout, /serves already/)
    assert.equal(promotions.length, known)
  })

  it('is followed by MLflow: one Production, champion and challenger', async () => {
    const versions = await versionsOf(mlflowUrl, systemId)
    assert.deepEqual(
      versions.map(({ current_stage }) => current_stage),
      ['Production', 'Archived', 'Archived'],
    )
    assert.equal(await aliasOf(mlflowUrl, systemId, 'champion'), '1')
    assert.equal(await aliasOf(mlflowUrl, systemId, 'challenger'), '3')
  })

  it('and all else that was live when is told by models', async () => {
    const terms = await waitFor(
      async () => {
        const all = await models()
        return all.length === promotions.length && all.at(0)?.answers.length > 0 && all
      },
      { what: 'the table has followed' },
    )
    assert.deepEqual(
      terms.map(({ modelVersion, state, untilVersion }: Record<string, unknown>) => [
        modelVersion,
        state,
        untilVersion,
      ]),
      [
        ['1', 'serves', null],
        ['2', 'served', '1'],
        ['3', 'served', '2'],
        ['2', 'served', '3'],
        ['3', 'served', '2'],
        ['2', 'served', '3'],
        ['1', 'served', '2'],
      ],
    )
    const at = new Date(second.promotedAt + 1).toISOString()
    const then = await models('--at', at)
    assert.equal(then.live.modelVersion, '2')
    assert.equal(then.live.until, terms.at(-3).promotedAt)
    assert.match(then.live.reason, /^promote, by /)
    const early = await models('--at', '2020-01-01')
    assert.equal(early.live, null)

    const { stdout } = await velocast('models')
    assert.match(stdout, /^→ {2}1 +\d{4}-.* UTC {2}now +a person +rollback to what was live/m)
    assert.match((await velocast('models', '--at', at)).stdout, /version 2 of .*\n {2}promoted /)
    const events = await velocast('models', '--events', '--limit', '100')
    assert.equal(events.stdout.match(/ACTIVATED/g)?.length, promotions.length)
  })

  it('is the same when it is asked for over HTTP, and is written down', async () => {
    const address = services[0]!.events().find(({ msg }) => msg === 'API')?.address as string
    const post = async (path: string, body?: object) => {
      const response = await fetch(`${address}${path}`, {
        method: 'POST',
        ...(body && { body: JSON.stringify(body), headers: { 'content-type': 'application/json' } }),
      })
      // biome-ignore lint/suspicious/noExplicitAny: the API's own schemas check what it answers.
      return { status: response.status, body: (await response.json()) as any }
    }
    const known = promotions.length
    const rollback = `/v1/admin/systems/${systemId}/rollback`
    const { status, body } = await post(rollback, { version: 2, reason: 'over HTTP' })
    assert.deepEqual([status, body.status, body.version, body.previous_version], [200, 'promoted', '2', '1'])
    const promotion = await waitFor(() => promotions[known], { what: 'it is published' })
    assert.equal(promotion.reason, 'rollback, by local: over HTTP')
    assert.equal(promotion.manifestSha256, second.manifestSha256)
    assert.equal(await aliasOf(mlflowUrl, systemId, 'champion'), '2')
    await waitFor(() => activations.some(({ promotedAt }) => promotedAt === promotion.promotedAt), {
      what: 'version 2 is activated',
    })
    assert.equal((await post(rollback, { version: 77 })).status, 409)
    const reloaded = await post('/monitoring/models/reload')
    assert.deepEqual([reloaded.status, reloaded.body.status], [200, 'success'])
    assert.equal(reloaded.body.new_model.version, '2')

    const entries: AuditEntry[] = []
    const audit = await broker.kafka.follow({
      topics: [topics.auditLog],
      from: 'beginning',
      onRecords: (records) => void entries.push(...records.map(({ value }) => value)),
    })
    await waitFor(() => entries.length >= 3, { what: 'the audit log has all three' })
    await audit.stop()
    assert.deepEqual(
      entries.map(({ action, target, outcome, replicaId }) => [action, target, outcome, replicaId]),
      [
        ['model.rollback', '2', 'SUCCEEDED', 'api-1'],
        ['model.rollback', '77', 'REFUSED', 'api-1'],
        ['model.reload', '2', 'SUCCEEDED', 'api-1'],
      ],
    )
  })
})
