import assert from 'node:assert/strict'
import { existsSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, test } from 'node:test'
import type { StationStatus } from '@velocast/schemas'
import { irregularCity } from '../testing/irregular-city.ts'
import { spoolStatuses } from './spool-statuses.ts'

const folder = mkdtempSync(join(tmpdir(), 'velocast-spool-'))
after(() => rmSync(folder, { recursive: true }))

const startAt = Date.UTC(2026, 2, 1)
const city = irregularCity({ seed: 3, systemId: 'city', polls: 700, startAt, stations: 9 })
/** Whatever may be missing is missing now and then. */
const statuses = city.map(
  (status, index): StationStatus => ({
    ...status,
    docks: index % 7 === 0 ? null : status.docks,
    ebikes: index % 5 === 0 ? null : 2,
    reportedAt: index % 3 === 0 ? null : status.observedAt - 30_000,
    capacity: index % 1_000 < 500 ? 20 : null,
    isRenting: index % 11 !== 0,
    origin: index % 13 === 0 ? 'RECONSTRUCTED' : 'REPORTED',
  }),
)

async function* inParts(): AsyncGenerator<StationStatus[]> {
  for (let from = 0; from < statuses.length; from += 100) yield statuses.slice(from, from + 100)
}

const path = join(folder, 'statuses.bin')

test('what was taken in comes out, in its order, every field of it; then the file is gone', async () => {
  const spool = await spoolStatuses(path, 'city', inParts())
  const everything = { from: Number.NEGATIVE_INFINITY, until: Number.POSITIVE_INFINITY }
  assert.ok(statuses.length > 4_096, 'more than a chunk')
  assert.deepEqual([...spool.read(everything)].flat(), statuses)
  const some = { from: statuses[1_000]!.polledAt, until: statuses[2_000]!.polledAt }
  const within = statuses.filter(({ polledAt }) => polledAt >= some.from && polledAt <= some.until)
  assert.deepEqual([...spool.read(some)].flat(), within)
  const { observations, stationSlots } = spool.measure(everything)
  assert.equal(observations, statuses.length)
  const slots = new Set(
    statuses.map((each) => `${each.stationId} ${Math.floor((each.observedAt + 450_000) / 900_000)}`),
  )
  // An observation that comes after others of later slots may be counted again.
  assert.ok(
    stationSlots >= slots.size && stationSlots <= slots.size * 1.05,
    `${stationSlots} of ${slots.size}`,
  )
  spool.close()
  assert.equal(existsSync(path), false)
})
