import assert from 'node:assert/strict'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, describe, it } from 'node:test'
import { slotMs, slotOf } from '@velocast/features'
import { finishChunk, fitDampingOnOldest } from './finish-rows.ts'
import { columnOf, rowColumns } from './row-columns.ts'
import { createRowSpill } from './row-spill.ts'
import { createSlotLevels } from './slot-levels.ts'

const folder = mkdtempSync(join(tmpdir(), 'velocast-rows-'))
after(() => rmSync(folder, { recursive: true }))

const hourMs = 3_600_000
const startAt = Date.UTC(2026, 2, 1)
const noDamping = { horizonHours: [], shares: [] }

/** Values of a row by name; the rest is 0. */
const valuesOf = (named: Record<string, number>): Float32Array => {
  const values = new Float32Array(rowColumns.length)
  for (const [name, value] of Object.entries(named)) values[columnOf(name)] = value
  return values
}

let spills = 0
const openRows = (chunkRows?: number) => {
  const spill = createRowSpill(join(folder, `${spills++}.rows`), rowColumns.length, chunkRows)
  const levels = createSlotLevels(slotOf(startAt))
  const nothing = (): never => assert.fail('not asked for here')
  const assembly = {
    levels,
    stationIds: ['a', 'b'],
    applyWeather: nothing,
    applyForecast: nothing,
    observe: nothing,
  }
  return { spill, levels, assembly }
}

describe('what became of a row', () => {
  it('is the newest observation in the slot of its target', () => {
    const { spill, levels, assembly } = openRows()
    const targetAt = startAt + 8 * slotMs
    spill.add(1, startAt, targetAt, valuesOf({ bikes: 12 }))
    levels.put(1, targetAt - 100_000, 4, 11)
    levels.put(1, targetAt + 200_000, 5, 10)
    levels.put(0, targetAt, 9, 9)
    levels.putFlows(1, slotOf(targetAt), 3, 3)
    const { columns, rows } = finishChunk(spill, 0, assembly, noDamping)
    assert.equal(rows, 1)
    assert.deepEqual(
      ['label_bikes', 'label_docks', 'label_departures', 'bikes_now', 'naive_persistence'].map(
        (name) => columns.get(name)![0],
      ),
      [5, 10, 3, 12, 12],
    )
    spill.close()
  })

  it('is left open where only a part of it is known', () => {
    const { spill, levels, assembly } = openRows()
    spill.add(0, startAt, startAt + slotMs, valuesOf({}))
    levels.put(0, startAt + slotMs, 4, null)
    const { columns } = finishChunk(spill, 0, assembly, noDamping)
    assert.equal(columns.get('label_bikes')![0], 4)
    assert.equal(columns.get('label_docks')![0], Number.NaN)
    assert.equal(columns.get('label_departures')![0], Number.NaN)
    assert.equal(columns.get('naive_damped')![0], Number.NaN)
    spill.close()
  })

  it('drops the rows whose target nobody observed, and keeps the others together', () => {
    const { spill, levels, assembly } = openRows(4)
    for (let index = 0; index < 10; index++) {
      const targetAt = startAt + (index + 1) * slotMs
      spill.add(index % 2, startAt + index, targetAt, valuesOf({ bikes: index }))
      if (index % 3 !== 0) levels.put(index % 2, targetAt, 100 + index, 1)
    }
    const kept = [...spill.chunks.keys()].flatMap((chunk) => {
      const { rows, station, asOf, columns } = finishChunk(spill, chunk, assembly, noDamping)
      return Array.from({ length: rows }, (_, row) => [
        station[row],
        asOf[row]! - startAt,
        columns.get('bikes')![row],
        columns.get('label_bikes')![row]! - 100,
      ])
    })
    assert.deepEqual(
      kept,
      [1, 2, 4, 5, 7, 8].map((index) => [index % 2, index, index, index]),
    )
    spill.close()
  })
})

describe('damping of a data set', () => {
  it('is fitted on the rows with the oldest targets, and not on the others', () => {
    const { spill, levels, assembly } = openRows(32)
    for (let index = 0; index < 200; index++) {
      const asOf = startAt + index * hourMs
      const anomaly = index % 2 === 0 ? 4 : -4
      // Of old anomalies a half is left an hour later, of new ones nothing.
      const left = index < 150 ? anomaly / 2 : 0
      spill.add(0, asOf, asOf + hourMs, valuesOf({ naive_climatology: 10, anomaly, bikes: 10 + anomaly }))
      levels.put(0, asOf + hourMs, 10 + left, 1)
    }
    const damping = fitDampingOnOldest(spill, assembly, 0.7)
    assert.deepEqual(damping, { horizonHours: [1], shares: [0.5] })
    const { columns } = finishChunk(spill, 0, assembly, damping)
    assert.deepEqual([...columns.get('naive_damped')!.slice(0, 2)], [12, 8])
    spill.close()
  })
})
