import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { streamStart, weatherReads } from './generated-streams.ts'
import { createWeatherHistory } from './weather-history.ts'

const dayMs = 86_400_000

test('weather may be applied in any order, and again', () => {
  fc.assert(
    fc.property(
      weatherReads.chain((reads) => fc.tuple(fc.constant(reads), fc.shuffledSubarray([...reads, ...reads]))),
      fc.nat({ max: 10 * dayMs }),
      ([reads, shuffled], after) => {
        const straight = createWeatherHistory(0)
        for (const read of reads) if (shuffled.includes(read)) straight.apply(read)
        const mixed = createWeatherHistory(0)
        for (const read of shuffled) mixed.apply(read)
        assert.equal(mixed.knownAt(streamStart + after), straight.knownAt(streamStart + after))
        assert.equal(mixed.revision(), straight.revision())
      },
    ),
  )
})

test('of two reads at the same moment the later observed one counts, whichever came first', () => {
  const [read] = fc.sample(
    weatherReads.filter((reads) => reads.length > 0),
    { seed: 1, numRuns: 1 },
  )[0]!
  const older = { ...read!, observedAt: read!.observedAt - 1 }
  for (const order of [
    [older, read!],
    [read!, older],
  ]) {
    const history = createWeatherHistory(0)
    for (const each of order) history.apply(each)
    assert.equal(history.knownAt(read!.polledAt), read)
  }
})

test('weather is kept for as long as its topic keeps the observations it may be joined with, and no longer', () => {
  const [read] = fc.sample(
    weatherReads.filter((reads) => reads.length > 0),
    { seed: 1, numRuns: 1 },
  )[0]!
  const at = (polledAt: number) => ({ ...read!, polledAt })
  const history = createWeatherHistory(0)
  history.apply(at(streamStart))
  history.apply(at(streamStart + 90 * dayMs))
  assert.equal(history.knownAt(streamStart)?.polledAt, streamStart)
  history.apply(at(streamStart + 93 * dayMs))
  assert.equal(history.knownAt(streamStart), null)
  const { revision } = history
  const before = revision()
  history.apply(at(streamStart))
  assert.equal(revision(), before)
})
