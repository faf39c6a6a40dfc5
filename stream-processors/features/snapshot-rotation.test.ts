import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { createSnapshotRotation } from './snapshot-rotation.ts'

const stationOf = (stationId: string) => ({ systemId: 'city', stationId })

const rotationOf = (restored: readonly string[]) => {
  let now = 0
  const rotation = createSnapshotRotation({ clock: { now: () => now }, everyMs: 1_000 })
  for (const id of restored) rotation.addRestored(id, stationOf(id))
  return {
    add: (id: string) => rotation.add(id, stationOf(id)),
    dueAt(atMs: number): string[] {
      now = atMs
      return rotation.due().map(({ stationId }) => stationId)
    },
  }
}

describe('whose turn it is to be snapshotted', () => {
  it('is that of all stations once in the interval, the oldest snapshot first', () => {
    const { dueAt } = rotationOf(['a', 'b', 'c', 'd'])
    assert.deepEqual([dueAt(0), dueAt(250), dueAt(500), dueAt(1_000)], [[], ['a'], ['b'], ['c', 'd']])
    assert.deepEqual(dueAt(1_250), ['a'])
  })

  it('comes for as many as time has passed, however seldom it is asked; for each at most once', () => {
    const { dueAt } = rotationOf(['a', 'b', 'c', 'd'])
    assert.deepEqual(dueAt(750), ['a', 'b', 'c'])
    assert.deepEqual(dueAt(90_000), ['d', 'a', 'b', 'c'])
  })

  it('comes at once for a new station, before all others, and then after all others', () => {
    const { add, dueAt } = rotationOf(['a', 'b'])
    add('new')
    add('a')
    assert.deepEqual(dueAt(400), ['new', 'a'])
    assert.deepEqual([dueAt(700), dueAt(1_050)], [['b'], ['new']])
  })
})
