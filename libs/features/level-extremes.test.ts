import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { addExtremes, createExtremesTree, setLevelExtremes, startExtremes } from './level-extremes.ts'
import { ringSlots } from './slots.ts'

const index = fc.nat({ max: ringSlots - 1 })
const change = fc.record({ index, level: fc.integer({ min: -1, max: 2500 }) })
const run = fc.record({ newestIndex: index, back: index, slots: index })

test('minimum and maximum of any run of slots are what a loop finds, round the ring and after any change', () => {
  fc.assert(
    fc.property(
      fc.array(change, { maxLength: 200, size: 'max' }),
      fc.array(run, { maxLength: 20 }),
      (changes, runs) => {
        const tree = createExtremesTree()
        const levels = new Array<number>(ringSlots).fill(-1)
        for (const { index, level } of changes) {
          setLevelExtremes(tree, index, level)
          levels[index] = level
        }
        for (const { newestIndex, back, slots } of runs) {
          const length = Math.min(slots, ringSlots - back)
          const covered = Array.from({ length }, (_, at) => levels.at((newestIndex - back - at) % ringSlots)!)
          const known = covered.filter((level) => level >= 0)
          const extremes = { low: 0, highPlusOne: 0 }
          startExtremes(extremes)
          addExtremes({ extremes: tree, newestIndex }, back, length, extremes)
          assert.equal(extremes.highPlusOne, known.length ? Math.max(...known) + 1 : 0)
          if (known.length) assert.equal(extremes.low, Math.min(...known))
        }
      },
    ),
  )
})
