/** kill -9 at any moment: a poll in the log is complete, and what is published twice says the same twice. */
import assert from 'node:assert/strict'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { setTimeout as delay } from 'node:timers/promises'
import { topics } from '@velocast/schemas'
import { createTestKafka, spawnService, type TestKafka, waitFor } from '@velocast/testkit'
import { STATUS_FEED } from './stations/station-cursor.ts'
import { readValues } from './testing/read-values.ts'
import { type Operator, STATION_IDS, serveOperator } from './testing/serve-operator.ts'

const KILLS = 4

let stack: TestKafka
let operator: Operator
let folder: string

before(async () => {
  stack = await createTestKafka()
  operator = await serveOperator()
  folder = mkdtempSync(join(tmpdir(), 'velocast-producers-'))
})
after(async () => {
  await stack?.close()
  await operator?.close()
  rmSync(folder, { recursive: true, force: true })
})

test('a producer that is killed again and again closes no poll whose stations are not all in the log', async () => {
  const file = join(folder, 'systems.json')
  writeFileSync(file, JSON.stringify({ systems: [operator.system] }))
  for (let kill = 0; kill < KILLS; kill += 1) {
    const service = spawnService(new URL('./main.ts', import.meta.url), {
      ...stack.env,
      SYSTEMS_FILE: file,
      POLL_EVERY_SECONDS: '1',
    })
    const asked = operator.asked('station_status')
    await waitFor(() => operator.asked('station_status') > asked + 1, { what: 'it polls' })
    // Anywhere between the answer and the record that closes the poll.
    await delay(kill * 3)
    assert.equal(await service.kill('SIGKILL'), 'SIGKILL')
  }
  const statuses = await readValues(stack.kafka, topics.stationStatus)
  const polls = (await readValues(stack.kafka, topics.feedPolls)).filter(
    ({ feed, outcome }) => feed === STATUS_FEED && outcome === 'PUBLISHED',
  )
  assert.ok(polls.length >= KILLS)
  for (const poll of polls) {
    const of = statuses.filter(({ polledAt }) => polledAt === poll.polledAt)
    assert.deepEqual(of.map(({ stationId }) => stationId).sort(), [...STATION_IDS].sort())
  }
  const contents = new Map<string, string>()
  for (const { polledAt: _, ...status } of statuses) {
    const name = `${status.stationId} ${status.observedAt}`
    assert.equal(contents.get(name) ?? JSON.stringify(status), JSON.stringify(status))
    contents.set(name, JSON.stringify(status))
  }
})
