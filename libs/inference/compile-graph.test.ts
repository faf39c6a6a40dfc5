import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { after, test } from 'node:test'
import { compileGraph } from './compile-graph.ts'
import { openScorer } from './open-scorer.ts'
import { openSession } from './open-session.ts'
import { readOnnx } from './read-onnx.ts'
import { makeBundle, seededRandom } from './testing/index.ts'
import { writeOnnx } from './testing/onnx-writer.ts'

/** What the trainer's `tests/banded_graph.py` writes: all that a model's graph may hold, on twelve features. */
const banded = readFileSync(new URL('./testing/banded-graph.onnx', import.meta.url))
const BIKES = 0
const HORIZON = 3
const random = seededRandom(3)

const session = await openSession(banded)
after(() => session.release())
const { featureCount } = session

/** Whole numbers, which lie on the thresholds, between them, missing, and out of all bounds. */
const someValue = (): number => {
  const chance = random()
  if (chance < 0.1) return Number.NaN
  if (chance < 0.12) return chance < 0.11 ? Number.POSITIVE_INFINITY : Number.NEGATIVE_INFINITY
  return Math.floor(random() * 16) - 3 + (chance < 0.5 ? 0 : 0.5)
}

const horizons = [0.25, 1, 1.125, Math.fround(1.1250001), 2, 6, 6.125, 6.25, 24, 168, 999, -1, Number.NaN]

/** Each of `groups` rows of its own, then as many that differ from it in the horizon and two columns. */
const someRows = (groups: number, alike: number): Float32Array => {
  const rows = new Float32Array(groups * alike * featureCount)
  for (let row = 0; row < groups * alike; row++) {
    const at = row * featureCount
    if (row % alike === 0)
      for (let column = 0; column < featureCount; column++) rows[at + column] = someValue()
    else rows.copyWithin(at, at - featureCount, at)
    rows[at + HORIZON] = horizons[row % horizons.length]!
    rows[at + BIKES] = someValue()
    rows[at + 7] = someValue()
  }
  return rows
}

const assertSame = async (rows: Float32Array, names?: readonly string[]): Promise<void> => {
  const count = rows.length / featureCount
  const expected = await session.score(rows, count)
  const found = compileGraph(readOnnx(banded))!.run(rows, count, names ?? session.outputNames)
  assert.deepEqual(Object.keys(found), [...(names ?? session.outputNames)])
  for (const [name, values] of Object.entries(found))
    for (const [row, value] of values.entries()) {
      const other = expected[name]![row]!
      const isSame = Object.is(value, other) || Math.abs(value - other) <= 1e-5 * Math.max(1, Math.abs(other))
      assert.ok(isSame, `${name} of row ${row}: ${value}, by ONNX Runtime ${other}`)
    }
}

test('rows of every kind get what ONNX Runtime gives, on thresholds, without values, at the edges of bands', async () => {
  await assertSame(someRows(400, 1))
})

test('rows that are alike get what each gets alone, few and more than are taken together', async () => {
  for (const alike of [2, 5, 24, 32, 63, 64, 65, 150]) await assertSame(someRows(12, alike))
})

test('a row that is asked for by itself gets the same', async () => {
  const rows = someRows(60, 1)
  for (let row = 0; row < 60; row++)
    await assertSame(rows.subarray(row * featureCount, (row + 1) * featureCount))
})

test('no rows have no outputs, and one output is worked out without the others', async () => {
  await assertSame(new Float32Array(0))
  await assertSame(someRows(5, 24), ['p_bike'])
})

test('a graph that asks where missing values go at every split is compiled too', async () => {
  const graph = await makeBundle({ trees: 30, leaves: 40, leafSpread: 1 }).read('model.onnx')
  const own = await openSession(graph)
  const compiled = compileGraph(readOnnx(graph))!
  const rows = Float32Array.from({ length: 300 * own.featureCount }, someValue)
  const expected = await own.score(rows, 300)
  for (const [name, values] of Object.entries(compiled.run(rows, 300, own.outputNames)))
    for (const [row, value] of values.entries())
      assert.ok(Math.abs(value - expected[name]![row]!) <= 1e-4, `${name} of row ${row}`)
  await own.release()
})

test('a tree that is larger than a word can say is left to ONNX Runtime', async () => {
  const graph = await makeBundle({ trees: 1, leaves: 9_000, leafSpread: 1 }).read('model.onnx')
  assert.throws(() => compileGraph(readOnnx(graph)), RangeError)
  const own = await openSession(graph)
  const scorer = await openScorer(graph)
  const rows = Float32Array.from({ length: 3 * own.featureCount }, someValue)
  assert.deepEqual(await scorer.score(rows, 3), await own.score(rows, 3))
  await Promise.all([own.release(), scorer.release()])
})

test('a graph of anything else is left to ONNX Runtime', async () => {
  const graph = writeOnnx({
    inputs: [{ name: 'features', columns: 1 }],
    outputs: [{ name: 'size', columns: 1 }],
    nodes: [{ op: 'Abs', domain: '', inputs: ['features'], outputs: ['size'] }],
  })
  assert.equal(compileGraph(readOnnx(graph)), null)
  const scorer = await openScorer(graph)
  assert.deepEqual([...(await scorer.score(Float32Array.of(-2, 3), 2)).size!], [2, 3])
  await scorer.release()
})

test('bytes that are cut off are none', () => {
  assert.throws(() => readOnnx(banded.subarray(0, banded.length - 5)), /cut off/)
  assert.throws(() => readOnnx(Buffer.from('no graph')), Error)
})
