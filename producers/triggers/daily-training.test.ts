import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { TrainingTrigger } from '@velocast/schemas'
import { parseCron } from '../schedule/cron-expression.ts'
import { cronSchedule } from '../schedule/schedule.ts'
import { dailyTraining, localDateOf, type TrainingCursor } from './daily-training.ts'

const MINUTE_MS = 60_000

/** The triggers of a process that runs from one moment to the other and is woken every few minutes. */
const triggersBetween = async (
  from: string,
  to: string,
  {
    triggeredOn = null,
    since = from,
    timeZone = 'America/New_York',
  }: { triggeredOn?: string | null; since?: string; timeZone?: string } = {},
): Promise<string[]> => {
  const published: TrainingTrigger[] = []
  const job = dailyTraining({
    system: { systemId: 'harbour' },
    schedule: cronSchedule(parseCron('0 2 * * *'), timeZone),
    publish: async (records) => {
      published.push(...records.map(({ value }) => value))
    },
  })
  let cursor: TrainingCursor = { triggeredOn, since: Date.parse(since) }
  for (let now = Date.parse(from); now <= Date.parse(to); now += 7 * MINUTE_MS)
    if (job.isDue({ now, cursor })) ({ cursor } = await job.runOnce({ now, cursor }))
  return published.map(({ triggerId, triggeredAt }) => `${triggerId} ${new Date(triggeredAt).toISOString()}`)
}

test('a training is asked for once a day, at two in the night of the system', async () => {
  assert.deepEqual(await triggersBetween('2026-06-01T00:00Z', '2026-06-03T12:00Z'), [
    'harbour:daily:2026-06-01 2026-06-01T06:00:00.000Z',
    'harbour:daily:2026-06-02 2026-06-02T06:00:00.000Z',
    'harbour:daily:2026-06-03 2026-06-03T06:00:00.000Z',
  ])
})

test('also in the night without a two, and in the night that has it twice', async () => {
  assert.deepEqual(await triggersBetween('2026-03-08T00:00Z', '2026-03-09T00:00Z'), [
    'harbour:daily:2026-03-08 2026-03-08T07:00:00.000Z',
  ])
  assert.deepEqual(
    await triggersBetween('2026-10-24T12:00Z', '2026-10-25T12:00Z', { timeZone: 'Europe/Berlin' }),
    ['harbour:daily:2026-10-25 2026-10-25T00:00:00.000Z'],
  )
})

test('after days of standing still one trigger is owed, after a restart none', async () => {
  const restarted = { since: '2026-06-05T10:00Z' }
  assert.deepEqual(
    await triggersBetween('2026-06-05T10:00Z', '2026-06-05T23:00Z', {
      ...restarted,
      triggeredOn: '2026-06-01',
    }),
    ['harbour:daily:2026-06-05 2026-06-05T06:00:00.000Z'],
  )
  assert.deepEqual(
    await triggersBetween('2026-06-05T10:00Z', '2026-06-05T23:00Z', {
      ...restarted,
      triggeredOn: '2026-06-05',
    }),
    [],
  )
})

test('a system that was never trained owes nothing from before it was followed', async () => {
  assert.deepEqual(await triggersBetween('2026-06-05T10:00Z', '2026-06-05T23:00Z'), [])
})

test('only a daily trigger has a date', () => {
  assert.equal(
    localDateOf({ systemId: 'a', triggerId: 'a:daily:2026-06-05' } as TrainingTrigger),
    '2026-06-05',
  )
  assert.equal(localDateOf({ systemId: 'a', triggerId: 'a:manual:1' } as TrainingTrigger), null)
})
