import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { createFlowTable, type HourlyFlow } from './flow-table.ts'

const HOUR_MS = 3_600_000

const flow = fc.record({
  stationId: fc.constantFrom('a', 'b', 'c'),
  at: fc.integer({ min: -100 * HOUR_MS, max: 100 * HOUR_MS }),
  kind: fc.constantFrom('departure' as const, 'arrival' as const),
  isElectric: fc.constantFrom(true, false, null),
})

test('what goes in comes out, hour after hour, as a naive count has it; renamed stations are added up', () => {
  fc.assert(
    fc.property(fc.array(flow), fc.boolean(), (entries, isRenamed) => {
      const nameOf = (stationId: string): string => (isRenamed && stationId === 'b' ? 'a' : stationId)
      const table = createFlowTable()
      for (const { stationId, at, kind, isElectric } of entries) table.add(stationId, at, kind, isElectric)
      const named = entries.map((entry) => ({ ...entry, stationId: nameOf(entry.stationId) }))
      assert.deepEqual([...(isRenamed ? table.renamed(nameOf) : table).flows()], naive(named))
    }),
  )
})

type Entry = { stationId: string; at: number; kind: 'departure' | 'arrival'; isElectric: boolean | null }

const naive = (entries: readonly Entry[]): HourlyFlow[] => {
  const hours = Map.groupBy(entries, ({ stationId, at }) => `${Math.floor(at / HOUR_MS)} ${stationId}`)
  return [...hours]
    .map(([key, ofHour]): HourlyFlow => {
      const [hour = '', stationId = ''] = key.split(' ')
      const of = (kind: Entry['kind']) => ofHour.filter((entry) => entry.kind === kind)
      const electric = (kind: Entry['kind']) =>
        of(kind).some(({ isElectric }) => isElectric === null)
          ? null
          : of(kind).filter(({ isElectric }) => isElectric).length
      return {
        stationId,
        hourAt: Number(hour) * HOUR_MS,
        departures: of('departure').length,
        arrivals: of('arrival').length,
        ebikeDepartures: electric('departure'),
        ebikeArrivals: electric('arrival'),
      }
    })
    .sort((a, b) => a.hourAt - b.hourAt || (a.stationId < b.stationId ? -1 : 1))
}
