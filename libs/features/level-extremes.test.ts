import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { addExtremes, type Extremes, startExtremes } from './level-extremes.ts'
import { advanceTo, createChunk, createStationHistory, rewind, setLevel } from './station-history.ts'

test('minimum and maximum of any run of slots are what a loop finds, round the ring and after going back', () => {
  const step = fc.record({ ahead: fc.nat(40), back: fc.nat(3), bikes: fc.option(fc.nat(30)) })
  const run = fc.record({ back: fc.nat(96), slots: fc.integer({ min: 1, max: 672 }) })
  fc.assert(
    fc.property(
      fc.array(step, { minLength: 1, maxLength: 400, size: 'max' }),
      fc.array(run),
      (steps, runs) => {
        const history = createStationHistory('station-1', 3, createChunk())
        const levels = new Map<number, number>()
        let newest = 2_000_000
        advanceTo(history, newest)
        for (const { ahead, back, bikes } of steps) {
          if (back > 0 && newest > 2_000_096) {
            for (let slot = newest - back + 1; slot <= newest; slot++) levels.delete(slot)
            newest -= back
            rewind(history, newest)
          }
          newest += ahead
          advanceTo(history, newest)
          if (bikes === null) continue
          setLevel(history, bikes)
          levels.set(newest, bikes)
        }
        for (const { back, slots } of runs) {
          const found: Extremes = { low: 0, high: 0 }
          startExtremes(found)
          const last = newest - back
          addExtremes(history, last - slots + 1, last, found)
          const known = [...levels].filter(([slot]) => slot > last - slots && slot <= last)
          const bikes = known.map(([, level]) => level)
          const expected =
            bikes.length > 0 ? [Math.min(...bikes) + 1, Math.max(...bikes) + 1] : [found.low, 0]
          assert.deepEqual([found.low, found.high], expected)
        }
      },
    ),
    { numRuns: 60 },
  )
})
