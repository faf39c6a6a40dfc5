import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { observationRules, refusalOf } from '@velocast/features'
import type { StationStatus } from '@velocast/schemas'
import { createTestDatabase, generateStatus, type TestDatabase } from '@velocast/testkit'
import { createRowWriter } from '../rows/create-row-writer.ts'
import { stationStatus } from './station-status.ts'

let made: TestDatabase
before(async () => {
  made = await createTestDatabase()
})
after(() => made?.drop())

const counts = [-1, 0, 1, 2_500, 2_501, 2 ** 31 - 1]
const moments = [Date.UTC(1999, 11, 31), Date.UTC(2000, 0), Date.UTC(2099, 11, 31), Date.UTC(2100, 0)]
const degrees = [-181, -90.5, -90, 0, 90, 90.5, 180, 181]
/** One field at its limits, all else as it is. */
const tried: readonly [keyof StationStatus, readonly number[]][] = [
  ['bikes', counts],
  ['ebikes', counts],
  ['docks', counts],
  ['bikesDisabled', counts],
  ['docksDisabled', counts],
  ['capacity', counts],
  ['observedAt', moments],
  ['latitude', degrees],
  ['longitude', degrees],
]

test('what the rules on observations let through, the table takes', async () => {
  const write = createRowWriter(made.database)
  const [status] = generateStatus({ seed: 1, stations: 1, polls: 1 })
  const takes = (value: StationStatus): Promise<boolean> =>
    write(stationStatus, stationStatus.rowsFrom(value)).then(
      () => true,
      (error) => {
        assert.match(String(error.code), /^2[23]/)
        return false
      },
    )
  let refused = 0
  for (const [field, values] of tried)
    for (const [number, value] of values.entries()) {
      const changed = { ...status!, stationId: `${field} ${number}`, [field]: value }
      // Both are later, or it would be refused for coming after the poll.
      if (field === 'observedAt') changed.polledAt = Math.max(changed.polledAt, value)
      if (await takes(changed)) continue
      refused += 1
      assert.notEqual(refusalOf(observationRules, changed), null, `${field}: ${value}`)
    }
  assert.ok(refused > 10, `${refused} are refused by the table`)
})
