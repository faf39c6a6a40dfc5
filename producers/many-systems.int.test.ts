/** Fifty operators on one process and one host: whoever makes trouble makes it for nobody else. */
import assert from 'node:assert/strict'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { topics } from '@velocast/schemas'
import { createTestKafka, spawnService, waitFor } from '@velocast/testkit'
import { STATUS_FEED } from './stations/station-cursor.ts'
import { readValues } from './testing/read-values.ts'
import { serveSystems, systemAt, type Trouble } from './testing/serve-systems.ts'

const SYSTEMS = 50
const STATIONS = 500
const TROUBLES: Record<string, Trouble> = {
  'system-3': 'hangs',
  'system-7': 'garbage',
  'system-11': 'huge',
  'system-19': 'redirects in circles',
  'system-23': 'wants a key',
}
const FAILING = ['system-7', 'system-19']
const KEY = 's3cret-of-the-operator'

test('every system is polled while one hangs, one sends garbage, one 10 MB, and one redirects in circles', async (context) => {
  const stack = await createTestKafka()
  context.after(() => stack.close())
  const served = await serveSystems({
    stations: STATIONS,
    key: KEY,
    troubleOf: (systemId) => TROUBLES[systemId] ?? 'none',
  })
  context.after(() => served.close())
  const folder = mkdtempSync(join(tmpdir(), 'velocast-producers-'))
  context.after(() => rmSync(folder, { recursive: true, force: true }))
  const systemIds = Array.from({ length: SYSTEMS }, (_, index) => `system-${index}`)
  const file = join(folder, 'systems.json')
  const systems = systemIds.map((systemId) => ({
    ...systemAt(served.address, systemId),
    ...(TROUBLES[systemId] === 'wants a key' ? { gbfsKey: { variable: 'FEED_KEY', header: 'x-key' } } : {}),
  }))
  writeFileSync(file, JSON.stringify({ systems }))
  const service = spawnService(new URL('./main.ts', import.meta.url), {
    ...stack.env,
    SYSTEMS_FILE: file,
    FEED_KEY: KEY,
    // One round: what was due at midnight is not due again before the next.
    POLL_EVERY_SECONDS: '86400',
    POLL_BUDGET_SECONDS: '600',
    LOG_LEVEL: 'debug',
  })
  context.after(() => service.kill('SIGKILL'))

  const others = systemIds.filter((systemId) => TROUBLES[systemId] !== 'hangs')
  const outcomes = () =>
    new Map(
      service
        .events()
        .filter(({ feed }) => feed === STATUS_FEED)
        .map(({ system, outcome }) => [String(system), String(outcome)]),
    )
  await waitFor(() => others.every((systemId) => outcomes().has(systemId)), {
    what: 'a poll of every system but the one that hangs',
  })
  assert.equal(outcomes().get('system-3'), undefined)
  // The patience with one request may be over, and the next one begin.
  await waitFor(() => served.hanging() > 0, { what: 'somebody is still waiting' })

  const published = others.filter((systemId) => !FAILING.includes(systemId))
  assert.deepEqual(
    new Map([...outcomes()].sort()),
    new Map(
      [...others].sort().map((systemId) => [systemId, FAILING.includes(systemId) ? 'FAILED' : 'PUBLISHED']),
    ),
  )
  const statuses = await readValues(stack.kafka, topics.stationStatus)
  const counts = Map.groupBy(statuses, ({ systemId }) => systemId)
  for (const systemId of published) {
    const ids = (counts.get(systemId) ?? []).map(({ stationId }) => stationId)
    assert.equal(ids.length, STATIONS, systemId)
    assert.deepEqual(ids, [...ids].sort(), 'in the order of their ids')
  }
  assert.equal(counts.size, published.length)
  assert.equal(await service.kill('SIGTERM'), 0, 'nor does it hold up the end')
  assert.doesNotMatch(service.lines().join('\n'), new RegExp(KEY))
})
