import assert from 'node:assert/strict'
import { test } from 'node:test'
import { workSideBySide } from './work-side-by-side.ts'

test('at most so many pieces are under way, and they are reported in order', async () => {
  const reported: number[] = []
  const gates = Array.from({ length: 5 }, () => Promise.withResolvers<void>())
  let underWay = 0
  let most = 0
  const work = workSideBySide(2, (index) => reported.push(index))
  const adding = (async () => {
    for (const gate of gates)
      await work.add(async () => {
        underWay += 1
        most = Math.max(most, underWay)
        await gate.promise
        underWay -= 1
      })
  })()
  gates[1]!.resolve()
  gates[2]!.resolve()
  await new Promise(setImmediate)
  assert.deepEqual(reported, [], 'the first is not done')
  gates[0]!.resolve()
  await new Promise(setImmediate)
  assert.deepEqual(reported, [0, 1, 2])
  gates[4]!.resolve()
  gates[3]!.resolve()
  await adding
  await work.finish()
  assert.deepEqual([most, reported], [2, [0, 1, 2, 3, 4]])
})

test('a failure is not reported as done, and ends the work', async () => {
  const reported: number[] = []
  const work = workSideBySide(2, (index) => reported.push(index))
  await work.add(async () => {})
  await work.add(() => Promise.reject(new Error('no room')))
  await assert.rejects(work.finish(), /no room/)
  await assert.rejects(
    work.add(async () => {}),
    /no room/,
  )
  assert.deepEqual(reported, [0])
})
